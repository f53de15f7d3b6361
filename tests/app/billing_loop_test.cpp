#include "app/billing_loop.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "billing/account_store.h"
#include "billing/subscription_store.h"
#include "core/clock.h"
#include "radius/enforcement_store.h"
#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"
#include "tests/support/log_capture.h"
#include "tests/support/subscribers.h"

namespace gardu::test {

namespace {

using app::BillingLoop;
using core::Tx;

constexpr std::chrono::seconds kSoon{10};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class SideBySideTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SideBySideTest);
    CPPUNIT_TEST(allPiecesRunAtTheSameTime);
    CPPUNIT_TEST(aFailureWaitsForTheOthers);
    CPPUNIT_TEST(holdersAreTheirOwn);
    CPPUNIT_TEST_SUITE_END();

    void allPiecesRunAtTheSameTime() {
        std::atomic<int> here{0};
        const auto meet = [&] {
            ++here;
            const auto deadline = std::chrono::steady_clock::now() + kSoon;
            while (here.load() < 4 && std::chrono::steady_clock::now() < deadline) {
                std::this_thread::yield();
            }
            CPPUNIT_ASSERT_EQUAL(4, here.load());
        };
        app::runSideBySide(std::vector<std::function<void()>>(4, meet));
        app::runSideBySide({});
    }

    void aFailureWaitsForTheOthers() {
        std::atomic<bool> isDone{false};
        const auto slow = [&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            isDone.store(true);
        };
        const auto fail = [] { throw std::runtime_error("the lease is another's"); };
        CPPUNIT_ASSERT_THROW(app::runSideBySide({fail, slow}), std::runtime_error);
        CPPUNIT_ASSERT(isDone.load());
    }

    void holdersAreTheirOwn() {
        const std::string one = app::billingHolder();
        CPPUNIT_ASSERT(one != app::billingHolder());
        CPPUNIT_ASSERT_MESSAGE(one, one.size() <= 100);
    }
};

class BillingLoopTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(BillingLoopTest);
    CPPUNIT_TEST(whoHasNotPaidIsIsolated);
    CPPUNIT_TEST(whileTheClockIsInDoubtNobodyIs);
    CPPUNIT_TEST(noRunWhereNoneIsWanted);
    CPPUNIT_TEST(whatFailsIsNamed);
    CPPUNIT_TEST(theServerBills);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        const core::Instant now = core::wallNow();
        const core::Vault vault = testVault();
        static_cast<void>(billing::addPackage(db(), packageOf("Home 10"), {"test", now}));
        billing::SubscriberInput input = subscriberOf("sri");
        const core::Date today = core::Zone("Asia/Jakarta").localDate(now);
        input.startDate = core::addDays(today, -45);
        input.endDate = core::addDays(today, -15);
        static_cast<void>(billing::addSubscriber(db(), vault, input, {"test", now}));
    }

