#include "billing/entitlement.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <string>

namespace gardu::test {

namespace {

using billing::Access;
using billing::CustomerStatus;
using billing::Entitlement;
using billing::OnExpiry;
using billing::PackagePolicy;
using billing::SubscriberFacts;
using billing::SubscriptionStatus;
using core::Instant;
using core::Milliseconds;

/// What is decided before the start, between start and end, and after the end.
struct StatusCase {
    CustomerStatus customer;
    SubscriptionStatus status;
    std::string_view before;
    std::string_view during;
    std::string_view after;
};

constexpr StatusCase kStatuses[] = {
    {CustomerStatus::Active, SubscriptionStatus::Active, "not_started", "active", "ended"},
    {CustomerStatus::Active, SubscriptionStatus::Suspended, "not_started", "subscription_suspended",
     "subscription_suspended"},
    {CustomerStatus::Active, SubscriptionStatus::Disabled, "subscription_disabled", "subscription_disabled",
     "subscription_disabled"},
    {CustomerStatus::Active, SubscriptionStatus::Cancelled, "subscription_cancelled",
     "subscription_cancelled", "subscription_cancelled"},
    {CustomerStatus::Inactive, SubscriptionStatus::Active, "customer_inactive", "customer_inactive",
     "customer_inactive"},
    {CustomerStatus::Inactive, SubscriptionStatus::Suspended, "customer_inactive", "customer_inactive",
     "customer_inactive"},
    {CustomerStatus::Inactive, SubscriptionStatus::Disabled, "subscription_disabled", "subscription_disabled",
     "subscription_disabled"},
    {CustomerStatus::Inactive, SubscriptionStatus::Cancelled, "subscription_cancelled",
     "subscription_cancelled", "subscription_cancelled"},
    {CustomerStatus::Suspended, SubscriptionStatus::Active, "not_started", "customer_suspended",
     "customer_suspended"},
    {CustomerStatus::Suspended, SubscriptionStatus::Suspended, "not_started", "customer_suspended",
     "customer_suspended"},
    {CustomerStatus::Suspended, SubscriptionStatus::Disabled, "subscription_disabled",
     "subscription_disabled", "subscription_disabled"},
    {CustomerStatus::Suspended, SubscriptionStatus::Cancelled, "subscription_cancelled",
     "subscription_cancelled", "subscription_cancelled"},
};

/// What a reason leaves, by the package's on_expiry.
struct AccessCase {
    std::string_view reason;
    std::string_view onIsolate;
    std::string_view onReject;
};

constexpr AccessCase kAccesses[] = {
    {"active", "full", "full"},
    {"not_started", "deny", "deny"},
    {"ended", "isolate", "deny"},
    {"subscription_suspended", "isolate", "deny"},
    {"subscription_disabled", "deny", "deny"},
    {"subscription_cancelled", "deny", "deny"},
    {"customer_inactive", "deny", "deny"},
    {"customer_suspended", "isolate", "deny"},
};

Instant at(const char* text) {
    return core::parseInstant(text).value();
}

PackagePolicy policyOf(OnExpiry onExpiry) {
    PackagePolicy policy;
    policy.id = "p-1";
    policy.name = "Home 10";
    policy.onExpiry = onExpiry;
    policy.rateLimit = "10M/10M";
    policy.pool = "home";
    policy.addressList = "PAID";
    policy.mikrotikGroup = "home-profile";
    policy.ipv6Pool = "home6";
    policy.delegatedIpv6Pool = "home6pd";
    policy.simultaneousUse = 2;
    policy.idleSeconds = 900;
    policy.interimSeconds = 120;
    policy.isolation = {"ISOLIR", "128k/128k", 700};
    return policy;
}

/// From the first of February to the fifteenth, in Jakarta.
SubscriberFacts factsOf(const PackagePolicy& policy) {
    using namespace std::chrono_literals;
    const core::Zone jakarta("Asia/Jakarta");
    SubscriberFacts facts;
    facts.accessFrom = jakarta.startOfDay(2027y / 2 / 1);
    facts.accessUntil = jakarta.endOfDay(2027y / 2 / 15);
    facts.addresses = {"10.0.0.2", "2001:db8:1::/64", "2001:db8:1:100::/56", {"192.168.9.0/24 10.0.0.2 1"}};
    facts.package = std::make_shared<const PackagePolicy>(policy);
    return facts;
}

SubscriberFacts factsOf(OnExpiry onExpiry) {
    return factsOf(policyOf(onExpiry));
}

struct MomentCase {
    const char* now;
    std::string_view reason;
};

// The first of February begins in Jakarta at 17:00 UTC of the day before; the fifteenth ends at 17:00 UTC.
constexpr MomentCase kMoments[] = {
    {"2027-01-31T16:59:59.999Z", "not_started"}, {"2027-01-31T17:00:00Z", "active"},
    {"2027-02-15T00:00:00Z", "active"},          {"2027-02-15T16:59:59.999Z", "active"},
    {"2027-02-15T17:00:00Z", "ended"},           {"2027-02-15T17:00:00.001Z", "ended"},
};

std::string_view accessOf(std::string_view reason, OnExpiry onExpiry) {
    for (const AccessCase& each : kAccesses) {
        if (each.reason == reason) {
            return onExpiry == OnExpiry::Isolate ? each.onIsolate : each.onReject;
        }
    }
    CPPUNIT_FAIL("a reason that is not in the table: " + std::string(reason));
    return "";
}

/// Every status, moment and policy, with the reason of the table.
void forAll(const std::function<void(const SubscriberFacts&, Instant, std::string_view)>& check) {
    for (const auto& [customer, status, before, during, after] : kStatuses) {
        for (const OnExpiry onExpiry : {OnExpiry::Isolate, OnExpiry::Reject}) {
            SubscriberFacts facts = factsOf(onExpiry);
            facts.customer = customer;
            facts.status = status;
            check(facts, facts.accessFrom - Milliseconds(1), before);
            check(facts, facts.accessFrom, during);
            check(facts, *facts.accessUntil - Milliseconds(1), during);
            check(facts, *facts.accessUntil, after);
        }
    }
}

std::string shown(const SubscriberFacts& facts, Instant now) {
    return std::string(billing::name(facts.customer)) + " customer, " +
           std::string(billing::name(facts.status)) + " subscription, " + core::formatInstant(now);
}

}  // namespace

class EntitlementTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EntitlementTest);
    CPPUNIT_TEST(decidesByTheTable);
    CPPUNIT_TEST(beginsAndEndsAtMidnightInJakarta);
    CPPUNIT_TEST(withoutAnEndItNeverEnds);
    CPPUNIT_TEST(fullAccessIsThePackage);
    CPPUNIT_TEST(isolationHasItsOwnRateAndList);
    CPPUNIT_TEST(isolationWithholdsIpv6);
    CPPUNIT_TEST(deniedHasNothing);
    CPPUNIT_TEST(onlyHotspotsLimitPorts);
    CPPUNIT_TEST(sessionsAreLimitedInBothAccesses);
    CPPUNIT_TEST(explanationAgrees);
    CPPUNIT_TEST(policyOfAPackage);
    CPPUNIT_TEST_SUITE_END();

