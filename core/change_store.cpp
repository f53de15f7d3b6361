#include "core/change_store.h"

namespace gardu::core {

namespace {

std::vector<Change> toChanges(const Rows& rows) {
    std::vector<Change> changes;
    changes.reserve(rows.size());
    for (const Row& row : rows) {
        changes.push_back({row.integer(0), static_cast<ChangeKind>(row.integer(1)), row.text(2)});
    }
    return changes;
}

}  // namespace

std::int64_t lastChangeBefore(Tx& tx, Instant before) {
    return tx.queryOne("SELECT MAX(id) FROM changes WHERE created_at < ?", {toEpochMs(before)})
        ->optionalInteger(0)
        .value_or(0);
}

std::int64_t countChanges(Tx& tx, std::int64_t after, std::int64_t last) {
    return tx.queryOne("SELECT COUNT(*) FROM changes WHERE id > ? AND id <= ?", {after, last})->integer(0);
}

std::vector<Change> changesBetween(Tx& tx, std::int64_t after, std::int64_t last) {
    return toChanges(
        tx.query("SELECT id, kind, entity FROM changes WHERE id > ? AND id <= ? ORDER BY id", {after, last}));
}

std::vector<Change> changesAfter(Tx& tx, std::int64_t after, int most) {
    return toChanges(tx.query("SELECT id, kind, entity FROM changes WHERE id > ? ORDER BY id LIMIT ?",
                              {after, std::int64_t{most}}));
}

void pruneChanges(Tx& tx, Instant before, int most) {
    const auto oldest = tx.queryOne("SELECT MIN(id) FROM changes");
    if (!oldest || oldest->isNull(0)) {
        return;
    }
    tx.execute("DELETE FROM changes WHERE id < ? AND created_at < ?",
               {oldest->integer(0) + most, toEpochMs(before)});
}

}  // namespace gardu::core
