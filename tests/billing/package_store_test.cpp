#include "billing/package_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Package;
using core::Tx;

Package withEverything() {
    Package package = packageOf("O'Brien; DROP TABLE packages -- \xF0\x9F\x98\x80");
    package.id = "p-1";
    package.bandwidth = "10M/20M";
    package.burst = "20M/40M 8M/16M 10/10";
    package.priority = 3;
    package.price = {9'007'199'254'740'993, core::findCurrency("USD").value()};
    package.type = billing::PackageType::Hotspot;
    package.pool = "pool";
    package.addressList = "list";
    package.mikrotikGroup = "group";
    package.simultaneousUse = 2;
    package.interimInterval = 60;
    package.idleTimeout = 900;
    package.ipv6Pool = "pool6";
    package.delegatedIpv6Pool = "pool6pd";
    package.validity = {30, billing::ValidityUnit::Day};
    package.onExpiry = billing::OnExpiry::Reject;
    package.simultaneousPolicy = billing::SimultaneousPolicy::ReplaceOld;
    return package;
}

template <class Number>
std::string shown(const std::optional<Number>& number) {
    return number ? std::to_string(*number) : "-";
}

/// Every field, to compare.
std::string shown(const Package& p) {
    return p.id + "|" + p.name + "|" + p.bandwidth + "|" + p.burst.value_or("-") + "|" + shown(p.priority) +
           "|" + core::formatMoney(p.price) + p.price.currency.code + "|" + std::string(name(p.type)) + "|" +
           p.pool.value_or("-") + "|" + p.addressList.value_or("-") + "|" + p.mikrotikGroup.value_or("-") +
           "|" + shown(p.simultaneousUse) + "|" + shown(p.interimInterval) + "|" + shown(p.idleTimeout) +
           "|" + p.ipv6Pool.value_or("-") + "|" + p.delegatedIpv6Pool.value_or("-") + "|" +
           billing::formatValidity(p.validity) + "|" + std::string(name(p.onExpiry)) + "|" +
           std::string(name(p.simultaneousPolicy));
}

}  // namespace

class PackageStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(PackageStoreTest);
    CPPUNIT_TEST(keepsEveryField);
    CPPUNIT_TEST(keepsWhatIsNotSet);
    CPPUNIT_TEST(updatesEveryField);
    CPPUNIT_TEST(deletes);
    CPPUNIT_TEST(takenNameIsADuplicate);
    CPPUNIT_TEST(nameMatters);
    CPPUNIT_TEST(listsByName);
    CPPUNIT_TEST(eachWriteIsAnnounced);
    CPPUNIT_TEST_SUITE_END();

public:
    void keepsEveryField() {
        insert(withEverything());
        CPPUNIT_ASSERT_EQUAL(shown(withEverything()), find(withEverything().name));
    }

    void keepsWhatIsNotSet() {
        Package package = packageOf("Home 10");
        package.id = "p-2";
        insert(package);
        CPPUNIT_ASSERT_EQUAL(shown(package), find("Home 10"));
    }

    void updatesEveryField() {
        Package package = packageOf("Home 10");
        package.id = "p-1";
        insert(package);
        db().transact([](Tx& tx) { billing::updatePackage(tx, withEverything(), kDatabaseMadeAt); });
        CPPUNIT_ASSERT_EQUAL(shown(withEverything()), find(withEverything().name));
        CPPUNIT_ASSERT_EQUAL(std::string("none"), find("Home 10"));
        db().transact([&](Tx& tx) { billing::updatePackage(tx, package, kDatabaseMadeAt); });
        CPPUNIT_ASSERT_EQUAL(shown(package), find("Home 10"));
    }

    void deletes() {
        insert(withEverything());
        db().transact([](Tx& tx) { billing::deletePackage(tx, "p-1"); });
        CPPUNIT_ASSERT_EQUAL(std::string("none"), find(withEverything().name));
    }

    void takenNameIsADuplicate() {
        insert(withEverything());
        Package another = withEverything();
        another.id = "p-2";
        CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] { insert(another); }));
    }

    void nameMatters() {
        Package lower = packageOf("home");
        lower.id = "p-1";
        Package upper = packageOf("HOME");
        upper.id = "p-2";
        insert(lower);
        insert(upper);
        CPPUNIT_ASSERT_EQUAL(shown(upper), find("HOME"));
        CPPUNIT_ASSERT_EQUAL(std::string("none"), find("Home"));
    }

    void listsByName() {
        CPPUNIT_ASSERT(db().read(billing::listPackages).empty());
        std::string names;
        for (const char* name : {"b", "c", "a"}) {
            Package package = packageOf(name);
            package.id = name;
            insert(package);
        }
        for (const Package& package : db().read(billing::listPackages)) {
            names += package.name;
        }
        CPPUNIT_ASSERT_EQUAL(std::string("abc"), names);
    }

    void eachWriteIsAnnounced() {
        insert(withEverything());
        CPPUNIT_ASSERT_EQUAL(std::string("p-1 "), takeAnnouncements(db()));
        db().transact([](Tx& tx) { billing::updatePackage(tx, withEverything(), kDatabaseMadeAt); });
        CPPUNIT_ASSERT_EQUAL(std::string("p-1 "), takeAnnouncements(db()));
        db().transact([](Tx& tx) { billing::deletePackage(tx, "p-1"); });
        CPPUNIT_ASSERT_EQUAL(std::string("p-1 "), takeAnnouncements(db()));
    }

private:
    void insert(const Package& package) {
        db().transact([&](Tx& tx) { billing::insertPackage(tx, package, kDatabaseMadeAt); });
    }
    std::string find(const std::string& name) {
        const auto package = db().read([&](Tx& tx) { return billing::findPackageByName(tx, name); });
        return package ? shown(*package) : "none";
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<PackageStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<PackageStoreTest>);

}  // namespace gardu::test
