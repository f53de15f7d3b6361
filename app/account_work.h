#pragma once
// Accounts read and worked on by a billing command. One thread's.

#include "app/account_views.h"
#include "app/billing_desk.h"

namespace gardu::app {

[[nodiscard]] AccountMoment momentOf(BillingDesk& desk);
/// The customer must exist.
[[nodiscard]] billing::Account loadAccount(BillingDesk& desk, const std::string& customerId);

/// What a payment for a subscription would have to be now, and which days it would bring; nothing where no
/// invoice of it is open and access is there. Tried on a copy of the account.
struct ToPay {
    std::int64_t amount = 0;
    /// Prepaid only; half-open.
    std::optional<core::Period> brings = {};
};
[[nodiscard]] std::optional<ToPay> toPay(BillingDesk& desk, const billing::Account& account,
                                         const std::string& subscriptionId);

/// What a verb does to a subscription that people name; returns its view with what was issued and noted.
struct SubscriptionVerb {
    /// "subscription renew": of the audit row.
    std::string action;
    std::string subscription;
    std::function<void(core::Tx&, billing::AccountBook&, const std::string& subscriptionId)> work;
};
[[nodiscard]] Result onSubscription(BillingDesk& desk, const SubscriptionVerb& verb);
/// How the result of an operation on one subscription is shown.
[[nodiscard]] Result shown(BillingDesk& desk, const billing::AccountResult& result,
                           const std::string& subscriptionId);

}  // namespace gardu::app
