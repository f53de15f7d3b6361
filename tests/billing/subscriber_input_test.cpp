#include "billing/subscriber_input.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "tests/support/subscribers.h"

namespace gardu::test {

namespace {

using billing::SubscriberHeader;
using billing::SubscriberInput;

using Fields = std::vector<std::string>;

struct HeaderCase {
    Fields columns;
    /// Empty: taken.
    std::string_view words;
};

const HeaderCase kHeaders[] = {
    {{"username", "password", "package", "end_date"}, ""},
    {{"end_date", "package", "password", "username"}, ""},
    {{"USERNAME", "Password", "package", "End_Date"}, ""},
    {{"username", "password", "package", "end_date", "customer", "phone", "email", "address", "static_ip",
      "framed_route", "framed_ipv6_prefix", "delegated_ipv6_prefix", "start_date"},
     ""},
    {{}, "the column username is missing"},
    {{"username", "password", "package"}, "the column end_date is missing"},
    {{"username", "password", "end_date"}, "the column package is missing"},
    {{"username", "package", "end_date"}, "the column password is missing"},
    {{"username", "password", "package", "end_date", "Username"}, "the column username is there twice"},
    {{"username", "password", "package", "end_date", "nickname"}, "there is no column \"nickname\""},
    {{"username", "password", "package", "end_date", ""}, "there is no column \"\""},
    {{"user name", "password", "package", "end_date"}, "there is no column \"user name\""},
};

struct ProblemCase {
    std::string_view fields;
    void (*change)(SubscriberInput&);
};

const ProblemCase kProblems[] = {
    {"", [](SubscriberInput&) {}},
    {"username ", [](SubscriberInput& in) { in.username = " bob"; }},
    {"username password ", [](SubscriberInput& in) { in.username = in.password = ""; }},
    {"password ", [](SubscriberInput& in) { in.password = std::string(129, 'x'); }},
    {"package ", [](SubscriberInput& in) { in.packageName = ""; }},
    {"customer ", [](SubscriberInput& in) { in.customerName = std::string(256, 'x'); }},
    {"customer ", [](SubscriberInput& in) { in.customerName = "a\nb"; }},
    {"", [](SubscriberInput& in) { in.customerName = ""; }},
    {"", [](SubscriberInput& in) { in.phone = std::string(50, '1'); }},
    {"phone ", [](SubscriberInput& in) { in.phone = std::string(51, '1'); }},
    {"phone ", [](SubscriberInput& in) { in.phone = "\xFF"; }},
    {"email ", [](SubscriberInput& in) { in.email = std::string(256, 'x'); }},
    {"email ", [](SubscriberInput& in) { in.email = std::string("a\0b", 3); }},
    {"", [](SubscriberInput& in) { in.address = "Jl. Mawar 5\r\nBandung\t40111"; }},
    {"", [](SubscriberInput& in) { in.address = std::string(1000, 'x'); }},
    {"address ", [](SubscriberInput& in) { in.address = std::string(1001, 'x'); }},
    {"address ", [](SubscriberInput& in) { in.address = "a\x01"; }},
    {"static_ip ", [](SubscriberInput& in) { in.addresses.ipv4 = "x"; }},
    {"", [](SubscriberInput& in) { in.endDate = in.startDate; }},
    {"end_date ", [](SubscriberInput& in) { in.endDate = day("2026-11-21"); }},
    {"", [](SubscriberInput& in) { in.endDate.reset(); }},
    {"username password package phone static_ip end_date ",
     [](SubscriberInput& in) {
         in.username = in.password = in.packageName = "";
         in.phone = "\n\x01";
         in.addresses.ipv4 = "";
         in.endDate = day("2026-11-21");
     }},
};

const Fields kColumns = {"username", "password", "package", "end_date",     "start_date",
                         "customer", "phone",    "address", "framed_route", "delegated_ipv6_prefix"};

struct DateCase {
    std::string_view startDate;
    std::string_view endDate;
    /// The start date that is meant, or the wrong fields.
    std::string_view result;
    bool isGiven;
};

// Today is 2026-11-22.
constexpr DateCase kDates[] = {
    {"", "", "2026-11-22", false},
    {"", "2027-01-01", "2026-11-22", false},
    {"", "2026-11-22", "2026-11-22", false},
    {"", "2026-10-31", "2026-10-31", false},  // ended before the import
    {"2026-01-31", "", "2026-01-31", true},
    {"2026-01-31", "2026-01-31", "2026-01-31", true},
    {"2026-02-01", "2026-01-31", "end_date ", true},
    {"2026-02-30", "2026-01-31", "start_date ", false},
    {"01/02/2026", "31.12.2026", "end_date start_date ", false},
    {"", "2026-13-01", "end_date ", false},
    {"", "2026-1-1", "end_date ", false},
};

std::string fieldsOf(const std::vector<core::FieldError>& errors) {
    std::string text;
    for (const core::FieldError& error : errors) {
        text += error.field + " ";
    }
    return text;
}

SubscriberHeader headerOf(const Fields& columns) {
    return std::get<SubscriberHeader>(SubscriberHeader::read(columns));
}

}  // namespace

class SubscriberInputTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SubscriberInputTest);
    CPPUNIT_TEST(readsHeaders);
    CPPUNIT_TEST(namesTheColumnsThereAre);
    CPPUNIT_TEST(namesEachWrongField);
    CPPUNIT_TEST(readsARow);
    CPPUNIT_TEST(emptyCellsAreNothing);
    CPPUNIT_TEST(startsTodayWhereNothingIsWritten);
    CPPUNIT_TEST(rowOfAnotherWidthIsWrong);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsHeaders() {
        for (const auto& [columns, words] : kHeaders) {
            const auto header = SubscriberHeader::read(columns);
            const auto* problem = std::get_if<std::string>(&header);
            const std::string said = problem == nullptr ? "" : *problem;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(said, words.empty(), problem == nullptr);
            CPPUNIT_ASSERT_MESSAGE(said, said.find(words) != std::string::npos);
        }
    }

    void namesTheColumnsThereAre() {
        const auto header = SubscriberHeader::read({"nickname"});
        for (const std::string& column : billing::subscriberColumns()) {
            CPPUNIT_ASSERT_MESSAGE(column, std::get<std::string>(header).find(column) != std::string::npos);
        }
    }

    void namesEachWrongField() {
        int number = 0;
        for (const auto& [fields, change] : kProblems) {
            SubscriberInput input = subscriberOf("bob");
            change(input);
            CPPUNIT_ASSERT_EQUAL_MESSAGE("case " + std::to_string(number), std::string(fields),
                                         fieldsOf(billing::subscriberProblems(input)));
            ++number;
        }
    }

    void readsARow() {
        const auto header = headerOf(kColumns);
        CPPUNIT_ASSERT(header.has("customer") && !header.has("email"));
        std::vector<core::FieldError> errors;
        const SubscriberInput input =
            header.readRow({"bob", " x ", "Home 10", "2026-12-21", "2026-11-01", "Pak Budi", "0812",
                            "Jl. Mawar 5", "192.168.9.0/24 10.0.0.2 1\n192.168.10.0/24", "2001:db8:1::/56"},
                           day("2026-11-22"), errors);
        CPPUNIT_ASSERT_EQUAL(std::string(), fieldsOf(errors));
        CPPUNIT_ASSERT_EQUAL(
            std::string("bob| x |Home 10|Pak Budi"),
            input.username + "|" + input.password + "|" + input.packageName + "|" + input.customerName);
        CPPUNIT_ASSERT(input.startDate == day("2026-11-01") && input.endDate == day("2026-12-21"));
        CPPUNIT_ASSERT(input.phone == "0812" && !input.email && input.address == "Jl. Mawar 5");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, input.addresses.framedRoutes.size());
        CPPUNIT_ASSERT(!input.addresses.ipv4 && input.addresses.delegatedIpv6Prefix == "2001:db8:1::/56");
    }

    void emptyCellsAreNothing() {
        std::vector<core::FieldError> errors;
        const SubscriberInput input = headerOf(kColumns).readRow(
            {"00:1A:2B:3C:4D:EF", "", "Home 10", "", "", "", "", "", "", ""}, day("2026-11-22"), errors);
        CPPUNIT_ASSERT_EQUAL(std::string(), fieldsOf(errors));
        CPPUNIT_ASSERT(!input.endDate && !input.phone && !input.address);
        CPPUNIT_ASSERT(input.addresses == billing::StaticAddresses{});
    }

    void startsTodayWhereNothingIsWritten() {
        const auto header = headerOf({"username", "password", "package", "end_date", "start_date"});
        for (const auto& [startDate, endDate, result, isGiven] : kDates) {
            std::vector<core::FieldError> errors;
            const SubscriberInput input =
                header.readRow({"bob", "x", "Home 10", std::string(endDate), std::string(startDate)},
                               day("2026-11-22"), errors);
            CPPUNIT_ASSERT_EQUAL(std::string(result),
                                 errors.empty() ? core::formatDate(input.startDate) : fieldsOf(errors));
            CPPUNIT_ASSERT_EQUAL(isGiven, input.startDateIsGiven);
        }
    }

    void rowOfAnotherWidthIsWrong() {
        const auto header = headerOf({"username", "password", "package", "end_date"});
        for (const Fields& fields :
             {Fields{}, Fields{"bob", "x", "Home 10"}, Fields{"bob", "x", "Home 10", "", ""}}) {
            std::vector<core::FieldError> errors;
            (void)header.readRow(fields, day("2026-11-22"), errors);
            CPPUNIT_ASSERT_EQUAL(std::string("row "), fieldsOf(errors));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SubscriberInputTest);

}  // namespace gardu::test
