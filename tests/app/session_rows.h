#pragma once
// Sessions for the tests of the commands that show them.

#include <string>
#include <vector>

#include "core/db.h"
#include "radius/session_history_store.h"
#include "radius/session_store.h"
#include "tests/support/database_suite.h"

namespace gardu::test {

/// The day before test databases are made, 12:00 UTC.
inline constexpr core::Instant kYesterday = kDatabaseMadeAt - std::chrono::hours(24);

/// A live session of bob that began an hour before kYesterday.
inline radius::Session sessionRow(std::int64_t id) {
    radius::Session row;
    row.id = id;
    row.nasId = "nas-of-nobody";
    row.nasKey = row.nasId;
    row.source = core::parseIpAddress("10.0.0.1").value();
    row.username = "bob";
    row.usernameKey = "bob";
    row.acctSessionId = "81a" + std::to_string(id);
    row.startedAt = kYesterday - std::chrono::hours(1);
    row.startSeen = true;
    row.lastSeenAt = kYesterday;
    row.heardAt = kYesterday;
    row.countedAt = kYesterday;
    row.hourStart = kYesterday;
    row.sessionTime = 3'600;
    row.octets = {5'000'000'000, 70'000'000'000};
    return row;
}

inline radius::Session closedRow(std::int64_t id, core::Instant stoppedAt) {
    radius::Session row = sessionRow(id);
    row.state = radius::SessionState::Closed;
    row.closedBy = radius::ClosedBy::Stop;
    row.terminateCause = "User-Request";
    row.stoppedAt = stoppedAt;
    row.startedAt = stoppedAt - std::chrono::hours(1);
    return row;
}

inline void putRows(core::Db& db, const std::vector<radius::Session>& rows) {
    std::vector<const radius::Session*> pointers;
    pointers.reserve(rows.size());
    for (const radius::Session& row : rows) {
        pointers.push_back(&row);
    }
    db.transact([&](core::Tx& tx) { radius::putSessions(tx, pointers); });
}

/// Into the history of the month in which it stopped.
inline void putOld(core::Db& db, const radius::Session& row) {
    const core::Month month = radius::monthOf(row.stoppedAt.value());
    db.transact([&](core::Tx& tx) { radius::makeHistoryMonth(tx, month); });
    db.transact([&](core::Tx& tx) { radius::putHistory(tx, month, {row}); });
}

}  // namespace gardu::test