private:
    core::AlarmBoard alarms_;
    core::Metrics metrics_;
    std::atomic<bool> paused_{false};

    BillingLoop::Parts parts() {
        return {db(), alarms_, metrics_, [this] { return paused_.load(); }};
    }
    static BillingLoop::Settings settings(std::chrono::seconds pause = std::chrono::seconds(1)) {
        return {{core::Zone("Asia/Jakarta"), 3}, pause, 2};
    }
    std::string stage() {
        return db().read([](Tx& tx) {
            return tx.queryOne("SELECT dunning_stage FROM subscriptions WHERE username_key = 'sri'")->text(0);
        });
    }
    double runs() { return metrics_.counter("gardu_billing_runs_total", "").value(); }

    void whoHasNotPaidIsIsolated() {
        const LogCapture log;
        BillingLoop loop(parts(), settings());
        loop.start();
        waitUntil(
            "isolated", [&] { return stage() == "isolated"; }, kSoon);
        waitUntil(
            "told", [&] { return contains(log.text(), "event=billing_run "); }, kSoon);
        waitUntil(
            "a second run", [&] { return runs() >= 2; }, kSoon);
        loop.stop();
        CPPUNIT_ASSERT_MESSAGE(log.text(),
                               contains(log.text(), " seen=1 ") && contains(log.text(), " failed=0 "));
        // A run that had nothing to look at is no line.
        const std::string text = log.text();
        const std::size_t first = text.find("event=billing_run ");
        CPPUNIT_ASSERT_MESSAGE(text, text.find("event=billing_run ", first + 1) == std::string::npos);
        CPPUNIT_ASSERT(contains(metrics_.text(), "gardu_billing_accounts_total{what=\"seen\"} 1"));
        CPPUNIT_ASSERT(alarms_.take().empty());
    }

    void whileTheClockIsInDoubtNobodyIs() {
        const LogCapture log;
        paused_.store(true);
        BillingLoop loop(parts(), settings());
        loop.start();
        waitUntil(
            "said so", [&] { return contains(log.text(), "event=billing_paused"); }, kSoon);
        std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
        CPPUNIT_ASSERT_EQUAL(std::string("active"), stage());
        CPPUNIT_ASSERT(runs() == 0);
        paused_.store(false);
        waitUntil(
            "isolated", [&] { return stage() == "isolated"; }, kSoon);
        loop.stop();
        const std::string text = log.text();
        CPPUNIT_ASSERT(contains(text, "event=billing_resumed"));
        CPPUNIT_ASSERT(text.find("event=billing_paused") == text.rfind("event=billing_paused"));
    }

    void noRunWhereNoneIsWanted() {
        BillingLoop loop(parts(), settings(std::chrono::seconds(0)));
        loop.start();
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        loop.stop();
        CPPUNIT_ASSERT(runs() == 0);
        CPPUNIT_ASSERT_EQUAL(std::string("active"), stage());
    }

    void whatFailsIsNamed() {
        // A row that no program of ours wrote.
        db().transact([](Tx& tx) {
            tx.execute("UPDATE subscriptions SET end_date = '2026-02-30' WHERE username_key = 'sri'");
        });
        BillingLoop loop(parts(), settings());
        loop.start();
        std::vector<core::Alarm> raised;
        waitUntil(
            "an alarm",
            [&] {
                raised = alarms_.take();
                return !raised.empty();
            },
            kSoon);
        loop.stop();
        CPPUNIT_ASSERT_MESSAGE(raised[0].kind,
                               raised[0].kind == "billing_failed" || raised[0].kind == "billing_parked");
        CPPUNIT_ASSERT_MESSAGE(raised[0].message, contains(raised[0].message + raised[0].subject, "sri"));
    }

    void theServerBills() {
        const Gardu gardu(folder().file("data"), databaseUrl());
        db().transact([](Tx& tx) { radius::pauseCutting(tx, core::wallNow()); });
        Daemon daemon(gardu, "-D billing.run_seconds=1");
        static_cast<void>(daemon.process().waitForLine("event=billing_paused", kSoon));
        CPPUNIT_ASSERT_EQUAL(std::string("active"), stage());
        gardu.must("enforce resume");
        waitUntil(
            "isolated", [&] { return stage() == "isolated"; }, kSoon);
        waitUntil(
            "counted", [&] { return daemon.metric("gardu_billing_runs_total") >= 2; }, kSoon);
        CPPUNIT_ASSERT_EQUAL(200, httpGet(daemon.webPort(), "/healthz").status);
        const auto begun = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(0, daemon.process().stop());
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
        // The next one need not wait for the lease to run out.
        const Daemon next(gardu, "-D billing.run_seconds=1");
        waitUntil(
            "the next one's", [&] { return next.metric("gardu_billing_runs_total") >= 1; }, kSoon);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SideBySideTest);
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<BillingLoopTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<BillingLoopTest>);

}  // namespace

}  // namespace gardu::test
