// What money and quotas make of an entitlement.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "billing/entitlement.h"

namespace gardu::test {

namespace {

using billing::Access;
using billing::CustomerStatus;
using billing::DunningStage;
using billing::Entitlement;
using billing::OnExpiry;
using billing::PackagePolicy;
using billing::SubscriberFacts;
using core::Instant;
using core::Milliseconds;

Instant at(const char* text) {
    return core::parseInstant(text).value();
}

PackagePolicy policyOf(OnExpiry onExpiry) {
    PackagePolicy policy;
    policy.onExpiry = onExpiry;
    policy.rateLimit = "10M/10M";
    policy.isolation = {"ISOLIR", "128k/128k", 700};
    return policy;
}

/// From the first of February to the fifteenth, in Jakarta.
SubscriberFacts factsOf(const PackagePolicy& policy) {
    SubscriberFacts facts;
    facts.accessFrom = at("2027-01-31T17:00:00Z");
    facts.accessUntil = at("2027-02-15T17:00:00Z");
    facts.package = std::make_shared<const PackagePolicy>(policy);
    return facts;
}

SubscriberFacts factsOf(OnExpiry onExpiry) {
    return factsOf(policyOf(onExpiry));
}

/// "full" where nothing stands against it; what is denied for good, whatever the package.
std::string_view accessOf(std::string_view reason, OnExpiry onExpiry) {
    if (reason == "active") {
        return "full";
    }
    const bool isForGood = reason == "dunning_suspended" || reason == "dunning_terminated";
    return onExpiry == OnExpiry::Isolate && !isForGood ? "isolate" : "deny";
}

/// Of the subscription of factsOf(), whose access ends with the fifteenth.
struct MoneyCase {
    DunningStage stage;
    const char* heldUntil;  ///< "": no hold
    const char* now;
    std::string_view reason;
    const char* until;  ///< of full access
    const char* changesAt;
};

constexpr const char* kEnd = "2027-02-15T17:00:00Z";
constexpr const char* kHold = "2027-02-20T17:00:00Z";
constexpr const char* kEarlyHold = "2027-02-10T17:00:00Z";
constexpr const char* kBefore = "2027-02-05T00:00:00Z";
constexpr const char* kBetween = "2027-02-17T00:00:00Z";
constexpr const char* kAfter = "2027-03-01T00:00:00Z";

constexpr MoneyCase kMoney[] = {
    {DunningStage::Active, "", kBefore, "active", kEnd, kEnd},
    {DunningStage::Due, "", kBefore, "active", kEnd, kEnd},
    {DunningStage::Grace, "", kBefore, "active", kEnd, kEnd},
    {DunningStage::Isolated, "", kBefore, "overdue", "", ""},
    {DunningStage::Suspended, "", kBefore, "dunning_suspended", "", ""},
    {DunningStage::Terminated, "", kBefore, "dunning_terminated", "", ""},
    // A hold outlasts the end of what is paid, and nothing else.
    {DunningStage::Grace, kHold, kBefore, "active", kHold, kHold},
    {DunningStage::Grace, kHold, kBetween, "active", kHold, kHold},
    {DunningStage::Grace, kHold, kHold, "ended", "", ""},
    {DunningStage::Grace, kEarlyHold, kBefore, "active", kEnd, kEnd},
    {DunningStage::Grace, kEarlyHold, kAfter, "ended", "", ""},
    // Who is cut off comes back for as long as the hold lasts, and no longer.
    {DunningStage::Isolated, kHold, kBefore, "active", kHold, kHold},
    {DunningStage::Isolated, kHold, kBetween, "active", kHold, kHold},
    {DunningStage::Isolated, kEarlyHold, kBefore, "active", kEarlyHold, kEarlyHold},
    {DunningStage::Isolated, kEarlyHold, kEarlyHold, "overdue", "", ""},
    {DunningStage::Suspended, kHold, kBetween, "active", kHold, kHold},
    {DunningStage::Suspended, kHold, kAfter, "dunning_suspended", "", ""},
    {DunningStage::Terminated, kHold, kBefore, "dunning_terminated", "", kHold},
};

constexpr std::int64_t kGiga = 1'000'000'000;

billing::QuotaPolicy fairUse() {
    billing::QuotaPolicy policy;
    policy.tiers = {{100 * kGiga, "4M/4M"}, {200 * kGiga, "1M/1M"}, {300 * kGiga, std::nullopt}};
    return policy;
}

struct QuotaCase {
    std::int64_t used;
    std::int64_t bonus;
    const char* now;
    std::string_view reason;
    std::string_view rate;
    std::int64_t totalLimit;  ///< -1: none
    const char* changesAt;
};

constexpr const char* kPeriodEnd = "2027-02-12T17:00:00Z";
constexpr const char* kNextPeriod = "2027-02-13T00:00:00Z";

constexpr QuotaCase kQuotas[] = {
    {0, 0, kBefore, "active", "10M/10M", 300 * kGiga, kEnd},
    {100 * kGiga - 1, 0, kBefore, "active", "10M/10M", 200 * kGiga + 1, kEnd},
    {100 * kGiga, 0, kBefore, "active", "4M/4M", 200 * kGiga, kPeriodEnd},
    {200 * kGiga, 0, kBefore, "active", "1M/1M", 100 * kGiga, kPeriodEnd},
    {300 * kGiga - 1, 0, kBefore, "active", "1M/1M", 1, kPeriodEnd},
    {300 * kGiga, 0, kBefore, "quota_used_up", "128k/128k", -1, kPeriodEnd},
    {300 * kGiga, 50 * kGiga, kBefore, "active", "1M/1M", 50 * kGiga, kPeriodEnd},
    {100 * kGiga, 1, kBefore, "active", "10M/10M", 200 * kGiga + 1, kEnd},
    // The next period has used nothing, whatever is still stored of the last one.
    {300 * kGiga, 50 * kGiga, kPeriodEnd, "active", "10M/10M", 300 * kGiga, kEnd},
    {300 * kGiga, 0, kNextPeriod, "active", "10M/10M", 300 * kGiga, kEnd},
};

std::string shown(const std::optional<Instant>& instant) {
    return instant ? core::formatInstant(*instant) : "";
}

}  // namespace

class EntitlementMoneyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EntitlementMoneyTest);
    CPPUNIT_TEST(moneyDecidesByTheTable);
    CPPUNIT_TEST(aHoldWithoutAnEndKeepsAccess);
    CPPUNIT_TEST(quotaDecidesByTheTable);
    CPPUNIT_TEST(theAllowanceDoesNotFollowTheUsage);
    CPPUNIT_TEST(beforeTheStartTheStartIsTheNextChange);
    CPPUNIT_TEST(factsTakeTheExactEnd);
    CPPUNIT_TEST_SUITE_END();

