#include "billing/invoice_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/billing/store_world.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Invoice;
using core::Tx;

std::string shown(const std::optional<core::Period>& period) {
    return period ? core::formatDate(period->first) + ".." + core::formatDate(period->next) : "-";
}

std::string shown(const billing::InvoiceLine& line) {
    return std::string(name(line.kind)) + "," + line.description + "," + line.subscriptionId.value_or("-") +
           "," + shown(line.period) + "," + std::to_string(line.amount) + "," +
           std::to_string(line.taxed.net) + "+" + std::to_string(line.taxed.tax) + "," +
           line.taxCode.value_or("-") + "," + std::to_string(line.taxRatePpm);
}

/// Every field, to compare.
std::string shown(const Invoice& invoice) {
    std::string text = invoice.id + "|" + std::string(name(invoice.kind)) + "|" + invoice.number + "|" +
                       invoice.customerId + "|" + invoice.subscriptionId.value_or("-") + "|" +
                       invoice.periodKey.value_or("-") + "|" + shown(invoice.period) + "|" +
                       core::formatInstant(invoice.issuedAt) + "|" + core::formatDate(invoice.issueDate) +
                       "|" + core::formatDate(invoice.dueDate) + "|" + invoice.currency.code + "|" +
                       std::to_string(invoice.sum.net) + "+" + std::to_string(invoice.sum.tax) + "|" +
                       std::to_string(invoice.outstanding) + "|" + std::string(name(invoice.status)) + "|" +
                       invoice.creditsInvoiceId.value_or("-") + "|" + invoice.voidReason.value_or("-");
    for (const billing::InvoiceLine& line : invoice.lines) {
        text.append("\n  ").append(shown(line));
    }
    return text;
}

std::string idsOf(const std::vector<Invoice>& invoices) {
    std::string ids;
    for (const Invoice& invoice : invoices) {
        ids.append(invoice.id).append(" ");
    }
    return ids;
}

