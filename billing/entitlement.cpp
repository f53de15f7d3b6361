#include "billing/entitlement.h"

#include <array>

namespace gardu::billing {

namespace {

/// What follows when a rule applies; `ByPackage` leaves it to the package's on_expiry.
enum class Consequence { Deny, ByPackage };

struct Rule {
    EntitlementReason reason;
    Consequence consequence;
    bool (*applies)(const SubscriberFacts&, core::Instant);
    std::string_view question;
};

/// The order is the specification: what ends access for good comes before what narrows it.
constexpr std::array kRules = {
    Rule{EntitlementReason::SubscriptionCancelled, Consequence::Deny,
         [](const SubscriberFacts& facts, core::Instant) {
             return facts.status == SubscriptionStatus::Cancelled;
         },
         "is the subscription cancelled?"},
    Rule{EntitlementReason::SubscriptionDisabled, Consequence::Deny,
         [](const SubscriberFacts& facts, core::Instant) {
             return facts.status == SubscriptionStatus::Disabled;
         },
         "is the subscription disabled?"},
    Rule{EntitlementReason::CustomerInactive, Consequence::Deny,
         [](const SubscriberFacts& facts, core::Instant) {
             return facts.customer == CustomerStatus::Inactive;
         },
         "is the customer inactive?"},
    Rule{EntitlementReason::NotStarted, Consequence::Deny,
         [](const SubscriberFacts& facts, core::Instant now) { return now < facts.accessFrom; },
         "does the subscription begin later?"},
    Rule{EntitlementReason::CustomerSuspended, Consequence::ByPackage,
         [](const SubscriberFacts& facts, core::Instant) {
             return facts.customer == CustomerStatus::Suspended;
         },
         "is the customer suspended?"},
    Rule{EntitlementReason::SubscriptionSuspended, Consequence::ByPackage,
         [](const SubscriberFacts& facts, core::Instant) {
             return facts.status == SubscriptionStatus::Suspended;
         },
         "is the subscription suspended?"},
    Rule{EntitlementReason::Ended, Consequence::ByPackage,
         [](const SubscriberFacts& facts, core::Instant now) {
             return facts.accessUntil.has_value() && *facts.accessUntil <= now;
         },
         "has the last day of access passed?"},
};

void limitSessions(Entitlement& entitlement, const PackagePolicy& package) {
    entitlement.simultaneousUse = package.simultaneousUse;
    entitlement.simultaneousPolicy = package.simultaneousPolicy;
}

Entitlement full(const SubscriberFacts& facts) {
    const PackagePolicy& package = *facts.package;
    Entitlement result;
    result.access = Access::Full;
    result.reason = EntitlementReason::Active;
    result.rateLimit = package.rateLimit;
    result.addressList = package.addressList;
    result.pool = package.pool;
    result.mikrotikGroup = package.mikrotikGroup;
    result.ipv6Pool = package.ipv6Pool;
    result.delegatedIpv6Pool = package.delegatedIpv6Pool;
    result.addresses = facts.addresses;
    result.until = facts.accessUntil;
    result.interimSeconds = package.interimSeconds;
    result.idleSeconds = package.idleSeconds;
    if (package.type == PackageType::Hotspot) {
        result.portLimit = package.simultaneousUse;
    }
    limitSessions(result, package);
    return result;
}

/// IPv6 is withheld: the address list of the walled garden holds IPv4 addresses only, and would be walked
/// around.
Entitlement walled(const SubscriberFacts& facts, EntitlementReason reason) {
    const PackagePolicy& package = *facts.package;
    Entitlement result;
    result.access = Access::Walled;
    result.reason = reason;
    result.rateLimit = package.isolation.rateLimit;
    result.addressList = package.isolation.addressList;
    result.pool = package.pool;
    result.mikrotikGroup = package.mikrotikGroup;
    result.addresses.ipv4 = facts.addresses.ipv4;
    result.addresses.framedRoutes = facts.addresses.framedRoutes;
    result.sessionSeconds = package.isolation.sessionSeconds;
    result.interimSeconds = package.interimSeconds;
    limitSessions(result, package);
    return result;
}

}  // namespace

PackagePolicy packagePolicy(const Package& package, const PolicyDefaults& defaults) {
    PackagePolicy policy;
    policy.id = package.id;
    policy.name = package.name;
    policy.type = package.type;
    policy.onExpiry = package.onExpiry;
    policy.rateLimit = packageRateLimitText(package);
    policy.pool = package.pool;
    policy.addressList = package.addressList;
    policy.mikrotikGroup = package.mikrotikGroup;
    policy.ipv6Pool = package.ipv6Pool;
    policy.delegatedIpv6Pool = package.delegatedIpv6Pool;
    policy.simultaneousUse = package.simultaneousUse;
    policy.simultaneousPolicy = package.simultaneousPolicy;
    policy.idleSeconds = package.idleTimeout;
    policy.interimSeconds = package.interimInterval.value_or(defaults.interimSeconds);
    policy.isolation = defaults.isolation;
    return policy;
}

SubscriberFacts subscriberFacts(const Subscription& subscription, CustomerStatus customer,
                                std::shared_ptr<const PackagePolicy> package, const core::Zone& zone) {
    SubscriberFacts facts;
    facts.customer = customer;
    facts.status = subscription.status;
    facts.accessFrom = zone.startOfDay(subscription.startDate);
    if (subscription.endDate) {
        facts.accessUntil = zone.endOfDay(*subscription.endDate);
    }
    facts.addresses = subscription.addresses;
    facts.package = std::move(package);
    return facts;
}

std::string_view name(Access access) {
    constexpr std::array<std::string_view, 3> names = {"full", "isolate", "deny"};
    return names.at(static_cast<std::size_t>(access));
}

std::string_view name(EntitlementReason reason) {
    constexpr std::array<std::string_view, 8> names = {
        "active",      "subscription_cancelled", "subscription_disabled",  "customer_inactive",
        "not_started", "customer_suspended",     "subscription_suspended", "ended"};
    return names.at(static_cast<std::size_t>(reason));
}

Entitlement entitlement(const SubscriberFacts& facts, core::Instant now) {
    for (const Rule& rule : kRules) {
        if (!rule.applies(facts, now)) {
            continue;
        }
        if (rule.consequence == Consequence::ByPackage && facts.package->onExpiry == OnExpiry::Isolate) {
            return walled(facts, rule.reason);
        }
        Entitlement denied;
        denied.access = Access::Denied;
        denied.reason = rule.reason;
        return denied;
    }
    return full(facts);
}

std::vector<RuleOutcome> explainEntitlement(const SubscriberFacts& facts, core::Instant now) {
    std::vector<RuleOutcome> outcomes;
    for (const Rule& rule : kRules) {
        const bool applies = rule.applies(facts, now);
        outcomes.push_back({name(rule.reason), applies, rule.question});
        if (applies) {
            return outcomes;
        }
    }
    outcomes.push_back({name(EntitlementReason::Active), true, "nothing stands against it"});
    return outcomes;
}

}  // namespace gardu::billing