public:
    void moneyDecidesByTheTable() {
        for (const auto& [stage, heldUntil, now, reason, until, changesAt] : kMoney) {
            for (const OnExpiry onExpiry : {OnExpiry::Isolate, OnExpiry::Reject}) {
                SubscriberFacts facts = factsOf(onExpiry);
                facts.stage = stage;
                facts.heldUntil = core::parseInstant(heldUntil);
                const Entitlement result = billing::entitlement(facts, at(now));
                const std::string words = std::string(billing::name(stage)) + " held until " + heldUntil +
                                          ", " + now + ", on expiry " + std::string(name(onExpiry));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(reason),
                                             std::string(billing::name(result.reason)));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(accessOf(reason, onExpiry)),
                                             std::string(billing::name(result.access)));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(until), shown(result.until));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(changesAt), shown(result.changesAt));
                CPPUNIT_ASSERT_EQUAL(std::string(reason),
                                     std::string(billing::explainEntitlement(facts, at(now)).back().rule));
            }
        }
    }

    // Postpaid access has no end of its own.
    void aHoldWithoutAnEndKeepsAccess() {
        SubscriberFacts facts = factsOf(OnExpiry::Isolate);
        facts.accessUntil.reset();
        facts.heldUntil = at(kHold);
        const Entitlement running = billing::entitlement(facts, at(kBefore));
        CPPUNIT_ASSERT(running.access == Access::Full && !running.until && !running.changesAt);
        facts.stage = DunningStage::Isolated;
        const Entitlement held = billing::entitlement(facts, at(kBefore));
        CPPUNIT_ASSERT(held.access == Access::Full && held.until == at(kHold));
    }

    void quotaDecidesByTheTable() {
        PackagePolicy policy = policyOf(OnExpiry::Isolate);
        policy.quota = fairUse();
        for (const auto& [used, bonus, now, reason, rate, totalLimit, changesAt] : kQuotas) {
            SubscriberFacts facts = factsOf(policy);
            facts.quota = {at(kPeriodEnd), used, bonus};
            const Entitlement result = billing::entitlement(facts, at(now));
            const std::string words =
                std::to_string(used) + " used, " + std::to_string(bonus) + " bought, " + now;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(reason),
                                         std::string(billing::name(result.reason)));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(rate), result.rateLimit);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, totalLimit, result.totalLimit.value_or(-1));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(changesAt), shown(result.changesAt));
        }
    }

    // What a session was told must not be another thing with each packet.
    void theAllowanceDoesNotFollowTheUsage() {
        PackagePolicy policy = policyOf(OnExpiry::Isolate);
        policy.quota = fairUse();
        SubscriberFacts facts = factsOf(policy);
        CPPUNIT_ASSERT(billing::entitlement(facts, at(kBefore)).totalAllowance == 300 * kGiga);
        facts.quota = {at(kPeriodEnd), 7 * kGiga, 0};
        CPPUNIT_ASSERT(billing::entitlement(facts, at(kBefore)).totalAllowance == 300 * kGiga);
        facts.quota->bonus = kGiga;
        CPPUNIT_ASSERT(billing::entitlement(facts, at(kBefore)).totalAllowance == 301 * kGiga);
    }

    void beforeTheStartTheStartIsTheNextChange() {
        const SubscriberFacts facts = factsOf(OnExpiry::Isolate);
        const Entitlement result = billing::entitlement(facts, facts.accessFrom - Milliseconds(1));
        CPPUNIT_ASSERT(result.changesAt == facts.accessFrom);
    }

    void factsTakeTheExactEnd() {
        const core::Zone jakarta("Asia/Jakarta");
        const auto policy = std::make_shared<const PackagePolicy>(policyOf(OnExpiry::Isolate));
        billing::SubscriberRecord record;
        billing::Subscription& subscription = record.subscription;
        subscription.startDate = core::parseDate("2027-02-01").value();
        subscription.endDate = core::parseDate("2027-02-15").value();
        const auto facts = [&] { return billing::subscriberFacts(record, policy, jakarta); };
        CPPUNIT_ASSERT(facts().accessUntil == at(kEnd) && !facts().heldUntil);
        subscription.accessUntil = at(kBetween);
        subscription.heldUntil = at(kHold);
        subscription.stage = DunningStage::Isolated;
        CPPUNIT_ASSERT(facts().accessUntil == at(kBetween) && facts().heldUntil == at(kHold));
        CPPUNIT_ASSERT(facts().stage == DunningStage::Isolated);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EntitlementMoneyTest);

}  // namespace gardu::test
