#include "core/csv.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <sstream>
#include <stdexcept>
#include <string_view>

#include "tests/support/throws.h"

namespace gardu::test {

namespace {

struct CsvCase {
    std::string_view what;
    std::string_view text;
    /// A row is its line, ":" and its fields between "|"; an unreadable one is its line and "!".
    std::string_view rows;
};

constexpr CsvCase kCases[] = {
    {"nothing", "", ""},
    {"one row", "a,b\n", "1:a|b "},
    {"no line end at the end", "a,b\nc,d", "1:a|b 2:c|d "},
    {"CRLF", "a,b\r\nc,d\r\n", "1:a|b 2:c|d "},
    {"empty fields", ",\n,x,\n", "1:| 2:|x| "},
    {"one field", "a\n\"\"\nb\n", "1:a 3:b "},
    {"empty lines count and are no rows", "\n\na,b\n \t\n\r\nc,d\n\n", "3:a|b 6:c|d "},
    {"blanks around a field are cut", "  a , b c \n", "1:a|b c "},
    {"blanks in quotes stay", "\" a \",b\n", "1: a |b "},
    {"quotes", "\"a,b\",\"say \"\"hi\"\"\"\n", "1:a,b|say \"hi\" "},
    {"byte order mark",
     "\xEF\xBB\xBF"
     "a,b\n",
     "1:a|b "},
    {"byte order mark before quotes", "\xEF\xBB\xBF\"a\",b\n", "1:a|b "},
    {"only a byte order mark", "\xEF\xBB\xBF\n", ""},
    {"semicolons", "a;b\nc,d;e\n", "1:a|b 2:c,d|e "},
    {"a comma in the first line", "a;b,c\nd;e\n", "1:a;b|c 2:d;e "},
    {"line break in quotes, first field", "h,i\n\"a\nb\",c\nd,e\n", "1:h|i 2:a\nb|c 4:d|e "},
    {"line break in quotes, last field", "h,i\na,\"b\n\n\nc\"\nd,e\n", "1:h|i 2:a|b\n\n\nc 6:d|e "},
    {"line break in quotes after empty lines", "h,i\n\n\n\"a\nb\",c\n", "1:h|i 4:a\nb|c "},
    {"CRLF in quotes", "\"a\r\nb\",c\r\nd,e\r\n", "1:a\r\nb|c 3:d|e "},
    {"quote inside a field", "a,b\nc,d\"e\nf,g\n", "1:a|b 2! 3:f|g "},
    {"text after the closing quote", "a,b\n\"c\"x,d\nf,g\n", "1:a|b 2! 3:f|g "},
    {"unreadable first line", "a\"b\nc,d\n", "1! 2:c|d "},
    {"all unreadable", "a\"b\nc\"d\n", "1! 2! "},
    {"open quote takes its line only", "a,b\nc,\"d\ne,f\ng,h\n", "1:a|b 2! 3:e|f 4:g|h "},
    {"open quote before a quoted field", "c,\"d\ne,f\n\"g\",h\n", "1! 2:e|f 3:g|h "},
    {"open quote in the last line", "a,b\nc,\"d", "1:a|b 2! "},
    {"two open quotes", "a,\"b\nc,d\ne,\"f\ng,h\n\"i\"\"\",j\n", "1! 2:c|d 3! 4:g|h 5:i\"|j "},
    {"semicolons after an unreadable row", "a;b\nc\"d\ne;f\n", "1:a|b 2! 3:e|f "},
    {"other writing", "\xD0\x9F\xD1\x80,\xF0\x9F\x98\x80\n", "1:\xD0\x9F\xD1\x80|\xF0\x9F\x98\x80 "},
    {"octets that are no UTF-8", "\xFF\xFE,\x80\n", "1:\xFF\xFE|\x80 "},
};

std::string shown(const core::CsvRow& row) {
    std::string text = std::to_string(row.line);
    if (!row.problem.empty()) {
        CPPUNIT_ASSERT(row.fields.empty());
        return text + "! ";
    }
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
        text += (i == 0 ? ":" : "|") + row.fields[i];
    }
    return text + " ";
}

struct Result {
    std::string rows;
    std::size_t bytesRead = 0;
};

Result read(const std::string& text) {
    std::istringstream input(text);
    Result result;
    core::readCsv(
        input, [&](const core::CsvRow& row) { result.rows += shown(row); }, result.bytesRead);
    return result;
}

class Stop : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace

class CsvTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CsvTest);
    CPPUNIT_TEST(readsRows);
    CPPUNIT_TEST(countsOctets);
    CPPUNIT_TEST(countsOctetsAlong);
    CPPUNIT_TEST(zeroOctetStays);
    CPPUNIT_TEST(openQuoteInALargeFileLosesOneRow);
    CPPUNIT_TEST(largeRowIsUnreadable);
    CPPUNIT_TEST(whatTakeThrowsGoesThrough);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsRows() {
        for (const auto& [what, text, rows] : kCases) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(what), std::string(rows), read(std::string(text)).rows);
        }
    }

    void countsOctets() {
        for (const CsvCase& each : kCases) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.what), each.text.size(),
                                         read(std::string(each.text)).bytesRead);
        }
    }

    void countsOctetsAlong() {
        std::istringstream input("a,b\nc,d\n");
        std::size_t bytesRead = 0;
        std::vector<std::size_t> seen;
        core::readCsv(
            input, [&](const core::CsvRow&) { seen.push_back(bytesRead); }, bytesRead);
        CPPUNIT_ASSERT((seen == std::vector<std::size_t>{4, 8}));
    }

    void zeroOctetStays() {
        const std::string text("a,b\0c\n", 6);
        CPPUNIT_ASSERT_EQUAL(std::string("1:a|b\0c ", 8), read(text).rows);
    }

    void openQuoteInALargeFileLosesOneRow() {
        std::string text = "a,\"b\n";
        std::string rows = "1! ";
        for (int line = 2; line <= 50'000; ++line) {
            text += "name,password\n";
            rows += std::to_string(line) + ":name|password ";
        }
        CPPUNIT_ASSERT(read(text).rows == rows);
    }

    void largeRowIsUnreadable() {
        const std::string most(61'440, 'x');
        CPPUNIT_ASSERT_EQUAL("1:a|" + most + "\ny 3:c ", read("a,\"" + most + "\ny\"\nc\n").rows);
        std::string text = "a,\"b\n";
        for (int i = 0; i < 10'000; ++i) {
            text += "0123456\n";
        }
        CPPUNIT_ASSERT(read(text + "\"\n").rows.starts_with("1! 2:0123456 "));
    }

    void whatTakeThrowsGoesThrough() {
        std::istringstream input("a\nb\nc\n");
        std::size_t bytesRead = 0;
        int rows = 0;
        const auto stopAtTwo = [&](const core::CsvRow&) {
            if (++rows == 2) {
                throw Stop("enough");
            }
        };
        CPPUNIT_ASSERT(throws<Stop>([&] { core::readCsv(input, stopAtTwo, bytesRead); }));
        CPPUNIT_ASSERT_EQUAL(2, rows);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CsvTest);

}  // namespace gardu::test
