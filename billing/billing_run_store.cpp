#include "billing/billing_run_store.h"

namespace gardu::billing {

namespace {

BillingRunRow toRun(const core::Row& row) {
    return {row.text(0),    row.instant(1),         row.text(2),     row.integer(3),
            row.instant(4), row.optionalInstant(5), row.integer(6),  row.integer(7),
            row.integer(8), row.integer(9),         row.integer(10), row.integer(11)};
}

}  // namespace

void putBillingRun(core::Tx& tx, const BillingRunRow& run) {
    tx.insertRows(
        "REPLACE INTO billing_runs(id, as_of, holder, epoch, started_at, finished_at, seen, invoiced, "
        "renewed, isolated, failed, parked)",
        {{run.id, core::toEpochMs(run.asOf), run.holder, run.epoch, core::toEpochMs(run.startedAt),
          core::toValue(run.finishedAt), run.seen, run.invoiced, run.renewed, run.isolated, run.failed,
          run.parked}});
}

std::vector<BillingRunRow> listBillingRuns(core::Tx& tx, const std::string& beforeId, int limit) {
    constexpr const char* kFirst = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    const core::Rows rows = tx.query(
        "SELECT id, as_of, holder, epoch, started_at, finished_at, seen, invoiced, renewed, isolated, "
        "failed, "
        "parked FROM billing_runs WHERE id < ? ORDER BY id DESC LIMIT ?",
        {beforeId.empty() ? kFirst : beforeId, std::int64_t{limit}});
    std::vector<BillingRunRow> runs;
    runs.reserve(rows.size());
    for (const core::Row& row : rows) {
        runs.push_back(toRun(row));
    }
    return runs;
}

}  // namespace gardu::billing
