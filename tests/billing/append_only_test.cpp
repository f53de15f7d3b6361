#include <cppunit/extensions/HelperMacros.h>

#include "billing/records_store.h"
#include "tests/billing/store_world.h"

namespace gardu::test {

namespace {

using core::Tx;

/// What nobody can do, whatever program he has.
constexpr const char* kRefused[] = {
    "UPDATE ledger_postings SET amount = 1",
    "UPDATE ledger_postings SET day = day",
    "DELETE FROM ledger_postings",
    "REPLACE INTO ledger_postings SELECT * FROM ledger_postings",
    "UPDATE invoice_lines SET amount = 1",
    "UPDATE invoice_lines SET description = description",
    "DELETE FROM invoice_lines",
    "REPLACE INTO invoice_lines SELECT * FROM invoice_lines",
    "UPDATE payments SET amount = 1",
    "UPDATE payments SET customer_id = NULL",
    "DELETE FROM payments",
    "REPLACE INTO payments SELECT * FROM payments",
    "UPDATE audit_log SET actor = 'nobody'",
    "DELETE FROM audit_log",
    "REPLACE INTO audit_log SELECT * FROM audit_log",
    "DELETE FROM invoices",
    "REPLACE INTO invoices SELECT * FROM invoices",
    "UPDATE invoices SET id = 'i-2'",
    "UPDATE invoices SET kind = 'credit_note'",
    "UPDATE invoices SET number = 'INV-2026-000002'",
    "UPDATE invoices SET customer_id = 'c-2'",
    "UPDATE invoices SET subscription_id = NULL",
    "UPDATE invoices SET period_start = NULL",
    "UPDATE invoices SET period_end = '2027-01-23'",
    "UPDATE invoices SET issued_at = 1",
    "UPDATE invoices SET issue_date = '2026-12-16'",
    "UPDATE invoices SET due_date = '2026-12-22'",
    "UPDATE invoices SET currency = 'USD'",
    "UPDATE invoices SET net = net - 1, tax = tax + 1",
    "UPDATE invoices SET net = net + 1, total = total + 1",
    "UPDATE invoices SET credits_invoice_id = 'i-1'",
    "DELETE FROM customers WHERE id = 'c-1'",
    "DELETE FROM subscriptions WHERE id = 's-1'",
};

constexpr const char* kAllowed[] = {
    "UPDATE invoices SET outstanding = 0, status = 'paid'",
    "UPDATE invoices SET period_key = NULL, status = 'void', voided_at = 1, void_reason = 'x'",
    "UPDATE invoices SET payment_reference = 'x', payment_url = 'x'",
};

}  // namespace

/// What is written once stays so: the database itself refuses anything else.
class AppendOnlyTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(AppendOnlyTest);
    CPPUNIT_TEST(theDatabaseRefuses);
    CPPUNIT_TEST(whatMayChangeDoes);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeSubscribers(db());
        issue(db(), {invoiceOf("i-1")});
        receive(db(), paymentOf("p-1", 100));
        db().transact([](Tx& tx) {
            billing::insertAudit(tx,
                                 {0, kDatabaseMadeAt, "cli:me", "pay", "payment", "p-1", std::nullopt, "{}"});
        });
    }

    void theDatabaseRefuses() {
        const std::string before = all();
        for (const char* sql : kRefused) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(sql, std::string("refused"), outcome(sql));
        }
        CPPUNIT_ASSERT_EQUAL(before, all());
    }

    void whatMayChangeDoes() {
        for (const char* sql : kAllowed) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(sql, std::string("done"), outcome(sql));
        }
    }

private:
    std::string outcome(const char* sql) {
        try {
            db().transact([&](Tx& tx) { tx.execute(sql); });
        } catch (const core::DbError&) {
            return "refused";
        }
        return "done";
    }
    std::string all() {
        return db().read([](Tx& tx) {
            std::string text;
            for (const char* sql :
                 {"SELECT id, amount, day FROM ledger_postings ORDER BY id",
                  "SELECT invoice_id, amount, description FROM invoice_lines",
                  "SELECT id, amount, source FROM payments", "SELECT id, done_at, actor FROM audit_log",
                  "SELECT id, net, number FROM invoices"}) {
                for (const core::Row& row : tx.query(sql)) {
                    text.append(row.shown(0)).append(row.shown(1)).append(row.shown(2)).append("\n");
                }
            }
            return text;
        });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<AppendOnlyTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<AppendOnlyTest>);

}  // namespace gardu::test
