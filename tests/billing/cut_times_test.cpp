// When access may end: firstCutAt() and cutAfter().
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "billing/dunning.h"

namespace gardu::test {

namespace {

using billing::CutCalendar;
using billing::DunningLadder;

core::Date day(std::string_view text) {
    return core::parseDate(text).value();
}

DunningLadder anyTime() {
    return {};
}

/// Monday to Friday, 8:00 to 17:00.
DunningLadder office() {
    DunningLadder ladder;
    ladder.noCutWeekdays = {6, 0};
    ladder.cutFromMinute = 8 * 60;
    ladder.cutUntilMinute = 17 * 60;
    return ladder;
}

DunningLadder atNight() {
    DunningLadder ladder;
    ladder.cutUntilMinute = 60;
    return ladder;
}

DunningLadder never() {
    DunningLadder ladder;
    ladder.noCutWeekdays = {0, 1, 2, 3, 4, 5, 6};
    return ladder;
}

struct CutCase {
    std::string_view name;
    std::string zone;
    DunningLadder (*ladder)();
    std::string_view at;
    std::string_view cut;
};

const CutCase kCuts[] = {
    {"any time", "Asia/Jakarta", anyTime, "2027-02-20T13:45:06.789+07:00", "2027-02-20T06:45:06.789Z"},
    {"within the hours", "Asia/Jakarta", office, "2027-02-15T16:59:59.999+07:00", "2027-02-15T09:59:59.999Z"},
    {"the end of the hours is outside", "Asia/Jakarta", office, "2027-02-15T17:00:00+07:00",
     "2027-02-16T01:00:00Z"},
    {"before the hours", "Asia/Jakarta", office, "2027-02-15T00:00:00+07:00", "2027-02-15T01:00:00Z"},
    {"Friday evening", "Asia/Jakarta", office, "2027-02-19T17:00:00+07:00", "2027-02-22T01:00:00Z"},
    {"the local weekday counts, not UTC's", "Asia/Jakarta", office, "2027-02-21T20:00:00Z",
     "2027-02-22T01:00:00Z"},
    {"a holiday", "Asia/Jakarta", office, "2027-03-05T09:00:00+07:00", "2027-03-08T01:00:00Z"},
    {"a quarter of an hour off", "Asia/Kathmandu", office, "2027-02-15T00:00:00Z", "2027-02-15T02:15:00Z"},
    {"summer time", "Europe/Warsaw", office, "2027-03-27T12:00:00Z", "2027-03-29T06:00:00Z"},
    {"winter time", "Europe/Warsaw", office, "2027-10-30T12:00:00Z", "2027-11-02T07:00:00Z"},
    // 00:00 to 01:00 does not exist on that day.
    {"hours that a day does not have", "America/Santiago", atNight, "2026-09-06T04:00:00Z",
     "2026-09-07T03:00:00Z"},
    {"no time at all: after 400 days", "Asia/Jakarta", never, "2027-01-01T00:00:00+07:00",
     "2028-02-04T17:00:00Z"},
};

CutCalendar calendarOf(const std::string& zone) {
    return {core::Zone(zone), {day("2027-03-05"), day("2027-11-01")}};
}

/// "02-22 08:00" of 2027, when access ends in Jakarta that is paid up to and with the last day.
std::string endOf(std::string_view lastDay, int graceDays, DunningLadder ladder) {
    ladder.graceDays = graceDays;
    const core::Instant end = billing::cutAfter(day(lastDay), ladder, calendarOf("Asia/Jakarta"));
    return core::Zone("Asia/Jakarta").format(end).substr(5, 11);
}

}  // namespace

class CutTimesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CutTimesTest);
    CPPUNIT_TEST(cutsWaitForTheirTime);
    CPPUNIT_TEST(accessEndsAfterTheGrace);
    CPPUNIT_TEST_SUITE_END();

public:
    void cutsWaitForTheirTime() {
        for (const CutCase& each : kCuts) {
            const core::Instant cut = billing::firstCutAt(core::parseInstant(each.at).value(), each.ladder(),
                                                          calendarOf(each.zone));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), std::string(each.cut),
                                         core::formatInstant(cut));
        }
    }

    void accessEndsAfterTheGrace() {
        CPPUNIT_ASSERT_EQUAL(std::string("02-16 00:00"), endOf("2027-02-15", 0, anyTime()));
        CPPUNIT_ASSERT_EQUAL(std::string("02-19 00:00"), endOf("2027-02-15", 3, anyTime()));
        CPPUNIT_ASSERT_EQUAL(std::string("02-22 08:00"), endOf("2027-02-16", 3, office()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CutTimesTest);

}  // namespace gardu::test
