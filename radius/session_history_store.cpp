#include "radius/session_history_store.h"

#include <algorithm>

#include "core/check.h"
#include "radius/session_row_store.h"

namespace gardu::radius {

namespace {

constexpr const char* kTable = "session_history_{month} s ";
constexpr std::size_t kKeysPerStatement = 500;

constexpr const char* kMysqlTable =
    "CREATE TABLE IF NOT EXISTS session_history_{month}(id BIGINT NOT NULL PRIMARY KEY, ";
constexpr const char* kSqliteTable =
    "CREATE TABLE IF NOT EXISTS session_history_{month}(id INTEGER NOT NULL PRIMARY KEY, ";
constexpr const char* kColumns =
    "nas_id CHAR(36) NOT NULL, nas_key VARCHAR(90) NOT NULL, "
    "source VARCHAR(50) NOT NULL, username VARCHAR(253) NOT NULL, username_key VARCHAR(253) NOT NULL, "
    "subscription_id CHAR(36), acct_session_id VARCHAR(253) NOT NULL, acct_key BIGINT NOT NULL, "
    "login_id CHAR(36), started_at BIGINT NOT NULL, start_seen INTEGER NOT NULL, framed_ip VARCHAR(50), "
    "framed_ipv6_prefix VARCHAR(50), delegated_ipv6_prefix VARCHAR(50), nas_ip VARCHAR(50), "
    "nas_identifier VARCHAR(253) NOT NULL, nas_port BIGINT, nas_port_id VARCHAR(253) NOT NULL, "
    "calling_station_id VARCHAR(253) NOT NULL, called_station_id VARCHAR(253) NOT NULL, "
    "state VARCHAR(10) NOT NULL, closed_by VARCHAR(20) NOT NULL, terminate_cause VARCHAR(50), "
    "stopped_at BIGINT NOT NULL, told_access VARCHAR(10), told_rate BIGINT, told_place BIGINT, "
    "told_until BIGINT, last_seen_at BIGINT NOT NULL, heard_at BIGINT NOT NULL, "
    "session_time BIGINT NOT NULL, input_octets BIGINT NOT NULL, output_octets BIGINT NOT NULL, "
    "counted_at BIGINT NOT NULL, interval_seconds BIGINT NOT NULL, hour_start BIGINT NOT NULL, "
    "hour_input BIGINT NOT NULL, hour_output BIGINT NOT NULL, points VARCHAR(500) NOT NULL";

/// MariaDB makes a table's indexes with the table alone: after a crash none is missing.
constexpr const char* kMysqlIndexes =
    ", INDEX idx_{month}_acct (acct_key), INDEX idx_{month}_user (username_key, id), "
    "INDEX idx_{month}_subscription (subscription_id, id), "
    "INDEX idx_{month}_nas (nas_id, id), INDEX idx_{month}_framed_ip (framed_ip, started_at), "
    "INDEX idx_{month}_framed_v6 (framed_ipv6_prefix, started_at), "
    "INDEX idx_{month}_delegated_v6 (delegated_ipv6_prefix, started_at)"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

constexpr const char* kSqliteIndexes[] = {
    "CREATE INDEX IF NOT EXISTS idx_history_{month}_acct ON session_history_{month}(acct_key)",
    "CREATE INDEX IF NOT EXISTS idx_history_{month}_user ON session_history_{month}(username_key, id)",
    "CREATE INDEX IF NOT EXISTS idx_history_{month}_subscription ON session_history_{month}"
    "(subscription_id, id)",
    "CREATE INDEX IF NOT EXISTS idx_history_{month}_nas ON session_history_{month}(nas_id, id)",
    "CREATE INDEX IF NOT EXISTS idx_history_{month}_framed_ip ON session_history_{month}(framed_ip, "
    "started_at)",
    "CREATE INDEX IF NOT EXISTS idx_history_{month}_framed_v6 ON "
    "session_history_{month}(framed_ipv6_prefix, started_at)",
    "CREATE INDEX IF NOT EXISTS idx_history_{month}_delegated_v6 ON "
    "session_history_{month}(delegated_ipv6_prefix, started_at)",
};

constexpr const char* kDelete = "DELETE FROM session_history_{month} WHERE id IN ";

std::string select(core::Month month) {
    return core::forMonth(std::string(kSelectSession).append(kTable), month);
}

void makeTable(core::Tx& tx, core::Month month) {
    if (tx.dialect() == core::Dialect::Mysql) {
        tx.execute(core::forMonth(std::string(kMysqlTable).append(kColumns).append(kMysqlIndexes), month));
        return;
    }
    tx.execute(core::forMonth(std::string(kSqliteTable).append(kColumns).append(")"), month));
    for (const char* index : kSqliteIndexes) {
        tx.execute(core::forMonth(index, month));
    }
}

}  // namespace

core::Month monthOf(core::Instant instant) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(instant));
    return day.year() / day.month();
}

