#pragma once
// What operators do with subscribers. Each call is one transaction, with its audit row; core::Refused tells
// every wrong field.

#include <optional>
#include <string>
#include <vector>

#include "billing/act.h"
#include "billing/subscriber_input.h"
#include "billing/subscription_store.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/vault.h"

namespace gardu::billing {

SubscriberRecord addSubscriber(core::Db& db, const core::Vault& vault, const SubscriberInput& input,
                               const Act& act);

/// A subscriber for insertSubscriber().
struct NewSubscriber {
    const SubscriberInput& input;
    /// Of one that exists; none: as `input` names him.
    std::optional<std::string> customerId;
};
/// The customer that the name and the phone in `input` mean, where there is one; whom to lock first of all.
/// With a phone: of that name and phone, else of that name without any, who gets it.
[[nodiscard]] std::optional<std::string> customerMeant(core::Tx& tx, const SubscriberInput& input);
/// What addSubscriber() does, within a transaction that does more, without the audit row. Throws
/// core::DuplicateKey where another node was first: then the transaction is to be run again, once.
SubscriberRecord insertSubscriber(core::Tx& tx, const core::Vault& vault, const NewSubscriber& wanted,
                                  core::Instant now);

/// What is to change; a field that is not set stays. `endDate` holding nothing takes the end away; so do
/// empty addresses in `addresses`.
struct SubscriberChange {
    /// Whose.
    std::string username;
    std::optional<std::string> newUsername;
    std::optional<std::string> password;
    std::optional<std::string> packageName;
    std::optional<std::optional<core::Date>> endDate;
    std::optional<core::Date> startDate;
    std::optional<SubscriptionStatus> status;
    std::optional<StaticAddresses> addresses;
};

/// A package that money was paid or asked for is changed by changePackage() of billing/account_service.h, and
/// the end of who is billed by changeSubscriber() of billing/subscriber_change_service.h: refused here, as is
/// another status of a paused one.
SubscriberRecord updateSubscriber(core::Db& db, const core::Vault& vault, const SubscriberChange& change,
                                  const Act& act);
/// The same, within a transaction that does more and has the customer's lock.
SubscriberRecord updateWithin(core::Tx& tx, const core::Vault& vault, const SubscriberChange& change,
                              const Act& act);
/// Refused once money refers to it. The customer goes with his last subscription.
void removeSubscriber(core::Db& db, const std::string& username, const Act& act);
/// Throws core::Refused where there is none.
[[nodiscard]] SubscriberRecord getSubscriber(core::Db& db, const std::string& username);

/// Where a subscription's password is sealed.
[[nodiscard]] core::CellAddress passwordCell(const std::string& subscriptionId);

}  // namespace gardu::billing
