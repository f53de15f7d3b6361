#pragma once
// SQL of reports, from the ledger: what was on a day stays so, whatever is paid or made void later.

#include <vector>

#include "billing/report.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// Of postings on days in [first, next), by month, account and currency.
[[nodiscard]] std::vector<RevenueRow> revenueRows(core::Tx& tx, const core::Period& days);
/// Of the same days: adds up to money:* of them.
[[nodiscard]] std::vector<TakingsRow> takings(core::Tx& tx, const core::Period& days);
/// As they were at the end of that day.
[[nodiscard]] std::vector<OpenItem> openItems(core::Tx& tx, core::Date on);
[[nodiscard]] std::vector<CustomerCredit> customerCredits(core::Tx& tx, core::Date on);
/// Read in pages.
[[nodiscard]] Churn countChurn(core::Tx& tx, const core::Period& days, const core::Zone& zone);

}  // namespace gardu::billing
