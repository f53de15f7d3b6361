#pragma once
// What operators do with subscribers. Each call is one transaction; core::Refused tells every wrong field.

#include <optional>
#include <string>
#include <vector>

#include "billing/subscriber_input.h"
#include "billing/subscription_store.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/vault.h"

namespace gardu::billing {

SubscriberRecord addSubscriber(core::Db& db, const core::Vault& vault, const SubscriberInput& input,
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

SubscriberRecord updateSubscriber(core::Db& db, const core::Vault& vault, const SubscriberChange& change,
                                  core::Instant now);
/// Refused once money refers to it. The customer goes with his last subscription.
void removeSubscriber(core::Db& db, const std::string& username);
/// Throws core::Refused where there is none.
[[nodiscard]] SubscriberRecord getSubscriber(core::Db& db, const std::string& username);

/// Where a subscription's password is sealed.
[[nodiscard]] core::CellAddress passwordCell(const std::string& subscriptionId);

}  // namespace gardu::billing
