#pragma once
// Takes the journal to the database: in order, a batch in one transaction together with the high-water mark.
// The only writer of this node's sessions; one thread's. Also ages sessions, moves closed ones to the
// history, rolls usage up and drops old months.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/alarms.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/metrics.h"
#include "radius/directory.h"
#include "radius/journal.h"
#include "radius/journal_record.h"
#include "radius/session_registry.h"

namespace gardu::radius {

class ApplierService {
public:
    struct Parts {
        core::Db& db;
        Journal& journal;
        const Directory& directory;
        SessionRegistry& registry;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
        /// Told of the subscriptions of which usage is in the database now, on the caller's thread.
        std::function<void(const std::vector<std::string>&)> used = [](const auto&) {};
    };
    struct Settings {
        core::Zone zone;
        int interimSeconds = 300;
        /// Of closed sessions; a month goes when all of it is older.
        int retentionMonths = 24;
        /// Days that usage is kept by the hour.
        int hourDays = 60;
    };
    ApplierService(const Parts& parts, Settings settings);
    ~ApplierService();
    ApplierService(const ApplierService&) = delete;
    ApplierService& operator=(const ApplierService&) = delete;

    /// Once, before the first packet is answered: open sessions and what waits in the journal, into the
    /// registry. Without the database only the journal's part. Throws core::DbError, JournalError.
    void load();
    /// The next batch; how many records it took off the journal. 0: nothing waits. A record that the database
    /// refuses while it takes another one is set aside, with an alarm. Throws core::DbError, JournalError:
    /// call again then.
    std::size_t applyBatch(core::Instant now);
    /// A piece of the work that is not packets; call it every second or so. Throws core::DbError.
    void keepHouse(core::Instant now);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gardu::radius
