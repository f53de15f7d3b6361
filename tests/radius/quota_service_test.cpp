#include "radius/quota_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include "billing/account_store.h"
#include "core/change_store.h"
#include "radius/usage_store.h"
#include "tests/radius/directory_world.h"

namespace gardu::radius {
namespace {

using billing::QuotaOnChange;
using billing::QuotaPeriod;
using gardu::test::kDatabaseMadeAt;

constexpr std::int64_t kMega = 1'000'000;
const core::Zone& jakarta() {
    static const core::Zone zone("Asia/Jakarta");
    return zone;
}

core::Instant instant(const char* text) {
    return core::parseInstant(text).value();
}

billing::QuotaPolicy cap(std::int64_t octets) {
    billing::QuotaPolicy policy;
    policy.period = QuotaPeriod::Month;
    policy.tiers = {{octets, std::nullopt}};
    return policy;
}

/// 100 M at full speed, then 2 M, no access from 200 M on.
billing::QuotaPolicy fairUse() {
    billing::QuotaPolicy policy = cap(200 * kMega);
    policy.tiers.insert(policy.tiers.begin(), {100 * kMega, "2M/2M"});
    return policy;
}

}  // namespace

class QuotaServiceTest : public test::DirectoryDatabaseTest {
    CPPUNIT_TEST_SUITE(QuotaServiceTest);
    CPPUNIT_TEST(usageReachesTheDirectory);
    CPPUNIT_TEST(whatChangesNothingIsNotAnnounced);
    CPPUNIT_TEST(packagesWithoutAQuotaAreLeftAlone);
    CPPUNIT_TEST(allAreFoundWithoutAWord);
    CPPUNIT_TEST(aNewPeriodBeginsAtNothing);
    CPPUNIT_TEST(daysThatWereRolledUpCount);
    CPPUNIT_TEST(freeHoursDoNotCount);
    CPPUNIT_TEST(aTopUpIsOfItsPeriod);
    CPPUNIT_TEST(whatIsLeftOfACarriedTopUpGoesOn);
    CPPUNIT_TEST(aTopUpWithoutAQuotaIsRefused);
    CPPUNIT_TEST(anotherPackageKeepsTheUsage);
    CPPUNIT_TEST(anotherPackageBeginsAnewWhereItSaysSo);
    CPPUNIT_TEST(firstQuotaBeginsWithTheChange);
    CPPUNIT_TEST(usageBeforeTheFirstEvaluationCounts);
    CPPUNIT_TEST(theDatabaseBeingDownLosesNobody);
    CPPUNIT_TEST(aSpoiltRowKeepsNobodyOut);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DirectoryDatabaseTest::setUp();
        metrics_ = std::make_unique<core::Metrics>();
        service_ = std::make_unique<QuotaService>(db(), jakarta(), *metrics_);
        node().load();
        addPackage("fair", fairUse());
        op().addSubscriber("ana", "fair");
        settle();
    }

    void usageReachesTheDirectory() {
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 200000000"), entitled());
        use("2026-11-22T11:00:00Z", {30 * kMega, 40 * kMega});
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 130000000"), entitled());
        use("2026-11-22T12:00:00Z", {10 * kMega, 20 * kMega});
        CPPUNIT_ASSERT_EQUAL(std::string("active 2M/2M 100000000"), entitled());
        use("2026-11-22T12:00:00Z", {100 * kMega, 0});
        CPPUNIT_ASSERT_EQUAL(std::string("quota_used_up 64k/64k none"), entitled());
    }

    // Or it would go on for ever: what is announced is evaluated.
    void whatChangesNothingIsNotAnnounced() {
        use("2026-11-22T11:00:00Z", {kMega, 0});
        const auto before = lastChange();
        for (int i = 0; i < 3; ++i) {
            service_->noteUsed({idOf("ana")});
            service_->noteChanged({"ana"}, true);
            settle();
        }
        CPPUNIT_ASSERT_EQUAL(before, lastChange());
    }

    void packagesWithoutAQuotaAreLeftAlone() {
        op().addSubscriber("bob", "home");
        node().follow();
        use("2026-11-22T11:00:00Z", {900 * kMega, 0}, "bob");
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M none"), entitled("bob"));
        CPPUNIT_ASSERT(!stateOf("bob"));
    }

    // A restart, or a package that has a quota from now on.
    void allAreFoundWithoutAWord() {
        store("2026-11-22T11:00:00Z", {150 * kMega, 0}, "ana");
        service_ = std::make_unique<QuotaService>(db(), jakarta(), *metrics_);
        settle();
        CPPUNIT_ASSERT_EQUAL(std::string("active 2M/2M 50000000"), entitled());
        op().addSubscriber("bob", "home");
        store("2026-11-22T11:00:00Z", {900 * kMega, 0}, "bob");
        changeQuota("home", cap(kMega));
        service_->noteChanged({}, true);
        settle();
        CPPUNIT_ASSERT_EQUAL(std::string("quota_used_up 64k/64k none"), entitled("bob"));
    }

