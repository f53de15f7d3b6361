#include "billing/package_terms_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include "billing/package_store.h"
#include "tests/billing/store_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Package;
using core::Tx;

/// Every field another than its default.
billing::BillingTerms allTerms() {
    billing::BillingTerms terms;
    terms.mode = billing::BillingMode::Postpaid;
    terms.invoiceAt = billing::InvoiceAt::Start;
    terms.firstPeriod = billing::FirstPeriod::Full;
    terms.lateRenewal = billing::LateRenewal::FromEnd;
    terms.whileSuspended = billing::WhileSuspended::Credit;
    terms.trialDays = 3;
    terms.invoiceDays = 0;
    terms.dueDays = 14;
    terms.taxCode = "PPN";
    terms.ladder = {.graceDays = 2,
                    .suspendDays = 30,
                    .terminateDays = 90,
                    .noticeDays = 0,
                    .tolerance = 9'007'199'254'740'993,
                    .noCutWeekdays = {0, 6},
                    .cutFromMinute = 480,
                    .cutUntilMinute = 1020,
                    .remindDays = {7, 1, -2}};
    return terms;
}

billing::QuotaPolicy allQuota() {
    billing::QuotaPolicy quota;
    quota.period = billing::QuotaPeriod::Day;
    // Not in the order of their text.
    quota.tiers = {{900'000'000, "5M/5M"}, {10'000'000'000, "1M/1M"}, {9'007'199'254'740'993, std::nullopt}};
    quota.uploadWeight = 0;
    quota.downloadWeight = 50;
    quota.freeFromHour = 23;
    quota.freeUntilHour = 5;
    quota.onPackageChange = billing::QuotaOnChange::Reset;
    return quota;
}

Package packageWith(const std::string& id) {
    Package package = packageOf("Package " + id);
    package.id = id;
    return package;
}

bool same(const Package& a, const Package& b) {
    return a.id == b.id && a.terms == b.terms && a.quota == b.quota;
}

}  // namespace

class PackageTermsStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(PackageTermsStoreTest);
    CPPUNIT_TEST(keepsEveryField);
    CPPUNIT_TEST(keepsWhatIsNotSet);
    CPPUNIT_TEST(updatesEveryField);
    CPPUNIT_TEST(withoutARowTheDefaults);
    CPPUNIT_TEST(eachOfManyHasItsOwn);
    CPPUNIT_TEST(goesWithItsPackage);
    CPPUNIT_TEST(packageOfANextPeriodIsInUse);
    CPPUNIT_TEST(taxes);
    CPPUNIT_TEST(holidays);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        db().transact([](Tx& tx) {
            billing::insertTax(tx, {"PPN", "Pajak", 110'000, true}, kDatabaseMadeAt);
        });
    }

    void keepsEveryField() {
        const Package package = withEverything();
        insert(package);
        CPPUNIT_ASSERT(same(package, find(package.name)));
        CPPUNIT_ASSERT(same(package, db().transact([&](Tx& tx) {
            return billing::lockPackageByName(tx, package.name).value();
        })));
    }

    void keepsWhatIsNotSet() {
        Package package = packageWith("p-1");
        package.terms.ladder.remindDays.clear();
        insert(package);
        CPPUNIT_ASSERT(same(package, find(package.name)));
    }

    void updatesEveryField() {
        const Package plain = packageWith("p-1");
        insert(plain);
        update(withEverything());
        CPPUNIT_ASSERT(same(withEverything(), find(plain.name)));
        Package fewer = withEverything();
        fewer.quota->tiers.pop_back();
        update(fewer);
        CPPUNIT_ASSERT(same(fewer, find(plain.name)));
        update(plain);
        CPPUNIT_ASSERT(same(plain, find(plain.name)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "package_quota_tiers"));
    }

    void withoutARowTheDefaults() {
        insert(withEverything());
        db().transact([](Tx& tx) {
            tx.execute("DELETE FROM package_terms");
            tx.execute("DELETE FROM package_quotas");
            tx.execute("DELETE FROM package_quota_tiers");
        });
        CPPUNIT_ASSERT(same(packageWith("p-1"), find("Package p-1")));
    }

    void eachOfManyHasItsOwn() {
        insert(packageWith("p-0"));
        insert(withEverything());
        insert(packageWith("p-2"));
        const auto packages = db().read(billing::listPackages);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, packages.size());
        CPPUNIT_ASSERT(same(packageWith("p-0"), packages[0]) && same(withEverything(), packages[1]) &&
                       same(packageWith("p-2"), packages[2]));
    }

    void goesWithItsPackage() {
        insert(withEverything());
        db().transact([](Tx& tx) { billing::deletePackage(tx, "p-1"); });
        for (const char* table : {"package_terms", "package_quotas", "package_quota_tiers"}) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), table));
        }
    }

    void packageOfANextPeriodIsInUse() {
        makeSubscribers(db());
        insert(packageWith("p-2"));
        const auto count = [&] {
            return db().read([](Tx& tx) { return billing::countSubscriptionsOfPackage(tx, "p-2"); });
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count());
        db().transact([](Tx& tx) {
            tx.execute(
                "UPDATE subscription_billing SET next_package_id = 'p-2' WHERE subscription_id = 's-1'");
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count());
    }

    void taxes() {
        db().transact([](Tx& tx) {
            billing::insertTax(tx, {"BTW", "Belasting", 0, false}, kDatabaseMadeAt);
        });
        const auto stored = db().read(billing::listTaxes);
        CPPUNIT_ASSERT(stored == (std::vector<billing::Tax>{{"BTW", "Belasting", 0, false},
                                                            {"PPN", "Pajak", 110'000, true}}));
        CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] {
            db().transact([](Tx& tx) { billing::insertTax(tx, {"PPN", "x", 1, false}, kDatabaseMadeAt); });
        }));
    }

    void holidays() {
        db().transact([](Tx& tx) {
            billing::putHoliday(tx, {day("2027-01-01"), "New Year"});
            billing::putHoliday(tx, {day("2026-12-25"), "Natal"});
            billing::putHoliday(tx, {day("2027-01-01"), "Tahun Baru"});
            billing::putHoliday(tx, {day("2027-08-17"), "Kemerdekaan"});
            billing::deleteHoliday(tx, day("2027-08-17"));
        });
        const auto stored = db().read(billing::listHolidays);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, stored.size());
        CPPUNIT_ASSERT(stored[0].day == day("2026-12-25") && stored[0].name == "Natal");
        CPPUNIT_ASSERT(stored[1].day == day("2027-01-01") && stored[1].name == "Tahun Baru");
    }

private:
    static Package withEverything() {
        Package package = packageWith("p-1");
        package.terms = allTerms();
        package.quota = allQuota();
        return package;
    }
    void insert(const Package& package) {
        db().transact([&](Tx& tx) { billing::insertPackage(tx, package, kDatabaseMadeAt); });
    }
    void update(const Package& package) {
        db().transact([&](Tx& tx) { billing::updatePackage(tx, package, kDatabaseMadeAt); });
    }
    Package find(const std::string& name) {
        return db().read([&](Tx& tx) { return billing::findPackageByName(tx, name).value(); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<PackageTermsStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<PackageTermsStoreTest>);

}  // namespace gardu::test
