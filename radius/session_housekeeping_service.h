#pragma once
// What is done about stored sessions without a packet: those that fell silent are aged, closed ones move to
// the history, usage by the hour moves to its days, and old months are dropped. Each call does a piece, so
// that packets wait for none of it. One thread's, the applier's.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "core/calendar.h"
#include "core/db.h"
#include "core/month_table.h"
#include "radius/session_book.h"
#include "radius/session_registry.h"

namespace gardu::radius {

class SessionHousekeeping {
public:
    struct Settings {
        core::Zone zone;
        int interimSeconds = 300;
        int retentionMonths = 24;
        int hourDays = 60;
    };
    SessionHousekeeping(core::Db& db, SessionRegistry& registry, Settings settings);

    // All of them throw core::DbError; call again then.

    /// The next page of the open sessions: all of them are looked at in about kRoundCalls calls. All that was
    /// heard until `heardUntil` has to be in the database.
    void ageSome(core::Instant heardUntil);
    /// Sessions that were closed long enough ago, some of them.
    void moveClosed(core::Instant now);
    void rollUpUsage(core::Instant now);
    /// Months past the retention, and the oldest of what was set aside.
    void dropOld(core::Instant now);

    static constexpr int kRoundCalls = 30;
    /// Late packets find a session faster in the live tables than in the history.
    static constexpr std::chrono::hours kLiveAfterEnd{6};

private:
    [[nodiscard]] SessionBook makeBook() const;
    void storeAged(core::Instant heardUntil, const std::vector<std::int64_t>& ids);
    void makeMonths(const std::vector<Session>& sessions);
    void moveTo(core::Tx& tx, core::Month month, const std::vector<Session>& sessions) const;

    core::Db& db_;
    SessionRegistry& registry_;
    Settings settings_;
    /// How far ageSome() is in the round, and its page.
    std::int64_t agedTo_ = 0;
    int page_ = 0;
    /// Tables that are there for certain.
    std::set<core::Month> months_;
    std::optional<core::Instant> rolledUpAt_;
    std::optional<core::Instant> droppedAt_;
};

}  // namespace gardu::radius
