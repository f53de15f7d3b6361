#include "billing/package_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "billing/package_store.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"
#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using billing::Package;

constexpr const char* kOddNames[] = {"O'Brien", "\"x\"; DROP TABLE packages --", "\xF0\x9F\x98\x80",
                                     "50% off"};

}  // namespace

class PackageServiceTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(PackageServiceTest);
    CPPUNIT_TEST(addsUpdatesAndRemoves);
    CPPUNIT_TEST(takesOddNames);
    CPPUNIT_TEST(allWrongFieldsAtOnce);
    CPPUNIT_TEST(takenNameIsRefused);
    CPPUNIT_TEST(unknownNameIsRefused);
    CPPUNIT_TEST(wrongUpdateChangesNothing);
    CPPUNIT_TEST(packageWithSubscribersStays);
    CPPUNIT_TEST(modeOfASoldPackageStays);
    CPPUNIT_TEST(hoursThatWereSoldStay);
    CPPUNIT_TEST(oneOfSeveralAtOnceGetsTheName);
    CPPUNIT_TEST(updatesAtOnceLoseNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void addsUpdatesAndRemoves() {
        const Package added = add("Home 10");
        CPPUNIT_ASSERT_EQUAL(std::size_t{36}, added.id.size());
        const Package updated = update("Home 10", [](Package& package) {
            package.name = "Home 20";
            package.bandwidth = "20M/20M";
        });
        CPPUNIT_ASSERT_EQUAL(added.id, updated.id);
        CPPUNIT_ASSERT_EQUAL(std::string("20M/20M"), stored("Home 20").value().bandwidth);
        CPPUNIT_ASSERT(!stored("Home 10"));
        billing::removePackage(db(), "Home 20", actAt());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "packages"));
    }

    void takesOddNames() {
        for (const char* name : kOddNames) {
            add(name);
            CPPUNIT_ASSERT_EQUAL(std::string(name), stored(name).value().name);
            billing::removePackage(db(), name, actAt());
            CPPUNIT_ASSERT(!stored(name));
        }
    }

    void allWrongFieldsAtOnce() {
        Package package = packageOf("");
        package.bandwidth = "x";
        package.priority = 0;
        CPPUNIT_ASSERT_EQUAL(std::string("name bandwidth priority "),
                             refusedFields([&] { return billing::addPackage(db(), package, actAt()); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "packages"));
    }

    void takenNameIsRefused() {
        add("Home 10");
        add("Home 20");
        CPPUNIT_ASSERT_EQUAL(std::string("name "), refusedFields([&] { return add("Home 10"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("name "), refusedFields([&] {
                                 return update("Home 20", [](Package& package) { package.name = "Home 10"; });
                             }));
        CPPUNIT_ASSERT(stored("Home 20").has_value());
    }

    void unknownNameIsRefused() {
        const std::string words = refusedFields([&] { return update("Home 99", [](Package&) {}); });
        CPPUNIT_ASSERT_MESSAGE(words, words.starts_with("there is no package \"Home 99\""));
        CPPUNIT_ASSERT_EQUAL(words, refusedFields([&] {
                                 billing::removePackage(db(), "Home 99", actAt());
                                 return 0;
                             }));
    }

    void wrongUpdateChangesNothing() {
        add("Home 10");
        CPPUNIT_ASSERT_EQUAL(std::string("bandwidth price "), refusedFields([&] {
                                 return update("Home 10", [](Package& package) {
                                     package.bandwidth = "x";
                                     package.price.minor = -1;
                                     package.name = "Home 20";
                                 });
                             }));
        CPPUNIT_ASSERT_EQUAL(std::string("10M/10M"), stored("Home 10").value().bandwidth);
    }

    void modeOfASoldPackageStays() {
        const auto become = [&](billing::BillingMode mode) {
            return refusedFields(
                [&] { return update("Home 10", [&](Package& package) { package.terms.mode = mode; }); });
        };
        add("Home 10");
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), become(billing::BillingMode::Postpaid));
        billing::addSubscriber(db(), testVault(), subscriberOf("bob"), actAt());
        CPPUNIT_ASSERT_EQUAL(std::string("billing "), become(billing::BillingMode::Prepaid));
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), become(billing::BillingMode::Postpaid));
        db().transact([](core::Tx& tx) { tx.execute("UPDATE subscriptions SET status = 'cancelled'"); });
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), become(billing::BillingMode::Prepaid));
    }

    void hoursThatWereSoldStay() {
        using billing::ValidityUnit;
        const auto become = [&](const char* name, billing::Validity validity) {
            return refusedFields(
                [&] { return update(name, [&](Package& package) { package.validity = validity; }); });
        };
        add("Home 10");
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), become("Home 10", {24, ValidityUnit::Hour}));
        billing::addSubscriber(db(), testVault(), subscriberOf("bob"), actAt());
        CPPUNIT_ASSERT_EQUAL(std::string("validity "), become("Home 10", {1, ValidityUnit::Hour}));
        CPPUNIT_ASSERT_EQUAL(std::string("validity "), become("Home 10", {30, ValidityUnit::Day}));
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), become("Home 10", {24, ValidityUnit::Hour}));
        // Who waits for it has it too.
        add("Day");
        db().transact([](core::Tx& tx) {
            tx.execute(
                "UPDATE subscription_billing SET next_package_id = (SELECT id FROM packages WHERE name = "
                "'Day')");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("validity "), become("Day", {24, ValidityUnit::Hour}));
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), become("Day", {30, ValidityUnit::Day}));
        db().transact([](core::Tx& tx) { tx.execute("UPDATE subscriptions SET status = 'cancelled'"); });
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), become("Home 10", {1, ValidityUnit::Hour}));
    }

    void packageWithSubscribersStays() {
        add("Home 10");
        const core::Vault vault = testVault();
        billing::addSubscriber(db(), vault, subscriberOf("bob"), actAt());
        const std::string words = refusedFields([&] {
            billing::removePackage(db(), "Home 10", actAt());
            return 0;
        });
        CPPUNIT_ASSERT_MESSAGE(words, words.find("has 1 subscribers") != std::string::npos);
        billing::removeSubscriber(db(), "bob", actAt());
        billing::removePackage(db(), "Home 10", actAt());
    }

    void oneOfSeveralAtOnceGetsTheName() {
        std::atomic<int> added = 0;
        std::atomic<int> refused = 0;
        inThreads(4, [&](int) {
            const std::string result = refusedFields([&] { return add("Home 10"); });
            added += result == "taken" ? 1 : 0;
            refused += result == "name " ? 1 : 0;
        });
        CPPUNIT_ASSERT_EQUAL(1, added.load());
        CPPUNIT_ASSERT_EQUAL(3, refused.load());
    }

    void updatesAtOnceLoseNothing() {
        add("Home 10");
        inThreads(2, [&](int index) {
            for (int i = 1; i <= 30; ++i) {
                update("Home 10", [&](Package& package) {
                    (index == 0 ? package.simultaneousUse : package.idleTimeout) = i;
                });
            }
        });
        const Package package = stored("Home 10").value();
        CPPUNIT_ASSERT(package.simultaneousUse == 30 && package.idleTimeout == 30);
    }

private:
    Package add(const std::string& name) { return billing::addPackage(db(), packageOf(name), actAt()); }
    Package update(const std::string& name, const std::function<void(Package&)>& change) {
        return billing::updatePackage(db(), name, change, actAt());
    }
    std::optional<Package> stored(const std::string& name) {
        return db().read([&](core::Tx& tx) { return billing::findPackageByName(tx, name); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<PackageServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<PackageServiceTest>);

}  // namespace gardu::test
