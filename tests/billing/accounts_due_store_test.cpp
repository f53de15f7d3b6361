#include <cppunit/extensions/HelperMacros.h>

#include "billing/account_store.h"
#include "tests/billing/store_world.h"

namespace gardu::test {

namespace {

using billing::DueAccount;
using core::Tx;

constexpr core::Instant at(int second) {
    return kDatabaseMadeAt + core::Seconds(second);
}

std::string shown(const std::vector<DueAccount>& due) {
    std::string text;
    for (const DueAccount& each : due) {
        text.append(each.subscriptionId).append("/").append(each.customerId).append(" ");
    }
    return text;
}

}  // namespace

/// What a billing run has to look at.
class AccountsDueStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(AccountsDueStoreTest);
    CPPUNIT_TEST(dueOnesInOrder);
    CPPUNIT_TEST(dueOnesInPages);
    CPPUNIT_TEST(parkedOnesAreLeftAlone);
    CPPUNIT_TEST(customersInPages);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeSubscribers(db());
    }

    void dueOnesInOrder() {
        setBillAt("s-1", at(2));
        setBillAt("s-2", at(1));
        setBillAt("s-3", at(2));
        CPPUNIT_ASSERT_EQUAL(std::string(), due(at(0), std::nullopt, 10));
        CPPUNIT_ASSERT_EQUAL(std::string("s-2/c-2 "), due(at(1), std::nullopt, 10));
        CPPUNIT_ASSERT_EQUAL(std::string("s-2/c-2 s-1/c-1 s-3/c-1 "), due(at(2), std::nullopt, 10));
        setBillAt("s-1", std::nullopt);
        CPPUNIT_ASSERT_EQUAL(std::string("s-2/c-2 s-3/c-1 "), due(at(2), std::nullopt, 10));
    }

    void dueOnesInPages() {
        // All are of one time at first, and 1970 is one.
        std::optional<DueAccount> after;
        std::string text;
        setBillAt("s-3", at(1));
        setBillAt("s-2", at(1));
        for (int page = 0; page < 4; ++page) {
            const auto found =
                db().read([&](Tx& tx) { return billing::dueAccounts(tx, at(1), after, page == 1 ? 2 : 1); });
            text.append(shown(found)).append("| ");
            after = found.empty() ? after : std::optional(found.back());
        }
        CPPUNIT_ASSERT_EQUAL(std::string("s-1/c-1 | s-2/c-2 s-3/c-1 | | | "), text);
        CPPUNIT_ASSERT_EQUAL(std::string("s-3/c-1 "), due(at(1), DueAccount{"c-2", "s-2", at(1)}, 2));
    }

    void parkedOnesAreLeftAlone() {
        setBillAt("s-3", std::nullopt);
        park("c-1", "too many invoices", at(1));
        park("c-1", "another reason", at(2));
        CPPUNIT_ASSERT_EQUAL(std::string("s-2/c-2 "), due(at(0), std::nullopt, 10));
        park("c-2", std::string(600, 'x'), at(3));
        const auto parked = db().read(billing::parkedSubscriptions);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, parked.size());
        CPPUNIT_ASSERT(parked[0].subscriptionId == "s-1" && parked[0].username == "user-s-1" &&
                       parked[0].customerName == "Customer c-1" && parked[0].reason == "too many invoices");
        CPPUNIT_ASSERT_EQUAL(std::string(500, 'x'), parked[1].reason);
        unpark("c-1");
        CPPUNIT_ASSERT_EQUAL(std::string("s-1/c-1 "), due(at(0), std::nullopt, 10));
    }

    void customersInPages() {
        const auto page = [&](const char* after, int most) {
            return db().read([&](Tx& tx) { return billing::customersAfter(tx, after, most); });
        };
        CPPUNIT_ASSERT(page("", 10) == (std::vector<std::string>{"c-1", "c-2"}));
        CPPUNIT_ASSERT(page("", 1) == (std::vector<std::string>{"c-1"}));
        CPPUNIT_ASSERT(page("c-1", 10) == (std::vector<std::string>{"c-2"}));
        CPPUNIT_ASSERT(page("c-2", 10).empty());
    }

private:
    void unpark(const char* customer) {
        db().transact([&](Tx& tx) {
            const auto packages = billing::loadPricedPackages(tx);
            auto account = billing::loadAccount(tx, customer, packages, day("2026-12-22")).value();
            account.subscriptions[0].state.parkedReason.reset();
            billing::AccountChanges changes;
            changes.subscriptions = {0};
            billing::storeAccount(tx, {account, changes, kDatabaseMadeAt, day("2026-12-22")});
        });
    }
    void setBillAt(const char* subscription, const std::optional<core::Instant>& billAt) {
        db().transact([&](Tx& tx) {
            tx.execute("UPDATE subscription_billing SET bill_at = ? WHERE subscription_id = ?",
                       {core::toValue(billAt), std::string(subscription)});
        });
    }
    std::string due(core::Instant now, const std::optional<DueAccount>& after, int most) {
        return shown(db().read([&](Tx& tx) { return billing::dueAccounts(tx, now, after, most); }));
    }
    void park(const char* customer, const std::string& reason, core::Instant now) {
        db().transact([&](Tx& tx) { billing::parkAccount(tx, customer, reason, now); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<AccountsDueStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<AccountsDueStoreTest>);

}  // namespace gardu::test
