#pragma once
// SQL of the table billing_runs: what each run has done.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

struct BillingRunRow {
    std::string id;
    /// The time for which it ran.
    core::Instant asOf;
    std::string holder;
    std::int64_t epoch = 0;
    core::Instant startedAt;
    /// None: it is at work, or was killed.
    std::optional<core::Instant> finishedAt;
    std::int64_t seen = 0;
    std::int64_t invoiced = 0;
    std::int64_t renewed = 0;
    std::int64_t isolated = 0;
    std::int64_t failed = 0;
    std::int64_t parked = 0;
};

/// Inserts it, or replaces the one of this id.
void putBillingRun(core::Tx& tx, const BillingRunRow& run);
/// Newest first, before that id ("" is the newest).
[[nodiscard]] std::vector<BillingRunRow> listBillingRuns(core::Tx& tx, const std::string& beforeId,
                                                         int limit);

}  // namespace gardu::billing
