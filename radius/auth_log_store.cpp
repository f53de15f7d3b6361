#include "radius/auth_log_store.h"

#include "core/bytes.h"

namespace gardu::radius {

namespace {

/// The columns hold 253 characters.
constexpr std::size_t kMaxText = 253;

/// Packets may hold any octets; a database column may not.
std::string storable(const std::string& octets) {
    return core::boundedText(octets, kMaxText);
}

}  // namespace

void insertAuthLog(core::Tx& tx, const std::vector<AuthLogEntry>& entries) {
    std::vector<core::Values> rows;
    rows.reserve(entries.size());
    for (const AuthLogEntry& entry : entries) {
        rows.push_back({core::toEpochMs(entry.decidedAt), storable(entry.userName),
                        std::string(entry.outcome), std::string(entry.reason), std::string(entry.method),
                        entry.nas, entry.sourceAddress, storable(entry.callingStationId), entry.occurrences});
    }
    tx.insertRows(
        "INSERT INTO auth_log(decided_at, username, outcome, reason, method, nas, source_address, "
        "calling_station_id, occurrences)",
        rows);
}

std::vector<AuthLogRow> listAuthLog(core::Tx& tx, const std::optional<std::string>& userName, int limit) {
    constexpr const char* kColumns =
        "SELECT decided_at, username, outcome, reason, method, nas, source_address, calling_station_id, "
        "occurrences "
        "FROM auth_log ";
    core::Values parameters;
    if (userName) {
        // As it was sent, or as a list shows it.
        parameters.emplace_back(storable(*userName));
        const bool isShown = core::isPrintableUtf8(core::asBytes(*userName));
        parameters.emplace_back(isShown ? *userName : storable(*userName));
    }
    parameters.emplace_back(std::int64_t{limit});
    const char* condition =
        userName ? "WHERE username IN (?, ?) ORDER BY id DESC LIMIT ?" : "ORDER BY id DESC LIMIT ?";
    std::vector<AuthLogRow> list;
    for (const core::Row& row : tx.query(std::string(kColumns) + condition, parameters)) {
        list.push_back({core::fromEpochMs(row.integer(0)), row.text(1), row.text(2), row.text(3), row.text(4),
                        row.text(5), row.text(6), row.text(7), row.integer(8)});
    }
    return list;
}

void pruneAuthLog(core::Tx& tx, core::Instant before, int most) {
    // A limit on the rows: a long delete would hold the write lock, and the cluster, for as long.
    const auto oldest = tx.queryOne("SELECT MIN(id) FROM auth_log");
    if (!oldest || oldest->isNull(0)) {
        return;
    }
    tx.execute("DELETE FROM auth_log WHERE id < ? AND decided_at < ?",
               {oldest->integer(0) + most, core::toEpochMs(before)});
}

}  // namespace gardu::radius
