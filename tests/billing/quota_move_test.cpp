// The quota of a billing period whose end is moved: it stays one period.

#include "billing/subscriber_change_service.h"
#include "radius/quota_service.h"
#include "radius/usage_store.h"
#include "tests/billing/billing_world.h"

namespace gardu::test {

namespace {

constexpr std::int64_t kGiga = 1'000'000'000;

}  // namespace

class QuotaMoveTest : public BillingTest {
    CPPUNIT_TEST_SUITE(QuotaMoveTest);
    CPPUNIT_TEST(aPauseKeepsWhatWasUsedAndBought);
    CPPUNIT_TEST(aLongPauseToo);
    CPPUNIT_TEST(oneAfterTheOther);
    CPPUNIT_TEST(aLaterEndKeepsThem);
    CPPUNIT_TEST(anEndOneMonthLaterIsAnotherPeriod);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        BillingTest::setUp();
        billing::updatePackage(
            db(), "Home 10",
            [](billing::Package& package) {
                billing::QuotaPolicy policy;
                policy.period = billing::QuotaPeriod::BillingPeriod;
                policy.tiers = {{10 * kGiga, std::nullopt}};
                package.quota = policy;
            },
            actAt());
        subscribe("bob");
        pay(cash(150'000, "bob"));
        id_ = billing::getSubscriber(db(), "bob").subscription.id;
        use("2026-11-25", 12 * kGiga);
        db().transact([&](core::Tx& tx) {
            return radius::topUpQuota(tx, settings().zone, {id_, 20 * kGiga, false, "bought"},
                                      on("2026-11-25").now);
        });
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22 until 2026-12-22: 12 used, 20 bought"),
                             standing("2026-11-26"));
    }

    void aPauseKeepsWhatWasUsedAndBought() {
        pause("2026-12-01", "2026-12-02");
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-22"), endOf("bob"));
        const std::string same = "2026-11-22 until 2026-12-23: 12 used, 20 bought";
        CPPUNIT_ASSERT_EQUAL(same, standing("2026-12-02"));
        CPPUNIT_ASSERT_EQUAL(same, standing("2026-12-22"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-23 until 2027-01-23: 0 used, 0 bought"),
                             standing("2026-12-23"));
    }

    // Longer than what was left, and looked at within.
    void aLongPauseToo() {
        pause("2026-12-01", "2027-01-10", "2027-01-05");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-30"), endOf("bob"));
        use("2027-01-12", 3 * kGiga);
        const std::string same = "2026-11-22 until 2027-01-31: 15 used, 20 bought";
        CPPUNIT_ASSERT_EQUAL(same, standing("2027-01-12"));
        CPPUNIT_ASSERT_EQUAL(same, standing("2027-01-30"));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-31 until 2027-02-28: 0 used, 0 bought"),
                             standing("2027-01-31"));
    }

    void oneAfterTheOther() {
        pause("2026-12-01", "2026-12-02");
        pause("2026-12-05", "2026-12-08");
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22 until 2026-12-26: 12 used, 20 bought"),
                             standing("2026-12-25"));
        pause("2026-12-10", "2026-12-10");
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22 until 2026-12-26: 12 used, 20 bought"),
                             standing("2026-12-25"));
    }

    void aLaterEndKeepsThem() {
        billing::updatePackage(
            db(), "Home 10",
            [](billing::Package& package) {
                package.validity = {30, billing::ValidityUnit::Day};
            },
            actAt());
        moveEnd("2026-12-24");
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22 until 2026-12-25: 12 used, 20 bought"),
                             standing("2026-12-24"));
    }

    // Months begin on their anchor day, wherever the end is.
    void anEndOneMonthLaterIsAnotherPeriod() {
        moveEnd("2027-01-21");
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22 until 2026-12-22: 12 used, 20 bought"),
                             standing("2026-12-21"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-22 until 2027-01-22: 0 used, 0 bought"),
                             standing("2026-12-22"));
    }

private:
    std::string id_;

    void use(const char* date, std::int64_t octets) {
        db().transact([&](core::Tx& tx) { radius::addUsage(tx, {{id_, 7, on(date).now, {octets, 0}}}); });
    }
    /// "2026-11-22 until 2026-12-22: 12 used, 20 bought", as it is evaluated then.
    std::string standing(const char* date) {
        const auto all = db().transact(
            [&](core::Tx& tx) { return radius::updateQuotas(tx, settings().zone, {{id_}}, on(date).now); });
        const billing::QuotaState& state = all.at(0).state;
        return state.periodKey + " until " +
               core::formatDate(settings().zone.localDate(state.use.periodEnd)) + ": " +
               std::to_string(state.use.used / kGiga) + " used, " + std::to_string(state.use.bonus / kGiga) +
               " bought";
    }
    void change(const char* date, const std::function<void(billing::AccountBook&)>& verb) {
        billing::onAccount(db(), settings(), on(date),
                           {customerOf("bob"), "subscription pause", "subscription", id_,
                            [&](core::Tx&, billing::AccountBook& book) { verb(book); }});
    }
    void pause(const char* from, const char* until, const char* lookAt = nullptr) {
        change(from, [&](billing::AccountBook& book) { book.pause(id_, std::nullopt); });
        (void)standing(lookAt != nullptr ? lookAt : from);
        change(until, [&](billing::AccountBook& book) { book.resume(id_); });
    }
    void moveEnd(const char* date) {
        billing::SubscriberChange change;
        change.username = "bob";
        change.endDate = std::optional(day(date));
        billing::changeSubscriber(db(), {vault(), settings()}, change, on("2026-11-27"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<QuotaMoveTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<QuotaMoveTest>);

}  // namespace gardu::test
