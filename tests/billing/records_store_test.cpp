#include "billing/records_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/support/database_suite.h"

namespace gardu::test {

namespace {

using billing::AuditRow;
using billing::BillingEvent;
using core::Tx;

BillingEvent eventOf(const std::string& action) {
    BillingEvent event;
    event.action = action;
    event.message = "it happened";
    return event;
}

AuditRow auditOf(const std::string& entityId) {
    return {0, kDatabaseMadeAt, "cli:me", "pay", "payment", entityId, std::nullopt, std::nullopt};
}

}  // namespace

class RecordsStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(RecordsStoreTest);
    CPPUNIT_TEST(keepsEveryFieldOfALog);
    CPPUNIT_TEST(logsOfOneInstantStayInOrder);
    CPPUNIT_TEST(logsOfASubscription);
    CPPUNIT_TEST(longWordsAreCut);
    CPPUNIT_TEST(keepsEveryFieldOfAnAuditRow);
    CPPUNIT_TEST(auditOfOneThing);
    CPPUNIT_TEST_SUITE_END();

public:
    void keepsEveryFieldOfALog() {
        BillingEvent whole = eventOf("invoice_issued");
        whole.subscriptionId = "s-1";
        whole.invoiceId = "i-1";
        whole.paymentId = "p-1";
        whole.meta = {{"amount_minor", "150000"}, {"name", "O'Brien \"\xF0\x9F\x98\x80\" \\"}};
        log("c-1", {whole});
        log(std::nullopt, {eventOf("payment_in_suspense")});
        const auto rows = logs(std::nullopt, "", 10);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
        const auto& stored = rows[0].customerId ? rows[0] : rows[1];
        const auto& bare = rows[0].customerId ? rows[1] : rows[0];
        CPPUNIT_ASSERT(stored.customerId == "c-1" && stored.at == kDatabaseMadeAt);
        CPPUNIT_ASSERT(stored.event.action == whole.action && stored.event.message == whole.message &&
                       stored.event.subscriptionId == whole.subscriptionId &&
                       stored.event.invoiceId == whole.invoiceId &&
                       stored.event.paymentId == whole.paymentId && stored.event.meta == whole.meta);
        CPPUNIT_ASSERT(!bare.event.subscriptionId && !bare.event.invoiceId && !bare.event.paymentId &&
                       bare.event.meta.empty());
    }

    void logsOfOneInstantStayInOrder() {
        log("c-1", {eventOf("1"), eventOf("2"), eventOf("3"), eventOf("4"), eventOf("5"), eventOf("6")});
        const auto rows = logs(std::nullopt, "", 4);
        CPPUNIT_ASSERT_EQUAL(std::string("6543"), actions(rows));
        CPPUNIT_ASSERT_EQUAL(std::string("21"), actions(logs(std::nullopt, rows.back().id, 4)));
    }

    void logsOfASubscription() {
        BillingEvent ofBob = eventOf("1");
        ofBob.subscriptionId = "s-1";
        log("c-1", {ofBob, eventOf("2")});
        CPPUNIT_ASSERT_EQUAL(std::string("1"), actions(logs("s-1", "", 10)));
        CPPUNIT_ASSERT_EQUAL(std::string(), actions(logs("s-2", "", 10)));
    }

    void longWordsAreCut() {
        BillingEvent event = eventOf("1");
        event.message = std::string(499, 'x') + "\xC3\xB6";
        event.meta["text"] = std::string(4000, 'x');
        log("c-1", {event});
        const auto stored = logs(std::nullopt, "", 1).front().event;
        CPPUNIT_ASSERT_EQUAL(std::string(499, 'x'), stored.message);
        CPPUNIT_ASSERT(stored.meta.empty());
    }

    void keepsEveryFieldOfAnAuditRow() {
        AuditRow whole = auditOf("p-1");
        whole.before = "{\"name\":\"\xF0\x9F\x98\x80\"}";
        whole.after = std::string(100'000, 'x');
        audit({whole, auditOf("p-2")});
        const auto rows = audits(std::nullopt, 0, 10);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
        const AuditRow& stored = rows[1];
        CPPUNIT_ASSERT(stored.id > 0 && stored.at == whole.at && stored.actor == whole.actor &&
                       stored.action == whole.action && stored.entity == whole.entity &&
                       stored.entityId == whole.entityId && stored.before == whole.before &&
                       stored.after == whole.after);
        CPPUNIT_ASSERT(rows[0].entityId == "p-2" && !rows[0].before && !rows[0].after);
    }

    void auditOfOneThing() {
        audit({auditOf("p-1"), auditOf("p-2"), auditOf("p-1")});
        const auto both = audits("p-1", 0, 10);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, both.size());
        const auto older = audits("p-1", both[0].id, 10);
        CPPUNIT_ASSERT(older.size() == 1 && older[0].id == both[1].id && older[0].id < both[0].id);
    }

private:
    void log(const std::optional<std::string>& customer, const std::vector<BillingEvent>& events) {
        db().transact([&](Tx& tx) { billing::insertBillingLogs(tx, customer, events, kDatabaseMadeAt); });
    }
    std::vector<billing::BillingLogRow> logs(const std::optional<std::string>& subscription,
                                             const std::string& before, int limit) {
        return db().read([&](Tx& tx) { return billing::listBillingLogs(tx, subscription, before, limit); });
    }
    static std::string actions(const std::vector<billing::BillingLogRow>& rows) {
        std::string text;
        for (const billing::BillingLogRow& row : rows) {
            text += row.event.action;
        }
        return text;
    }
    void audit(const std::vector<AuditRow>& rows) {
        db().transact([&](Tx& tx) { billing::insertAudits(tx, rows); });
    }
    std::vector<AuditRow> audits(const std::optional<std::string>& entity, std::int64_t before, int limit) {
        return db().read([&](Tx& tx) { return billing::listAudit(tx, entity, before, limit); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<RecordsStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<RecordsStoreTest>);

}  // namespace gardu::test
