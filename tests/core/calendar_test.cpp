#include "core/calendar.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

#include "core/check.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace {

using namespace gardu::core;
using gardu::test::inThreads;
using gardu::test::throws;

Date day(std::string_view text) {
    return parseDate(text).value();
}

Instant instant(std::string_view text) {
    return parseInstant(text).value();
}

struct InstantCase {
    std::string_view text;
    std::string_view printed;
};

constexpr InstantCase kInstants[] = {
    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
    {"2027-02-15T13:45:06Z", "2027-02-15T13:45:06Z"},
    {"2027-02-15 13:45:06Z", "2027-02-15T13:45:06Z"},
    {"2027-02-15T13:45:06.5Z", "2027-02-15T13:45:06.500Z"},
    {"2027-02-15T13:45:06.0070Z", "2027-02-15T13:45:06.007Z"},
    {"2027-02-15T13:45:06.123999999999999999Z", "2027-02-15T13:45:06.123Z"},
    {"2027-02-15T13:45:06.000Z", "2027-02-15T13:45:06Z"},
    {"2027-02-15T13:45:06+07:00", "2027-02-15T06:45:06Z"},
    {"2027-03-01T00:30:00+05:45", "2027-02-28T18:45:00Z"},
    {"2027-12-31T23:00:00-03:30", "2028-01-01T02:30:00Z"},
    {"2027-02-15T13:45:06-00:00", "2027-02-15T13:45:06Z"},
    {"1969-12-31T23:59:59.250Z", "1969-12-31T23:59:59.250Z"},
    {"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"},  // RFC 3339 section 5.8
    {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"},    // the same
    {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"},
};

constexpr std::string_view kNotInstants[] = {
    "",
    "2027-02-15",
    "2027-02-15T13:45:06",
    "2027-02-15T13:45Z",
    "2027-02-15T13:45:06.Z",
    "2027-02-15T13:45:06,5Z",
    "2027-02-15T24:00:00Z",
    "2027-02-15T13:60:00Z",
    "2027-02-15T13:45:60Z",
    "2027-02-29T00:00:00Z",
    "2027-02-15T13:45:06+0700",
    "2027-02-15T13:45:06+7:00",
    "2027-02-15T13:45:06+24:00",
    "2027-02-15T13:45:06+07:60",
    "2027-02-15T13:45:06Z ",
    " 2027-02-15T13:45:06Z",
    "2027-02-15x13:45:06Z",
    "2027-2-15T13:45:06Z",
    "-027-02-15T13:45:06Z",
    "2027-02-15T-1:45:06Z",
};

constexpr std::string_view kNotDates[] = {
    "",           "2027-02-29", "2100-02-29",  "2027-04-31",  "2027-00-10",
    "2027-13-01", "2027-01-00", "2027-01-32",  "2027-1-01",   "2027-01-1",
    "2027/01/01", "20270101",   "2027-01-01 ", " 2027-01-01", "12027-01-01",
    "2027-01-0x",
};

struct AnchorCase {
    std::string_view from;
    int anchorDay;
    std::vector<std::string_view> anniversaries;  ///< from the first on
};

const AnchorCase kAnchors[] = {
    {"2027-01-31",
     31,
     {"2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31", "2027-08-31",
      "2027-09-30", "2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"}},
    {"2027-02-28", 31, {"2027-03-31", "2027-04-30"}},
    {"2028-01-30", 30, {"2028-02-29", "2028-03-30", "2028-04-30"}},
    {"2027-01-29", 29, {"2027-02-28", "2027-03-29"}},
    {"2028-01-29", 29, {"2028-02-29", "2028-03-29"}},
    {"2027-11-15", 15, {"2027-12-15", "2028-01-15"}},
    {"2099-12-31", 31, {"2100-01-31", "2100-02-28", "2100-03-31"}},
};

struct DayCase {
    std::string zone;
    std::string_view date;
    std::string_view start;
    int hours;
};

const DayCase kDays[] = {
    {"Asia/Jakarta", "2027-02-15", "2027-02-14T17:00:00Z", 24},
    {"Asia/Kathmandu", "2027-02-15", "2027-02-14T18:15:00Z", 24},
    {"UTC", "2027-02-15", "2027-02-15T00:00:00Z", 24},
    {"Europe/Warsaw", "2027-03-28", "2027-03-27T23:00:00Z", 23},
    {"Europe/Warsaw", "2027-10-31", "2027-10-30T22:00:00Z", 25},
    {"Europe/Warsaw", "2027-07-01", "2027-06-30T22:00:00Z", 24},
    {"America/Santiago", "2027-04-03", "2027-04-03T03:00:00Z", 25},  // 24:00 becomes 23:00
    {"America/Santiago", "2027-04-04", "2027-04-04T04:00:00Z", 24},
    {"America/Santiago", "2026-09-05", "2026-09-05T04:00:00Z", 24},
    {"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", 23},  // 00:00 does not exist
    {"America/Santiago", "2026-09-07", "2026-09-07T03:00:00Z", 24},
    {"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", 23},  // 00:00 does not exist
    {"Africa/Cairo", "2026-10-29", "2026-10-28T21:00:00Z", 25},
    {"Africa/Cairo", "2026-10-30", "2026-10-29T22:00:00Z", 24},
    {"America/Havana", "2023-11-05", "2023-11-05T04:00:00Z", 25},  // 00:00 comes twice
    {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0},     // a day that never was
    {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24},
};

struct FormatCase {
    std::string zone;
    std::string_view instant;
    std::string local;
    std::string date;
};

const FormatCase kFormats[] = {
    {"Asia/Jakarta", "2027-02-15T06:45:00Z", "2027-02-15 13:45:00 WIB", "2027-02-15"},
    {"Asia/Jakarta", "2027-02-15T16:59:59.999Z", "2027-02-15 23:59:59 WIB", "2027-02-15"},
    {"Asia/Jakarta", "2027-02-15T17:00:00Z", "2027-02-16 00:00:00 WIB", "2027-02-16"},
    {"Asia/Kathmandu", "2027-02-15T18:15:00Z", "2027-02-16 00:00:00 +0545", "2027-02-16"},
    {"Europe/Warsaw", "2027-03-28T00:59:59Z", "2027-03-28 01:59:59 CET", "2027-03-28"},
    {"Europe/Warsaw", "2027-03-28T01:00:00Z", "2027-03-28 03:00:00 CEST", "2027-03-28"},
    {"America/Santiago", "2026-09-06T03:59:59Z", "2026-09-05 23:59:59 -04", "2026-09-05"},
    {"America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06 01:00:00 -03", "2026-09-06"},
    {"Asia/Jakarta", "1969-12-31T16:59:59.500Z", "1969-12-31 23:59:59 WIB", "1969-12-31"},
};

struct HourCase {
    std::string name;
    std::string_view at;
    std::string_view start;
};

const HourCase kHours[] = {
    {"UTC", "2027-02-15T13:45:06.789Z", "2027-02-15T13:00:00Z"},
    {"UTC", "2027-02-15T13:00:00Z", "2027-02-15T13:00:00Z"},
    {"UTC", "1969-12-31T23:59:59Z", "1969-12-31T23:00:00Z"},
    {"Asia/Jakarta", "2027-02-15T13:59:59.999Z", "2027-02-15T13:00:00Z"},
    {"Asia/Kathmandu", "2027-02-15T13:14:59Z", "2027-02-15T12:15:00Z"},  // +05:45
    {"Asia/Kathmandu", "2027-02-15T13:15:00Z", "2027-02-15T13:15:00Z"},
    {"Europe/Warsaw", "2027-03-28T00:59:59Z", "2027-03-28T00:00:00Z"},  // 01:59:59, then 03:00
    {"Europe/Warsaw", "2027-03-28T01:30:00Z", "2027-03-28T01:00:00Z"},
    {"Europe/Warsaw", "2027-10-31T00:30:00Z", "2027-10-31T00:00:00Z"},  // 02:30, the first of two
    {"Europe/Warsaw", "2027-10-31T01:30:00Z", "2027-10-31T01:00:00Z"},
    // Half an hour forward at 02:00 (+10:30), which is 15:30Z, and back at 02:00 (+11:00), which is 15:00Z.
    {"Australia/Lord_Howe", "2027-10-02T15:29:59Z", "2027-10-02T14:30:00Z"},
    {"Australia/Lord_Howe", "2027-10-02T15:45:00Z", "2027-10-02T15:30:00Z"},
    {"Australia/Lord_Howe", "2027-10-02T16:00:00Z", "2027-10-02T16:00:00Z"},
    {"Australia/Lord_Howe", "2027-04-03T15:10:00Z", "2027-04-03T15:00:00Z"},
    {"Australia/Lord_Howe", "2027-04-03T15:40:00Z", "2027-04-03T15:30:00Z"},
};

class CalendarTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CalendarTest);
    CPPUNIT_TEST(epochMilliseconds);
    CPPUNIT_TEST(readsAndPrintsInstants);
    CPPUNIT_TEST(refusesOtherInstants);
    CPPUNIT_TEST(readsAndPrintsDates);
    CPPUNIT_TEST(refusesOtherDates);
    CPPUNIT_TEST(addsDays);
    CPPUNIT_TEST(anchorDoesNotDrift);
    CPPUNIT_TEST(anchorGoesBack);
    CPPUNIT_TEST(anchorOutsideAMonthIsOurBug);
    CPPUNIT_TEST(periodIsHalfOpen);
    CPPUNIT_TEST(daysBeginAndEnd);
    CPPUNIT_TEST(everyDayOfAYearHoldsItsOwnStart);
    CPPUNIT_TEST(timesOfTheClockOnTheWall);
    CPPUNIT_TEST(hoursBegin);
    CPPUNIT_TEST(everyHourBeginsAtItself);
    CPPUNIT_TEST(printsLocalTime);
    CPPUNIT_TEST(refusesUnknownZones);
    CPPUNIT_TEST(severalThreadsLoadAndShareAZone);
    CPPUNIT_TEST_SUITE_END();

public:
    void epochMilliseconds() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, toEpochMs(instant("1970-01-01T00:00:00Z")));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'000'000'000'123}, toEpochMs(instant("2001-09-09T01:46:40.123Z")));
        CPPUNIT_ASSERT_EQUAL(std::string("1969-12-31T23:59:59.999Z"), formatInstant(fromEpochMs(-1)));
    }

    void readsAndPrintsInstants() {
        for (const auto& [text, printed] : kInstants) {
            const auto read = parseInstant(text);
            CPPUNIT_ASSERT_MESSAGE(std::string(text), read.has_value());
            CPPUNIT_ASSERT_EQUAL(std::string(printed), formatInstant(*read));
        }
    }

    void refusesOtherInstants() {
        for (const auto text : kNotInstants) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parseInstant(text));
        }
    }

    void readsAndPrintsDates() {
        for (const auto* text : {"2027-02-15", "2028-02-29", "2000-02-29", "0001-01-01", "9999-12-31"}) {
            CPPUNIT_ASSERT_EQUAL(std::string(text), formatDate(day(text)));
        }
    }

    void refusesOtherDates() {
        for (const auto text : kNotDates) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parseDate(text));
        }
    }

    void addsDays() {
        CPPUNIT_ASSERT_EQUAL(std::string("2028-02-29"), formatDate(addDays(day("2028-02-28"), 1)));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-01"), formatDate(addDays(day("2027-02-28"), 1)));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-31"), formatDate(addDays(day("2027-01-01"), -1)));
        CPPUNIT_ASSERT_EQUAL(std::string("2028-01-01"), formatDate(addDays(day("2027-01-01"), 365)));
    }

    void anchorDoesNotDrift() {
        for (const auto& [from, anchorDay, anniversaries] : kAnchors) {
            int months = 0;
            for (const auto expected : anniversaries) {
                const Date date = addMonthsAnchored(day(from), anchorDay, ++months);
                CPPUNIT_ASSERT_EQUAL(std::string(expected), formatDate(date));
            }
        }
    }

    void anchorGoesBack() {
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-31"),
                             formatDate(addMonthsAnchored(day("2027-03-01"), 31, 0)));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-28"),
                             formatDate(addMonthsAnchored(day("2027-03-31"), 31, -1)));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-31"),
                             formatDate(addMonthsAnchored(day("2027-03-31"), 31, -3)));
    }

    void anchorOutsideAMonthIsOurBug() {
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return addMonthsAnchored(day("2027-01-01"), 0, 1); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return addMonthsAnchored(day("2027-01-01"), 32, 1); }));
    }

    void periodIsHalfOpen() {
        const Period period{day("2027-01-15"), day("2027-02-15")};
        CPPUNIT_ASSERT(!period.contains(day("2027-01-14")));
        CPPUNIT_ASSERT(period.contains(day("2027-01-15")));
        CPPUNIT_ASSERT(period.contains(day("2027-02-14")));
        CPPUNIT_ASSERT(!period.contains(day("2027-02-15")));
    }

    void daysBeginAndEnd() {
        for (const auto& [name, date, start, hours] : kDays) {
            const Zone zone(name);
            const Instant begin = zone.startOfDay(day(date));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string(start), formatInstant(begin));
            const auto length =
                std::chrono::duration_cast<std::chrono::hours>(zone.endOfDay(day(date)) - begin);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name + ' ' + std::string(date), hours,
                                         static_cast<int>(length.count()));
        }
    }

    void everyDayOfAYearHoldsItsOwnStart() {
        for (const auto* name : {"Asia/Jakarta", "America/Santiago", "Europe/Warsaw", "Africa/Cairo"}) {
            const Zone zone(name);
            for (Date date = day("2027-01-01"); date < day("2028-01-01"); date = addDays(date, 1)) {
                const std::string message = zone.name() + ' ' + formatDate(date);
                CPPUNIT_ASSERT_MESSAGE(message, zone.localDate(zone.startOfDay(date)) == date);
                const Instant last = zone.endOfDay(date) - Milliseconds(1);
                CPPUNIT_ASSERT_MESSAGE(message, zone.localDate(last) == date);
            }
        }
    }

    void timesOfTheClockOnTheWall() {
        struct Case {
            const char* zone;
            const char* day;
            int hours;
            const char* instant;
        };
        const Case cases[] = {
            {"Asia/Jakarta", "2027-02-15", 19, "2027-02-15T12:00:00Z"},
            {"Europe/Warsaw", "2027-03-28", 1, "2027-03-28T00:00:00Z"},
            {"Europe/Warsaw", "2027-03-28", 2, "2027-03-28T01:00:00Z"},  // swallowed: the end of the gap
            {"Europe/Warsaw", "2027-03-28", 3, "2027-03-28T01:00:00Z"},
            {"Europe/Warsaw", "2027-10-31", 2, "2027-10-31T00:00:00Z"},  // twice: the first
            {"Europe/Warsaw", "2027-10-31", 3, "2027-10-31T02:00:00Z"},
        };
        for (const Case& wanted : cases) {
            const Instant found = Zone(wanted.zone).at(day(wanted.day), std::chrono::hours(wanted.hours));
            CPPUNIT_ASSERT_EQUAL(std::string(wanted.instant), formatInstant(found));
        }
    }

    void hoursBegin() {
        for (const auto& [name, at, start] : kHours) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string(start),
                                         formatInstant(Zone(name).startOfHour(instant(at))));
        }
    }

    void everyHourBeginsAtItself() {
        for (const auto* name : {"Asia/Kathmandu", "America/Santiago", "Australia/Lord_Howe"}) {
            const Zone zone(name);
            const Instant end = instant("2028-01-01T00:00:00Z");
            for (Instant at = instant("2027-01-01T00:00:00Z"); at < end; at += std::chrono::minutes(15)) {
                const Instant start = zone.startOfHour(at);
                const std::string message = zone.name() + ' ' + formatInstant(at);
                CPPUNIT_ASSERT_MESSAGE(message, start <= at && at - start < std::chrono::hours(1));
                CPPUNIT_ASSERT_MESSAGE(message, zone.startOfHour(start) == start);
                CPPUNIT_ASSERT_MESSAGE(message, zone.localDate(start) == zone.localDate(at));
            }
        }
    }

    void printsLocalTime() {
        for (const auto& [name, at, local, date] : kFormats) {
            const Zone zone(name);
            CPPUNIT_ASSERT_EQUAL(local, zone.format(instant(at)));
            CPPUNIT_ASSERT_EQUAL(date, formatDate(zone.localDate(instant(at))));
        }
    }

    void refusesUnknownZones() {
        for (const auto* text : {"", "Asia/Atlantis", "asia/jakarta", "../../etc/passwd", "WIB"}) {
            const std::string name = text;
            try {
                const Zone zone(name);
                CPPUNIT_FAIL("taken: " + name);
            } catch (const std::invalid_argument& error) {
                CPPUNIT_ASSERT(std::string(error.what()).find('"' + name + '"') != std::string::npos);
            }
        }
    }

    // tzdata is read at a zone's first use: Asia/Makassar has none before this test.
    void severalThreadsLoadAndShareAZone() {
        const Zone shared("Asia/Makassar");
        std::vector<std::string> seen(8);
        inThreads(8, [&](int thread) {
            const Zone own("Asia/Makassar");
            const Zone& zone = thread % 2 == 0 ? shared : own;
            seen[static_cast<std::size_t>(thread)] = zone.format(instant("2027-02-15T06:45:00Z"));
        });
        CPPUNIT_ASSERT(seen == std::vector<std::string>(8, "2027-02-15 14:45:00 WITA"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CalendarTest);

}  // namespace
