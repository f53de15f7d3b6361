#pragma once
// Accounts as they are at a time, as JSON objects for the command line. Pure.

#include "app/output.h"
#include "billing/account.h"
#include "billing/account_service.h"
#include "billing/entitlement.h"

namespace gardu::app {

/// When accounts are looked at, and what they are under.
struct AccountMoment {
    core::Instant now;
    core::Zone zone;
    billing::PolicyDefaults defaults;
    [[nodiscard]] core::Date today() const { return zone.localDate(now); }
};

/// State, stage, period, access and why, holds, what waits.
[[nodiscard]] Json subscriptionJson(const billing::Account& account,
                                    const billing::AccountSubscription& subscription,
                                    const AccountMoment& moment);
/// The customer with his subscriptions, balance, credit and open invoices.
[[nodiscard]] Json accountJson(const billing::Account& account, const AccountMoment& moment);
/// {"issued": [...], "events": [...]}: what an operation did.
[[nodiscard]] Json changesJson(const billing::AccountResult& result, const AccountMoment& moment);

/// As tables of people want them.
[[nodiscard]] std::vector<Column> invoiceColumns();
[[nodiscard]] std::string accountText(const Json& account);
[[nodiscard]] std::string subscriptionText(const Json& subscription);

/// Messages of events, one a line.
[[nodiscard]] std::string eventLines(const std::vector<billing::BillingEvent>& events);

}  // namespace gardu::app
