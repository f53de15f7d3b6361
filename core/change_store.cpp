#include "core/change_store.h"

namespace gardu::core {

std::int64_t lastChangeBefore(Tx& tx, Instant before) {
    return tx.queryOne("SELECT MAX(id) FROM changes WHERE created_at < ?", {toEpochMs(before)})
        ->optionalInteger(0)
        .value_or(0);
}

std::int64_t countChangesAfter(Tx& tx, std::int64_t id) {
    return tx.queryOne("SELECT COUNT(*) FROM changes WHERE id > ?", {id})->integer(0);
}

std::vector<Change> changesAfter(Tx& tx, std::int64_t id) {
    std::vector<Change> changes;
    for (const Row& row : tx.query("SELECT id, kind, entity FROM changes WHERE id > ? ORDER BY id", {id})) {
        changes.push_back({row.integer(0), static_cast<ChangeKind>(row.integer(1)), row.text(2)});
    }
    return changes;
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
