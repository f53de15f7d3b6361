#pragma once
// THE hinge: what may this subscriber have now? The only place where money meets the network; the
// Access-Accept, CoA, Disconnect and router commands are ways to apply its result. Pure.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/customer.h"
#include "billing/package.h"
#include "billing/quota.h"
#include "billing/subscription.h"
#include "core/calendar.h"

namespace gardu::billing {

/// The walled garden ("isolir") of a package.
struct IsolationPolicy {
    std::string addressList;
    std::string rateLimit;
    int sessionSeconds = 600;
};

/// What a package means on the network, ready to send. Shared by all its subscribers, never changed.
struct PackagePolicy {
    std::string id;
    std::string name;
    PackageType type = PackageType::Pppoe;
    OnExpiry onExpiry = OnExpiry::Isolate;
    std::string rateLimit;
    std::optional<std::string> pool;
    std::optional<std::string> addressList;
    std::optional<std::string> mikrotikGroup;
    std::optional<std::string> ipv6Pool;
    std::optional<std::string> delegatedIpv6Pool;
    std::optional<int> simultaneousUse;
    SimultaneousPolicy simultaneousPolicy = SimultaneousPolicy::RejectNew;
    std::optional<int> idleSeconds;
    int interimSeconds = 300;
    IsolationPolicy isolation;
    /// None: no quota. Rates are whole Mikrotik-Rate-Limits.
    std::optional<QuotaPolicy> quota;
};

struct PolicyDefaults {
    int interimSeconds = 300;
    IsolationPolicy isolation;
};

[[nodiscard]] PackagePolicy packagePolicy(const Package& package, const PolicyDefaults& defaults);

struct SubscriberFacts {
    CustomerStatus customer = CustomerStatus::Active;
    SubscriptionStatus status = SubscriptionStatus::Active;
    /// 00:00 of the start date in the business zone.
    core::Instant accessFrom;
    /// None: no end.
    std::optional<core::Instant> accessUntil;
    StaticAddresses addresses;
    /// Until then nobody is cut off for money.
    std::optional<core::Instant> heldUntil;
    DunningStage stage = DunningStage::Active;
    /// How far the quota of the package is used up; none: nothing is known, or there is none.
    std::optional<QuotaUse> quota;
    /// Never null.
    std::shared_ptr<const PackagePolicy> package;
};

/// The facts of a stored subscription; `package` is that of it. Of the account's subscription nothing is
/// known of its quota.
[[nodiscard]] SubscriberFacts subscriberFacts(const Subscription& subscription, CustomerStatus customer,
                                              std::shared_ptr<const PackagePolicy> package,
                                              const core::Zone& zone);
[[nodiscard]] SubscriberFacts subscriberFacts(const SubscriberRecord& record,
                                              std::shared_ptr<const PackagePolicy> package,
                                              const core::Zone& zone);

enum class Access { Full, Walled, Denied };

enum class EntitlementReason {
    Active,
    SubscriptionCancelled,
    SubscriptionDisabled,
    CustomerInactive,
    NotStarted,
    CustomerSuspended,
    SubscriptionSuspended,
    DunningTerminated,
    DunningSuspended,
    Overdue,  ///< isolated for what is owed
    Ended,
    QuotaUsedUp,
};

[[nodiscard]] std::string_view name(Access access);
[[nodiscard]] std::string_view name(EntitlementReason reason);

struct Entitlement {
    Access access = Access::Denied;
    EntitlementReason reason = EntitlementReason::Active;
    std::string rateLimit;
    std::optional<std::string> addressList;
    std::optional<std::string> pool;
    std::optional<std::string> mikrotikGroup;
    std::optional<std::string> ipv6Pool;
    std::optional<std::string> delegatedIpv6Pool;
    StaticAddresses addresses;
    /// End of full access. None: no end.
    std::optional<core::Instant> until;
    /// When it changes by itself next (an end, a hold, a quota period); none: never.
    std::optional<core::Instant> changesAt;
    /// Octets that the session may still pass; none: no limit (Mikrotik-Total-Limit).
    std::optional<std::int64_t> totalLimit;
    /// Of what it is the rest: a session is told anew when this changes, not with each octet that it passes.
    std::optional<std::int64_t> totalAllowance;
    /// How long a walled session lasts before it is asked about again.
    std::optional<int> sessionSeconds;
    int interimSeconds = 300;
    std::optional<int> idleSeconds;
    /// Hotspot only: how many devices share the login.
    std::optional<int> portLimit;
    /// Sessions at the same time; none: no limit.
    std::optional<int> simultaneousUse;
    SimultaneousPolicy simultaneousPolicy = SimultaneousPolicy::RejectNew;
};

/// The first rule that applies decides; see explainEntitlement for all of them.
[[nodiscard]] Entitlement entitlement(const SubscriberFacts& facts, core::Instant now);

/// One rule as it was weighed: in order, up to and with the one that decided.
struct RuleOutcome {
    std::string_view rule;
    bool decides = false;
    std::string_view words;
};

[[nodiscard]] std::vector<RuleOutcome> explainEntitlement(const SubscriberFacts& facts, core::Instant now);

}  // namespace gardu::billing
