#include <cppunit/extensions/HelperMacros.h>

#include "billing/ledger_store.h"
#include "tests/billing/store_world.h"

namespace gardu::test {

namespace {

using core::Tx;

/// What somebody did to the books by hand, and words of what is found.
struct Fault {
    const char* name = "";
    std::vector<const char*> sql;
    const char* finding = "";
};

#define POSTING                                                                                \
    "INSERT INTO ledger_postings(transaction_id, kind, posted_at, day, account, customer_id, " \
    "invoice_id, payment_id, amount, currency) VALUES "
#define INVOICE                                                                              \
    "INSERT INTO invoices(id, kind, number, customer_id, subscription_id, period_key, "      \
    "period_start, period_end, issued_at, issue_date, due_date, currency, net, tax, total, " \
    "outstanding, status) VALUES "
#define PAYMENT                                                                                 \
    "INSERT INTO payments(id, kind, source, reference, customer_id, method, amount, currency, " \
    "paid_at, note, created_at) VALUES "

const Fault kFaults[] = {
    {"an entry of one leg",
     {POSTING "('t-x', 'payment', 0, '2026-12-15', 'revenue', NULL, NULL, NULL, 5, 'IDR')"},
     "entry t-x does not balance: its sum in IDR is 5"},
    {"an entry that balances in two currencies together",
     {POSTING "('t-x', 'payment', 0, '2026-12-15', 'revenue', NULL, NULL, NULL, 5, 'IDR'), "
              "('t-x', 'payment', 0, '2026-12-15', 'revenue', NULL, NULL, NULL, -5, 'USD')"},
     "entry t-x does not balance: its sum in USD is -5"},
    {"a last digit of large sums",
     {POSTING "('t-x', 'payment', 0, '2026-12-15', 'revenue', NULL, NULL, NULL, 900719925474099307, 'IDR'), "
              "('t-x', 'payment', 0, '2026-12-15', 'revenue', NULL, NULL, NULL, -900719925474099306, 'IDR')"},
     "entry t-x does not balance: its sum in IDR is 1"},
    {"outstanding by hand",
     {"UPDATE invoices SET outstanding = 66499 WHERE id = 'i-1'"},
     "document INV-2026-000001: 66499 is outstanding, but its receivable in the ledger is 66500"},
    {"paid with something outstanding",
     {"UPDATE invoices SET status = 'paid' WHERE id = 'i-1'"},
     "document INV-2026-000001 is paid, but 66500 is outstanding"},
    {"unpaid with nothing outstanding",
     {"UPDATE invoices SET status = 'unpaid' WHERE id = 'i-2'"},
     "document INV-2026-000002 is unpaid, but 0 is outstanding"},
    {"a line more",
     {"INSERT INTO invoice_lines(invoice_id, position, kind, description, amount, net, tax, tax_rate_ppm) "
      "VALUES ('i-1', 2, 'charge', 'x', 1, 1, 0, 0)"},
     "document INV-2026-000001: net 150000 and tax 16500, but its lines sum to net 150001 and tax 16500"},
    {"an invoice that the ledger does not know",
     {INVOICE "('i-x', 'invoice', 'INV-2026-000004', 'c-1', NULL, NULL, NULL, NULL, 0, '2026-12-15', "
              "'2026-12-21', 'IDR', 7, 0, 7, 0, 'paid')",
      "UPDATE document_numbers SET last_number = 4 WHERE series = 'INV'"},
     "document INV-2026-000004 of 7: the ledger was told of 0"},
    {"a payment that the ledger does not know",
     {PAYMENT "('p-x', 'payment', 'manual', 'x', 'c-1', 'cash', 5, 'IDR', 0, '', 0)"},
     "payment p-x (payment) of 5: the ledger moves 0, of it 0 of money"},
    {"a payment of another amount",
     {PAYMENT "('p-x', 'payment', 'manual', 'x', 'c-1', 'cash', 5, 'IDR', 0, '', 0)",
      POSTING "('t-x', 'payment', 0, '2026-12-15', 'money:cash', NULL, NULL, 'p-x', 4, 'IDR'), "
              "('t-x', 'payment', 0, '2026-12-15', 'customer_credit', 'c-1', NULL, 'p-x', -4, 'IDR')"},
     "payment p-x (payment) of 5: the ledger moves 4, of it 4 of money"},
    {"a payment twice in the ledger",
     {POSTING "('t-x', 'payment', 0, '2026-12-15', 'money:cash', NULL, NULL, 'p-1', 100000, 'IDR'), "
              "('t-x', 'payment', 0, '2026-12-15', 'customer_credit', 'c-1', NULL, 'p-1', -100000, 'IDR')"},
     "payment p-1 (payment) of 100000: the ledger moves 200000"},
    {"a refund that came in",
     {PAYMENT "('p-x', 'refund', 'manual', 'x', 'c-1', 'cash', 5, 'IDR', 0, '', 0)",
      POSTING "('t-x', 'refund', 0, '2026-12-15', 'money:cash', NULL, NULL, 'p-x', 5, 'IDR'), "
              "('t-x', 'refund', 0, '2026-12-15', 'customer_credit', 'c-1', NULL, 'p-x', -5, 'IDR')"},
     "payment p-x (refund) of 5: the ledger moves 5, of it 5 of money"},
    {"a posting of no invoice",
     {POSTING "('t-x', 'invoice', 0, '2026-12-15', 'receivable', 'c-1', 'i-404', NULL, 5, 'IDR'), "
              "('t-x', 'invoice', 0, '2026-12-15', 'revenue', NULL, 'i-404', NULL, -5, 'IDR')"},
     "of receivable: there is no invoice i-404 or payment none"},
    {"a receivable of no invoice at all",
     {POSTING "('t-x', 'invoice', 0, '2026-12-15', 'receivable', 'c-1', NULL, NULL, 5, 'IDR'), "
              "('t-x', 'invoice', 0, '2026-12-15', 'revenue', NULL, NULL, NULL, -5, 'IDR')"},
     "of receivable: there is no invoice none"},
    {"a posting of no payment",
     {POSTING "('t-x', 'payment', 0, '2026-12-15', 'money:cash', NULL, NULL, 'p-404', 5, 'IDR'), "
              "('t-x', 'payment', 0, '2026-12-15', 'suspense', NULL, NULL, 'p-404', -5, 'IDR')"},
     "there is no invoice none or payment p-404"},
    {"a number that was given to nothing",
     {"UPDATE document_numbers SET last_number = 4 WHERE series = 'INV'"},
     "document number INV-2026-000004 is missing"},
    {"a number that was not given",
     {"UPDATE document_numbers SET last_number = 2 WHERE series = 'INV'"},
     "document numbers INV-2026: 2 were given, 3 documents have them, from 1 to 3"},
    {"a gap in the middle, with the right count",
     {INVOICE "('i-x', 'invoice', 'INV-2026-000005', 'c-1', NULL, NULL, NULL, NULL, 0, '2026-12-15', "
              "'2026-12-21', 'IDR', 7, 0, 7, 0, 'paid')",
      "UPDATE document_numbers SET last_number = 5 WHERE series = 'INV'"},
     "document number INV-2026-000004 is missing"},
    {"a number twice, written another way",
     {INVOICE "('i-x', 'invoice', 'INV-2026-1', 'c-1', NULL, NULL, NULL, NULL, 0, '2026-12-15', "
              "'2026-12-21', 'IDR', 7, 0, 7, 0, 'paid')"},
     "document INV-2026-1: its number is not of its series and year"},
    {"a number of another year",
     {INVOICE "('i-x', 'invoice', 'INV-2027-000004', 'c-1', NULL, NULL, NULL, NULL, 0, '2026-12-15', "
              "'2026-12-21', 'IDR', 7, 0, 7, 0, 'paid')"},
     "document INV-2027-000004: its number is not of its series and year"},
    {"a credit note with an invoice's number",
     {INVOICE "('i-x', 'credit_note', 'INV-2026-000004', 'c-1', NULL, NULL, NULL, NULL, 0, '2026-12-15', "
              "'2026-12-21', 'IDR', 7, 0, 7, 0, 'paid')"},
     "document INV-2026-000004: its number is not of its series and year"},
    {"a year that nobody counts",
     {INVOICE "('i-x', 'invoice', 'INV-2027-000001', 'c-1', NULL, NULL, NULL, NULL, 0, '2027-01-01', "
              "'2027-01-08', 'IDR', 7, 0, 7, 0, 'paid')"},
     "document numbers INV-2027: 0 were given, 1 documents have them, from 1 to 1"},
    {"credit that is none",
     {POSTING "('t-x', 'refund', 0, '2026-12-15', 'customer_credit', 'c-2', NULL, NULL, 5, 'IDR'), "
              "('t-x', 'refund', 0, '2026-12-15', 'revenue', NULL, NULL, NULL, -5, 'IDR')"},
     "customer c-2 has negative credit: his customer_credit in IDR is 5"},
    {"a receivable of another customer",
     {POSTING "('t-x', 'allocation', 0, '2026-12-15', 'receivable', 'c-2', 'i-1', NULL, 5, 'IDR'), "
              "('t-x', 'allocation', 0, '2026-12-15', 'receivable', 'c-1', 'i-1', NULL, -5, 'IDR')"},
     "of receivable is of customer c-2, but document INV-2026-000001 is of customer c-1"},
    {"void after a credit note",
     {POSTING "('t-x', 'void', 0, '2026-12-15', 'revenue', NULL, 'i-2', NULL, 651, 'IDR'), "
              "('t-x', 'void', 0, '2026-12-15', 'customer_credit', 'c-1', 'i-2', NULL, -651, 'IDR')"},
     "document INV-2026-000002 of net 700 and tax 0: net 701 and tax 0 of it were given back"},
    {"more credit notes than there was",
     {"INSERT INTO invoices(id, kind, number, customer_id, issued_at, issue_date, due_date, currency, net, "
      "tax, "
      "total, outstanding, status, credits_invoice_id) VALUES ('n-x', 'credit_note', 'CN-2026-000002', "
      "'c-1', 0, "
      "'2026-12-15', '2026-12-21', 'IDR', 49, 1, 50, 0, 'paid', 'i-2')"},
     "document INV-2026-000002 of net 700 and tax 0: net 99 and tax 1 of it were given back"},
    {"days that were credited twice",
     {INVOICE "('n-x', 'credit_note', 'CN-2026-000002', 'c-1', 's-1', NULL, NULL, NULL, 0, '2026-12-15', "
              "'2026-12-21', 'IDR', 150001, 16501, 166502, 0, 'paid')",
      "INSERT INTO invoice_lines(invoice_id, position, kind, description, subscription_id, period_start, "
      "period_end, amount, net, tax, tax_code, tax_rate_ppm) VALUES ('n-x', 1, 'credit', 'x', 's-1', "
      "'2026-12-23', '2027-01-22', 150001, 150001, 16502, 'PPN', 110000)"},
     "subscription s-1: of days up to 2027-01-22 (exclusive) more was credited than charged, in sum -3"},
    {"tax that became revenue",
     {POSTING "('t-x', 'invoice', 0, '2026-12-15', 'revenue', NULL, 'i-1', NULL, -5, 'IDR'), "
              "('t-x', 'invoice', 0, '2026-12-15', 'tax:PPN', NULL, 'i-1', NULL, 5, 'IDR')"},
     "document INV-2026-000001: net 150000 and tax 16500, but the ledger has -150005 of revenue and -16495 "
     "of tax"},
    {"void by its status only",
     {"UPDATE invoices SET status = 'void', outstanding = 0 WHERE id = 'i-1'"},
     "document INV-2026-000001 is void, but neither the ledger nor credit notes took it back"},
    {"void for the ledger only",
     {POSTING "('t-x', 'void', 0, '2026-12-15', 'revenue', NULL, 'i-1', NULL, 5, 'IDR'), "
              "('t-x', 'void', 0, '2026-12-15', 'customer_credit', 'c-1', 'i-1', NULL, -5, 'IDR')"},
     "document INV-2026-000001 is unpaid, but the ledger has made it void"},
    {"a negative tax that was taken back twice",
     {INVOICE "('i-x', 'invoice', 'INV-2026-000004', 'c-1', NULL, NULL, NULL, NULL, 0, '2026-12-15', "
              "'2026-12-21', 'IDR', 9, -2, 7, 0, 'void')",
      POSTING "('t-x', 'void', 0, '2026-12-15', 'revenue', NULL, 'i-x', NULL, 9, 'IDR'), "
              "('t-x', 'void', 0, '2026-12-15', 'tax:PPN', NULL, 'i-x', NULL, -3, 'IDR'), "
              "('t-x', 'void', 0, '2026-12-15', 'customer_credit', 'c-1', 'i-x', NULL, -6, 'IDR')"},
     "document INV-2026-000004 of net 9 and tax -2: net 9 and tax -3 of it were given back"},
    {"two invoices for one day",
     {INVOICE "('i-x', 'invoice', 'INV-2026-000004', 'c-1', 's-1', '2027-01-21', '2027-01-21', '2027-02-21', "
              "0, '2026-12-15', '2026-12-21', 'IDR', 7, 0, 7, 0, 'paid')"},
     "invoices INV-2026-000001 and INV-2026-000004 of one subscription are of periods that overlap"},
};

#undef POSTING
#undef INVOICE
#undef PAYMENT

}  // namespace

class LedgerAuditStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(LedgerAuditStoreTest);
    CPPUNIT_TEST(emptyBooksAreRight);
    CPPUNIT_TEST(rightBooksAreRight);
    CPPUNIT_TEST(eachFaultIsFound);
    CPPUNIT_TEST(periodsThatMeetDoNotOverlap);
    CPPUNIT_TEST(findingsHaveABound);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeSubscribers(db());
    }

    void emptyBooksAreRight() { CPPUNIT_ASSERT_EQUAL(std::string(), audit()); }

    void rightBooksAreRight() {
        makeBooks();
        CPPUNIT_ASSERT_EQUAL(std::string(), audit());
    }

    void eachFaultIsFound() {
        makeBooks();
        for (const Fault& fault : kFaults) {
            const std::string found = auditWith(fault);
            CPPUNIT_ASSERT_MESSAGE(std::string(fault.name) + ": " + found,
                                   found.find(fault.finding) != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), audit());
    }

    void periodsThatMeetDoNotOverlap() {
        billing::Invoice next = invoiceOf("i-2");
        next.periodKey = "2027-01-22";
        next.period = period("2027-01-22", "2027-02-22");
        billing::Invoice ofAnother = invoiceOf("i-3");
        ofAnother.subscriptionId = "s-3";
        // By the hour two may be of one day.
        billing::Invoice byTheHour = invoiceOf("i-4");
        byTheHour.periodKey = "2026-12-22T10:00:00Z";
        issue(db(), {invoiceOf("i-1"), next, ofAnother, byTheHour});
        CPPUNIT_ASSERT_EQUAL(std::string(), audit());
    }

    void findingsHaveABound() {
        std::vector<billing::Invoice> many;
        many.reserve(150);
        for (int i = 0; i < 150; ++i) {
            many.push_back(chargeOf("i-" + std::to_string(1000 + i), 100));
        }
        db().transact([&](Tx& tx) { billing::issueInvoices(tx, many); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{100}, db().read(billing::auditLedger).size());
    }

private:
    /// i-1 is paid in part, i-2 in full, i-3 void; a credit note; money in suspense, matched, refunded, taken
    /// back.
    void makeBooks() {
        billing::Invoice note = chargeOf("n-1", 50);
        note.kind = billing::DocumentKind::CreditNote;
        note.creditsInvoiceId = "i-2";
        note.outstanding = 0;
        note.status = billing::InvoiceStatus::Paid;
        issue(db(), {invoiceOf("i-1"), chargeOf("i-2", 700), chargeOf("i-3", 900), note});
        receive(db(), paymentOf("p-1", 100'000));
        settle("i-1", 100'000, 66'500, billing::InvoiceStatus::Unpaid);
        receive(db(), paymentOf("p-2", 750));
        settle("i-2", 700, 0, billing::InvoiceStatus::Paid);
        voidThird();
        billing::Payment unknown = paymentOf("p-3", 30);
        unknown.customerId.reset();
        receive(db(), unknown);
        receive(db(), about("p-4", "p-3", billing::PaymentKind::Match, 30));
        receive(db(), about("p-5", "p-2", billing::PaymentKind::Refund, 20));
        receive(db(), about("p-6", "p-4", billing::PaymentKind::Reversal, 30));
    }
    static billing::Payment about(const std::string& id, const std::string& other, billing::PaymentKind kind,
                                  std::int64_t amount) {
        billing::Payment payment = paymentOf(id, amount);
        payment.kind = kind;
        payment.ofPaymentId = other;
        return payment;
    }
    void settle(const std::string& id, std::int64_t amount, std::int64_t left,
                billing::InvoiceStatus status) {
        db().transact([&](Tx& tx) {
            billing::Invoice invoice = billing::findInvoice(tx, id).value();
            billing::appendEntries(tx, {{billing::allocationOf(invoice, amount)},
                                        {"t-paid-" + id},
                                        kDatabaseMadeAt,
                                        day("2026-12-16")});
            invoice.outstanding = left;
            invoice.status = status;
            billing::updateInvoices(tx, {invoice}, kDatabaseMadeAt);
        });
    }
    void voidThird() {
        db().transact([](Tx& tx) {
            billing::Invoice invoice = billing::findInvoice(tx, "i-3").value();
            billing::appendEntries(
                tx, {{billing::voidingOf(invoice)}, {"t-void"}, kDatabaseMadeAt, day("2026-12-16")});
            invoice.outstanding = 0;
            invoice.status = billing::InvoiceStatus::Void;
            billing::updateInvoices(tx, {invoice}, kDatabaseMadeAt);
        });
    }

    static std::string joined(const std::vector<std::string>& findings) {
        std::string text;
        for (const std::string& finding : findings) {
            text.append(finding).append("; ");
        }
        return text;
    }
    std::string audit() { return joined(db().read(billing::auditLedger)); }
    /// Of the books with that fault, which is gone after.
    std::string auditWith(const Fault& fault) {
        struct Enough {};
        std::string found;
        try {
            db().transact([&](Tx& tx) {
                for (const char* sql : fault.sql) {
                    tx.execute(sql);
                }
                found = joined(billing::auditLedger(tx));
                throw Enough{};
            });
        } catch (const Enough&) {
            // Rolled back.
        }
        return found;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<LedgerAuditStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<LedgerAuditStoreTest>);

}  // namespace gardu::test
