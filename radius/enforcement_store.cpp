#include "radius/enforcement_store.h"

#include "core/bytes.h"
#include "core/number_store.h"

namespace gardu::radius {

namespace {

constexpr std::size_t kMaxWords = 200;

constexpr const char* kPendingColumns =
    "SELECT session_id, username, nas, action, reason, since, attempts, last_result, next_attempt_at "
    "FROM enforcement_pending ";
constexpr const char* kDynauthColumns =
    "SELECT sent_at, session_id, username, nas, action, reason, outcome, error_cause, words, tries, took_ms "
    "FROM dynauth_log ";
constexpr const char* kRequestColumns =
    "SELECT request.id, request.session_id, session.username_key, request.requested_at, request.status, "
    "request.words FROM disconnect_requests request LEFT JOIN sessions session "
    "ON session.id = request.session_id ";

PendingEnforcement toPending(const core::Row& row) {
    PendingEnforcement pending;
    pending.sessionId = row.integer(0);
    pending.username = row.text(1);
    pending.nas = row.text(2);
    pending.action = row.text(3);
    pending.reason = row.text(4);
    pending.since = core::fromEpochMs(row.integer(5));
    pending.attempts = static_cast<int>(row.integer(6));
    pending.lastResult = row.text(7);
    if (const auto next = row.optionalInteger(8)) {
        pending.nextAttemptAt = core::fromEpochMs(*next);
    }
    return pending;
}

DisconnectRequest toRequest(const core::Row& row) {
    return {row.integer(0), row.integer(1), row.optionalText(2), core::fromEpochMs(row.integer(3)),
            row.text(4),    row.text(5)};
}

}  // namespace

void replacePending(core::Tx& tx, const std::string& node, const std::vector<PendingEnforcement>& pending) {
    tx.execute("DELETE FROM enforcement_pending WHERE node = ?", {node});
    std::vector<core::Values> rows;
    rows.reserve(pending.size());
    for (const PendingEnforcement& each : pending) {
        rows.push_back({node, each.sessionId, each.username, each.nas, each.action, each.reason,
                        core::toEpochMs(each.since), std::int64_t{each.attempts},
                        core::shortened(each.lastResult, kMaxWords), core::toValue(each.nextAttemptAt)});
    }
    if (!rows.empty()) {
        tx.insertRows(
            "INSERT INTO enforcement_pending(node, session_id, username, nas, action, reason, since, "
            "attempts, last_result, next_attempt_at)",
            rows);
    }
}

std::vector<PendingEnforcement> listPending(core::Tx& tx, int limit) {
    std::vector<PendingEnforcement> list;
    for (const core::Row& row :
         tx.query(std::string(kPendingColumns) + "ORDER BY since, node, session_id LIMIT ?",
                  {std::int64_t{limit}})) {
        list.push_back(toPending(row));
    }
    return list;
}

std::optional<PendingEnforcement> findPending(core::Tx& tx, std::int64_t sessionId) {
    const core::Rows rows = tx.query(
        std::string(kPendingColumns) + "WHERE session_id = ? ORDER BY since, node LIMIT 1", {sessionId});
    return rows.empty() ? std::nullopt : std::optional(toPending(rows.front()));
}

std::int64_t countPending(core::Tx& tx) {
    return tx.queryOne("SELECT COUNT(*) FROM enforcement_pending")->integer(0);
}

void addDynauthRows(core::Tx& tx, const std::vector<DynauthRow>& rows) {
    if (rows.empty()) {
        return;
    }
    std::vector<core::Values> values;
    values.reserve(rows.size());
    for (const DynauthRow& row : rows) {
        values.push_back({core::toEpochMs(row.at), row.sessionId, row.username, row.nas, row.action,
                          row.reason, row.outcome, core::toValue(row.errorCause),
                          core::shortened(row.words, kMaxWords), std::int64_t{row.sent}, row.tookMs});
    }
    tx.insertRows(
        "INSERT INTO dynauth_log(sent_at, session_id, username, nas, action, reason, outcome, error_cause, "
        "words, tries, took_ms)",
        values);
}

std::vector<DynauthRow> listDynauthRows(core::Tx& tx, const std::optional<std::int64_t>& sessionId,
                                        int limit) {
    core::Values parameters;
    if (sessionId) {
        parameters.emplace_back(*sessionId);
    }
    parameters.emplace_back(std::int64_t{limit});
    const char* condition =
        sessionId ? "WHERE session_id = ? ORDER BY id DESC LIMIT ?" : "ORDER BY id DESC LIMIT ?";
    std::vector<DynauthRow> list;
    for (const core::Row& row : tx.query(std::string(kDynauthColumns) + condition, parameters)) {
        list.push_back({core::fromEpochMs(row.integer(0)), row.integer(1), row.text(2), row.text(3),
                        row.text(4), row.text(5), row.text(6), row.optionalInteger(7), row.text(8),
                        static_cast<int>(row.integer(9)), row.integer(10)});
    }
    return list;
}

void pruneDynauthRows(core::Tx& tx, core::Instant before, int most) {
    // A limit on the rows: a long delete would hold the write lock, and the cluster, for as long.
    const auto oldest = tx.queryOne("SELECT MIN(id) FROM dynauth_log");
    if (!oldest || oldest->isNull(0)) {
        return;
    }
    tx.execute("DELETE FROM dynauth_log WHERE id < ? AND sent_at < ?",
               {oldest->integer(0) + most, core::toEpochMs(before)});
}

std::int64_t addDisconnectRequest(core::Tx& tx, std::int64_t sessionId, core::Instant now) {
    const std::int64_t id = core::takeNumbers(tx, "disconnect_request", 1);
    tx.execute(
        "INSERT INTO disconnect_requests(id, session_id, requested_at, status, words) "
        "VALUES (?, ?, ?, 'waiting', '')",
        {id, sessionId, core::toEpochMs(now)});
    return id;
}

std::vector<DisconnectRequest> waitingDisconnectRequests(core::Tx& tx) {
    std::vector<DisconnectRequest> list;
    for (const core::Row& row :
         tx.query(std::string(kRequestColumns) + "WHERE request.status = 'waiting' ORDER BY request.id")) {
        list.push_back(toRequest(row));
    }
    return list;
}

std::optional<DisconnectRequest> findDisconnectRequest(core::Tx& tx, std::int64_t id) {
    const auto row = tx.queryOne(std::string(kRequestColumns) + "WHERE request.id = ?", {id});
    return row ? std::optional(toRequest(*row)) : std::nullopt;
}

void finishDisconnectRequest(core::Tx& tx, std::int64_t id, const DisconnectOutcome& outcome,
                             core::Instant now) {
    const bool waits = outcome.status == "waiting";
    tx.execute(
        "UPDATE disconnect_requests SET status = ?, words = ?, finished_at = ? "
        "WHERE id = ? AND status = 'waiting'",
        {outcome.status, core::shortened(outcome.words, kMaxWords),
         core::toValue(waits ? std::nullopt : std::optional(now)), id});
}

std::optional<core::Instant> cuttingPausedSince(core::Tx& tx) {
    const auto row = tx.queryOne("SELECT since FROM enforcement_pause WHERE id = 1");
    return row ? std::optional(core::fromEpochMs(row->integer(0))) : std::nullopt;
}

void pauseCutting(core::Tx& tx, core::Instant since) {
    // The first pause stays: what happened since then is what an operator has to look at.
    if (!cuttingPausedSince(tx)) {
        tx.execute("INSERT INTO enforcement_pause(id, since) VALUES (1, ?)", {core::toEpochMs(since)});
    }
}

void resumeCutting(core::Tx& tx) {
    tx.execute("DELETE FROM enforcement_pause WHERE id = 1");
}

std::optional<core::Instant> lastWall(core::Tx& tx, const std::string& node) {
    const auto row = tx.queryOne("SELECT wall_at FROM node_clock WHERE node = ?", {node});
    return row ? std::optional(core::fromEpochMs(row->integer(0))) : std::nullopt;
}

void noteWall(core::Tx& tx, const std::string& node, core::Instant now) {
    tx.insertRows("REPLACE INTO node_clock(node, wall_at)", {{node, core::toEpochMs(now)}});
}

}  // namespace gardu::radius
