#include "billing/outbox_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "billing/customer_store.h"
#include "core/check.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::test {

namespace {

using billing::BillingEvent;
using billing::OutboxItem;
using billing::OutboxResult;
using billing::OutboxRow;
using billing::OutboxStatus;
using core::Tx;

constexpr core::Instant kNow = kDatabaseMadeAt;
constexpr core::Seconds kMinute{60};

BillingEvent eventOf(const std::string& key, const std::string& templateName = "reminder") {
    BillingEvent event;
    event.action = "reminded";
    event.notify = templateName;
    event.dedupeKey = key;
    event.meta = {{"number", "INV-2027-000001"}, {"package", "\"Rumah\"\n\xf0\x9f\x98\x80"}};
    return event;
}

class OutboxStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(OutboxStoreTest);
    CPPUNIT_TEST(aNotificationComesBackWhole);
    CPPUNIT_TEST(eventsWithoutATemplateTellNobody);
    CPPUNIT_TEST(oneKeyIsOneNotification);
    CPPUNIT_TEST(manyKeysAreMoreThanOneStatement);
    CPPUNIT_TEST(aKeyMustBeThereAndFit);
    CPPUNIT_TEST(aTransactionThatFailsTellsNobody);
    CPPUNIT_TEST(onlyDueOnesOldestFirst);
    CPPUNIT_TEST(factsAreThoseOfNow);
    CPPUNIT_TEST(aClaimIsForOne);
    CPPUNIT_TEST(twoClaimAtTheSameTime);
    CPPUNIT_TEST(aClaimRunsOut);
    CPPUNIT_TEST(whatIsFinishedStaysFinished);
    CPPUNIT_TEST(wordsAreCutBetweenLetters);
    CPPUNIT_TEST(aRetryBeginsAnew);
    CPPUNIT_TEST(listsByStatusAndPage);
    CPPUNIT_TEST(prunesWhatIsOldAndOver);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        billing::Customer customer;
        customer.id = "c-1";
        customer.name = "Bu Sri";
        customer.email = "sri@example.net";
        customer.phone = "0812 3456 7890";
        customer.language = "en";
        db().transact([&](Tx& tx) { billing::insertCustomers(tx, {customer}, kNow); });
    }

