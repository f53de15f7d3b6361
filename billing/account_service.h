#pragma once
// What operators and gateways do with accounts: each call is one transaction that loads the account under its
// lock, lets AccountBook decide, and stores what changed with the audit row. core::Refused tells every wrong
// field.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "billing/account_book.h"
#include "billing/account_store.h"
#include "billing/act.h"
#include "billing/payment.h"
#include "billing/subscriber_input.h"
#include "billing/subscription_store.h"
#include "core/db.h"
#include "core/vault.h"

namespace gardu::billing {

/// What a service needs besides the database.
struct BillingSettings {
    core::Zone zone;
    int mostInvoices = 3;
};

/// With the holidays as they are stored.
[[nodiscard]] BillingRules loadRules(core::Tx& tx, const BillingSettings& settings);

/// An account after an operation, with what was issued (numbered).
struct AccountResult {
    Account account;
    AccountChanges changes;
    /// Of addSubscription(): the customer was made, too.
    bool customerIsNew = false;
};

/// Where a subscription, invoice, payment or customer is named by people: a user name or id, a number or id,
/// an id, a unique name or id. Throws core::Refused.
[[nodiscard]] std::string customerIdOf(core::Tx& tx, const std::string& customer);
[[nodiscard]] SubscriberRecord subscriptionNamed(core::Tx& tx, const std::string& subscription);
[[nodiscard]] Invoice invoiceNamed(core::Tx& tx, const std::string& invoice);

/// Does something to one account in a transaction. `work` may throw core::Refused. `action`, `entity` and
/// `entityId` are for the audit row; the entity's JSON before and after is made here. The account of an
/// "invoice" is loaded with all that was charged since its first day, so that what credited its days is
/// known.
struct AccountTask {
    std::string customerId;
    std::string action;
    std::string entity;
    std::string entityId;
    std::function<void(core::Tx&, AccountBook&)> work;
};
AccountResult onAccount(core::Db& db, const BillingSettings& settings, const Act& act,
                        const AccountTask& task);

// Verbs over onAccount().

struct NewSubscription {
    /// Seals the password.
    const core::Vault& vault;
    SubscriberInput input = {};
    /// A customer's id; none: input.customerName as addSubscriber takes it.
    std::optional<std::string> customerId = {};
    /// 1 to 31; none: of its first day.
    std::optional<int> anchorDay = {};
    /// On the first invoice.
    std::optional<OneOffCharge> setup = {};
};
AccountResult addSubscription(core::Db& db, const BillingSettings& settings, const Act& act,
                              const NewSubscription& wanted);

struct PackageChange {
    /// As subscriptionNamed() takes it.
    std::string subscription;
    std::string packageName;
    /// From today; else from the next period on. None: AccountBook::changesWithNextPeriod() says it.
    std::optional<bool> isNow = {};
};
AccountResult changePackage(core::Db& db, const BillingSettings& settings, const Act& act,
                            const PackageChange& change);

/// As an operator or a gateway tells it; one of customer, subscription, invoice, or none: suspense.
struct PaymentInput {
    std::string source = "manual";
    /// Empty: a new one is made. What recordPayment() then finds alike is refused, but for `again`.
    std::string reference;
    bool again = false;
    PaymentMethod method = PaymentMethod::Cash;
    core::Money amount;
    std::optional<std::string> customer;
    std::optional<std::string> subscription;
    std::optional<std::string> invoice;
    std::optional<core::Instant> paidAt;
    std::string note;
    /// Of a match, refund or reversal: the id of the payment that it is about.
    std::string ofPayment;
};
struct PaymentResult {
    Payment payment;
    /// The same payment was here before: nothing was done.
    bool repeated = false;
    /// None: it waits in suspense.
    std::optional<AccountResult> account;
};
/// The same (source, reference) with the same content gives the first result; with another, core::Refused
/// names both. Any number at the same time has one effect. Without a reference a payment that was typed twice
/// cannot be told from two: where the customer has one of the same amount that was entered in the last 24
/// hours, or paid within 24 hours of this one, it is refused, but where they name different subscriptions,
/// this one another invoice that is open, or the other was given back.
PaymentResult recordPayment(core::Db& db, const BillingSettings& settings, const Act& act,
                            const PaymentInput& input);
/// Money in suspense goes to a customer; a second match is refused, and one that brings him what he seems to
/// have, as in recordPayment(). Of `match` only ofPayment, the target, the note and `again` count.
PaymentResult matchPayment(core::Db& db, const BillingSettings& settings, const Act& act,
                           const PaymentInput& match);
/// Of the credit that is left; `reference` as in PaymentInput.
PaymentResult refundPayment(core::Db& db, const BillingSettings& settings, const Act& act,
                            const PaymentInput& refund);
/// What is left of it after its refunds. Once; the second time gives the first result. Of `reversal` only
/// ofPayment and the note, which says why, count.
PaymentResult reversePayment(core::Db& db, const BillingSettings& settings, const Act& act,
                             const PaymentInput& reversal);

}  // namespace gardu::billing