    void aNewPeriodBeginsAtNothing() {
        use("2026-11-22T11:00:00Z", {150 * kMega, 0});
        // December begins at 17:00 UTC. Nobody has evaluated it yet.
        now_ = instant("2026-11-30T16:59:59Z");
        CPPUNIT_ASSERT_EQUAL(std::string("active 2M/2M 50000000"), entitled());
        now_ = instant("2026-11-30T17:00:00Z");
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 200000000"), entitled());
        use("2026-11-30T17:00:00Z", {5 * kMega, 0});
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 195000000"), entitled());
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-01"), stateOf("ana")->periodKey);
    }

    void daysThatWereRolledUpCount() {
        store("2026-11-10T11:00:00Z", {90 * kMega, 0}, "ana");
        db().transact([](core::Tx& tx) {
            CPPUNIT_ASSERT(!rollUpHours(tx, jakarta(), instant("2026-11-20T00:00:00Z"), 100));
        });
        use("2026-11-22T11:00:00Z", {20 * kMega, 0});
        CPPUNIT_ASSERT_EQUAL(std::string("active 2M/2M 90000000"), entitled());
    }

    void freeHoursDoNotCount() {
        billing::QuotaPolicy policy = fairUse();
        policy.freeFromHour = 22;
        policy.freeUntilHour = 6;
        changeQuota("fair", policy);
        store("2026-11-21T15:00:00Z", {500 * kMega, 0}, "ana");  // 22:00
        store("2026-11-21T22:00:00Z", {500 * kMega, 0}, "ana");  // 05:00
        store("2026-11-21T23:00:00Z", {60 * kMega, 0}, "ana");   // 06:00
        use("2026-11-22T11:00:00Z", {70 * kMega, 0});
        CPPUNIT_ASSERT_EQUAL(std::string("active 2M/2M none"), entitled());
        CPPUNIT_ASSERT_EQUAL(130 * kMega, stateOf("ana")->use.used);
    }

    void aTopUpIsOfItsPeriod() {
        use("2026-11-22T11:00:00Z", {250 * kMega, 0});
        CPPUNIT_ASSERT_EQUAL(std::string("quota_used_up 64k/64k none"), entitled());
        topUp(100 * kMega, false);
        CPPUNIT_ASSERT_EQUAL(std::string("active 2M/2M 50000000"), entitled());
        topUp(200 * kMega, false);
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 250000000"), entitled());
        now_ = instant("2026-12-01T12:00:00Z");
        use("2026-12-01T11:00:00Z", {kMega, 0});
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 199000000"), entitled());
    }

    // What the package includes is used first, then what ends with the period, then what goes on.
    void whatIsLeftOfACarriedTopUpGoesOn() {
        topUp(10 * kMega, false);
        topUp(50 * kMega, true);
        use("2026-11-22T11:00:00Z", {130 * kMega, 0});
        now_ = instant("2027-02-03T12:00:00Z");
        use("2027-02-03T11:00:00Z", {120 * kMega, 0});
        // 100 + 10 were included, 20 of 50 are gone.
        CPPUNIT_ASSERT_EQUAL(30 * kMega, stateOf("ana")->carried);
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 110000000"), entitled());
        now_ = instant("2027-03-03T12:00:00Z");
        use("2027-03-03T11:00:00Z", {kMega, 0});
        CPPUNIT_ASSERT_EQUAL(10 * kMega, stateOf("ana")->use.bonus);
        now_ = instant("2027-05-03T12:00:00Z");
        // A month that nobody evaluated, in which more than all of it was used.
        store("2027-04-03T11:00:00Z", {150 * kMega, 0}, "ana");
        use("2027-05-03T11:00:00Z", {kMega, 0});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, stateOf("ana")->use.bonus);
    }

    void aTopUpWithoutAQuotaIsRefused() {
        op().addSubscriber("bob", "home");
        CPPUNIT_ASSERT_THROW(topUp(kMega, false, "bob"), core::Refused);
    }

    void anotherPackageKeepsTheUsage() {
        use("2026-11-22T11:00:00Z", {150 * kMega, 0});
        addPackage("big", cap(500 * kMega));
        op().setPackage("ana", "big");
        changed("ana");
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 350000000"), entitled());
    }

    void anotherPackageBeginsAnewWhereItSaysSo() {
        use("2026-11-22T11:00:00Z", {150 * kMega, 0});
        billing::QuotaPolicy policy = cap(500 * kMega);
        policy.onPackageChange = QuotaOnChange::Reset;
        addPackage("anew", policy);
        op().setPackage("ana", "anew");
        changed("ana");
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 500000000"), entitled());
        use("2026-11-22T11:30:00Z", {kMega, 0});
        changed("ana");
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 499000000"), entitled());
    }

    void firstQuotaBeginsWithTheChange() {
        billing::QuotaPolicy policy = cap(500 * kMega);
        policy.onPackageChange = QuotaOnChange::Reset;
        addPackage("anew", policy);
        op().addSubscriber("bob", "home");
        node().follow();
        use("2026-11-22T11:00:00Z", {900 * kMega, 0}, "bob");
        op().setPackage("bob", "anew");
        changed("bob");
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 500000000"), entitled("bob"));
    }

    // A subscription that was added while no server ran has not changed its package.
    void usageBeforeTheFirstEvaluationCounts() {
        billing::QuotaPolicy policy = cap(500 * kMega);
        policy.onPackageChange = QuotaOnChange::Reset;
        addPackage("anew", policy);
        op().addSubscriber("bob", "anew");
        use("2026-11-22T11:00:00Z", {100 * kMega, 0}, "bob");
        CPPUNIT_ASSERT_EQUAL(std::string("active 10M/10M 400000000"), entitled("bob"));
    }

    void theDatabaseBeingDownLosesNobody() {
        core::Db broken(backend() == gardu::test::Backend::Sqlite ? "sqlite:/nowhere/at/all.db"
                                                                  : "mysql://x:y@127.0.0.1:1/none");
        QuotaService down(broken, jakarta(), *metrics_);
        down.noteUsed({idOf("ana")});
        CPPUNIT_ASSERT_THROW(turn(down), core::DbError);
        CPPUNIT_ASSERT_THROW(turn(down), core::DbError);
    }

    void aSpoiltRowKeepsNobodyOut() {
        op().addSubscriber("bob", "fair");
        op().sql("UPDATE subscriptions SET start_date = 'never' WHERE username_key = 'bob'");
        use("2026-11-22T11:00:00Z", {150 * kMega, 0});
        service_->noteUsed({idOf("ana"), idOf("bob")});
        settle();
        CPPUNIT_ASSERT_EQUAL(std::string("active 2M/2M 50000000"), entitled());
        // A quota without a tier is none.
        addPackage("odd", cap(kMega));
        op().addSubscriber("cia", "odd");
        op().sql("DELETE FROM package_quota_tiers WHERE from_octets = 1000000");
        use("2026-11-22T11:00:00Z", {150 * kMega, 0}, "cia");
        CPPUNIT_ASSERT(!stateOf("cia"));
    }

