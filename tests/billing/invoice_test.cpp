#include "billing/invoice.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <stdexcept>

#include "core/check.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Invoice;
using billing::InvoiceLine;
using billing::InvoiceStatus;
using billing::Taxed;

InvoiceLine lineOf(std::int64_t net, std::int64_t tax) {
    InvoiceLine line;
    line.taxed = {.net = net, .tax = tax};
    return line;
}

struct StatusCase {
    InvoiceStatus status;
    std::string_view today;
    std::string_view shown;
};

constexpr StatusCase kStatuses[] = {
    {InvoiceStatus::Unpaid, "2027-02-14", "unpaid"},  {InvoiceStatus::Unpaid, "2027-02-15", "unpaid"},
    {InvoiceStatus::Unpaid, "2027-02-16", "overdue"}, {InvoiceStatus::Paid, "2027-02-16", "paid"},
    {InvoiceStatus::Void, "2027-02-16", "void"},
};

struct NumberCase {
    std::string_view series;
    int year;
    std::int64_t number;
    std::string_view text;
};

constexpr NumberCase kNumbers[] = {
    {"INV", 2027, 1, "INV-2027-000001"},
    {"CN", 2027, 999'999, "CN-2027-999999"},
    {"INV", 2027, 1'000'000, "INV-2027-1000000"},
    {"INV", 987, 10, "INV-0987-000010"},
};

}  // namespace

class InvoiceTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(InvoiceTest);
    CPPUNIT_TEST(wordsAreReadBack);
    CPPUNIT_TEST(sumsLines);
    CPPUNIT_TEST(isOverdueAfterTheDueDate);
    CPPUNIT_TEST(numbersSortWithinAYear);
    CPPUNIT_TEST_SUITE_END();

public:
    void wordsAreReadBack() {
        for (const char* word : {"invoice", "credit_note"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseDocumentKind(word).value()) == word);
        }
        for (const char* word : {"recurring", "credit", "charge", "discount"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseLineKind(word).value()) == word);
        }
        for (const char* word : {"unpaid", "paid", "void"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseInvoiceStatus(word).value()) == word);
        }
        CPPUNIT_ASSERT(!billing::parseInvoiceStatus("overdue") && !billing::parseLineKind("") &&
                       !billing::parseDocumentKind("Invoice"));
    }

    void sumsLines() {
        CPPUNIT_ASSERT(billing::sumOf({}) == Taxed{});
        CPPUNIT_ASSERT((billing::sumOf({lineOf(100, 11), lineOf(-30, -3)}) == Taxed{70, 8}));
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        CPPUNIT_ASSERT(throws<std::overflow_error>([] {
            return billing::sumOf({lineOf(most, 0), lineOf(1, 0)});
        }));
        CPPUNIT_ASSERT(throws<std::overflow_error>([] { return billing::sumOf({lineOf(most, 1)}); }));
    }

    void isOverdueAfterTheDueDate() {
        for (const StatusCase& each : kStatuses) {
            Invoice invoice;
            invoice.status = each.status;
            invoice.dueDate = core::parseDate("2027-02-15").value();
            CPPUNIT_ASSERT_EQUAL(std::string(each.shown),
                                 std::string(statusOn(invoice, core::parseDate(each.today).value())));
        }
    }

    void numbersSortWithinAYear() {
        for (const auto& [series, year, number, text] : kNumbers) {
            CPPUNIT_ASSERT_EQUAL(std::string(text), billing::documentNumber(series, year, number));
        }
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([] { return billing::documentNumber("INV", 2027, 0); }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InvoiceTest);

}  // namespace gardu::test
