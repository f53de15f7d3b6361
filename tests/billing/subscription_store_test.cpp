#include "billing/subscription_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "billing/customer_store.h"
#include "billing/package_store.h"
#include "billing/username.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Customer;
using billing::SubscriberRecord;
using billing::Subscription;
using core::Tx;

Subscription subscriptionOf(const std::string& username) {
    Subscription subscription;
    subscription.id = "s-" + username;
    subscription.id.resize(std::min<std::size_t>(subscription.id.size(), 36));
    subscription.customerId = "c-1";
    subscription.packageId = "p-1";
    subscription.username = username;
    subscription.sealedPassword = "sealed";
    subscription.startDate = day("2026-11-22");
    return subscription;
}

Subscription withEverything() {
    Subscription subscription = subscriptionOf("O'Brien; -- \xF0\x9F\x98\x80");
    subscription.id = "s-1";
    subscription.sealedPassword = std::string(400, 'x');
    subscription.endDate = day("2027-02-28");
    subscription.autoRenew = false;
    subscription.status = billing::SubscriptionStatus::Suspended;
    subscription.addresses = {"10.0.0.2",
                              "2001:db8:1::/64",
                              "2001:db8:1:100::/56",
                              {"192.168.9.0/24 10.0.0.2 1", "192.168.10.0/24"}};
    subscription.accessUntil = kDatabaseMadeAt + core::Milliseconds(1);
    subscription.heldUntil = kDatabaseMadeAt + core::Milliseconds(2);
    subscription.stage = billing::DunningStage::Isolated;
    return subscription;
}

bool same(const Subscription& a, const Subscription& b) {
    return a.id == b.id && a.customerId == b.customerId && a.packageId == b.packageId &&
           a.username == b.username && a.sealedPassword == b.sealedPassword && a.startDate == b.startDate &&
           a.endDate == b.endDate && a.autoRenew == b.autoRenew && a.status == b.status &&
           a.addresses == b.addresses && a.accessUntil == b.accessUntil && a.heldUntil == b.heldUntil &&
           a.stage == b.stage;
}

std::string keysOf(const std::vector<SubscriberRecord>& records) {
    std::string keys;
    for (const SubscriberRecord& record : records) {
        keys += record.usernameKey + " ";
    }
    return keys;
}

}  // namespace

class SubscriptionStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SubscriptionStoreTest);
    CPPUNIT_TEST(keepsEveryField);
    CPPUNIT_TEST(keepsWhatIsNotSet);
    CPPUNIT_TEST(updatesEveryField);
    CPPUNIT_TEST(findsByKey);
    CPPUNIT_TEST(caseMatters);
    CPPUNIT_TEST(findsSeveral);
    CPPUNIT_TEST(macAddressInAnotherFormatIsADuplicate);
    CPPUNIT_TEST(staticAddressIsUnique);
    CPPUNIT_TEST(unknownCustomerIsNoDuplicate);
    CPPUNIT_TEST(pagesInTheOrderOfKeys);
    CPPUNIT_TEST(eachWriteIsAnnounced);
    CPPUNIT_TEST(tellsTakenAddresses);
    CPPUNIT_TEST(nextRunLooksAtWhatWasChanged);
    CPPUNIT_TEST(endByHandIsTheOnlyOne);
    CPPUNIT_TEST(namesAWordThatSomebodySpoilt);
    CPPUNIT_TEST(whatMoneyNamesStays);
    CPPUNIT_TEST(customersByName);
    CPPUNIT_TEST(customerStaysWhileSomethingRefersToHim);
    CPPUNIT_TEST(customerStaysWhileMoneyNamesHim);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        db().transact([](Tx& tx) {
            billing::Package package = packageOf("Home 10");
            package.id = "p-1";
            billing::insertPackage(tx, package, kDatabaseMadeAt);
            billing::insertCustomers(
                tx, {customer("c-1", "Pak Budi"), customer("c-2", "Pak Budi"), customer("c-3", "Bu Sri")},
                kDatabaseMadeAt);
        });
        (void)takeAnnouncements(db());
    }

    void keepsEveryField() {
        insert({withEverything()});
        const auto record = find(withEverything().username);
        CPPUNIT_ASSERT(record && same(withEverything(), record->subscription));
        CPPUNIT_ASSERT_EQUAL(withEverything().username, record->usernameKey);
        CPPUNIT_ASSERT_EQUAL(std::string("Pak Budi, Home 10"),
                             record->customerName + ", " + record->packageName);
        CPPUNIT_ASSERT(record->customerStatus == billing::CustomerStatus::Active);
    }

    void keepsWhatIsNotSet() {
        insert({subscriptionOf("bob")});
        CPPUNIT_ASSERT(same(subscriptionOf("bob"), find("bob").value().subscription));
    }

    void updatesEveryField() {
        Subscription before = subscriptionOf("bob");
        before.id = "s-1";
        insert({before});
        Subscription after = withEverything();
        after.customerId = "c-3";
        db().transact([&](Tx& tx) { billing::updateSubscription(tx, after, "bob", kDatabaseMadeAt); });
        CPPUNIT_ASSERT(!find("bob"));
        const auto record = find(after.username);
        CPPUNIT_ASSERT(record && same(after, record->subscription));
        CPPUNIT_ASSERT_EQUAL(std::string("Bu Sri"), record->customerName);
    }

    void findsByKey() {
        insert({subscriptionOf("00:1A:2B:3C:4D:EF")});
        const auto record = find("001a2b3c4def");
        CPPUNIT_ASSERT(record && record->subscription.username == "00:1A:2B:3C:4D:EF");
        CPPUNIT_ASSERT(!find("00:1A:2B:3C:4D:EF"));
        const auto locked = db().transact([](Tx& tx) { return billing::lockSubscriber(tx, "001a2b3c4def"); });
        CPPUNIT_ASSERT(locked && same(locked->subscription, record->subscription));
        CPPUNIT_ASSERT(!db().transact([](Tx& tx) { return billing::lockSubscriber(tx, "nobody"); }));
    }

    void caseMatters() {
        insert({subscriptionOf("bob"), subscriptionOf("Bob"),
                subscriptionOf("B\xC3\xB6"
                               "b")});
        CPPUNIT_ASSERT_EQUAL(std::string("Bob"), find("Bob").value().subscription.username);
        CPPUNIT_ASSERT(!find("BOB"));
    }

    void findsSeveral() {
        std::vector<Subscription> many;
        std::vector<std::string> keys;
        for (int i = 0; i < 500; ++i) {
            many.push_back(subscriptionOf("user" + std::to_string(i)));
            keys.push_back(i % 2 == 0 ? many.back().username : "nobody" + std::to_string(i));
        }
        insert(many);
        const auto records = db().read([&](Tx& tx) { return billing::findSubscribers(tx, keys); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{250}, records.size());
        CPPUNIT_ASSERT(db().read([](Tx& tx) { return billing::findSubscribers(tx, {}); }).empty());
    }

    void macAddressInAnotherFormatIsADuplicate() {
        insert({subscriptionOf("00:1A:2B:3C:4D:EF")});
        CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] { insert({subscriptionOf("001a.2b3c.4def")}); }));
    }

    void staticAddressIsUnique() {
        Subscription bob = subscriptionOf("bob");
        bob.addresses.ipv4 = "10.0.0.2";
        Subscription eve = subscriptionOf("eve");
        eve.addresses.ipv4 = "10.0.0.2";
        insert({bob});
        CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] { insert({eve}); }));
        insert({subscriptionOf("ann"), subscriptionOf("joe")});  // none is no address
    }

    void unknownCustomerIsNoDuplicate() {
        Subscription orphan = subscriptionOf("bob");
        orphan.customerId = "c-404";
        bool isDuplicate = false;
        bool isRefused = false;
        try {
            insert({orphan});
        } catch (const core::DuplicateKey&) {
            isDuplicate = true;
        } catch (const core::DbError&) {
            isRefused = true;
        }
        CPPUNIT_ASSERT(isRefused && !isDuplicate);
    }

    void pagesInTheOrderOfKeys() {
        insert({subscriptionOf("c"), subscriptionOf("a"), subscriptionOf("e"), subscriptionOf("B"),
                subscriptionOf("d")});
        CPPUNIT_ASSERT_EQUAL(std::string("B a "), page("", 2));
        CPPUNIT_ASSERT_EQUAL(std::string("c d "), page("a", 2));
        CPPUNIT_ASSERT_EQUAL(std::string("e "), page("d", 2));
        CPPUNIT_ASSERT_EQUAL(std::string(), page("e", 2));
    }

    void eachWriteIsAnnounced() {
        insert({subscriptionOf("00:1A:2B:3C:4D:EF"), subscriptionOf("bob")});
        CPPUNIT_ASSERT_EQUAL(std::string("001a2b3c4def bob "), takeAnnouncements(db()));
        Subscription bob = subscriptionOf("bob");
        update(bob, "bob");
        CPPUNIT_ASSERT_EQUAL(std::string("bob "), takeAnnouncements(db()));
        bob.username = "rob";
        update(bob, "bob");
        CPPUNIT_ASSERT_EQUAL(std::string("rob bob "), takeAnnouncements(db()));
        db().transact(
            [](Tx& tx) { billing::deleteSubscription(tx, billing::findSubscriber(tx, "rob").value()); });
        CPPUNIT_ASSERT_EQUAL(std::string("rob "), takeAnnouncements(db()));
        CPPUNIT_ASSERT(!find("rob"));
    }

    void tellsTakenAddresses() {
        insert({withEverything()});
        const auto taken = [&](const std::vector<std::string>& addresses) {
            return db().read([&](Tx& tx) { return billing::takenStaticAddresses(tx, addresses); }).size();
        };
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, taken({}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, taken({"10.0.0.3"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, taken({"10.0.0.3", "10.0.0.2"}));
    }

    void nextRunLooksAtWhatWasChanged() {
        insert({subscriptionOf("bob"), subscriptionOf("eve")});
        CPPUNIT_ASSERT_EQUAL(std::string("s-bob 0 s-eve 0 "), billAts());
        db().transact([](Tx& tx) { tx.execute("UPDATE subscription_billing SET bill_at = 7"); });
        update(subscriptionOf("bob"), "bob");
        CPPUNIT_ASSERT_EQUAL(std::string("s-bob 0 s-eve 7 "), billAts());
        db().transact(
            [](Tx& tx) { billing::deleteSubscription(tx, billing::findSubscriber(tx, "bob").value()); });
        CPPUNIT_ASSERT_EQUAL(std::string("s-eve 7 "), billAts());
    }

    void endByHandIsTheOnlyOne() {
        insert({subscriptionOf("bob"), subscriptionOf("eve")});
        const auto paidUntil = [&] {
            return db().transact([](Tx& tx) {
                std::string text;
                for (const core::Row& row :
                     tx.query("SELECT paid_until_at FROM subscription_billing ORDER BY subscription_id")) {
                    text.append(row.shown(0)).append(" ");
                }
                return text;
            });
        };
        db().transact([](Tx& tx) {
            tx.execute("UPDATE subscription_billing SET paid_until_at = 7");
            billing::forgetExactEnd(tx, "s-bob");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("none 7 "), paidUntil());
    }

    void namesAWordThatSomebodySpoilt() {
        insert({subscriptionOf("bob")});
        db().transact([](Tx& tx) {
            tx.execute(tx.dialect() == core::Dialect::Mysql ? "SET SESSION check_constraint_checks = 0"
                                                            : "PRAGMA ignore_check_constraints = 1");
            tx.execute("UPDATE subscriptions SET dunning_stage = 'lost'");
            tx.execute(tx.dialect() == core::Dialect::Mysql ? "SET SESSION check_constraint_checks = 1"
                                                            : "PRAGMA ignore_check_constraints = 0");
        });
        CPPUNIT_ASSERT(find("bob").value().problem.find("dunning_stage of \"bob\" is \"lost\"") !=
                       std::string::npos);
    }

    void whatMoneyNamesStays() {
        // An invoice of no subscription, for a line of one.
        constexpr const char* kInvoice =
            "INSERT INTO invoices(id, kind, number, customer_id, issued_at, issue_date, due_date, currency, "
            "net, tax, total, outstanding, status) VALUES ('i-0', 'invoice', 'x', 'c-1', 0, '2026-12-01', "
            "'2026-12-01', 'IDR', 0, 0, 0, 0, 'paid')";
        constexpr const char* kMoney[] = {
            "INSERT INTO invoices(id, kind, number, customer_id, subscription_id, issued_at, issue_date, "
            "due_date, currency, net, tax, total, outstanding, status) VALUES ('i-1', 'invoice', 'y', 'c-1', "
            "?, 0, '2026-12-01', '2026-12-01', 'IDR', 0, 0, 0, 0, 'paid')",
            "INSERT INTO invoice_lines(invoice_id, position, kind, description, subscription_id, amount, "
            "net, tax, tax_rate_ppm) VALUES ('i-0', 1, 'charge', 'x', ?, 0, 0, 0, 0)",
            "INSERT INTO payments(id, kind, source, reference, subscription_id, method, amount, currency, "
            "paid_at, note, created_at) VALUES ('p', 'payment', 'x', 'x', ?, 'cash', 1, 'IDR', 0, '', 0)",
            "INSERT INTO pending_charges(id, subscription_id, kind, description, amount, created_at) VALUES "
            "('x', ?, 'charge', 'x', 1, 0)",
            "INSERT INTO discounts(id, subscription_id, name, amount, starts_on, created_at) VALUES "
            "('x', ?, 'x', 1, '2026-12-01', 0)",
            "INSERT INTO quota_topups(id, subscription_id, period_key, octets, carry, note, created_at) "
            "VALUES ('x', ?, 'x', 1, 0, '', 0)",
            "INSERT INTO billing_logs(id, subscription_id, action, message, meta, created_at) VALUES "
            "('x', ?, 'x', 'x', '{}', 0)",
        };
        insert({subscriptionOf("0"), subscriptionOf("1"), subscriptionOf("2"), subscriptionOf("3"),
                subscriptionOf("4"), subscriptionOf("5"), subscriptionOf("6"), subscriptionOf("ann")});
        db().transact([&](Tx& tx) {
            tx.execute(kInvoice);
            int number = 0;
            for (const char* sql : kMoney) {
                const std::string id = "s-" + std::to_string(number++);
                CPPUNIT_ASSERT_MESSAGE(sql, !billing::subscriptionHasMoney(tx, id));
                tx.execute(sql, {id});
                CPPUNIT_ASSERT_MESSAGE(sql, billing::subscriptionHasMoney(tx, id));
            }
            CPPUNIT_ASSERT(!billing::subscriptionHasMoney(tx, "s-ann"));
        });
    }

    void customersByName() {
        const auto found = db().read([](Tx& tx) {
            CPPUNIT_ASSERT(billing::findCustomersByNames(tx, {}).empty());
            CPPUNIT_ASSERT(billing::findCustomersByName(tx, "pak budi").empty());
            CPPUNIT_ASSERT_EQUAL(std::size_t{3},
                                 billing::findCustomersByNames(tx, {"Pak Budi", "Bu Sri", "x"}).size());
            return billing::findCustomersByName(tx, "Pak Budi");
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
        CPPUNIT_ASSERT(found[0].id == "c-1" && found[0].phone == "0812" && !found[0].email);
    }

    void customerStaysWhileSomethingRefersToHim() {
        insert({subscriptionOf("bob")});
        db().transact([](Tx& tx) {
            tx.execute(
                "INSERT INTO router_settings(id, name, host, username, password, created_at, updated_at) "
                "VALUES ('r-1', 'r', 'h', 'u', 'p', 0, 0)");
            tx.execute(
                "INSERT INTO mikrotik_secrets(id, router_id, customer_id, username, password, created_at, "
                "updated_at) VALUES ('m-1', 'r-1', 'c-2', 'u', 'p', 0, 0)");
            for (const char* id : {"c-1", "c-2", "c-3", "c-404"}) {
                billing::deleteCustomerWithoutSubscriptions(tx, id);
            }
        });
        const auto left = db().read([](Tx& tx) {
            return billing::findCustomersByNames(tx, {"Pak Budi", "Bu Sri"});
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, left.size());
        CPPUNIT_ASSERT(left[0].id == "c-1" && left[1].id == "c-2");
    }

    void customerStaysWhileMoneyNamesHim() {
        db().transact([](Tx& tx) {
            tx.execute(
                "INSERT INTO invoices(id, kind, number, customer_id, issued_at, issue_date, due_date, "
                "currency, net, tax, total, outstanding, status) VALUES ('i-1', 'invoice', 'x', 'c-1', 0, "
                "'2026-12-01', '2026-12-01', 'IDR', 0, 0, 0, 0, 'paid')");
            tx.execute(
                "INSERT INTO payments(id, kind, source, reference, customer_id, method, amount, currency, "
                "paid_at, note, created_at) VALUES ('p', 'payment', 'x', 'x', 'c-2', 'cash', 1, 'IDR', 0, "
                "'', 0)");
            tx.execute(
                "INSERT INTO ledger_postings(transaction_id, kind, posted_at, day, account, customer_id, "
                "amount, currency) VALUES ('t', 'refund', 0, '2026-12-01', 'customer_credit', 'c-3', 0, "
                "'IDR')");
            billing::insertCustomers(tx, {customer("c-4", "Bu Sri")}, kDatabaseMadeAt);
            for (const char* id : {"c-1", "c-2", "c-3", "c-4"}) {
                billing::deleteCustomerWithoutSubscriptions(tx, id);
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, countRows(db(), "customers"));
    }

private:
    static Customer customer(const std::string& id, const std::string& name) {
        return {id, name, std::nullopt, "0812", std::nullopt, billing::CustomerStatus::Active, std::nullopt};
    }
    void insert(const std::vector<Subscription>& subscriptions) {
        db().transact([&](Tx& tx) { billing::insertSubscriptions(tx, subscriptions, kDatabaseMadeAt); });
    }
    void update(const Subscription& subscription, const std::string& formerKey) {
        db().transact(
            [&](Tx& tx) { billing::updateSubscription(tx, subscription, formerKey, kDatabaseMadeAt); });
    }
    std::optional<SubscriberRecord> find(const std::string& key) {
        return db().read([&](Tx& tx) { return billing::findSubscriber(tx, key); });
    }
    std::string billAts() {
        return db().read([](Tx& tx) {
            std::string text;
            for (const core::Row& row :
                 tx.query("SELECT subscription_id, bill_at FROM subscription_billing ORDER BY "
                          "subscription_id")) {
                text.append(row.text(0)).append(" ").append(row.shown(1)).append(" ");
            }
            return text;
        });
    }
    std::string page(const std::string& afterKey, int limit) {
        return keysOf(db().read([&](Tx& tx) { return billing::subscriberPage(tx, afterKey, limit); }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<SubscriptionStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<SubscriptionStoreTest>);

}  // namespace gardu::test
