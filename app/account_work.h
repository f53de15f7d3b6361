#pragma once
// Accounts read and worked on by a billing command. One thread's.

#include "app/account_views.h"
#include "app/billing_desk.h"

namespace gardu::app {

[[nodiscard]] AccountMoment momentOf(BillingDesk& desk);
/// The customer must exist.
[[nodiscard]] billing::Account loadAccount(BillingDesk& desk, const std::string& customerId);

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