private:
    void put(const std::vector<BillingEvent>& events, core::Instant now = kNow) {
        db().transact([&](Tx& tx) { billing::enqueueNotifications(tx, "c-1", events, now); });
    }
    std::vector<OutboxItem> due(core::Instant now, int most = 100) {
        return db().read([&](Tx& tx) { return billing::dueNotifications(tx, now, most); });
    }
    bool claim(const OutboxItem& item, core::Instant until) {
        return db().transact([&](Tx& tx) { return billing::claimNotification(tx, item, until); });
    }
    void finish(const std::string& id, const OutboxResult& result, core::Instant now = kNow) {
        db().transact([&](Tx& tx) { billing::finishNotification(tx, id, result, now); });
    }
    std::vector<OutboxRow> rows(const std::optional<std::string>& status = {}, const std::string& before = {},
                                int limit = 100) {
        return db().read([&](Tx& tx) { return billing::listOutbox(tx, status, before, limit); });
    }
    bool retry(const std::string& id, core::Instant now) {
        return db().transact([&](Tx& tx) { return billing::retryNotification(tx, id, now); });
    }
    std::int64_t waiting() {
        return db().read([](Tx& tx) { return billing::countWaitingNotifications(tx); });
    }
    void run(const char* sql) {
        db().transact([&](Tx& tx) { tx.execute(sql); });
    }

    void aNotificationComesBackWhole() {
        BillingEvent event = eventOf("reminder:i-1:3");
        event.subscriptionId = "s-1";
        event.invoiceId = "i-1";
        put({event});
        const auto items = due(kNow);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, items.size());
        const OutboxItem& item = items.front();
        CPPUNIT_ASSERT_EQUAL(std::size_t{36}, item.id.size());
        CPPUNIT_ASSERT_EQUAL(std::string("reminder"), item.templateName);
        CPPUNIT_ASSERT_EQUAL(std::string("c-1"), item.customerId);
        CPPUNIT_ASSERT(item.subscriptionId == "s-1" && item.invoiceId == "i-1");
        CPPUNIT_ASSERT(item.email == "sri@example.net" && item.phone == "0812 3456 7890");
        CPPUNIT_ASSERT(item.language == "en" && item.customerName == "Bu Sri");
        CPPUNIT_ASSERT(item.attempts == 0 && item.createdAt == kNow);
        const auto data = nlohmann::json::parse(item.data).get<std::map<std::string, std::string>>();
        CPPUNIT_ASSERT(data == event.meta);
    }

    void eventsWithoutATemplateTellNobody() {
        BillingEvent silent = eventOf("a");
        silent.notify.clear();
        put({silent});
        put({});
        CPPUNIT_ASSERT(due(kNow).empty());
    }

    void oneKeyIsOneNotification() {
        put({eventOf("a"), eventOf("a"), eventOf("b")});
        put({eventOf("b"), eventOf("c"), eventOf("A")});
        finish(due(kNow).front().id, {OutboxStatus::Sent, "smtp", "", {}});
        put({eventOf("a"), eventOf("b"), eventOf("c")});
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, rows().size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, waiting());
    }

    void manyKeysAreMoreThanOneStatement() {
        std::vector<BillingEvent> events;
        events.reserve(1'201);
        for (int i = 0; i < 1'201; ++i) {
            events.push_back(eventOf("key " + std::to_string(i)));
        }
        put({events[1'200], events[600], events[0]});
        put(events);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'201}, waiting());
    }

    void aKeyMustBeThereAndFit() {
        CPPUNIT_ASSERT_THROW(put({eventOf("")}), core::InvariantBroken);
        CPPUNIT_ASSERT_THROW(put({eventOf(std::string(191, 'k'))}), core::InvariantBroken);
        put({eventOf(std::string(190, 'k'))});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, waiting());
    }

    void aTransactionThatFailsTellsNobody() {
        CPPUNIT_ASSERT_THROW(db().transact([&](Tx& tx) {
            billing::enqueueNotifications(tx, "c-1", {eventOf("a")}, kNow);
            throw std::runtime_error("the payment could not be stored");
        }),
                             std::runtime_error);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, waiting());
    }

    void onlyDueOnesOldestFirst() {
        put({eventOf("late")}, kNow + 2 * kMinute);
        put({eventOf("old")}, kNow);
        put({eventOf("middle")}, kNow + kMinute);
        CPPUNIT_ASSERT(due(kNow - core::Milliseconds(1)).empty());
        const auto items = due(kNow + kMinute);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, items.size());
        CPPUNIT_ASSERT(items[0].createdAt == kNow && items[1].createdAt == kNow + kMinute);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, due(kNow + 9 * kMinute, 1).size());
    }

    void factsAreThoseOfNow() {
        run("INSERT INTO packages(id, name, bandwidth, price, currency, type, validity_count, "
            "validity_unit, on_expiry, simultaneous_policy, created_at, updated_at) "
            "VALUES ('p-1', 'Home', '1M/1M', 1, 'IDR', 'pppoe', 1, 'month', 'isolate', 'reject-new', 0, 0)");
        run("INSERT INTO subscriptions(id, customer_id, package_id, mikrotik_username, username_key, "
            "mikrotik_password, start_date, auto_renew, status, dunning_stage, created_at, updated_at) "
            "VALUES ('s-1', 'c-1', 'p-1', 'sri', 'sri', 'sealed', '2026-11-01', 1, 'active', 'isolated', 0, "
            "0)");
        run("INSERT INTO invoices(id, kind, number, customer_id, subscription_id, issued_at, issue_date, "
            "due_date, currency, net, tax, total, outstanding, status) VALUES ('i-1', 'invoice', 'INV-1', "
            "'c-1', 's-1', 0, '2026-11-01', '2026-11-10', 'IDR', 5, 0, 5, 5, 'unpaid')");
        BillingEvent event = eventOf("a");
        event.subscriptionId = "s-1";
        event.invoiceId = "i-1";
        put({event, eventOf("of nothing")});
        auto items = due(kNow);
        const std::size_t at = items[0].invoiceId ? 0 : 1;
        CPPUNIT_ASSERT(items[at].facts.invoiceStatus == "unpaid" && items[at].facts.stage == "isolated" &&
                       items[at].facts.subscriptionStatus == "active");
        CPPUNIT_ASSERT(!items[1 - at].facts.invoiceStatus && !items[1 - at].facts.stage);
        run("UPDATE invoices SET status = 'paid', outstanding = 0");
        run("UPDATE subscriptions SET dunning_stage = 'active', status = 'cancelled'");
        items = due(kNow);
        CPPUNIT_ASSERT(items[at].facts.invoiceStatus == "paid" && items[at].facts.stage == "active" &&
                       items[at].facts.subscriptionStatus == "cancelled");
    }

    void aClaimIsForOne() {
        put({eventOf("a")});
        const OutboxItem item = due(kNow).front();
        CPPUNIT_ASSERT(claim(item, kNow + kMinute));
        CPPUNIT_ASSERT(!claim(item, kNow + kMinute));
        CPPUNIT_ASSERT(due(kNow).empty());
    }

    void twoClaimAtTheSameTime() {
        core::Db other(databaseUrl());
        for (int round = 0; round < 20; ++round) {
            put({eventOf(std::to_string(round))}, kNow + round * kMinute);
            const OutboxItem item = due(kNow + round * kMinute).back();
            bool otherWon = false;
            std::thread thread([&] {
                otherWon = other.transact(
                    [&](Tx& tx) { return billing::claimNotification(tx, item, kNow + 99 * kMinute); });
            });
            const bool won = claim(item, kNow + 99 * kMinute);
            thread.join();
            CPPUNIT_ASSERT(won != otherWon);
        }
    }

    void aClaimRunsOut() {
        put({eventOf("a")});
        CPPUNIT_ASSERT(claim(due(kNow).front(), kNow + kMinute));
        CPPUNIT_ASSERT(due(kNow + kMinute - core::Milliseconds(1)).empty());
        const auto again = due(kNow + kMinute);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, again.size());
        CPPUNIT_ASSERT_EQUAL(1, again.front().attempts);
        CPPUNIT_ASSERT(claim(again.front(), kNow + 2 * kMinute));
    }

    void whatIsFinishedStaysFinished() {
        put({eventOf("a")});
        const std::string id = due(kNow).front().id;
        finish(id, {OutboxStatus::Waiting, "", "the relay was out of reach", kNow + 5 * kMinute});
        CPPUNIT_ASSERT(due(kNow + 4 * kMinute).empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, due(kNow + 5 * kMinute).size());
        CPPUNIT_ASSERT(!rows().front().finishedAt);
        finish(id, {OutboxStatus::Sent, "smtp", "250 accepted", {}}, kNow + 6 * kMinute);
        // Of a sender that was slow, or began later.
        finish(id, {OutboxStatus::Waiting, "", "late", kNow});
        finish(id, {OutboxStatus::Failed, "http", "late", {}});
        const OutboxRow row = rows().front();
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), row.status);
        CPPUNIT_ASSERT_EQUAL(std::string("250 accepted"), row.lastResult);
        CPPUNIT_ASSERT_EQUAL(std::string("smtp"), row.sentBy);
        CPPUNIT_ASSERT(row.finishedAt == kNow + 6 * kMinute);
        CPPUNIT_ASSERT(!claim(row.item, kNow));
        CPPUNIT_ASSERT(due(kNow + 99 * kMinute).empty());
    }

    void wordsAreCutBetweenLetters() {
        put({eventOf("a")});
        const std::string euro = "\xe2\x82\xac";
        std::string words = "x";
        for (int i = 0; i < 400; ++i) {
            words += euro;
        }
        finish(due(kNow).front().id, {OutboxStatus::Failed, "", words, {}});
        const std::string stored = rows().front().lastResult;
        CPPUNIT_ASSERT_EQUAL(std::size_t{499}, stored.size());
        CPPUNIT_ASSERT(stored.ends_with(euro));
    }

    void aRetryBeginsAnew() {
        put({eventOf("a"), eventOf("b")});
        const auto items = due(kNow);
        CPPUNIT_ASSERT(claim(items[0], kNow));
        finish(items[0].id, {OutboxStatus::Failed, "", "no such mailbox", {}});
        finish(items[1].id, {OutboxStatus::Sent, "http", "", {}});
        CPPUNIT_ASSERT(retry(items[0].id, kNow + kMinute));
        CPPUNIT_ASSERT(!retry(items[1].id, kNow + kMinute));
        CPPUNIT_ASSERT(!retry("nobody", kNow));
        const auto again = due(kNow + kMinute);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, again.size());
        CPPUNIT_ASSERT(again.front().id == items[0].id && again.front().attempts == 0);
        CPPUNIT_ASSERT(!rows("waiting").front().finishedAt);
    }

    void listsByStatusAndPage() {
        for (int i = 0; i < 5; ++i) {
            put({eventOf(std::to_string(i))}, kNow + i * kMinute);
        }
        finish(due(kNow).front().id, {OutboxStatus::Dropped, "", "the invoice is paid", {}});
        const auto first = rows({}, {}, 2);
        CPPUNIT_ASSERT(first[0].item.createdAt == kNow + 4 * kMinute);
        const auto second = rows({}, first[1].item.id, 2);
        CPPUNIT_ASSERT(second[0].item.createdAt == kNow + 2 * kMinute);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows({}, second[1].item.id, 2).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, rows("waiting").size());
        CPPUNIT_ASSERT_EQUAL(std::string("the invoice is paid"), rows("dropped").front().lastResult);
        CPPUNIT_ASSERT(rows("sent").empty());
    }

    void prunesWhatIsOldAndOver() {
        for (int i = 0; i < 5; ++i) {
            put({eventOf(std::to_string(i))}, kNow + i * kMinute);
        }
        const auto items = due(kNow + 5 * kMinute);
        for (const std::size_t over : {0U, 2U, 3U, 4U}) {
            finish(items[over].id, {OutboxStatus::Sent, "smtp", "", {}});
        }
        const auto prune = [&](core::Instant before, int most) {
            db().transact([&](Tx& tx) { billing::pruneOutbox(tx, before, most); });
            return rows().size();
        };
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, prune(kNow, 500));
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, prune(kNow + 4 * kMinute, 2));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, prune(kNow + 4 * kMinute, 500));
        // The one that waits, and the one that is young.
        CPPUNIT_ASSERT_EQUAL(items[4].id, rows()[0].item.id);
        CPPUNIT_ASSERT_EQUAL(items[1].id, rows()[1].item.id);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<OutboxStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<OutboxStoreTest>);

}  // namespace

}  // namespace gardu::test