public:
    void decidesByTheTable() {
        forAll([](const SubscriberFacts& facts, Instant now, std::string_view reason) {
            const Entitlement result = billing::entitlement(facts, now);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(facts, now), std::string(reason),
                                         std::string(billing::name(result.reason)));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(facts, now),
                                         std::string(accessOf(reason, facts.package->onExpiry)),
                                         std::string(billing::name(result.access)));
        });
    }

    void beginsAndEndsAtMidnightInJakarta() {
        const SubscriberFacts facts = factsOf(OnExpiry::Isolate);
        for (const auto& [now, reason] : kMoments) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                now, std::string(reason),
                std::string(billing::name(billing::entitlement(facts, at(now)).reason)));
        }
    }

    void withoutAnEndItNeverEnds() {
        SubscriberFacts facts = factsOf(OnExpiry::Reject);
        facts.accessUntil.reset();
        const Entitlement result = billing::entitlement(facts, at("2999-12-31T23:59:59Z"));
        CPPUNIT_ASSERT(result.access == Access::Full && !result.until);
    }

    void fullAccessIsThePackage() {
        const SubscriberFacts facts = factsOf(OnExpiry::Isolate);
        const Entitlement result = billing::entitlement(facts, facts.accessFrom);
        CPPUNIT_ASSERT_EQUAL(std::string("10M/10M"), result.rateLimit);
        CPPUNIT_ASSERT(result.addressList == "PAID" && result.pool == "home");
        CPPUNIT_ASSERT(result.mikrotikGroup == "home-profile");
        CPPUNIT_ASSERT(result.ipv6Pool == "home6" && result.delegatedIpv6Pool == "home6pd");
        CPPUNIT_ASSERT(result.addresses == facts.addresses);
        CPPUNIT_ASSERT(result.until == facts.accessUntil && !result.sessionSeconds);
        CPPUNIT_ASSERT(result.idleSeconds == 900);
        CPPUNIT_ASSERT_EQUAL(120, result.interimSeconds);
    }

    void isolationHasItsOwnRateAndList() {
        const Entitlement result = isolated();
        CPPUNIT_ASSERT_EQUAL(std::string("128k/128k"), result.rateLimit);
        CPPUNIT_ASSERT(result.addressList == "ISOLIR" && result.sessionSeconds == 700);
        CPPUNIT_ASSERT(result.pool == "home" && result.mikrotikGroup == "home-profile");
        CPPUNIT_ASSERT(result.addresses.ipv4 == "10.0.0.2");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.addresses.framedRoutes.size());
        CPPUNIT_ASSERT_EQUAL(120, result.interimSeconds);
        CPPUNIT_ASSERT(!result.until);
    }

    // The walled garden's address list holds IPv4 addresses only.
    void isolationWithholdsIpv6() {
        const Entitlement result = isolated();
        CPPUNIT_ASSERT(!result.ipv6Pool && !result.delegatedIpv6Pool);
        CPPUNIT_ASSERT(!result.addresses.framedIpv6Prefix && !result.addresses.delegatedIpv6Prefix);
    }

    void deniedHasNothing() {
        const SubscriberFacts facts = factsOf(OnExpiry::Reject);
        Entitlement result = billing::entitlement(facts, *facts.accessUntil);
        CPPUNIT_ASSERT(result.access == Access::Denied);
        CPPUNIT_ASSERT(result.rateLimit.empty() && !result.addressList && !result.pool);
        CPPUNIT_ASSERT(!result.mikrotikGroup && !result.ipv6Pool && !result.delegatedIpv6Pool);
        CPPUNIT_ASSERT(result.addresses == billing::StaticAddresses{});
        CPPUNIT_ASSERT(!result.until && !result.sessionSeconds);
    }

    void onlyHotspotsLimitPorts() {
        PackagePolicy policy = policyOf(OnExpiry::Isolate);
        const SubscriberFacts pppoe = factsOf(policy);
        CPPUNIT_ASSERT(!billing::entitlement(pppoe, pppoe.accessFrom).portLimit);
        policy.type = billing::PackageType::Hotspot;
        const SubscriberFacts hotspot = factsOf(policy);
        CPPUNIT_ASSERT(billing::entitlement(hotspot, hotspot.accessFrom).portLimit == 2);
    }

    void sessionsAreLimitedInBothAccesses() {
        PackagePolicy policy = policyOf(OnExpiry::Isolate);
        policy.simultaneousPolicy = billing::SimultaneousPolicy::ReplaceOld;
        const SubscriberFacts facts = factsOf(policy);
        for (const Instant now : {facts.accessFrom, facts.accessUntil.value()}) {
            const auto result = billing::entitlement(facts, now);
            CPPUNIT_ASSERT(result.access != billing::Access::Denied);
            CPPUNIT_ASSERT(result.simultaneousUse == 2);
            CPPUNIT_ASSERT(result.simultaneousPolicy == billing::SimultaneousPolicy::ReplaceOld);
        }
    }

    void explanationAgrees() {
        forAll([](const SubscriberFacts& facts, Instant now, std::string_view reason) {
            const auto outcomes = billing::explainEntitlement(facts, now);
            CPPUNIT_ASSERT(!outcomes.empty());
            for (std::size_t i = 0; i < outcomes.size(); ++i) {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(facts, now), i + 1 == outcomes.size(),
                                             outcomes[i].decides);
                CPPUNIT_ASSERT(!outcomes[i].words.empty());
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(facts, now), std::string(reason),
                                         std::string(outcomes.back().rule));
        });
    }

    void policyOfAPackage() {
        billing::Package package;
        package.id = "p-1";
        package.name = "Home 10";
        package.bandwidth = "10M/10M";
        package.priority = 3;
        package.onExpiry = OnExpiry::Reject;
        package.type = billing::PackageType::Hotspot;
        package.pool = "home";
        package.ipv6Pool = "home6";
        const billing::PolicyDefaults defaults{240, {"ISOLIR", "64k/64k", 600}};
        PackagePolicy policy = billing::packagePolicy(package, defaults);
        CPPUNIT_ASSERT_EQUAL(std::string("10M/10M 0/0 0/0 0/0 3"), policy.rateLimit);
        CPPUNIT_ASSERT(policy.onExpiry == OnExpiry::Reject && policy.type == billing::PackageType::Hotspot);
        CPPUNIT_ASSERT(policy.pool == "home" && policy.ipv6Pool == "home6" && !policy.delegatedIpv6Pool);
        CPPUNIT_ASSERT_EQUAL(240, policy.interimSeconds);
        CPPUNIT_ASSERT_EQUAL(std::string("64k/64k"), policy.isolation.rateLimit);
        package.interimInterval = 90;
        CPPUNIT_ASSERT_EQUAL(90, billing::packagePolicy(package, defaults).interimSeconds);
    }

private:
    static Entitlement isolated() {
        const SubscriberFacts facts = factsOf(OnExpiry::Isolate);
        Entitlement result = billing::entitlement(facts, *facts.accessUntil);
        CPPUNIT_ASSERT(result.access == Access::Walled);
        return result;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EntitlementTest);

}  // namespace gardu::test
