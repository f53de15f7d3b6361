#include "billing/entitlement.h"

#include <algorithm>
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

bool isHeld(const SubscriberFacts& facts, core::Instant now) {
    return facts.heldUntil.has_value() && now < *facts.heldUntil;
}

/// Nothing is used yet of a period that nobody has evaluated.
QuotaUse quotaUse(const SubscriberFacts& facts, core::Instant now) {
    return facts.quota && now < facts.quota->periodEnd ? *facts.quota : QuotaUse{};
}

/// The tier that is reached; none: no quota, or not that far.
const QuotaTier* tierOf(const SubscriberFacts& facts, core::Instant now) {
    if (!facts.package->quota) {
        return nullptr;
    }
    const QuotaUse use = quotaUse(facts, now);
    const int reached = reachedTier(*facts.package->quota, use.used, use.bonus);
    return reached == 0 ? nullptr : &facts.package->quota->tiers.at(static_cast<std::size_t>(reached) - 1);
}

/// Up to where access is paid, or nobody is cut off; none: no end.
std::optional<core::Instant> fullUntil(const SubscriberFacts& facts) {
    if (isCut(facts.stage)) {
        return facts.heldUntil;
    }
    if (!facts.accessUntil) {
        return std::nullopt;
    }
    return std::max(*facts.accessUntil, facts.heldUntil.value_or(*facts.accessUntil));
}

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
    Rule{EntitlementReason::DunningTerminated, Consequence::Deny,
         [](const SubscriberFacts& facts, core::Instant) { return facts.stage == DunningStage::Terminated; },
         "was it ended for good, since it was not paid?"},
    Rule{EntitlementReason::DunningSuspended, Consequence::Deny,
         [](const SubscriberFacts& facts, core::Instant now) {
             return facts.stage == DunningStage::Suspended && !isHeld(facts, now);
         },
         "is it refused, since it has not been paid for long?"},
    Rule{EntitlementReason::Overdue, Consequence::ByPackage,
         [](const SubscriberFacts& facts, core::Instant now) {
             return facts.stage == DunningStage::Isolated && !isHeld(facts, now);
         },
         "is it cut off, since it is not paid?"},
    Rule{EntitlementReason::Ended, Consequence::ByPackage,
         [](const SubscriberFacts& facts, core::Instant now) {
             return facts.accessUntil.has_value() && *facts.accessUntil <= now && !isHeld(facts, now);
         },
         "has the last day of access passed?"},
    Rule{EntitlementReason::QuotaUsedUp, Consequence::ByPackage,
         [](const SubscriberFacts& facts, core::Instant now) {
             const QuotaTier* tier = tierOf(facts, now);
             return tier != nullptr && !tier->rateLimit;
         },
         "is the quota used up?"},
};

void limitSessions(Entitlement& entitlement, const PackagePolicy& package) {
    entitlement.simultaneousUse = package.simultaneousUse;
    entitlement.simultaneousPolicy = package.simultaneousPolicy;
}

void limitOctets(Entitlement& entitlement, const SubscriberFacts& facts, core::Instant now) {
    if (!facts.package->quota) {
        return;
    }
    const QuotaPolicy& policy = *facts.package->quota;
    const QuotaUse use = quotaUse(facts, now);
    entitlement.totalLimit = octetsToCap(policy, use.used, use.bonus);
    if (entitlement.totalLimit) {
        entitlement.totalAllowance = octetsToCap(policy, 0, use.bonus);
    }
    const QuotaTier* tier = tierOf(facts, now);
    if (tier != nullptr && tier->rateLimit) {
        entitlement.rateLimit = *tier->rateLimit;
    }
}

/// The next time at which it is another one although nothing is written: what begins, ends, or is held only
/// until then.
std::optional<core::Instant> changesAt(const SubscriberFacts& facts, core::Instant now) {
    std::optional<core::Instant> next;
    const auto consider = [&](std::optional<core::Instant> at) {
        if (at && now < *at) {
            next = std::min(*at, next.value_or(*at));
        }
    };
    consider(facts.accessFrom);
    consider(fullUntil(facts));
    if (tierOf(facts, now) != nullptr) {
        consider(facts.quota->periodEnd);
    }
    return next;
}

Entitlement full(const SubscriberFacts& facts, core::Instant now) {
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
    result.until = fullUntil(facts);
    result.interimSeconds = package.interimSeconds;
    result.idleSeconds = package.idleSeconds;
    if (package.type == PackageType::Hotspot) {
        result.portLimit = package.simultaneousUse;
    }
    limitSessions(result, package);
    limitOctets(result, facts, now);
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
    policy.quota = package.quota;
    return policy;
}

SubscriberFacts subscriberFacts(const SubscriberRecord& record, std::shared_ptr<const PackagePolicy> package,
                                const core::Zone& zone) {
    SubscriberFacts facts =
        subscriberFacts(record.subscription, record.customerStatus, std::move(package), zone);
    facts.quota = record.quota;
    return facts;
}

SubscriberFacts subscriberFacts(const Subscription& subscription, CustomerStatus customer,
                                std::shared_ptr<const PackagePolicy> package, const core::Zone& zone) {
    SubscriberFacts facts;
    facts.customer = customer;
    facts.status = subscription.status;
    facts.accessFrom = zone.startOfDay(subscription.startDate);
    if (subscription.accessUntil) {
        facts.accessUntil = subscription.accessUntil;
    } else if (subscription.endDate) {
        facts.accessUntil = zone.endOfDay(*subscription.endDate);
    }
    facts.heldUntil = subscription.heldUntil;
    facts.stage = subscription.stage;
    facts.addresses = subscription.addresses;
    facts.package = std::move(package);
    return facts;
}

std::string_view name(Access access) {
    constexpr std::array<std::string_view, 3> names = {"full", "isolate", "deny"};
    return names.at(static_cast<std::size_t>(access));
}

std::string_view name(EntitlementReason reason) {
    constexpr std::array<std::string_view, 12> names = {"active",
                                                        "subscription_cancelled",
                                                        "subscription_disabled",
                                                        "customer_inactive",
                                                        "not_started",
                                                        "customer_suspended",
                                                        "subscription_suspended",
                                                        "dunning_terminated",
                                                        "dunning_suspended",
                                                        "overdue",
                                                        "ended",
                                                        "quota_used_up"};
    return names.at(static_cast<std::size_t>(reason));
}

namespace {

Entitlement decide(const SubscriberFacts& facts, core::Instant now) {
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
    return full(facts, now);
}

}  // namespace

Entitlement entitlement(const SubscriberFacts& facts, core::Instant now) {
    Entitlement result = decide(facts, now);
    result.changesAt = changesAt(facts, now);
    return result;
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
