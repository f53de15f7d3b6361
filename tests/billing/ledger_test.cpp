#include "billing/ledger.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <map>
#include <random>

#include "core/check.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::DocumentKind;
using billing::EntryKind;
using billing::Invoice;
using billing::InvoiceLine;
using billing::LedgerEntry;
using billing::Payment;
using billing::PaymentKind;
using billing::PaymentMethod;
using billing::Posting;
using core::InvariantBroken;

const core::Currency kIdr{.code = "IDR", .exponent = 0};

InvoiceLine lineOf(std::int64_t net, std::int64_t tax) {
    InvoiceLine line;
    line.taxed = {.net = net, .tax = tax};
    if (tax != 0) {
        line.taxCode = "PPN";
    }
    return line;
}

Invoice documentOf(DocumentKind kind, std::vector<InvoiceLine> lines) {
    Invoice document;
    document.id = "i1";
    document.kind = kind;
    document.customerId = "c1";
    document.currency = kIdr;
    document.sum = billing::sumOf(lines);
    document.lines = std::move(lines);
    return document;
}

Payment paymentOf(PaymentKind kind, std::optional<std::string> customerId) {
    Payment payment;
    payment.id = "p1";
    payment.kind = kind;
    payment.customerId = std::move(customerId);
    payment.method = PaymentMethod::Qris;
    payment.amount = {.minor = 500, .currency = kIdr};
    return payment;
}

/// "invoice: receivable c1 i1 - 111; revenue - i1 - -100; ...", each posting's account, customer, invoice,
/// payment and amount.
std::string text(const LedgerEntry& entry) {
    CPPUNIT_ASSERT(billing::isBalanced(entry));
    CPPUNIT_ASSERT_EQUAL(std::string("IDR"), entry.currency);
    std::string text(billing::name(entry.kind));
    text += ":";
    for (const Posting& posting : entry.postings) {
        text.append(" ").append(posting.account);
        text.append(" ").append(posting.customerId.value_or("-"));
        text.append(" ").append(posting.invoiceId.value_or("-"));
        text.append(" ").append(posting.paymentId.value_or("-"));
        text.append(" ").append(std::to_string(posting.amount)).append(";");
    }
    return text;
}

struct DocumentCase {
    std::string_view name;
    DocumentKind kind;
    std::vector<InvoiceLine> lines;
    std::string expected;
};

const DocumentCase kDocuments[] = {
    {"with tax",
     DocumentKind::Invoice,
     {lineOf(100, 11)},
     "invoice: receivable c1 i1 - 111; revenue - i1 - -100; tax:PPN - i1 - -11;"},
    {"without tax",
     DocumentKind::Invoice,
     {lineOf(100, 0)},
     "invoice: receivable c1 i1 - 100; revenue - i1 - -100;"},
    {"with a discount",
     DocumentKind::Invoice,
     {lineOf(100, 11), lineOf(-50, -6)},
     "invoice: receivable c1 i1 - 55; revenue - i1 - -100; tax:PPN - i1 - -11; revenue - i1 - 50; "
     "tax:PPN - i1 - 6;"},
    {"a line of zero says nothing",
     DocumentKind::Invoice,
     {lineOf(100, 0), lineOf(0, 0)},
     "invoice: receivable c1 i1 - 100; revenue - i1 - -100;"},
    {"a credit note",
     DocumentKind::CreditNote,
     {lineOf(100, 11)},
     "credit_note: customer_credit c1 i1 - -111; revenue - i1 - 100; tax:PPN - i1 - 11;"},
};

struct PaymentCase {
    PaymentKind kind;
    std::optional<std::string> customerId;
    std::string expected;
};

const PaymentCase kPayments[] = {
    {PaymentKind::Payment, "c1", "payment: money:qris - - p1 500; customer_credit c1 - p1 -500;"},
    {PaymentKind::Payment, std::nullopt, "suspense: money:qris - - p1 500; suspense - - p1 -500;"},
    {PaymentKind::Match, "c1", "match: suspense - - p1 500; customer_credit c1 - p1 -500;"},
    {PaymentKind::Refund, "c1", "refund: money:qris - - p1 -500; customer_credit c1 - p1 500;"},
    {PaymentKind::Reversal, "c1", "reversal: money:qris - - p1 -500; customer_credit c1 - p1 500;"},
    {PaymentKind::Reversal, std::nullopt, "reversal: money:qris - - p1 -500; suspense - - p1 500;"},
};

}  // namespace

class LedgerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LedgerTest);
    CPPUNIT_TEST(documents);
    CPPUNIT_TEST(voidingIsTheExactReverse);
    CPPUNIT_TEST(allocations);
    CPPUNIT_TEST(payments);
    CPPUNIT_TEST(weighsBalance);
    CPPUNIT_TEST(randomDocumentsBalance);
    CPPUNIT_TEST(whatCannotBePostedIsOurBug);
    CPPUNIT_TEST_SUITE_END();

