#pragma once
// What the Enforcer shows and takes through the database, with memory in between: the Enforcer's thread never
// waits for the database, and while it is down only operators' requests wait. turn() is one thread's, the
// rest any thread's.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/db.h"
#include "core/guarded.h"
#include "core/metrics.h"
#include "radius/enforcement_store.h"

namespace gardu::app {

class EnforcerRecords {
public:
    /// Rows that wait for the database at most; older ones are dropped and counted.
    static constexpr std::size_t kMostRows = 10'000;
    /// Shown as pending at most.
    static constexpr std::size_t kMostPending = 2'000;
    static constexpr std::chrono::hours kRowRetention{24 * 90};
    /// Since the time that was noted before a restart, at most; beyond them the clock has stepped.
    static constexpr std::chrono::seconds kMostBack{60};
    static constexpr std::chrono::hours kMostAhead{24 * 30};

    EnforcerRecords(core::Db& db, std::string node, core::Metrics& metrics);

    void addRow(radius::DynauthRow row);
    /// Instead of what was given before.
    void setPending(std::vector<radius::PendingEnforcement> pending);
    /// How an operator's request ended; with "waiting" only its words change.
    void finish(std::int64_t requestId, const std::string& status, const std::string& words);
    /// Requests that nobody has taken yet, each once.
    [[nodiscard]] std::vector<radius::DisconnectRequest> takeRequests();
    void pause(core::Instant since);
    /// Nobody is to be cut off for his entitlement. True until the database was read for the first time.
    [[nodiscard]] bool isPaused() const;

    /// How far the clock stepped while this node was down, once; none: it did not, or is not known yet.
    [[nodiscard]] std::optional<std::chrono::seconds> takeClockStep();

    /// To the database and from it. Throws core::DbError; call again then.
    void turn(core::Instant now);

private:
    struct Outbox {
        std::vector<radius::DynauthRow> rows;
        std::optional<std::vector<radius::PendingEnforcement>> pending;
        std::map<std::int64_t, radius::DisconnectOutcome> finished;
        std::optional<core::Instant> pause;
    };
    struct Shared {
        Outbox outbox;
        std::vector<radius::DisconnectRequest> requests;
        /// Of requests that were taken; what is read again of them is old news.
        std::set<std::int64_t> taken;
        std::optional<std::chrono::seconds> clockStep;
        /// In the database; true until it was read.
        bool paused = true;
    };
    void write(core::Tx& tx, const Outbox& outbox, core::Instant now) const;
    void writeAll(const Outbox& outbox, core::Instant now);
    void giveBack(Outbox outbox);
    void boundRows(Shared& shared);
    void checkClock(core::Instant now);
    void read();
    void prune(core::Instant now);

    core::Db& db_;
    std::string node_;
    core::Counter dropped_;
    core::Guarded<Shared> shared_;
    /// What is in the database.
    std::optional<std::vector<radius::PendingEnforcement>> written_;
    core::Instant prunedAt_{};
    bool clockIsChecked_ = false;
};

}  // namespace gardu::app
