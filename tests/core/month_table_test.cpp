#include "core/month_table.h"

#include <cppunit/extensions/HelperMacros.h>

#include "core/check.h"
#include "tests/support/throws.h"

namespace gardu::core {
namespace {

using namespace std::chrono_literals;
using gardu::test::throws;

struct MonthCase {
    std::string_view text;
    Month month;
};

constexpr MonthCase kMonths[] = {
    {"2026-11", 2026y / 11}, {"0001-01", 1y / 1}, {"9999-12", 9999y / 12}, {"2027-01", 2027y / 1}};

constexpr std::string_view kNoMonths[] = {"",         "2026",    "2026-1",  "2026-13",  "2026-00",
                                          "0000-01",  "202611",  "2026/11", "2026-1 ",  " 2026-1",
                                          "2026-011", "-026-11", "2026--1", "+026-011", "20a6-11"};

struct SqlCase {
    std::string_view sql;
    std::string_view made;
};

constexpr SqlCase kSql[] = {
    {"SELECT id FROM session_history_{month} WHERE id < ?",
     "SELECT id FROM session_history_202601 WHERE id < ?"},
    {"CREATE TABLE t_{month}(id BIGINT); CREATE INDEX i_{month} ON t_{month}(id)",
     "CREATE TABLE t_202601(id BIGINT); CREATE INDEX i_202601 ON t_202601(id)"},
    {"{month}", "202601"},
    {"{month", "{month"},
    {"SELECT 1", "SELECT 1"},
    {"", ""},
};

class MonthTableTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MonthTableTest);
    CPPUNIT_TEST(monthsGoThereAndBack);
    CPPUNIT_TEST(refusesWhatIsNoMonth);
    CPPUNIT_TEST(replacesEveryPlaceholder);
    CPPUNIT_TEST(monthsOutOfRangeBreakAnInvariant);
    CPPUNIT_TEST_SUITE_END();

    void monthsGoThereAndBack() {
        for (const auto& [text, month] : kMonths) {
            CPPUNIT_ASSERT_EQUAL(std::string(text), formatMonth(month));
            CPPUNIT_ASSERT_MESSAGE(std::string(text), parseMonth(text) == month);
        }
    }

    void refusesWhatIsNoMonth() {
        for (const std::string_view text : kNoMonths) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parseMonth(text));
        }
    }

    void replacesEveryPlaceholder() {
        for (const auto& [sql, made] : kSql) {
            CPPUNIT_ASSERT_EQUAL(std::string(made), forMonth(sql, 2026y / 1));
        }
    }

    void monthsOutOfRangeBreakAnInvariant() {
        for (const Month month : {0y / 1, 10000y / 1, (-1y) / 1, 2026y / 13}) {
            CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return formatMonth(month); }));
            CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return forMonth("t_{month}", month); }));
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MonthTableTest);

}  // namespace
}  // namespace gardu::core
