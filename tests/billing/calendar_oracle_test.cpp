// Periods of billing and the instants at which their days begin, against python-dateutil and zoneinfo.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>

#include "billing/billing_period.h"
#include "tests/support/process.h"

namespace gardu::test {

namespace {

using billing::Validity;

struct Case {
    std::string zone;
    core::Date first{};
    int anchorDay = 0;
    Validity validity;
};

/// Of "zone first anchor count unit |", with the stream left behind it.
Case readCase(std::istringstream& line) {
    Case read;
    std::string first;
    std::string unit;
    std::string bar;
    line >> read.zone >> first >> read.anchorDay >> read.validity.count >> unit >> bar;
    read.first = core::parseDate(first).value();
    read.validity.unit = billing::parseValidityUnit(unit).value();
    return read;
}

class CalendarOracleTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CalendarOracleTest);
    CPPUNIT_TEST(itsPeriods);
    CPPUNIT_TEST_SUITE_END();

    std::map<std::string, core::Zone> zones_;

    const core::Zone& zone(const std::string& name) { return zones_.try_emplace(name, name).first->second; }

    /// "date@epoch seconds".
    std::string boundary(const Case& each, core::Date day) {
        const std::int64_t seconds = core::toEpochMs(zone(each.zone).startOfDay(day)) / 1'000;
        return core::formatDate(day).append("@").append(std::to_string(seconds));
    }

    void checkLine(const std::string& text) {
        std::istringstream line(text);
        const Case each = readCase(line);
        std::string word;
        line >> word;
        const core::Period first = billing::firstPeriodFrom(each.first, each.anchorDay, each.validity);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, word, core::formatDate(first.next));
        CPPUNIT_ASSERT_MESSAGE(text, first.first == each.first);
        line >> word;
        core::Period whole = {first.first, first.next};
        while (line >> word) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, word, boundary(each, whole.next));
            whole = {whole.next, billing::nextBoundary(whole.next, each.anchorDay, each.validity)};
            checkWhole(text, each, whole);
        }
    }

    /// Seen from its last month, or of days from its first, it is the same period.
    static void checkWhole(const std::string& text, const Case& each, const core::Period& whole) {
        const bool isOfDays = each.validity.unit == billing::ValidityUnit::Day;
        const core::Date within = isOfDays ? whole.first : core::addDays(whole.next, -1);
        CPPUNIT_ASSERT_MESSAGE(text, whole == wholePeriodWith(within, each.anchorDay, each.validity));
    }

public:
    void itsPeriods() {
        const auto tests = std::filesystem::path(GARDU_VECTORS_DIR).parent_path();
        const std::string script = (tests / "billing" / "calendar_oracle.py").string();
        std::istringstream lines(runOrThrow({.program = "/usr/bin/python3", .arguments = {script}}).output);
        int count = 0;
        for (std::string line; std::getline(lines, line); ++count) {
            checkLine(line);
        }
        CPPUNIT_ASSERT_EQUAL(4'000, count);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CalendarOracleTest);

}  // namespace
}  // namespace gardu::test
