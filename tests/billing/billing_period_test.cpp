#include "billing/billing_period.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "core/check.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Validity;
using billing::ValidityUnit;
using core::InvariantBroken;

constexpr Validity kMonth{1, ValidityUnit::Month};
constexpr Validity kQuarter{3, ValidityUnit::Month};
constexpr Validity kYear{12, ValidityUnit::Month};
constexpr Validity kThirtyDays{30, ValidityUnit::Day};
constexpr Validity kHours{12, ValidityUnit::Hour};

core::Date day(std::string_view text) {
    return core::parseDate(text).value();
}

std::string text(const core::Period& period) {
    return core::formatDate(period.first).append(" ").append(core::formatDate(period.next));
}

struct ChainCase {
    std::string_view name;
    std::string_view start;
    int anchorDay;
    Validity validity;
    std::vector<std::string_view> boundaries;
};

const ChainCase kChains[] = {
    {"anchor 31 comes back after February",
     "2027-01-31",
     31,
     kMonth,
     {"2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"}},
    {"anchor 31 in a leap year", "2028-01-31", 31, kMonth, {"2028-02-29", "2028-03-31"}},
    {"anchor 30 in a leap year", "2028-01-30", 30, kMonth, {"2028-02-29", "2028-03-30"}},
    {"anchor 29 outside one", "2027-01-29", 29, kMonth, {"2027-02-28", "2027-03-29"}},
    {"begun in February with anchor 31", "2027-02-28", 31, kMonth, {"2027-03-31", "2027-04-30"}},
    {"over the year", "2027-11-15", 15, kMonth, {"2027-12-15", "2028-01-15"}},
    {"quarters of anchor 31", "2027-08-31", 31, kQuarter, {"2027-11-30", "2028-02-29", "2028-05-31"}},
    {"a year from a leap day",
     "2028-02-29",
     29,
     kYear,
     {"2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"}},
    {"no leap year in 2100", "2100-01-31", 31, kMonth, {"2100-02-28", "2100-03-31"}},
    {"days know no anchor", "2027-01-31", 31, kThirtyDays, {"2027-03-02", "2027-04-01", "2027-05-01"}},
    {"days over a leap day", "2028-02-01", 1, kThirtyDays, {"2028-03-02"}},
};

struct PeriodCase {
    std::string_view name;
    std::string_view day;
    int anchorDay;
    Validity validity;
    std::string whole;
    std::string first;
};

const PeriodCase kPeriods[] = {
    {"on the anchor", "2027-02-15", 15, kMonth, "2027-02-15 2027-03-15", "2027-02-15 2027-03-15"},
    {"after the anchor: a stub", "2027-02-20", 15, kMonth, "2027-02-15 2027-03-15", "2027-02-20 2027-03-15"},
    {"before the anchor: a stub", "2027-02-10", 15, kMonth, "2027-01-15 2027-02-15", "2027-02-10 2027-02-15"},
    {"a stub of one day", "2027-02-14", 15, kMonth, "2027-01-15 2027-02-15", "2027-02-14 2027-02-15"},
    {"the last of February is anchor 31", "2027-02-28", 31, kMonth, "2027-02-28 2027-03-31",
     "2027-02-28 2027-03-31"},
    {"the last but one is not", "2027-02-27", 31, kMonth, "2027-01-31 2027-02-28", "2027-02-27 2027-02-28"},
    {"the 28th of a leap year", "2028-02-28", 30, kMonth, "2028-01-30 2028-02-29", "2028-02-28 2028-02-29"},
    {"anchor 1", "2027-12-31", 1, kMonth, "2027-12-01 2028-01-01", "2027-12-31 2028-01-01"},
    {"a quarter's stub ends a whole one", "2027-02-20", 15, kQuarter, "2026-12-15 2027-03-15",
     "2027-02-20 2027-03-15"},
    {"a quarter on the anchor", "2027-02-15", 15, kQuarter, "2026-12-15 2027-03-15", "2027-02-15 2027-05-15"},
    {"days", "2027-02-20", 15, kThirtyDays, "2027-02-20 2027-03-22", "2027-02-20 2027-03-22"},
};

}  // namespace

class BillingPeriodTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BillingPeriodTest);
    CPPUNIT_TEST(boundariesNeverDrift);
    CPPUNIT_TEST(periodsAroundADay);
    CPPUNIT_TEST(countsDays);
    CPPUNIT_TEST(hoursAreExact);
    CPPUNIT_TEST(whatIsNoPeriodOfDaysIsOurBug);
    CPPUNIT_TEST_SUITE_END();

public:
    void boundariesNeverDrift() {
        for (const ChainCase& each : kChains) {
            core::Date at = day(each.start);
            for (const std::string_view expected : each.boundaries) {
                at = billing::nextBoundary(at, each.anchorDay, each.validity);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), std::string(expected),
                                             core::formatDate(at));
            }
        }
    }

    void periodsAroundADay() {
        for (const PeriodCase& each : kPeriods) {
            const core::Date at = day(each.day);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.whole,
                                         text(billing::wholePeriodWith(at, each.anchorDay, each.validity)));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.first,
                                         text(billing::firstPeriodFrom(at, each.anchorDay, each.validity)));
        }
    }

    void countsDays() {
        CPPUNIT_ASSERT_EQUAL(28, billing::daysIn({day("2027-02-15"), day("2027-03-15")}));
        CPPUNIT_ASSERT_EQUAL(29, billing::daysIn({day("2028-02-15"), day("2028-03-15")}));
        CPPUNIT_ASSERT_EQUAL(-366, billing::daysBetween(day("2029-01-01"), day("2028-01-01")));
        CPPUNIT_ASSERT_EQUAL(31, billing::anchorDayOf(day("2027-01-31")));
        CPPUNIT_ASSERT_EQUAL(1, billing::anchorDayOf(day("2027-03-01")));
    }

    void hoursAreExact() {
        // The clock on the wall goes back in between; an hour stays an hour.
        const core::Instant from = core::parseInstant("2027-10-30T20:30:00+02:00").value();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-10-31T18:30:00Z"),
                             core::formatInstant(billing::addHours(from, 24)));
    }

    void whatIsNoPeriodOfDaysIsOurBug() {
        const core::Date at = day("2027-02-15");
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return billing::nextBoundary(at, 15, kHours); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return billing::wholePeriodWith(at, 15, kHours); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return billing::firstPeriodFrom(at, 15, kHours); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return billing::nextBoundary(at, 14, kMonth); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return billing::nextBoundary(at, 32, kMonth); }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BillingPeriodTest);

}  // namespace gardu::test
