#pragma once
// SQL of the table changes: what the directories follow.

#include <cstdint>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"

namespace gardu::core {

struct Change {
    std::int64_t id = 0;
    ChangeKind kind = ChangeKind::Subscriber;
    std::string entity;
};

/// The largest id of a row that is older than that instant; 0 where there is none.
[[nodiscard]] std::int64_t lastChangeBefore(Tx& tx, Instant before);
/// Of the rows with after < id <= last.
[[nodiscard]] std::int64_t countChanges(Tx& tx, std::int64_t after, std::int64_t last);
/// The same rows, in the order of the ids.
[[nodiscard]] std::vector<Change> changesBetween(Tx& tx, std::int64_t after, std::int64_t last);
/// In the order of the ids, at most `most`.
[[nodiscard]] std::vector<Change> changesAfter(Tx& tx, std::int64_t after, int most);
/// Deletes at most `most` of the oldest rows from before that instant.
void pruneChanges(Tx& tx, Instant before, int most);

}  // namespace gardu::core