private:
    void addPackage(const std::string& name, const billing::QuotaPolicy& policy) {
        op().addPackage(name);
        changeQuota(name, policy);
    }

    void changeQuota(const std::string& name, const billing::QuotaPolicy& policy) {
        static_cast<void>(billing::updatePackage(
            db(), name, [&](billing::Package& package) { package.quota = policy; },
            test::actAt(kDatabaseMadeAt)));
        static_cast<void>(node().follow());
    }

    std::string idOf(const std::string& user) {
        return db().read([&](core::Tx& tx) { return billing::findSubscriber(tx, user)->subscription.id; });
    }

    void store(const char* hour, const Octets& octets, const std::string& user) {
        const std::string id = idOf(user);
        db().transact([&](core::Tx& tx) {
            addUsage(tx, {{id, 7, jakarta().startOfHour(instant(hour)), octets}});
        });
    }

    void use(const char* hour, const Octets& octets, const std::string& user = "ana") {
        store(hour, octets, user);
        service_->noteUsed({idOf(user)});
        settle();
    }

    void changed(const std::string& user) {
        service_->noteChanged({user}, false);
        settle();
    }

    void topUp(std::int64_t octets, bool carry, const std::string& user = "ana") {
        const std::string id = idOf(user);
        db().transact([&](core::Tx& tx) {
            static_cast<void>(topUpQuota(tx, jakarta(), {id, octets, carry, "note"}, now_));
        });
        static_cast<void>(node().follow());
    }

    bool turn(QuotaService& service) { return service.turn(now_, {}); }

    /// Until nothing waits, and the directory knows.
    void settle() {
        while (turn(*service_)) {
        }
        static_cast<void>(node().follow());
    }

    /// "reason rate limit"
    std::string entitled(const std::string& user = "ana") {
        const auto hit = node().directory().find(user);
        CPPUNIT_ASSERT(hit.has_value());
        const auto result = billing::entitlement(hit->facts, now_);
        return std::string(name(result.reason)) + " " + result.rateLimit + " " +
               (result.totalLimit ? std::to_string(*result.totalLimit) : "none");
    }

    std::optional<billing::QuotaState> stateOf(const std::string& user) {
        const std::string id = idOf(user);
        const auto states = db().read([&](core::Tx& tx) { return billing::findQuotaStates(tx, {id}); });
        return states.empty() ? std::nullopt : std::optional(states.begin()->second);
    }

    std::int64_t lastChange() {
        return db().read(
            [](core::Tx& tx) { return tx.queryOne("SELECT COUNT(*) FROM changes")->integer(0); });
    }

    core::Instant now_ = kDatabaseMadeAt;
    std::unique_ptr<core::Metrics> metrics_;
    std::unique_ptr<QuotaService> service_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<QuotaServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<QuotaServiceTest>);

}  // namespace gardu::radius