void makeHistoryMonth(core::Tx& tx, core::Month month) {
    // The table first: a month that is listed has one.
    makeTable(tx, month);
    tx.insertRows("REPLACE INTO session_months(month)", {{core::formatMonth(month)}});
}

void dropHistoryMonth(core::Tx& tx, core::Month month) {
    // In this order: an unlisted table would stay for ever.
    tx.execute(core::forMonth("DROP TABLE IF EXISTS session_history_{month}", month));
    tx.execute("DELETE FROM session_months WHERE month = ?", {core::formatMonth(month)});
}

std::vector<core::Month> historyMonths(core::Tx& tx) {
    std::vector<core::Month> months;
    for (const core::Row& row : tx.query("SELECT month FROM session_months ORDER BY month DESC")) {
        const auto month = core::parseMonth(row.text(0));
        core::check(month.has_value(), "the table session_months holds a month that is none");
        months.push_back(*month);
    }
    return months;
}

void putHistory(core::Tx& tx, core::Month month, const std::vector<Session>& sessions) {
    std::vector<core::Values> rows;
    rows.reserve(sessions.size());
    for (const Session& session : sessions) {
        core::check(session.stoppedAt && monthOf(*session.stoppedAt) == month,
                    "a session was to be kept in a month in which it did not stop");
        rows.push_back(identityOf(session));
        appendCounters(rows.back(), session);
    }
    tx.insertRows(
        core::forMonth("REPLACE INTO session_history_{month}(id, nas_id, nas_key, source, username, "
                       "username_key, subscription_id, acct_session_id, acct_key, login_id, started_at, "
                       "start_seen, framed_ip, framed_ipv6_prefix, delegated_ipv6_prefix, nas_ip, "
                       "nas_identifier, nas_port, nas_port_id, calling_station_id, called_station_id, state, "
                       "closed_by, terminate_cause, stopped_at, told_access, told_rate, told_place, "
                       "told_until, last_seen_at, heard_at, session_time, input_octets, output_octets, "
                       "counted_at, interval_seconds, hour_start, hour_input, hour_output, points)",
                       month),
        rows);
}

void deleteHistory(core::Tx& tx, core::Month month, const std::vector<std::int64_t>& ids) {
    for (std::size_t at = 0; at < ids.size(); at += kKeysPerStatement) {
        const std::size_t end = std::min(at + kKeysPerStatement, ids.size());
        const core::Values values(ids.begin() + static_cast<std::ptrdiff_t>(at),
                                  ids.begin() + static_cast<std::ptrdiff_t>(end));
        tx.execute(core::forMonth(kDelete, month).append(core::placeholders(values.size())), values);
    }
}

std::vector<Session> historyByAcctId(core::Tx& tx, core::Month month, const std::vector<AcctName>& names) {
    if (names.empty()) {
        return {};
    }
    core::Values keys;
    keys.reserve(names.size());
    for (const AcctName& name : names) {
        keys.emplace_back(acctKey(name.nasKey, name.acctSessionId));
    }
    constexpr const char* kWhere = "WHERE acct_key IN ";
    const std::string list = core::placeholders(keys.size());
    return toSessions(tx.query(select(month).append(kWhere).append(list), keys));
}

std::vector<Session> listHistory(core::Tx& tx, core::Month month, const SessionPage& page) {
    return listSessionsIn(tx, select(month), page);
}

std::optional<Session> findHistory(core::Tx& tx, core::Month month, std::int64_t id) {
    const auto row = tx.queryOne(select(month).append("WHERE s.id = ?"), {id});
    return row ? std::optional(toSession(*row)) : std::nullopt;
}

std::vector<Session> historyWithAddress(core::Tx& tx, core::Month month,
                                        const std::vector<std::string>& networks, core::Instant at) {
    return sessionsWithAddressIn(tx, select(month), networks, at);
}

}  // namespace gardu::radius