/// About i-1, with two lines.
Invoice creditNoteOf(const std::string& id) {
    Invoice note = chargeOf(id, 0);
    note.kind = billing::DocumentKind::CreditNote;
    note.creditsInvoiceId = "i-1";
    note.lines = {lineOf(100, 11), lineOf(9'007'199'254'740'993)};
    note.lines.front().kind = billing::LineKind::Credit;
    note.lines.back().kind = billing::LineKind::Discount;
    note.lines.back().description = "O'Brien; -- \xF0\x9F\x98\x80";
    note.sum = billing::sumOf(note.lines);
    note.outstanding = 0;
    note.status = billing::InvoiceStatus::Paid;
    return note;
}

Invoice issuedOn(const std::string& id, const char* issueDate) {
    Invoice invoice = chargeOf(id, 100);
    invoice.issueDate = day(issueDate);
    return invoice;
}

struct FilterCase {
    const char* name = "";
    billing::InvoiceFilter filter;
    const char* ids = "";
};

}  // namespace

class InvoiceStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(InvoiceStoreTest);
    CPPUNIT_TEST(keepsEveryField);
    CPPUNIT_TEST(findsByIdAndNumber);
    CPPUNIT_TEST(eachSeriesAndYearCountsItself);
    CPPUNIT_TEST(parallelIssuersGetNumbersWithoutGapOrDouble);
    CPPUNIT_TEST(oneInvoiceAPeriod);
    CPPUNIT_TEST(voidOneGivesUpItsPeriod);
    CPPUNIT_TEST(updatesWhatMayChange);
    CPPUNIT_TEST(openOnesByDueDate);
    CPPUNIT_TEST(paidOnesNewestFirst);
    CPPUNIT_TEST(creditNotesAboutOneAreSummed);
    CPPUNIT_TEST(listsByFilter);
    CPPUNIT_TEST(listsInPages);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeSubscribers(db());
    }

    void keepsEveryField() {
        Invoice whole = invoiceOf("i-1");
        whole.lines.push_back(lineOf(-9'007'199'254'740'993));
        whole.lines.back().kind = billing::LineKind::Discount;
        whole.sum = billing::sumOf(whole.lines);
        whole.voidReason = "why";
        const auto stored = store({whole, chargeOf("i-2", 7), creditNoteOf("n-1")});
        for (const Invoice& invoice : stored) {
            CPPUNIT_ASSERT_EQUAL(shown(invoice), shown(find(invoice.id).value()));
        }
    }

    void findsByIdAndNumber() {
        const Invoice stored = store({invoiceOf("i-1")}).front();
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000001"), stored.number);
        const auto found =
            db().read([](Tx& tx) { return billing::findInvoiceByNumber(tx, "INV-2026-000001").value(); });
        CPPUNIT_ASSERT_EQUAL(shown(stored), shown(found));
        CPPUNIT_ASSERT(!find("i-404"));
        CPPUNIT_ASSERT(!db().read([](Tx& tx) { return billing::findInvoiceByNumber(tx, "INV-2026-1"); }));
    }

    void eachSeriesAndYearCountsItself() {
        std::string numbers;
        for (const Invoice& invoice : store({issuedOn("i-1", "2026-12-31"), issuedOn("i-2", "2027-01-01"),
                                             creditNoteOf("n-1"), issuedOn("i-3", "2026-12-31")})) {
            numbers.append(invoice.number).append(" ");
        }
        numbers += store({issuedOn("i-4", "2027-06-01")}).front().number;
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000001 INV-2027-000001 CN-2026-000001 INV-2026-000002 "
                                         "INV-2027-000002"),
                             numbers);
    }

    void parallelIssuersGetNumbersWithoutGapOrDouble() {
        inThreads(8, [&](int thread) { issueSome(thread); });
        std::set<std::string> numbers;
        std::int64_t last = 0;
        db().read([&](Tx& tx) {
            for (const core::Row& row : tx.query("SELECT number FROM invoices")) {
                numbers.insert(row.text(0));
            }
            last = tx.queryOne("SELECT last_number FROM document_numbers")->integer(0);
        });
        CPPUNIT_ASSERT(numbers.size() > 50);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(numbers.size()), last);
        CPPUNIT_ASSERT_EQUAL(billing::documentNumber("INV", 2026, 1), *numbers.begin());
        CPPUNIT_ASSERT_EQUAL(billing::documentNumber("INV", 2026, last), *numbers.rbegin());
    }

    void oneInvoiceAPeriod() {
        store({invoiceOf("i-1")});
        CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] { store({invoiceOf("i-2")}); }));
        Invoice ofAnother = invoiceOf("i-3");
        ofAnother.subscriptionId = "s-3";
        // The number that was rolled back is given again.
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000002"), store({ofAnother}).front().number);
    }

    void voidOneGivesUpItsPeriod() {
        Invoice first = store({invoiceOf("i-1")}).front();
        first.status = billing::InvoiceStatus::Void;
        first.outstanding = 0;
        first.periodKey.reset();
        first.voidReason = "not wanted";
        update(first, kDatabaseMadeAt);
        update(first, kDatabaseMadeAt + core::Seconds(60));
        CPPUNIT_ASSERT_EQUAL(shown(first), shown(find("i-1").value()));
        const auto voidedAt = db().read(
            [](Tx& tx) { return tx.queryOne("SELECT voided_at FROM invoices")->optionalInstant(0); });
        CPPUNIT_ASSERT(voidedAt == kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000002"), store({invoiceOf("i-2")}).front().number);
    }

    void updatesWhatMayChange() {
        Invoice invoice = store({invoiceOf("i-1")}).front();
        invoice.outstanding = 1;
        update(invoice, kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(shown(invoice), shown(find("i-1").value()));
        invoice.outstanding = 0;
        invoice.status = billing::InvoiceStatus::Paid;
        update(invoice, kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(shown(invoice), shown(find("i-1").value()));
        CPPUNIT_ASSERT(
            db().read([](Tx& tx) { return tx.queryOne("SELECT voided_at FROM invoices")->isNull(0); }));
    }

    void openOnesByDueDate() {
        makeSome();
        const auto open = db().read([](Tx& tx) { return billing::openInvoicesOf(tx, "c-1"); });
        CPPUNIT_ASSERT_EQUAL(std::string("i-3 i-1 "), idsOf(open));
        CPPUNIT_ASSERT_EQUAL(shown(find("i-1").value()), shown(open[1]));
    }

    void paidOnesNewestFirst() {
        makeSome();
        const auto paid = db().read([](Tx& tx) { return billing::paidInvoicesOf(tx, "c-1"); });
        CPPUNIT_ASSERT_EQUAL(std::string("i-4 i-3 "), idsOf(paid));
        CPPUNIT_ASSERT_EQUAL(shown(find("i-4").value()), shown(paid[0]));
    }

    void creditNotesAboutOneAreSummed() {
        store({invoiceOf("i-1"), chargeOf("i-2", 7), creditNoteOf("n-1"), creditNoteOf("n-2"),
               creditNoteOf("n-3")});
        db().transact([](Tx& tx) { tx.execute("UPDATE invoices SET status = 'void' WHERE id = 'n-3'"); });
        const auto credited = [&](const char* id) { return find(id).value().credited; };
        CPPUNIT_ASSERT_EQUAL(2 * (std::int64_t{100} + 9'007'199'254'740'993), credited("i-1"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, credited("i-2"));
    }

    void listsByFilter() {
        makeSome();
        const FilterCase cases[] = {
            {"all", {}, "n-1 i-6 i-5 i-4 i-3 i-1 "},
            {"of a customer", {.customerId = "c-2"}, "i-6 "},
            {"of a subscription", {.subscriptionId = "s-1"}, "i-1 "},
            {"void", {.status = billing::InvoiceStatus::Void}, "i-5 "},
            {"unpaid", {.status = billing::InvoiceStatus::Unpaid}, "i-6 i-3 i-1 "},
            {"past its due date", {.overdueOn = day("2026-12-21")}, "i-3 "},
            {"due on that day is in time", {.overdueOn = day("2026-12-20")}, ""},
            {"from", {.from = day("2026-12-16")}, "i-4 "},
            {"to, which is not in it", {.customerId = "c-1", .to = day("2026-12-16")}, "n-1 i-5 i-3 i-1 "},
        };
        for (const FilterCase& each : cases) {
            const auto found =
                db().read([&](Tx& tx) { return billing::listInvoices(tx, each.filter, "", 10); });
            CPPUNIT_ASSERT_EQUAL_MESSAGE(each.name, std::string(each.ids), idsOf(found));
        }
    }

    void listsInPages() {
        makeSome();
        const auto page = [&](const char* before) {
            return idsOf(db().read([&](Tx& tx) { return billing::listInvoices(tx, {}, before, 4); }));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("n-1 i-6 i-5 i-4 "), page(""));
        CPPUNIT_ASSERT_EQUAL(std::string("i-3 i-1 "), page("i-4"));
        CPPUNIT_ASSERT_EQUAL(std::string(), page("i-1"));
    }

private:
    std::vector<Invoice> store(std::vector<Invoice> invoices) {
        db().transact([&](Tx& tx) { billing::issueInvoices(tx, invoices); });
        return invoices;
    }
    void update(const Invoice& invoice, core::Instant now) {
        db().transact([&](Tx& tx) { billing::updateInvoices(tx, {invoice}, now); });
    }
    std::optional<Invoice> find(const std::string& id) {
        return db().read([&](Tx& tx) { return billing::findInvoice(tx, id); });
    }

    /// Twenty transactions with one or two documents, every third or so of which is rolled back.
    void issueSome(int thread) {
        std::mt19937 random(static_cast<unsigned int>(thread));
        struct Wanted {};
        for (int i = 0; i < 20; ++i) {
            const std::string id = std::to_string(thread) + "-" + std::to_string(i);
            std::vector<Invoice> invoices{chargeOf("a-" + id, 100)};
            if (random() % 2 == 0) {
                invoices.push_back(chargeOf("b-" + id, 200));
            }
            const bool fails = random() % 3 == 0;
            try {
                db().transact([&](Tx& tx) {
                    billing::issueInvoices(tx, invoices);
                    if (fails) {
                        throw Wanted{};
                    }
                });
            } catch (const Wanted&) {
                CPPUNIT_ASSERT(fails);
            }
        }
    }

    /// i-1 unpaid, i-3 paid in part and due earlier, i-4 paid and later, i-5 void, i-6 of another customer,
    /// the credit note n-1.
    void makeSome() {
        Invoice third = chargeOf("i-3", 100);
        third.outstanding = 40;
        third.dueDate = day("2026-12-20");
        Invoice fourth = issuedOn("i-4", "2026-12-16");
        fourth.issuedAt += core::Seconds(60);
        fourth.outstanding = 0;
        fourth.status = billing::InvoiceStatus::Paid;
        Invoice fifth = chargeOf("i-5", 100);
        fifth.outstanding = 0;
        fifth.status = billing::InvoiceStatus::Void;
        Invoice sixth = chargeOf("i-6", 100);
        sixth.customerId = "c-2";
        store({invoiceOf("i-1"), third, fourth, fifth, sixth, creditNoteOf("n-1")});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<InvoiceStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<InvoiceStoreTest>);

}  // namespace gardu::test
