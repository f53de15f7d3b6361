#pragma once
// What billing stores, as JSON objects for the command line. Money has a currency, days are YYYY-MM-DD and
// ends of periods exclusive, instants RFC 3339. Pure.

#include "app/output.h"
#include "billing/account.h"
#include "billing/billing_run.h"
#include "billing/ledger_store.h"
#include "billing/package_terms_store.h"
#include "billing/records_store.h"

namespace gardu::app {

[[nodiscard]] Json moneyJson(std::int64_t minor, const core::Currency& currency);

[[nodiscard]] Json toJson(const billing::BillingTerms& terms, const core::Currency& currency);
[[nodiscard]] Json toJson(const billing::QuotaPolicy& quota);
[[nodiscard]] Json toJson(const billing::Tax& tax);
[[nodiscard]] Json toJson(const billing::Holiday& holiday);
[[nodiscard]] Json toJson(const billing::Customer& customer);
[[nodiscard]] Json toJson(const billing::Discount& discount, const core::Currency& currency);
[[nodiscard]] Json toJson(const billing::PendingCharge& charge, const core::Currency& currency);
/// `status` is "overdue" where it is unpaid and past its due date on that day.
[[nodiscard]] Json toJson(const billing::Invoice& invoice, core::Date today);
[[nodiscard]] Json toJson(const billing::Payment& payment);
[[nodiscard]] Json toJson(const billing::LedgerRow& row);
[[nodiscard]] Json toJson(const billing::BillingEvent& event);
[[nodiscard]] Json toJson(const billing::BillingLogRow& row);
[[nodiscard]] Json toJson(const billing::AuditRow& row);
[[nodiscard]] Json toJson(const billing::RunSummary& summary);

}  // namespace gardu::app
