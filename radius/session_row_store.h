#pragma once
// Sessions as rows: the same columns in the tables of the open ones and in each month of the history. For the
// stores of both.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/db.h"
#include "radius/session.h"
#include "radius/session_store.h"

namespace gardu::radius {

/// To be followed by the table or tables, of which the one with the names is called `s`.
inline constexpr const char* kSelectSession =
    "SELECT s.id, nas_id, nas_key, source, username, username_key, subscription_id, acct_session_id, "
    "login_id, started_at, start_seen, framed_ip, framed_ipv6_prefix, delegated_ipv6_prefix, nas_ip, "
    "nas_identifier, nas_port, nas_port_id, calling_station_id, called_station_id, state, closed_by, "
    "terminate_cause, stopped_at, told_access, told_rate, told_place, told_until, last_seen_at, heard_at, "
    "session_time, input_octets, output_octets, counted_at, interval_seconds, hour_start, hour_input, "
    "hour_output, points FROM ";

/// Of a row of kSelectSession. What no program of ours writes breaks an invariant.
[[nodiscard]] Session toSession(const core::Row& row);
[[nodiscard]] std::vector<Session> toSessions(const core::Rows& rows);

/// From `id` to `told_until`, with acct_key after acct_session_id.
[[nodiscard]] core::Values identityOf(const Session& session);
/// From `last_seen_at` to `points`.
void appendCounters(core::Values& values, const Session& session);

// What the stores of both kinds ask; `select` is kSelectSession with its tables.

/// Those that had one of the networks at that time, in the order of their ids.
[[nodiscard]] std::vector<Session> sessionsWithAddressIn(core::Tx& tx, const std::string& select,
                                                         const std::vector<std::string>& networks,
                                                         core::Instant at);
/// Newest first.
[[nodiscard]] std::vector<Session> listSessionsIn(core::Tx& tx, const std::string& select,
                                                  const SessionPage& page);

/// The column acct_key: the same for ever, on every machine.
[[nodiscard]] std::int64_t acctKey(std::string_view nasKey, std::string_view acctSessionId);

}  // namespace gardu::radius
