#include "billing/billing_run.h"

#include <atomic>
#include <set>

#include "billing/billing_run_store.h"
#include "tests/billing/billing_world.h"
#include "tests/support/log_capture.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::AccountResult;
using billing::RunOptions;
using billing::RunSummary;

/// On it everybody's next month is invoiced: seven days before 2026-12-21.
constexpr const char* kInvoiceDay = "2026-12-15";

std::string textOf(const RunSummary& summary) {
    std::string text = summary.isOthers ? "another's: " : "";
    text.append(std::to_string(summary.seen)).append(" seen, ");
    text.append(std::to_string(summary.invoiced)).append(" invoiced, ");
    text.append(std::to_string(summary.failed)).append(" failed, ");
    return text.append(std::to_string(summary.parked)).append(" parked");
}

/// What only a test does: all pieces at once, each in a thread of its own.
void sideBySide(const std::vector<std::function<void()>>& pieces) {
    inThreads(static_cast<int>(pieces.size()), [&](int index) { pieces[static_cast<std::size_t>(index)](); });
}

}  // namespace

class BillingRunTest : public BillingTest {
    CPPUNIT_TEST_SUITE(BillingRunTest);
    CPPUNIT_TEST(invoicesWhatIsDue);
    CPPUNIT_TEST(againDoesNothing);
    CPPUNIT_TEST(allAreLookedAt);
    CPPUNIT_TEST(severalSubscriptionsAreOneAccount);
    CPPUNIT_TEST(nothingSeenLeavesNoRow);
    CPPUNIT_TEST(dryRunTellsTheSameAndStoresNothing);
    CPPUNIT_TEST(tooMuchIsParkedAndNamed);
    CPPUNIT_TEST(whatTheDatabaseRefusesIsNamedAndTheOthersGoOn);
    CPPUNIT_TEST(aRowThatNobodyCanReadIsNamed);
    CPPUNIT_TEST(endsWhereToldTo);
    CPPUNIT_TEST(exceptionsLeaveWholeAccounts);
    CPPUNIT_TEST(anotherNodeHasTheLease);
    CPPUNIT_TEST(leaseIsRenewed);
    CPPUNIT_TEST(takeoverEndsTheRun);
    CPPUNIT_TEST(twoAtOnceWithAStaleLeaseAreOne);
    CPPUNIT_TEST(workersSideBySide);
    CPPUNIT_TEST(packageSoldWhileItRuns);
    CPPUNIT_TEST(packageChangedWhileItRuns);
    CPPUNIT_TEST_SUITE_END();

public:
    void invoicesWhatIsDue() {
        takeOverMany(3);
        CPPUNIT_ASSERT_EQUAL(std::string("3 seen, 0 invoiced, 0 failed, 0 parked"),
                             textOf(run("2026-12-01")));
        CPPUNIT_ASSERT_EQUAL(std::string("0 seen, 0 invoiced, 0 failed, 0 parked"),
                             textOf(run("2026-12-02")));
        const RunSummary summary = run(kInvoiceDay);
        CPPUNIT_ASSERT_EQUAL(std::string("3 seen, 3 invoiced, 0 failed, 0 parked"), textOf(summary));
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 450000; revenue -450000"), balances());
        const auto rows = db().read([](core::Tx& tx) { return billing::listBillingRuns(tx, "", 10); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
        CPPUNIT_ASSERT_EQUAL(summary.id, rows.at(0).id);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, rows.at(0).invoiced);
        CPPUNIT_ASSERT(rows.at(0).asOf == on(kInvoiceDay).now && rows.at(0).finishedAt);
        CPPUNIT_ASSERT_EQUAL(std::string("node-1"), rows.at(0).holder);
        expectRightBooks();
    }

    void againDoesNothing() {
        takeOverMany(3);
        run(kInvoiceDay);
        const std::string before = books();
        run(kInvoiceDay);
        RunOptions all;
        all.all = true;
        CPPUNIT_ASSERT_EQUAL(std::string("3 seen, 0 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, all)));
        CPPUNIT_ASSERT_EQUAL(before, books());
    }

    void allAreLookedAt() {
        takeOverMany(3);
        run("2026-12-01");
        // By hand, behind the run's back.
        db().transact([](core::Tx& tx) { tx.execute("UPDATE subscription_billing SET bill_at = NULL"); });
        CPPUNIT_ASSERT_EQUAL(std::string("0 seen, 0 invoiced, 0 failed, 0 parked"), textOf(run(kInvoiceDay)));
        RunOptions all;
        all.all = true;
        CPPUNIT_ASSERT_EQUAL(std::string("3 seen, 3 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, all)));
    }

    void severalSubscriptionsAreOneAccount() {
        for (const char* name : {"a", "b", "c"}) {
            takeOver(name, "Pak Budi");
        }
        RunOptions options;
        options.dryRun = true;
        CPPUNIT_ASSERT_EQUAL(std::string("1 seen, 3 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
        CPPUNIT_ASSERT_EQUAL(std::string("1 seen, 3 invoiced, 0 failed, 0 parked"), textOf(run(kInvoiceDay)));
    }

    void nothingSeenLeavesNoRow() {
        run(kInvoiceDay);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "billing_runs"));
    }

    void dryRunTellsTheSameAndStoresNothing() {
        takeOverMany(3);
        const std::string before = books() + audited();
        RunOptions options;
        options.dryRun = true;
        std::set<std::string> numbers;
        options.report = [&](const AccountResult& result) {
            for (const billing::Invoice& invoice : result.changes.issued) {
                numbers.insert(invoice.number + std::to_string(invoice.sum.total()));
            }
        };
        CPPUNIT_ASSERT_EQUAL(std::string("3 seen, 3 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
        CPPUNIT_ASSERT(numbers == std::set<std::string>{"150000"});
        CPPUNIT_ASSERT_EQUAL(before, books() + audited());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "billing_runs"));
        // It asks for no lease.
        take("another");
        CPPUNIT_ASSERT_EQUAL(std::string("3 seen, 3 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
    }

    void tooMuchIsParkedAndNamed() {
        const LogCapture log;
        billing::Package daily = packageOf("Post");
        daily.terms.mode = billing::BillingMode::Postpaid;
        billing::addPackage(db(), daily, actAt());
        billing::NewSubscription wanted{vault()};
        wanted.input = subscriberOf("old");
        wanted.input.packageName = "Post";
        wanted.input.endDate.reset();
        billing::addSubscription(db(), settings(), on("2026-11-22"), wanted);
        takeOverMany(1);
        // Ten months at once are more than three.
        const RunSummary summary = run("2027-09-25");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, summary.parked);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, summary.troubles.size());
        CPPUNIT_ASSERT_EQUAL(std::string("old: "), summary.troubles.at(0).substr(0, 5));
        CPPUNIT_ASSERT(log.text().find("event=billing_account_parked customer=old") != std::string::npos);
        const auto parked = db().read([](core::Tx& tx) { return billing::parkedSubscriptions(tx); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, parked.size());
        CPPUNIT_ASSERT_EQUAL(std::string("old"), parked.at(0).username);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, invoicesOf("old"));
        RunOptions all;
        all.all = true;
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, run("2027-09-25", all).parked);
    }

    void whatTheDatabaseRefusesIsNamedAndTheOthersGoOn() {
        const LogCapture log;
        takeOverMany(5);
        refuseInvoiceOf("user3");
        const RunSummary summary = run(kInvoiceDay);
        CPPUNIT_ASSERT_EQUAL(std::string("5 seen, 4 invoiced, 1 failed, 0 parked"), textOf(summary));
        CPPUNIT_ASSERT_EQUAL(std::string("user3: "), summary.troubles.at(0).substr(0, 7));
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 600000; revenue -600000"), balances());
        expectRightBooks();
        CPPUNIT_ASSERT_EQUAL(std::string("1 seen, 0 invoiced, 1 failed, 0 parked"), textOf(run(kInvoiceDay)));
        db().transact([](core::Tx& tx) { tx.execute("DROP TRIGGER refuse_one"); });
        CPPUNIT_ASSERT_EQUAL(std::string("1 seen, 1 invoiced, 0 failed, 0 parked"), textOf(run(kInvoiceDay)));
        expectRightBooks();
    }

    void aRowThatNobodyCanReadIsNamed() {
        const LogCapture log;
        takeOverMany(2);
        const std::string id = billing::getSubscriber(db(), "user1").subscription.id;
        db().transact([&](core::Tx& tx) {
            tx.execute("UPDATE subscriptions SET end_date = '2026-02-30' WHERE id = ?", {id});
        });
        const RunSummary summary = run(kInvoiceDay);
        CPPUNIT_ASSERT_EQUAL(std::string("2 seen, 1 invoiced, 1 failed, 0 parked"), textOf(summary));
        CPPUNIT_ASSERT(summary.troubles.at(0).find("end_date") != std::string::npos);
        CPPUNIT_ASSERT(log.text().find("event=billing_account_failed customer=user1") != std::string::npos);
    }

    void endsWhereToldTo() {
        takeOverMany(5);
        int asked = 0;
        RunOptions options;
        options.stop = [&] { return ++asked > 2; };
        CPPUNIT_ASSERT_EQUAL(std::string("2 seen, 2 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
        CPPUNIT_ASSERT_EQUAL(std::string("3 seen, 3 invoiced, 0 failed, 0 parked"), textOf(run(kInvoiceDay)));
    }

    void exceptionsLeaveWholeAccounts() {
        takeOverMany(8);
        for (std::int64_t i = 0; i < 4; ++i) {
            int reported = 0;
            RunOptions options;
            options.report = [&](const AccountResult&) {
                if (++reported == 2) {
                    throw std::runtime_error("the pipe is closed");
                }
            };
            CPPUNIT_ASSERT(throws<std::runtime_error>([&] { return run(kInvoiceDay, options); }));
            CPPUNIT_ASSERT_EQUAL(2 * (i + 1), countRows(db(), "invoices"));
            expectRightBooks();
        }
        CPPUNIT_ASSERT_EQUAL(std::string("0 seen, 0 invoiced, 0 failed, 0 parked"), textOf(run(kInvoiceDay)));
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 1200000; revenue -1200000"), balances());
    }

    void anotherNodeHasTheLease() {
        takeOverMany(1);
        take("node-2");
        CPPUNIT_ASSERT_EQUAL(std::string("another's: 0 seen, 0 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay)));
        expireLease();
        CPPUNIT_ASSERT_EQUAL(std::string("1 seen, 1 invoiced, 0 failed, 0 parked"), textOf(run(kInvoiceDay)));
        // Released: the next one need not wait.
        CPPUNIT_ASSERT_EQUAL(std::string("0 seen, 0 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, {}, "node-2")));
    }

    void leaseIsRenewed() {
        takeOverMany(5);
        core::Instant wall = kDatabaseMadeAt;
        RunOptions options;
        options.clock = [&] { return wall; };
        options.report = [&](const AccountResult&) {
            wall += std::chrono::seconds(50);
            CPPUNIT_ASSERT(!db().transact([&](core::Tx& tx) {
                return billing::takeLease(tx, {"billing", "node-2", 0, wall}, wall);
            }));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("5 seen, 5 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
    }

    void takeoverEndsTheRun() {
        takeOverMany(5);
        RunOptions options;
        options.report = [&](const AccountResult&) {
            expireLease();
            take("node-2");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("another's: 1 seen, 1 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "invoices"));
        CPPUNIT_ASSERT_EQUAL(std::string("4 seen, 4 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, {}, "node-2")));
        expectRightBooks();
    }

    // Each takes the lease from the other all the time, as with clocks that are hours apart.
    void twoAtOnceWithAStaleLeaseAreOne() {
        takeOverMany(40);
        std::atomic<bool> isDone = false;
        std::atomic<int> invoiced = 0;
        inThreads(3, [&](int index) {
            core::Db own(databaseUrl());
            if (index == 2) {
                while (!isDone) {
                    expireLease();
                }
                return;
            }
            RunSummary summary;
            do {
                RunOptions options;
                options.holder = "node-" + std::to_string(index);
                summary = billing::runBilling(own, settings(), on(kInvoiceDay), options);
                invoiced += static_cast<int>(summary.invoiced);
            } while (summary.isOthers || summary.seen != 0);
            isDone = true;
        });
        run(kInvoiceDay);
        CPPUNIT_ASSERT_EQUAL(40, invoiced.load());
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 6000000; revenue -6000000"), balances());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{40}, countRows(db(), "invoices"));
        expectRightBooks();
    }

    void workersSideBySide() {
        takeOverMany(40);
        RunOptions options;
        options.workers = 4;
        options.parallel = sideBySide;
        std::atomic<int> inside = 0;
        options.report = [&](const AccountResult&) {
            CPPUNIT_ASSERT_EQUAL(1, ++inside);
            --inside;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("40 seen, 40 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
        expectRightBooks();
        // What one of them meets ends the run for all.
        options.report = [](const AccountResult&) { throw std::runtime_error("the pipe is closed"); };
        CPPUNIT_ASSERT(throws<std::runtime_error>([&] { return run("2027-01-30", options); }));
        expectRightBooks();
    }

    void packageSoldWhileItRuns() {
        takeOver("user0");
        RunOptions options;
        options.all = true;
        bool isSold = false;
        options.stop = [&] {
            if (!isSold) {
                isSold = true;
                billing::addPackage(db(), packageOf("Home 20"), actAt());
                billing::SubscriberChange change;
                change.username = "user0";
                change.packageName = "Home 20";
                billing::updateSubscriber(db(), vault(), change, actAt());
            }
            return false;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("1 seen, 1 invoiced, 0 failed, 0 parked"),
                             textOf(run(kInvoiceDay, options)));
    }

    // The run works with packages that may be half a minute old; what it decided so is looked at again.
    void packageChangedWhileItRuns() {
        takeOverMany(2);
        RunOptions options;
        int reported = 0;
        options.report = [&](const AccountResult&) {
            if (++reported == 1) {
                billing::updatePackage(
                    db(), "Home 10", [](billing::Package& package) { package.terms.ladder.graceDays = 9; },
                    actAt());
            }
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, run(kInvoiceDay, options).seen);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, run(kInvoiceDay).seen);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, run(kInvoiceDay).seen);
    }

private:
    RunSummary run(const char* date, RunOptions options = {}, const std::string& holder = "node-1") {
        options.holder = holder;
        return billing::runBilling(db(), settings(), on(date), options);
    }
    /// "user0" and so on, each his own customer.
    void takeOverMany(int count) {
        for (int i = 0; i < count; ++i) {
            takeOver("user" + std::to_string(i));
        }
    }
    /// Another run has it for as long as anybody lives.
    void take(const std::string& holder) {
        CPPUNIT_ASSERT(db().transact([&](core::Tx& tx) {
            return billing::takeLease(
                tx, {"billing", holder, 0, kDatabaseMadeAt + std::chrono::hours(1'000'000)}, kDatabaseMadeAt);
        }));
    }
    void expireLease() {
        db().transact([](core::Tx& tx) { tx.execute("UPDATE leases SET expires_at = 0"); });
    }
    void refuseInvoiceOf(const std::string& username) {
        const std::string customer = customerOf(username);
        const bool isMysql = db().dialect() == core::Dialect::Mysql;
        const std::string refuse = isMysql ? "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not him'"
                                           : "SELECT RAISE(ABORT, 'not him')";
        const std::string head = "CREATE TRIGGER refuse_one BEFORE INSERT ON invoices ";
        const std::string condition = "NEW.customer_id = '" + customer + "'";
        db().transact([&](core::Tx& tx) {
            tx.execute(isMysql ? head + "FOR EACH ROW IF " + condition + " THEN " + refuse + "; END IF"
                               : head + "WHEN " + condition + " BEGIN " + refuse + "; END");
        });
    }
    std::int64_t invoicesOf(const std::string& username) {
        const std::string customer = customerOf(username);
        return db().read([&](core::Tx& tx) {
            return tx.queryOne("SELECT COUNT(*) FROM invoices WHERE customer_id = ?", {customer})->integer(0);
        });
    }
    /// What must not change where nothing happened.
    std::string books() {
        std::string text = balances();
        for (const char* table : {"invoices", "payments", "ledger_postings", "billing_logs", "outbox"}) {
            text.append("; ").append(std::to_string(countRows(db(), table))).append(" ").append(table);
        }
        return text;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<BillingRunTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<BillingRunTest>);

}  // namespace gardu::test
