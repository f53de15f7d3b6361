#include "radius/session_store.h"

#include <algorithm>

#include "core/check.h"
#include "radius/session_row_store.h"

namespace gardu::radius {

namespace {

constexpr const char* kTables = "sessions s JOIN session_counters c ON c.id = s.id ";
constexpr const char* kDelete = "DELETE FROM sessions WHERE id IN ";
constexpr const char* kDeleteCounters = "DELETE FROM session_counters WHERE id IN ";
constexpr std::size_t kKeysPerStatement = 500;

std::string select(const char* condition) {
    return std::string(kSelectSession).append(kTables).append(condition);
}

/// `condition` ends with "IN ".
std::vector<Session> lockWhere(core::Tx& tx, const char* condition, const core::Values& values) {
    if (values.empty()) {
        return {};
    }
    core::check(values.size() <= kKeysPerStatement, "too many sessions were asked for at once");
    const std::string list = core::placeholders(values.size());
    return toSessions(tx.query(select(condition).append(list).append(tx.forUpdate()), values));
}

core::Values textsOf(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

}  // namespace

std::vector<Session> lockSessionsByAcctId(core::Tx& tx, const std::vector<AcctName>& names) {
    core::Values keys;
    keys.reserve(names.size());
    for (const AcctName& name : names) {
        keys.emplace_back(acctKey(name.nasKey, name.acctSessionId));
    }
    return lockWhere(tx, "WHERE acct_key IN ", keys);
}

std::vector<Session> lockSessionsByLogin(core::Tx& tx, const std::vector<std::string>& loginIds) {
    return lockWhere(tx, "WHERE login_id IN ", textsOf(loginIds));
}

std::vector<Session> lockOpenSessionsOfUsers(core::Tx& tx, const std::vector<std::string>& keys) {
    return lockWhere(tx, "WHERE state <> 'closed' AND username_key IN ", textsOf(keys));
}

std::vector<Session> lockOpenSessionsOfNas(core::Tx& tx, const std::string& nasKey) {
    constexpr const char* kOpen = "WHERE nas_key = ? AND state IN ('live', 'unknown')";
    return toSessions(tx.query(select(kOpen).append(tx.forUpdate()), {nasKey}));
}

std::vector<Session> lockSessions(core::Tx& tx, const std::vector<std::int64_t>& ids) {
    return lockWhere(tx, "WHERE s.id IN ", {ids.begin(), ids.end()});
}

std::vector<Session> openSessionsAfter(core::Tx& tx, std::int64_t afterId, int limit) {
    return toSessions(tx.query(select("WHERE s.id > ? AND state <> 'closed' ORDER BY s.id LIMIT ?"),
                               {afterId, std::int64_t{limit}}));
}

std::vector<Session> closedSessionsBefore(core::Tx& tx, core::Instant before, int limit) {
    return toSessions(
        tx.query(select("WHERE state = 'closed' AND stopped_at < ? ORDER BY stopped_at LIMIT ?"),
                 {core::toEpochMs(before), std::int64_t{limit}}));
}

void putSessions(core::Tx& tx, const std::vector<const Session*>& sessions) {
    std::vector<core::Values> rows;
    rows.reserve(sessions.size());
    for (const Session* session : sessions) {
        rows.push_back(identityOf(*session));
    }
    tx.insertRows(
        "REPLACE INTO sessions(id, nas_id, nas_key, source, username, username_key, subscription_id, "
        "acct_session_id, acct_key, login_id, started_at, start_seen, framed_ip, framed_ipv6_prefix, "
        "delegated_ipv6_prefix, nas_ip, nas_identifier, nas_port, nas_port_id, calling_station_id, "
        "called_station_id, state, closed_by, terminate_cause, stopped_at, told_access, told_rate, "
        "told_place, told_until)",
        rows);
    putCounters(tx, sessions);
}

void putCounters(core::Tx& tx, const std::vector<const Session*>& sessions) {
    std::vector<core::Values> rows;
    rows.reserve(sessions.size());
    for (const Session* session : sessions) {
        rows.push_back({session->id});
        appendCounters(rows.back(), *session);
    }
    tx.insertRows(
        "REPLACE INTO session_counters(id, last_seen_at, heard_at, session_time, input_octets, "
        "output_octets, counted_at, interval_seconds, hour_start, hour_input, hour_output, points)",
        rows);
}

void deleteSessions(core::Tx& tx, const std::vector<std::int64_t>& ids) {
    for (std::size_t at = 0; at < ids.size(); at += kKeysPerStatement) {
        const std::size_t end = std::min(at + kKeysPerStatement, ids.size());
        const core::Values values(ids.begin() + static_cast<std::ptrdiff_t>(at),
                                  ids.begin() + static_cast<std::ptrdiff_t>(end));
        for (const char* head : {kDelete, kDeleteCounters}) {
            tx.execute(std::string(head).append(core::placeholders(values.size())), values);
        }
    }
}

std::vector<Session> listSessions(core::Tx& tx, const SessionFilter& filter, std::int64_t beforeId,
                                  int limit) {
    return listSessionsIn(tx, select(""), {filter, beforeId, limit});
}

std::optional<Session> findSession(core::Tx& tx, std::int64_t id) {
    const auto row = tx.queryOne(select("WHERE s.id = ?"), {id});
    return row ? std::optional(toSession(*row)) : std::nullopt;
}

std::vector<Session> sessionsWithAddress(core::Tx& tx, const std::vector<std::string>& networks,
                                         core::Instant at) {
    return sessionsWithAddressIn(tx, select(""), networks, at);
}

std::int64_t countOpenSessions(core::Tx& tx) {
    return tx.queryOne("SELECT COUNT(*) FROM sessions WHERE state IN ('live', 'unknown')")->integer(0);
}

}  // namespace gardu::radius
