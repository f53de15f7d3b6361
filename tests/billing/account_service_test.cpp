#include "billing/account_service.h"

#include "billing/invoice_store.h"
#include "tests/billing/billing_world.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::AccountBook;
using billing::AccountResult;
using billing::AccountTask;
using billing::NewSubscription;
using billing::SubscriberChange;

}  // namespace

class AccountServiceTest : public BillingTest {
    CPPUNIT_TEST_SUITE(AccountServiceTest);
    CPPUNIT_TEST(addsASubscriptionWithItsFirstInvoice);
    CPPUNIT_TEST(refusedSubscriptionLeavesNothing);
    CPPUNIT_TEST(severalOfOneCustomer);
    CPPUNIT_TEST(aCustomerHasOneCurrency);
    CPPUNIT_TEST(changesThePackageOfWhoIsBilled);
    CPPUNIT_TEST(packageOfWhoIsBilledIsNotJustReplaced);
    CPPUNIT_TEST(currencyOfASoldPackageStays);
    CPPUNIT_TEST(changedPackagesWakeTheirSubscriptions);
    CPPUNIT_TEST(packageThatSomebodyWaitsForStays);
    CPPUNIT_TEST(workThatThrowsLeavesNothing);
    CPPUNIT_TEST(findsWhatPeopleName);
    CPPUNIT_TEST(passwordsAndChargesAtOnceLoseNothing);
    CPPUNIT_TEST(operatorsActionsAreAudited);
    CPPUNIT_TEST(secretsAreNotAudited);
    CPPUNIT_TEST_SUITE_END();

public:
    void addsASubscriptionWithItsFirstInvoice() {
        const AccountResult result = subscribe("bob");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.changes.issued.size());
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000001"), result.changes.issued.at(0).number);
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000001"), result.account.open.at(0).number);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-21"), endOf("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 150000; revenue -150000"), balances());
        CPPUNIT_ASSERT(takeAnnouncements(db()).find(" bob ") != std::string::npos);
        expectRightBooks();
    }

    void refusedSubscriptionLeavesNothing() {
        subscribe("bob");
        NewSubscription wanted{vault()};
        wanted.input = subscriberOf("eve");
        const auto refused = [&] { return refusedFields([&] { return add(wanted); }); };
        wanted.anchorDay = 32;
        CPPUNIT_ASSERT_EQUAL(std::string("anchor_day "), refused());
        wanted.anchorDay.reset();
        wanted.customerId = "nobody";
        CPPUNIT_ASSERT_EQUAL(std::string("there is no customer \"nobody\""), refused());
        wanted.customerId = customerOf("bob");
        wanted.input.username = "bob";
        wanted.input.packageName = "Home 99";
        CPPUNIT_ASSERT_EQUAL(std::string("package username "), refused());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "subscriptions"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "customers"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "invoices"));
    }

    void severalOfOneCustomer() {
        const std::string customer = subscribe("bob", "Pak Budi").account.customer.id;
        const AccountResult second = subscribe("eve", "Pak Budi");
        CPPUNIT_ASSERT_EQUAL(customer, second.account.customer.id);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, second.account.subscriptions.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, second.account.open.size());
        NewSubscription third{vault()};
        third.input = subscriberOf("ann");
        third.customerId = customer;
        third.input.endDate.reset();
        third.setup = billing::OneOffCharge{250'000, "Installation"};
        const AccountResult added = add(third);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, added.account.subscriptions.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{400'000}, added.changes.issued.at(0).sum.total());
        expectRightBooks();
    }

    void aCustomerHasOneCurrency() {
        takeOver("bob", "Pak Budi");
        billing::SubscriberInput input = subscriberOf("eve");
        input.customerName = "Pak Budi";
        input.packageName = "Dollar";
        CPPUNIT_ASSERT_EQUAL(std::string("package "), refusedFields([&] {
                                 return billing::addSubscriber(db(), vault(), input, actAt());
                             }));
        NewSubscription wanted{vault()};
        wanted.input = input;
        CPPUNIT_ASSERT_EQUAL(std::string("package "), refusedFields([&] { return add(wanted); }));
        takeOver("ann", "Pak Budi");
        CPPUNIT_ASSERT_EQUAL(std::string("package "),
                             refusedFields([&] { return repackage("ann", "Dollar"); }));
        CPPUNIT_ASSERT_EQUAL(
            std::string("package "), refusedFields([&] {
                return billing::changePackage(db(), settings(), on("2026-11-25"), {"bob", "Dollar", true});
            }));
    }

    void changesThePackageOfWhoIsBilled() {
        billing::addPackage(db(), dearer(), actAt());
        subscribe("bob");
        pay(cash(150'000, "bob"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("package "), refusedFields([&] {
                return billing::changePackage(db(), settings(), on("2026-11-25"), {"bob", "Home 99", true});
            }));
        billing::changePackage(db(), settings(), on("2026-12-07"), {"bob", "Home 20", true});
        CPPUNIT_ASSERT_EQUAL(std::string("Home 20"), billing::getSubscriber(db(), "bob").packageName);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-21"), endOf("bob"));
        expectRightBooks();
    }

    void packageOfWhoIsBilledIsNotJustReplaced() {
        billing::addPackage(db(), dearer(), actAt());
        takeOver("eve");
        CPPUNIT_ASSERT_EQUAL(std::string("Home 20"), repackage("eve", "Home 20").packageName);
        subscribe("bob");
        try {
            repackage("bob", "Home 20");
            CPPUNIT_FAIL("taken");
        } catch (const core::Refused& refused) {
            const std::string words = refused.what();
            CPPUNIT_ASSERT_MESSAGE(words,
                                   words.find("gardu subscription change-package") != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("Home 10"), repackage("bob", "Home 10").packageName);
    }

    void currencyOfASoldPackageStays() {
        const auto toDollars = [&] {
            return billing::updatePackage(
                db(), "Home 10",
                [](billing::Package& package) {
                    package.price = {1'000, core::findCurrency("USD").value()};
                },
                actAt());
        };
        takeOver("bob");
        CPPUNIT_ASSERT_EQUAL(std::string("price "), refusedFields(toDollars));
        billing::removeSubscriber(db(), "bob", actAt());
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), refusedFields(toDollars));
    }

    void changedPackagesWakeTheirSubscriptions() {
        subscribe("bob");
        const auto billAt = [&] {
            return db().read([](core::Tx& tx) {
                return tx.queryOne("SELECT COALESCE(bill_at, -1) FROM subscription_billing")->integer(0);
            });
        };
        const auto update = [&](const std::function<void(billing::Package&)>& change) {
            billing::updatePackage(db(), "Home 10", change, actAt());
        };
        CPPUNIT_ASSERT(billAt() != 0);
        update([](billing::Package& package) { package.bandwidth = "1M/1M"; });
        CPPUNIT_ASSERT(billAt() != 0);
        update([](billing::Package& package) { package.terms.ladder.graceDays = 9; });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, billAt());
    }

    void packageThatSomebodyWaitsForStays() {
        billing::addPackage(db(), dearer(), actAt());
        subscribe("bob");
        pay(cash(150'000, "bob"));
        billing::changePackage(db(), settings(), on("2026-11-25"), {"bob", "Home 20", false});
        CPPUNIT_ASSERT_EQUAL(std::string("Home 10"), billing::getSubscriber(db(), "bob").packageName);
        CPPUNIT_ASSERT(refusedFields([&] {
                           billing::removePackage(db(), "Home 20", actAt());
                           return 0;
                       }).find("has 1 subscribers") != std::string::npos);
    }

    void workThatThrowsLeavesNothing() {
        subscribe("bob");
        const std::string before = balances() + audited();
        AccountTask task = taskOf("bob", "subscription charge");
        const std::string id = task.entityId;
        task.work = [&](core::Tx&, AccountBook& book) {
            book.charge(id, {50'000, "installation"}, true);
            throw std::runtime_error("the power is gone");
        };
        CPPUNIT_ASSERT(throws<std::runtime_error>([&] { return run(task); }));
        CPPUNIT_ASSERT_EQUAL(before, balances() + audited());
        task.work = [&](core::Tx&, AccountBook& book) { book.charge(id, {50'000, "installation"}, true); };
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000002"), run(task).changes.issued.at(0).number);
        expectRightBooks();
    }

    void findsWhatPeopleName() {
        const billing::Invoice invoice = subscribe("bob", "Pak Budi").changes.issued.at(0);
        const std::string id = customerOf("bob");
        const std::string subscription = billing::getSubscriber(db(), "bob").subscription.id;
        db().read([&](core::Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(id, billing::customerIdOf(tx, "Pak Budi"));
            CPPUNIT_ASSERT_EQUAL(id, billing::customerIdOf(tx, id));
            CPPUNIT_ASSERT_EQUAL(subscription, billing::subscriptionNamed(tx, "bob").subscription.id);
            CPPUNIT_ASSERT_EQUAL(subscription, billing::subscriptionNamed(tx, subscription).subscription.id);
            CPPUNIT_ASSERT_EQUAL(invoice.id, billing::invoiceNamed(tx, invoice.number).id);
            CPPUNIT_ASSERT_EQUAL(invoice.number, billing::invoiceNamed(tx, invoice.id).number);
        });
        takeOver("Pak Budi");
        const auto words = [&](const auto& find) {
            return refusedFields([&] { return db().read([&](core::Tx& tx) { return find(tx); }); });
        };
        CPPUNIT_ASSERT(words([](core::Tx& tx) {
                           return billing::customerIdOf(tx, "Pak Budi");
                       }).find("several customers are named") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("there is no customer \"x\""),
                             words([](core::Tx& tx) { return billing::customerIdOf(tx, "x"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("there is no subscription \"x\""),
                             words([](core::Tx& tx) { return billing::subscriptionNamed(tx, "x"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("there is no invoice \"x\""),
                             words([](core::Tx& tx) { return billing::invoiceNamed(tx, "x"); }));
    }

    // Both write the subscription's whole row.
    void passwordsAndChargesAtOnceLoseNothing() {
        constexpr int kTimes = 20;
        subscribe("bob");
        AccountTask task = taskOf("bob", "subscription promise");
        inThreads(2, [&](int index) {
            for (int i = 1; i <= kTimes; ++i) {
                if (index == 0) {
                    SubscriberChange change;
                    change.username = "bob";
                    change.password = "new " + std::to_string(i);
                    billing::updateSubscriber(db(), vault(), change, actAt());
                } else {
                    task.work = [&](core::Tx&, AccountBook& book) {
                        book.promise(task.entityId, core::addDays(day("2026-11-30"), i));
                    };
                    run(task);
                }
            }
        });
        const billing::Subscription bob = billing::getSubscriber(db(), "bob").subscription;
        CPPUNIT_ASSERT_EQUAL(
            std::string("new 20"),
            std::string(vault().open(billing::passwordCell(bob.id), bob.sealedPassword).text()));
        CPPUNIT_ASSERT(bob.heldUntil == settings().zone.endOfDay(day("2026-12-20")));
    }

    void operatorsActionsAreAudited() {
        takeOver("bob");
        repackage("bob", "Home 10");
        billing::removeSubscriber(db(), "bob", actAt());
        subscribe("eve");
        billing::updatePackage(
            db(), "Dollar", [](billing::Package& package) { package.bandwidth = "1M/1M"; }, actAt());
        billing::removePackage(db(), "Dollar", actAt());
        (void)refusedFields([&] { return repackage("nobody", "Home 10"); });
        CPPUNIT_ASSERT_EQUAL(
            std::string("package add package+, package add package+, subscriber add subscription+, "
                        "subscriber update subscription-+, subscriber remove subscription-, "
                        "subscription add subscription+, package update package-+, package remove package-"),
            audited());
        const auto last = db().read([](core::Tx& tx) { return billing::listAudit(tx, {}, 0, 1); }).at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("test"), last.actor);
        CPPUNIT_ASSERT(last.at == kDatabaseMadeAt);
        CPPUNIT_ASSERT(last.before.value().find("\"price_minor\":1000,\"currency\":\"USD\"") !=
                       std::string::npos);
    }

    void secretsAreNotAudited() {
        const billing::SubscriberRecord bob = takeOver("bob");
        SubscriberChange change;
        change.username = "bob";
        change.password = "hunter2";
        billing::updateSubscriber(db(), vault(), change, actAt());
        const auto rows = db().read([](core::Tx& tx) { return billing::listAudit(tx, {}, 0, 100); });
        CPPUNIT_ASSERT(rows.at(0).after.value().find("\"password\":{\"changed\":true}") != std::string::npos);
        for (const billing::AuditRow& row : rows) {
            const std::string text = row.before.value_or("") + row.after.value_or("");
            for (const std::string& secret :
                 {std::string("pass of bob"), std::string("hunter2"), bob.subscription.sealedPassword}) {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::string::npos, text.find(secret));
            }
        }
    }

private:
    AccountResult add(const NewSubscription& wanted) {
        return billing::addSubscription(db(), settings(), on("2026-11-22"), wanted);
    }
    billing::SubscriberRecord repackage(const std::string& username, const std::string& package) {
        SubscriberChange change;
        change.username = username;
        change.packageName = package;
        return billing::updateSubscriber(db(), vault(), change, actAt());
    }
    static billing::Package dearer() {
        billing::Package package = packageOf("Home 20");
        package.price = idr(300'000);
        return package;
    }
    AccountTask taskOf(const std::string& username, const std::string& action) {
        AccountTask task;
        task.customerId = customerOf(username);
        task.action = action;
        task.entity = "subscription";
        task.entityId = billing::getSubscriber(db(), username).subscription.id;
        return task;
    }
    AccountResult run(const AccountTask& task) {
        return billing::onAccount(db(), settings(), on("2026-11-22"), task);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<AccountServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<AccountServiceTest>);

}  // namespace gardu::test
