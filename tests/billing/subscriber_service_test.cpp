#include "billing/subscriber_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"
#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using billing::SubscriberChange;
using billing::SubscriberInput;
using billing::SubscriberRecord;

constexpr const char* kMac = "00:1A:2B:3C:4D:EF";

constexpr const char* kOddNames[] = {
    "O'Brien", "\"x\"; DROP TABLE subscriptions; --", "\xF0\x9F\x98\x80", "a\\b", "%", "budi@gardu.example",
};

}  // namespace

class SubscriberServiceTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SubscriberServiceTest);
    CPPUNIT_TEST(addsWithACustomerOfHisOwn);
    CPPUNIT_TEST(addsToTheCustomerOfThatName);
    CPPUNIT_TEST(customerNameOfSeveralIsRefused);
    CPPUNIT_TEST(takesOddNames);
    CPPUNIT_TEST(allWrongFieldsAtOnce);
    CPPUNIT_TEST(takenNameIsRefused);
    CPPUNIT_TEST(macAddressInAnotherFormatIsTaken);
    CPPUNIT_TEST(takenAddressIsRefused);
    CPPUNIT_TEST(unknownIsRefused);
    CPPUNIT_TEST(updatesOnlyWhatIsNamed);
    CPPUNIT_TEST(updateTakesThingsAway);
    CPPUNIT_TEST(keepsItsOwnAddressAndName);
    CPPUNIT_TEST(wrongUpdateChangesNothing);
    CPPUNIT_TEST(nameWithoutPasswordIsForMacAddresses);
    CPPUNIT_TEST(passwordIsSealedForItsRow);
    CPPUNIT_TEST(customerGoesWithTheLast);
    CPPUNIT_TEST(moneyStays);
    CPPUNIT_TEST(oneOfSeveralAtOnceGetsTheName);
    CPPUNIT_TEST(oneOfSeveralAtOnceGetsTheAddress);
    CPPUNIT_TEST(updatesAtOnceLoseNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        billing::addPackage(db(), packageOf("Home 10"), actAt());
        billing::addPackage(db(), packageOf("Home 20"), actAt());
        (void)takeAnnouncements(db());
    }

    void addsWithACustomerOfHisOwn() {
        const SubscriberRecord record = add(subscriberOf("bob"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("bob, bob, Home 10"),
            record.subscription.username + ", " + record.customerName + ", " + record.packageName);
        CPPUNIT_ASSERT(record.subscription.startDate == day("2026-11-22"));
        CPPUNIT_ASSERT(record.subscription.endDate == day("2026-12-21"));
        CPPUNIT_ASSERT(record.subscription.status == billing::SubscriptionStatus::Active);
        CPPUNIT_ASSERT_EQUAL(std::string("pass of bob"), password("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("bob "), takeAnnouncements(db()));
    }

    void addsToTheCustomerOfThatName() {
        const std::string first = add(inputOf("bob", "Pak Budi")).subscription.customerId;
        CPPUNIT_ASSERT_EQUAL(first, add(inputOf("eve", "Pak Budi")).subscription.customerId);
        CPPUNIT_ASSERT(first != add(inputOf("ann", "pak budi")).subscription.customerId);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, countRows(db(), "customers"));
    }

    void customerNameOfSeveralIsRefused() {
        add(subscriberOf("Budi"));
        db().transact([](core::Tx& tx) {
            tx.execute(
                "INSERT INTO customers(id, name, created_at, updated_at) VALUES ('c-1', 'Budi', 0, 0)");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("customer "),
                             refusedFields([&] { return add(inputOf("x", "Budi")); }));
    }

    void takesOddNames() {
        for (const char* name : kOddNames) {
            add(inputOf(name, name));
            SubscriberChange change;
            change.password = name;
            CPPUNIT_ASSERT_EQUAL(std::string(name), update(name, change).customerName);
            CPPUNIT_ASSERT_EQUAL(std::string(name), password(name));
            billing::removeSubscriber(db(), name, actAt());
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0},
                             countRows(db(), "subscriptions") + countRows(db(), "customers"));
    }

    void allWrongFieldsAtOnce() {
        SubscriberInput taken = subscriberOf("bob");
        taken.addresses.ipv4 = "10.0.0.2";
        add(taken);
        taken.customerName = "Pak Budi";
        taken.password = "";
        taken.packageName = "Home 99";
        taken.endDate = day("2026-11-21");
        taken.addresses.framedIpv6Prefix = "x";
        CPPUNIT_ASSERT_EQUAL(std::string("password framed_ipv6_prefix end_date package username static_ip "),
                             refusedFields([&] { return add(taken); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "customers"));
    }

    void takenNameIsRefused() {
        add(subscriberOf("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("username "),
                             refusedFields([&] { return add(inputOf("bob", "Pak Budi")); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "customers"));
        add(subscriberOf("Bob"));
    }

    void macAddressInAnotherFormatIsTaken() {
        add(subscriberOf(kMac));
        for (const char* other : {"00-1a-2b-3c-4d-ef", "001A.2B3C.4DEF", "001a2b3c4def"}) {
            CPPUNIT_ASSERT_EQUAL(std::string("username "),
                                 refusedFields([&] { return add(subscriberOf(other)); }));
            CPPUNIT_ASSERT_EQUAL(std::string(kMac),
                                 billing::getSubscriber(db(), other).subscription.username);
        }
    }

    void takenAddressIsRefused() {
        SubscriberInput bob = subscriberOf("bob");
        bob.addresses.ipv4 = "10.0.0.2";
        add(bob);
        SubscriberInput eve = subscriberOf("eve");
        eve.addresses.ipv4 = "10.0.0.2";
        CPPUNIT_ASSERT_EQUAL(std::string("static_ip "), refusedFields([&] { return add(eve); }));
        add(subscriberOf("eve"));
        SubscriberChange change;
        change.addresses = eve.addresses;
        CPPUNIT_ASSERT_EQUAL(std::string("static_ip "), refusedFields([&] { return update("eve", change); }));
    }

    void unknownIsRefused() {
        const std::string words = "there is no subscriber \"bob\"";
        CPPUNIT_ASSERT_EQUAL(words, refusedFields([&] { return billing::getSubscriber(db(), "bob"); }));
        CPPUNIT_ASSERT_EQUAL(words, refusedFields([&] { return update("bob", {}); }));
        CPPUNIT_ASSERT_EQUAL(words, refusedFields([&] {
                                 billing::removeSubscriber(db(), "bob", actAt());
                                 return 0;
                             }));
    }

    void updatesOnlyWhatIsNamed() {
        SubscriberInput input = subscriberOf("bob");
        input.addresses = {"10.0.0.2", std::nullopt, std::nullopt, {"192.168.9.0/24"}};
        add(input);
        (void)takeAnnouncements(db());
        SubscriberChange change;
        change.packageName = "Home 20";
        change.status = billing::SubscriptionStatus::Suspended;
        const SubscriberRecord record = update("bob", change);
        CPPUNIT_ASSERT_EQUAL(std::string("Home 20"), record.packageName);
        CPPUNIT_ASSERT(record.subscription.status == billing::SubscriptionStatus::Suspended);
        CPPUNIT_ASSERT(record.subscription.endDate == input.endDate);
        CPPUNIT_ASSERT(record.subscription.addresses == input.addresses);
        CPPUNIT_ASSERT_EQUAL(std::string("pass of bob"), password("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("bob "), takeAnnouncements(db()));
    }

    void updateTakesThingsAway() {
        SubscriberInput input = subscriberOf("bob");
        input.addresses.ipv4 = "10.0.0.2";
        add(input);
        SubscriberChange change;
        change.endDate.emplace(std::nullopt);
        change.addresses.emplace();
        const SubscriberRecord record = update("bob", change);
        CPPUNIT_ASSERT(!record.subscription.endDate && !record.subscription.addresses.ipv4);
    }

    void keepsItsOwnAddressAndName() {
        SubscriberInput input = subscriberOf(kMac);
        input.addresses.ipv4 = "10.0.0.2";
        add(input);
        (void)takeAnnouncements(db());
        SubscriberChange change;
        change.addresses = input.addresses;
        change.newUsername = "001a.2b3c.4def";
        CPPUNIT_ASSERT_EQUAL(std::string("001a.2b3c.4def"), update(kMac, change).subscription.username);
        CPPUNIT_ASSERT_EQUAL(std::string("001a2b3c4def "), takeAnnouncements(db()));
        change.newUsername = "bob";
        update(kMac, change);
        CPPUNIT_ASSERT_EQUAL(std::string("bob 001a2b3c4def "), takeAnnouncements(db()));
    }

    void wrongUpdateChangesNothing() {
        add(subscriberOf("bob"));
        add(subscriberOf("eve"));
        (void)takeAnnouncements(db());
        SubscriberChange change;
        change.newUsername = "eve";
        change.password = std::string(129, 'x');
        change.endDate = day("2020-01-01");
        change.packageName = "Home 99";
        change.addresses.emplace().ipv4 = "127.0.0.1";
        CPPUNIT_ASSERT_EQUAL(std::string("password static_ip end_date package username "),
                             refusedFields([&] { return update("bob", change); }));
        CPPUNIT_ASSERT_EQUAL(std::string("pass of bob"), password("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string(), takeAnnouncements(db()));
        change = {};
        change.newUsername = " ";
        CPPUNIT_ASSERT_EQUAL(std::string("new_username "),
                             refusedFields([&] { return update("bob", change); }));
    }

    void nameWithoutPasswordIsForMacAddresses() {
        SubscriberInput input = subscriberOf(kMac);
        input.password = "";
        add(input);
        SubscriberChange change;
        change.newUsername = "bob";
        CPPUNIT_ASSERT_EQUAL(std::string("password "), refusedFields([&] { return update(kMac, change); }));
        change.password = "x";
        update(kMac, change);
        CPPUNIT_ASSERT_EQUAL(std::string("x"), password("bob"));
    }

    void passwordIsSealedForItsRow() {
        const auto bob = add(subscriberOf("bob")).subscription;
        const auto eve = add(subscriberOf("eve")).subscription;
        CPPUNIT_ASSERT(bob.sealedPassword.find("pass of") == std::string::npos);
        bool opens = true;
        try {
            (void)vault_.open(billing::passwordCell(eve.id), bob.sealedPassword);
        } catch (const core::VaultError&) {
            opens = false;
        }
        CPPUNIT_ASSERT(!opens);
    }

    void customerGoesWithTheLast() {
        add(inputOf("bob", "Pak Budi"));
        add(inputOf("eve", "Pak Budi"));
        (void)takeAnnouncements(db());
        billing::removeSubscriber(db(), "bob", actAt());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "customers"));
        billing::removeSubscriber(db(), "eve", actAt());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "customers"));
        CPPUNIT_ASSERT_EQUAL(std::string("bob eve "), takeAnnouncements(db()));
    }

    void moneyStays() {
        const std::string paid = add(subscriberOf("bob")).subscription.id;
        const std::string logged = add(subscriberOf("eve")).subscription.id;
        db().transact([&](core::Tx& tx) {
            tx.execute(
                "INSERT INTO payments(id, kind, source, reference, subscription_id, method, amount, "
                "currency, paid_at, note, created_at) "
                "VALUES ('p-1', 'payment', 'manual', 'r-1', ?, 'cash', 1, 'IDR', 0, '', 0)",
                {paid});
            tx.execute(
                "INSERT INTO billing_logs(id, subscription_id, action, message, meta, created_at) VALUES "
                "('l-1', ?, 'x', 'x', '{}', 0)",
                {logged});
        });
        for (const char* name : {"bob", "eve"}) {
            const std::string words = refusedFields([&] {
                billing::removeSubscriber(db(), name, actAt());
                return 0;
            });
            CPPUNIT_ASSERT_MESSAGE(words, words.find("cancel it instead") != std::string::npos);
            CPPUNIT_ASSERT_EQUAL(std::string(name), billing::getSubscriber(db(), name).customerName);
        }
    }

    void oneOfSeveralAtOnceGetsTheName() {
        CPPUNIT_ASSERT_EQUAL(std::string("1 taken, 3 refused"),
                             atOnce([](int) { return subscriberOf("bob"); }, "username "));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "customers"));
    }

    void oneOfSeveralAtOnceGetsTheAddress() {
        const auto input = [](int index) {
            SubscriberInput each = subscriberOf("user" + std::to_string(index));
            each.addresses.ipv4 = "10.0.0.2";
            return each;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("1 taken, 3 refused"), atOnce(input, "static_ip "));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "customers"));
    }

    // A payment moves the end while an operator changes the password.
    void updatesAtOnceLoseNothing() {
        add(subscriberOf("bob"));
        inThreads(2, [&](int index) {
            for (int i = 1; i <= 30; ++i) {
                SubscriberChange change;
                if (index == 0) {
                    change.endDate = core::addDays(day("2027-01-01"), i);
                } else {
                    change.password = std::to_string(i);
                }
                update("bob", change);
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::string("30"), password("bob"));
        CPPUNIT_ASSERT(billing::getSubscriber(db(), "bob").subscription.endDate == day("2027-01-31"));
    }

private:
    static SubscriberInput inputOf(const std::string& username, const std::string& customer) {
        SubscriberInput input = subscriberOf(username);
        input.customerName = customer;
        return input;
    }
    SubscriberRecord add(const SubscriberInput& input) {
        return billing::addSubscriber(db(), vault_, input, actAt());
    }
    SubscriberRecord update(const std::string& username, SubscriberChange change) {
        change.username = username;
        return billing::updateSubscriber(db(), vault_, change, actAt());
    }
    std::string password(const std::string& username) {
        const auto subscription = billing::getSubscriber(db(), username).subscription;
        return std::string(
            vault_.open(billing::passwordCell(subscription.id), subscription.sealedPassword).text());
    }
    /// Four threads each add one.
    std::string atOnce(const std::function<SubscriberInput(int)>& input, const std::string& refusal) {
        std::atomic<int> taken = 0;
        std::atomic<int> refused = 0;
        inThreads(4, [&](int index) {
            try {
                const std::string result = refusedFields([&] { return add(input(index)); });
                taken += result == "taken" ? 1 : 0;
                refused += result == refusal ? 1 : 0;
            } catch (const core::DbError&) {
                return;  // counted as neither
            }
        });
        return std::to_string(taken) + " taken, " + std::to_string(refused) + " refused";
    }

    core::Vault vault_ = testVault();
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<SubscriberServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<SubscriberServiceTest>);

}  // namespace gardu::test
