#include "radius/directory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "core/check.h"
#include "tests/support/threads.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using billing::SubscriberRecord;
using Put = Directory::Put;

core::Date day(std::string_view text) {
    return core::parseDate(text).value();
}

billing::Package packageOf(const std::string& id, const std::string& bandwidth) {
    billing::Package package;
    package.id = id;
    package.name = id;
    package.bandwidth = bandwidth;
    return package;
}

SubscriberRecord recordOf(const std::string& key) {
    SubscriberRecord record;
    record.usernameKey = key;
    record.subscription.id = "018f9d2e-0000-7000-8000-00000000000a";
    record.subscription.packageId = "home";
    record.subscription.username = key;
    record.subscription.sealedPassword = "c2VhbGVk";
    record.subscription.startDate = day("2026-11-01");
    return record;
}

struct ChangeCase {
    std::string_view what;
    void (*change)(SubscriberRecord&);
    Put expected;
};

const ChangeCase kChanges[] = {
    {"nothing", [](auto&) {}, Put::Same},
    {"names that the directory does not keep",
     [](auto& r) {
         r.customerName = "other";
         r.packageName = "other";
         r.subscription.autoRenew = false;
     },
     Put::Same},
    {"id", [](auto& r) { r.subscription.id = "018f9d2e-0000-7000-8000-00000000000b"; }, Put::Changed},
    {"password", [](auto& r) { r.subscription.sealedPassword = "b3RoZXI="; }, Put::Changed},
    {"package", [](auto& r) { r.subscription.packageId = "gold"; }, Put::Changed},
    {"start", [](auto& r) { r.subscription.startDate = day("2026-11-02"); }, Put::Changed},
    {"end", [](auto& r) { r.subscription.endDate = day("2026-12-01"); }, Put::Changed},
    {"status", [](auto& r) { r.subscription.status = billing::SubscriptionStatus::Suspended; }, Put::Changed},
    {"customer", [](auto& r) { r.customerStatus = billing::CustomerStatus::Suspended; }, Put::Changed},
    {"address", [](auto& r) { r.subscription.addresses.ipv4 = "10.0.0.2"; }, Put::Changed},
    {"prefix", [](auto& r) { r.subscription.addresses.framedIpv6Prefix = "::/64"; }, Put::Changed},
    {"delegated", [](auto& r) { r.subscription.addresses.delegatedIpv6Prefix = "::/64"; }, Put::Changed},
    {"route", [](auto& r) { r.subscription.addresses.framedRoutes = {"10.0.0.0/8"}; }, Put::Changed},
};

class DirectoryTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DirectoryTest);
    CPPUNIT_TEST(findsWhatWasPut);
    CPPUNIT_TEST(daysAreThoseOfTheZone);
    CPPUNIT_TEST(everyFieldOfTheFactsCounts);
    CPPUNIT_TEST(changeOfAPackageIsForAllItsSubscribers);
    CPPUNIT_TEST(packageThatIsGoneKeepsItsLastPolicy);
    CPPUNIT_TEST(erases);
    CPPUNIT_TEST(erasesWhatAWalkDidNotTouch);
    CPPUNIT_TEST(brokenRecordsAreOurBug);
    CPPUNIT_TEST(manyKeys);
    CPPUNIT_TEST(readersSeeOneStateOrTheOther);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        directory_.putPackages({packageOf("home", "10M/10M"), packageOf("gold", "50M/50M")});
    }

    void findsWhatWasPut() {
        SubscriberRecord record = recordOf("bob");
        record.subscription.addresses.ipv4 = "10.0.0.2";
        CPPUNIT_ASSERT(directory_.put(record, 1) == Put::Added);
        const DirectoryHit hit = directory_.find("bob").value();
        CPPUNIT_ASSERT_EQUAL(record.subscription.id, core::toText(hit.subscriptionId));
        CPPUNIT_ASSERT_EQUAL("sealed"s, std::string(core::asText(hit.sealedPassword)));
        CPPUNIT_ASSERT_EQUAL("10M/10M"s, hit.facts.package->rateLimit);
        CPPUNIT_ASSERT_EQUAL("isolir"s, hit.facts.package->isolation.addressList);
        CPPUNIT_ASSERT(hit.facts.addresses.ipv4 == "10.0.0.2");
        CPPUNIT_ASSERT(!hit.facts.accessUntil);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, directory_.size());
        for (const char* other : {"", "Bob", "bob ", "bo", "bobb"}) {
            CPPUNIT_ASSERT_MESSAGE(other, !directory_.find(other));
        }
    }

    void daysAreThoseOfTheZone() {
        SubscriberRecord record = recordOf("bob");
        record.subscription.endDate = day("2026-11-22");
        directory_.put(record, 1);
        const DirectoryHit hit = directory_.find("bob").value();
        CPPUNIT_ASSERT(hit.facts.accessFrom == core::parseInstant("2026-11-01T00:00:00+07:00"));
        CPPUNIT_ASSERT(hit.facts.accessUntil == core::parseInstant("2026-11-23T00:00:00+07:00"));
    }

    void everyFieldOfTheFactsCounts() {
        for (const ChangeCase& row : kChanges) {
            Directory directory(core::Zone("Asia/Jakarta"), {});
            directory.putPackages({packageOf("home", "10M/10M"), packageOf("gold", "50M/50M")});
            SubscriberRecord record = recordOf("bob");
            directory.put(record, 1);
            row.change(record);
            CPPUNIT_ASSERT_MESSAGE(std::string(row.what), directory.put(record, 1) == row.expected);
            CPPUNIT_ASSERT_MESSAGE(std::string(row.what), directory.put(record, 1) == Put::Same);
            CPPUNIT_ASSERT_MESSAGE(std::string(row.what) + ", back",
                                   directory.put(recordOf("bob"), 1) == row.expected);
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, directory.size());
        }
    }

    void changeOfAPackageIsForAllItsSubscribers() {
        directory_.put(recordOf("ann"), 1);
        directory_.put(recordOf("bob"), 1);
        const DirectoryHit before = directory_.find("bob").value();
        directory_.putPackages({packageOf("home", "20M/20M")});
        CPPUNIT_ASSERT_EQUAL("20M/20M"s, directory_.find("ann")->facts.package->rateLimit);
        CPPUNIT_ASSERT_EQUAL("20M/20M"s, directory_.find("bob")->facts.package->rateLimit);
        CPPUNIT_ASSERT_EQUAL("10M/10M"s, before.facts.package->rateLimit);
    }

    void packageThatIsGoneKeepsItsLastPolicy() {
        directory_.put(recordOf("bob"), 1);
        directory_.putPackages({packageOf("gold", "60M/60M")});
        CPPUNIT_ASSERT_EQUAL("10M/10M"s, directory_.find("bob")->facts.package->rateLimit);
        CPPUNIT_ASSERT(directory_.knowsPackage("home") && !directory_.knowsPackage("silver"));
    }

    void erases() {
        directory_.put(recordOf("bob"), 1);
        CPPUNIT_ASSERT(!directory_.erase("ann"));
        CPPUNIT_ASSERT(directory_.erase("bob"));
        CPPUNIT_ASSERT(!directory_.erase("bob"));
        CPPUNIT_ASSERT(!directory_.find("bob"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, directory_.size());
    }

    void erasesWhatAWalkDidNotTouch() {
        for (const char* key : {"a", "b", "c", "d"}) {
            directory_.put(recordOf(key), 1);
        }
        directory_.put(recordOf("a"), 2);
        SubscriberRecord changed = recordOf("b");
        changed.subscription.packageId = "gold";
        directory_.put(changed, 2);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, directory_.eraseOlderThan(2));
        CPPUNIT_ASSERT(directory_.find("a") && directory_.find("b"));
        CPPUNIT_ASSERT(!directory_.find("c") && !directory_.find("d"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, directory_.size());
    }

    void brokenRecordsAreOurBug() {
        void (*const breaks[])(SubscriberRecord&) = {
            [](SubscriberRecord& r) { r.subscription.id = "7"; },
            [](SubscriberRecord& r) { r.subscription.sealedPassword = "not base64!"; },
            [](SubscriberRecord& r) { r.subscription.packageId = "silver"; },
        };
        for (const auto change : breaks) {
            SubscriberRecord record = recordOf("bob");
            change(record);
            CPPUNIT_ASSERT_THROW(directory_.put(record, 1), core::InvariantBroken);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, directory_.size());
    }

    void manyKeys() {
        constexpr int kMany = 20'000;
        for (int i = 0; i < kMany; ++i) {
            directory_.put(recordOf("user" + std::to_string(i)), 1);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{kMany}, directory_.size());
        for (int i = 0; i < kMany; ++i) {
            CPPUNIT_ASSERT(directory_.find("user" + std::to_string(i)));
        }
        CPPUNIT_ASSERT(!directory_.find("user" + std::to_string(kMany)));
    }

    void readersSeeOneStateOrTheOther() {
        SubscriberRecord suspended = recordOf("bob");
        suspended.subscription.status = billing::SubscriptionStatus::Suspended;
        suspended.subscription.packageId = "gold";
        suspended.subscription.addresses.ipv4 = "10.0.0.2";
        directory_.put(recordOf("bob"), 1);
        std::atomic<bool> done{false};
        std::atomic<int> mixed{0};
        gardu::test::inThreads(3, [&](int thread) {
            if (thread == 0) {
                for (int i = 0; i < 2'000; ++i) {
                    directory_.put(i % 2 == 0 ? suspended : recordOf("bob"), 1);
                    directory_.putPackages({packageOf("home", "10M/10M")});
                    directory_.put(recordOf("u" + std::to_string(i)), 1);
                    directory_.erase("u" + std::to_string(i - 10));
                }
                done.store(true);
                return;
            }
            while (!done.load()) {
                const DirectoryHit hit = directory_.find("bob").value();
                const bool isSuspended = hit.facts.status == billing::SubscriptionStatus::Suspended;
                const bool whole = isSuspended == hit.facts.addresses.ipv4.has_value() &&
                                   isSuspended == (hit.facts.package->id == "gold");
                mixed.fetch_add(whole ? 0 : 1);
            }
        });
        CPPUNIT_ASSERT_EQUAL(0, mixed.load());
    }

private:
    Directory directory_{core::Zone("Asia/Jakarta"), {300, {"isolir", "64k/64k", 600}}};
};
CPPUNIT_TEST_SUITE_REGISTRATION(DirectoryTest);

}  // namespace
}  // namespace gardu::radius