public:
    void documents() {
        for (const DocumentCase& each : kDocuments) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.expected,
                                         text(postingsOf(documentOf(each.kind, each.lines))));
        }
    }

    void voidingIsTheExactReverse() {
        const Invoice invoice = documentOf(DocumentKind::Invoice, {lineOf(100, 11)});
        CPPUNIT_ASSERT_EQUAL(
            std::string("void: receivable c1 i1 - -111; revenue - i1 - 100; tax:PPN - i1 - 11;"),
            text(billing::voidingOf(invoice)));
    }

    void allocations() {
        const Invoice invoice = documentOf(DocumentKind::Invoice, {lineOf(100, 11)});
        CPPUNIT_ASSERT_EQUAL(std::string("allocation: customer_credit c1 i1 - 60; receivable c1 i1 - -60;"),
                             text(billing::allocationOf(invoice, 60)));
        CPPUNIT_ASSERT_EQUAL(std::string("deallocation: customer_credit c1 i1 - -60; receivable c1 i1 - 60;"),
                             text(billing::allocationOf(invoice, -60)));
    }

    void payments() {
        for (const PaymentCase& each : kPayments) {
            CPPUNIT_ASSERT_EQUAL(each.expected, text(postingsOf(paymentOf(each.kind, each.customerId))));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("money:ewallet"), billing::moneyAccount(PaymentMethod::Ewallet));
    }

    void weighsBalance() {
        const auto entryOf = [](const std::vector<std::int64_t>& amounts) {
            LedgerEntry entry;
            for (const std::int64_t amount : amounts) {
                entry.postings.emplace_back().amount = amount;
            }
            return entry;
        };
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        CPPUNIT_ASSERT(isBalanced(entryOf({1, -1})) && isBalanced(entryOf({2, -1, -1})));
        CPPUNIT_ASSERT(!isBalanced(entryOf({})) && !isBalanced(entryOf({0})));
        CPPUNIT_ASSERT(!isBalanced(entryOf({1, -1, 0})) && !isBalanced(entryOf({1, -2})));
        // Sums to zero in 64 bits only.
        CPPUNIT_ASSERT(!isBalanced(entryOf({most, most, 2})));
    }

    void randomDocumentsBalance() {
        std::mt19937_64 random(4);
        std::uniform_int_distribution<std::int64_t> amounts(-1'000'000, 1'000'000);
        for (int i = 0; i < 5'000; ++i) {
            std::vector<InvoiceLine> lines{lineOf(20'000'000, 0)};
            for (std::int64_t left = amounts(random) % 8; left > 0; --left) {
                lines.push_back(lineOf(amounts(random), amounts(random) / 9));
            }
            const auto kind = i % 2 == 0 ? DocumentKind::Invoice : DocumentKind::CreditNote;
            const Invoice document = documentOf(kind, lines);
            checkPair(document);
        }
    }

    void whatCannotBePostedIsOurBug() {
        Invoice invoice = documentOf(DocumentKind::Invoice, {lineOf(100, 11)});
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return billing::allocationOf(invoice, 0); }));
        invoice.lines[0].taxCode.reset();
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return postingsOf(invoice); }));
        invoice.lines.clear();
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return postingsOf(invoice); }));
        Payment payment = paymentOf(PaymentKind::Match, std::nullopt);
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return postingsOf(payment); }));
        payment = paymentOf(PaymentKind::Payment, "c1");
        payment.amount.minor = -500;
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return postingsOf(payment); }));
    }

private:
    /// A document and its voiding: each balances, and together they leave nothing anywhere.
    static void checkPair(const Invoice& document) {
        const LedgerEntry entry = postingsOf(document);
        const LedgerEntry reverse = billing::voidingOf(document);
        CPPUNIT_ASSERT(isBalanced(entry) && isBalanced(reverse) && reverse.kind == EntryKind::Void);
        CPPUNIT_ASSERT_EQUAL(entry.postings.size(), reverse.postings.size());
        std::map<std::string, std::int64_t> balances;
        for (std::size_t i = 0; i < entry.postings.size(); ++i) {
            Posting mirrored = reverse.postings[i];
            mirrored.amount = -mirrored.amount;
            CPPUNIT_ASSERT(mirrored == entry.postings[i]);
            balances[entry.postings[i].account] += entry.postings[i].amount;
        }
        const std::int64_t sign = document.kind == DocumentKind::Invoice ? 1 : -1;
        CPPUNIT_ASSERT_EQUAL(-sign * document.sum.net, balances["revenue"]);
        CPPUNIT_ASSERT_EQUAL(-sign * document.sum.tax, balances["tax:PPN"]);
        CPPUNIT_ASSERT_EQUAL(sign * document.sum.total(),
                             balances["receivable"] + balances["customer_credit"]);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LedgerTest);

}  // namespace gardu::test
