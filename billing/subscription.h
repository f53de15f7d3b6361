#pragma once
// Subscriptions: one user name with one package for one customer. Plain values and their rules; pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/customer.h"
#include "billing/dunning.h"
#include "billing/quota.h"
#include "core/calendar.h"
#include "core/refused.h"

namespace gardu::billing {

/// What libfreeradius and RouterOS take (RFC 2865 section 5.2).
inline constexpr std::size_t kMaxPasswordSize = 128;

enum class SubscriptionStatus { Active, Suspended, Disabled, Cancelled };

[[nodiscard]] std::string_view name(SubscriptionStatus status);
[[nodiscard]] std::optional<SubscriptionStatus> parseSubscriptionStatus(std::string_view text);

/// The addresses that belong to the subscription itself, not to its package.
struct StaticAddresses {
    /// "10.0.0.2"; the router then uses no pool.
    std::optional<std::string> ipv4;
    /// "2001:db8:1::/64"
    std::optional<std::string> framedIpv6Prefix;
    /// "2001:db8:1:100::/56"
    std::optional<std::string> delegatedIpv6Prefix;
    /// "192.168.9.0/24 10.0.0.2 1" (RFC 2865 section 5.22), each its own attribute.
    std::vector<std::string> framedRoutes;
    bool operator==(const StaticAddresses&) const = default;
};

struct Subscription {
    std::string id;
    std::string customerId;
    std::string packageId;
    std::string username;
    /// As the vault sealed it.
    std::string sealedPassword;
    core::Date startDate{};
    /// The last day of access: it ends at 24:00 of that day in the business zone. None: no end.
    std::optional<core::Date> endDate;
    bool autoRenew = true;
    SubscriptionStatus status = SubscriptionStatus::Active;
    StaticAddresses addresses;
    /// When access ends, where that is not 24:00 of endDate: plans by the hour, days of grace.
    std::optional<core::Instant> accessUntil;
    /// Until then nobody cuts it off for money: never-cut flag, promise to pay, notice.
    std::optional<core::Instant> heldUntil;
    DunningStage stage = DunningStage::Active;
};

/// A subscription with what belongs to it in other tables.
struct SubscriberRecord {
    Subscription subscription;
    std::string usernameKey;
    CustomerStatus customerStatus = CustomerStatus::Active;
    std::string customerName;
    std::string packageName;
    /// Of one that was just added: his customer is new, too.
    bool customerIsNew = false;
    /// How far its quota is used up, as it was evaluated last; none: never.
    std::optional<QuotaUse> quota;
    /// Not empty: the row holds what no program of ours writes, and what that is. The rest is of no use then.
    std::string problem;
};

/// Every wrong address, named as on the command line.
[[nodiscard]] std::vector<core::FieldError> addressProblems(const StaticAddresses& addresses);

/// Why this cannot be the password of that user; nothing where it can. Empty is for MAC addresses only.
[[nodiscard]] std::optional<std::string> passwordProblem(std::string_view username,
                                                         std::string_view password);

/// One a line, as the database keeps them; and back.
[[nodiscard]] std::optional<std::string> joinRoutes(const std::vector<std::string>& routes);
[[nodiscard]] std::vector<std::string> splitRoutes(const std::optional<std::string>& text);

}  // namespace gardu::billing
