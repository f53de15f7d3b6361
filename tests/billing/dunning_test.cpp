#include "billing/dunning.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>
#include <vector>

namespace gardu::test {

namespace {

using billing::CutCalendar;
using billing::Debt;
using billing::Dunning;
using billing::DunningFacts;
using billing::DunningLadder;
using billing::DunningStage;

constexpr auto kNothing = std::nullopt;

core::Date day(std::string_view text) {
    return core::parseDate(text).value();
}

/// Local times of Jakarta: "2027-02-15 08:00".
core::Instant at(std::string_view local) {
    return core::parseInstant(std::string(local).append(":00+07:00")).value();
}

DunningLadder plain() {
    DunningLadder ladder;
    ladder.graceDays = 3;
    ladder.suspendDays = 30;
    ladder.terminateDays = 90;
    ladder.tolerance = 1'000;
    return ladder;
}

/// Monday to Friday, 8:00 to 17:00.
DunningLadder office() {
    DunningLadder ladder = plain();
    ladder.noCutWeekdays = {6, 0};
    ladder.cutFromMinute = 8 * 60;
    ladder.cutUntilMinute = 17 * 60;
    return ladder;
}

DunningLadder withoutGrace() {
    return {};
}

DunningLadder straightToSuspension() {
    DunningLadder ladder = plain();
    ladder.suspendDays = ladder.graceDays;
    return ladder;
}

struct DebtText {
    std::string_view dueDate;
    std::optional<std::int64_t> amount;
};

struct DunningCase {
    std::string_view name;
    DunningLadder (*ladder)();
    std::vector<DebtText> debts;
    std::string_view current;
    std::string_view heldUntil;
    std::string_view now;
    /// Stage, and local time of the next one.
    std::string expected;
};

// 2027-02-15 is a Monday.
const DunningCase kCases[] = {
    {"nothing owed", plain, {}, "active", "", "2027-02-15 12:00", "active"},
    {"paid: back from suspension", plain, {}, "suspended", "", "2027-02-15 12:00", "active"},
    {"as much as the tolerance", plain, {{"2027-01-01", 1'000}}, "active", "", "2027-02-15 12:00", "active"},
    {"paid but for less: back", plain, {{"2027-01-01", 999}}, "isolated", "", "2027-02-15 12:00", "active"},
    {"beyond it", plain, {{"2027-02-15", 1'001}}, "active", "", "2027-02-15 12:00", "due 2027-02-16 00:00"},
    {"two small ones cumulate: the second's date counts",
     plain,
     {{"2027-02-15", 600}, {"2027-01-01", 600}},
     "active",
     "",
     "2027-02-15 12:00",
     "due 2027-02-16 00:00"},
    {"the oldest beyond counts, not the largest",
     plain,
     {{"2027-02-25", 900'000}, {"2027-02-10", 1'001}},
     "active",
     "",
     "2027-02-12 12:00",
     "grace 2027-02-14 00:00"},
    {"a part paid: the next invoice's date counts",
     plain,
     {{"2027-01-01", 500}, {"2027-02-15", 150'000}},
     "isolated",
     "",
     "2027-02-17 12:00",
     "grace 2027-02-19 00:00"},
    {"no sum overflows",
     plain,
     {{"2027-02-15", std::numeric_limits<std::int64_t>::max()},
      {"2027-02-16", std::numeric_limits<std::int64_t>::max()}},
     "active",
     "",
     "2027-02-15 12:00",
     "due 2027-02-16 00:00"},
    // The ladder.
    {"the due date is in time",
     plain,
     {{"2027-02-15", 5'000}},
     "active",
     "",
     "2027-02-15 23:59",
     "due 2027-02-16 00:00"},
    {"the day after",
     plain,
     {{"2027-02-15", 5'000}},
     "due",
     "",
     "2027-02-16 00:00",
     "grace 2027-02-19 00:00"},
    {"the last minute of grace",
     plain,
     {{"2027-02-15", 5'000}},
     "grace",
     "",
     "2027-02-18 23:59",
     "grace 2027-02-19 00:00"},
    {"isolated",
     plain,
     {{"2027-02-15", 5'000}},
     "grace",
     "",
     "2027-02-19 00:00",
     "isolated 2027-03-18 00:00"},
    {"suspended",
     plain,
     {{"2027-02-15", 5'000}},
     "isolated",
     "",
     "2027-03-18 00:00",
     "suspended 2027-05-17 00:00"},
    {"terminated", plain, {{"2027-02-15", 5'000}}, "suspended", "", "2027-05-17 00:00", "terminated"},
    {"long not looked at: straight to where it belongs",
     plain,
     {{"2027-02-15", 5'000}},
     "active",
     "",
     "2027-04-01 12:00",
     "suspended 2027-05-17 00:00"},
    {"suspension with the isolation",
     straightToSuspension,
     {{"2027-02-15", 5'000}},
     "grace",
     "",
     "2027-02-18 12:00",
     "grace 2027-02-19 00:00"},
    {"skips the isolation",
     straightToSuspension,
     {{"2027-02-15", 5'000}},
     "grace",
     "",
     "2027-02-19 00:00",
     "suspended 2027-05-17 00:00"},
    {"no grace", withoutGrace, {{"2027-02-15", 1}}, "due", "", "2027-02-16 00:00", "isolated"},
    // Prepaid.
    {"paid until the 15th, nothing owed",
     withoutGrace,
     {{"2027-02-15", kNothing}},
     "active",
     "",
     "2027-02-15 12:00",
     "active 2027-02-16 00:00"},
    {"with the invoice of the next period",
     withoutGrace,
     {{"2027-02-15", kNothing}, {"2027-02-15", 150'000}},
     "active",
     "",
     "2027-02-15 12:00",
     "due 2027-02-16 00:00"},
    {"the end has passed",
     withoutGrace,
     {{"2027-02-15", kNothing}},
     "active",
     "",
     "2027-02-16 00:00",
     "isolated"},
    {"the end counts whatever the tolerance",
     plain,
     {{"2027-02-15", kNothing}, {"2027-02-15", 10}},
     "active",
     "",
     "2027-02-16 00:00",
     "grace 2027-02-19 00:00"},
    // Days and hours without cuts.
    {"the cut falls on a Saturday",
     office,
     {{"2027-02-16", 5'000}},
     "grace",
     "",
     "2027-02-20 00:00",
     "grace 2027-02-22 08:00"},
    {"Monday, too early",
     office,
     {{"2027-02-16", 5'000}},
     "grace",
     "",
     "2027-02-22 07:59",
     "grace 2027-02-22 08:00"},
    {"Monday at eight",
     office,
     {{"2027-02-16", 5'000}},
     "grace",
     "",
     "2027-02-22 08:00",
     "isolated 2027-03-19 08:00"},
    {"who is cut stays so on a Sunday",
     office,
     {{"2027-02-16", 5'000}},
     "isolated",
     "",
     "2027-02-21 12:00",
     "isolated 2027-03-19 08:00"},
    {"and at night",
     office,
     {{"2027-02-16", 5'000}},
     "isolated",
     "",
     "2027-02-22 20:00",
     "isolated 2027-03-19 08:00"},
    {"a cut that was missed by day is made at night",
     office,
     {{"2027-02-16", 5'000}},
     "grace",
     "",
     "2027-02-22 20:00",
     "isolated 2027-03-19 08:00"},
    {"suspension waits for Monday too",
     office,
     {{"2027-02-18", 5'000}},
     "isolated",
     "",
     "2027-03-21 12:00",
     "isolated 2027-03-22 08:00"},
    {"suspended stays so on a Sunday",
     office,
     {{"2027-02-18", 5'000}},
     "suspended",
     "",
     "2027-03-21 12:00",
     "suspended 2027-05-20 08:00"},
    {"a holiday on Friday and then the weekend",
     office,
     {{"2027-03-01", 5'000}},
     "grace",
     "",
     "2027-03-05 09:00",
     "grace 2027-03-08 08:00"},
    {"a part paid: suspended before, isolated now, and up again at a permitted time",
     office,
     {{"2027-02-18", 5'000}},
     "suspended",
     "",
     "2027-03-19 12:00",
     "isolated 2027-03-22 08:00"},
    // Holds.
    {"promised: grace goes on",
     plain,
     {{"2027-02-15", 5'000}},
     "grace",
     "2027-02-25 00:00",
     "2027-02-20 12:00",
     "grace 2027-02-25 00:00"},
    {"promised while isolated: back until then",
     plain,
     {{"2027-02-15", 5'000}},
     "isolated",
     "2027-02-25 00:00",
     "2027-02-20 12:00",
     "grace 2027-02-25 00:00"},
    {"promised while suspended",
     plain,
     {{"2027-02-15", 5'000}},
     "suspended",
     "2027-04-25 00:00",
     "2027-04-20 12:00",
     "grace 2027-04-25 00:00"},
    {"not kept",
     plain,
     {{"2027-02-15", 5'000}},
     "grace",
     "2027-02-25 00:00",
     "2027-02-25 00:00",
     "isolated 2027-03-18 00:00"},
    {"a promise that ends on a Saturday",
     office,
     {{"2027-02-15", 5'000}},
     "grace",
     "2027-02-27 00:00",
     "2027-02-26 12:00",
     "grace 2027-03-01 08:00"},
    {"a promise shorter than the grace changes nothing",
     plain,
     {{"2027-02-15", 5'000}},
     "grace",
     "2027-02-17 00:00",
     "2027-02-16 12:00",
     "grace 2027-02-19 00:00"},
    {"a hold does not take the due date away",
     plain,
     {{"2027-02-15", 5'000}},
     "due",
     "2027-06-01 00:00",
     "2027-02-15 12:00",
     "due 2027-02-16 00:00"},
    {"after a long hold step by step",
     plain,
     {{"2027-02-15", 5'000}},
     "grace",
     "2027-06-01 00:00",
     "2027-05-31 23:59",
     "grace 2027-06-01 00:00"},
    {"and the first one is isolation",
     plain,
     {{"2027-02-15", 5'000}},
     "grace",
     "2027-06-01 00:00",
     "2027-06-01 00:00",
     "isolated 2027-06-28 00:00"},
};

}  // namespace

class DunningTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DunningTest);
    CPPUNIT_TEST(wordsAreReadBack);
    CPPUNIT_TEST(stages);
    CPPUNIT_TEST(aSecondLookChangesNothing);
    CPPUNIT_TEST(daysOfAZoneWithSummerTime);
    CPPUNIT_TEST_SUITE_END();

    static CutCalendar calendarOf(const std::string& zone) {
        return {core::Zone(zone), {day("2027-03-05"), day("2027-11-01")}};
    }

    static Dunning evaluate(const DunningCase& each, std::string_view current) {
        DunningFacts facts;
        for (const DebtText& debt : each.debts) {
            facts.debts.push_back({day(debt.dueDate), debt.amount});
        }
        facts.current = billing::parseDunningStage(current).value();
        if (!each.heldUntil.empty()) {
            facts.heldUntil = at(each.heldUntil);
        }
        return billing::dunning(facts, each.ladder(), calendarOf("Asia/Jakarta"), at(each.now));
    }

    static std::string text(const Dunning& dunning) {
        std::string text(name(dunning.stage));
        if (dunning.next) {
            text.append(" ").append(core::Zone("Asia/Jakarta").format(*dunning.next).substr(0, 16));
        }
        return text;
    }

public:
    void wordsAreReadBack() {
        for (const char* word : {"active", "due", "grace", "isolated", "suspended", "terminated"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseDunningStage(word).value()) == word);
        }
        CPPUNIT_ASSERT(!billing::parseDunningStage("") && !billing::parseDunningStage("Active"));
        CPPUNIT_ASSERT(!isCut(DunningStage::Active) && !isCut(DunningStage::Grace));
        CPPUNIT_ASSERT(isCut(DunningStage::Isolated) && isCut(DunningStage::Terminated));
    }

    void stages() {
        for (const DunningCase& each : kCases) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.expected,
                                         text(evaluate(each, each.current)));
        }
    }

    void aSecondLookChangesNothing() {
        for (const DunningCase& each : kCases) {
            const Dunning first = evaluate(each, each.current);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), text(first),
                                         text(evaluate(each, name(first.stage))));
        }
    }

    void daysOfAZoneWithSummerTime() {
        // 2026-09-06 begins at 01:00 local, which is 04:00 in UTC; the day after at 03:00.
        const DunningFacts facts{{{day("2026-09-05"), 5'000}}, DunningStage::Active, std::nullopt};
        DunningLadder ladder;
        ladder.graceDays = 1;
        const core::Instant before = core::parseInstant("2026-09-06T03:59:59Z").value();
        Dunning result = billing::dunning(facts, ladder, calendarOf("America/Santiago"), before);
        CPPUNIT_ASSERT(result.stage == DunningStage::Due);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-09-06T04:00:00Z"), core::formatInstant(result.next.value()));
        result = billing::dunning(facts, ladder, calendarOf("America/Santiago"), result.next.value());
        CPPUNIT_ASSERT(result.stage == DunningStage::Grace);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-09-07T03:00:00Z"), core::formatInstant(result.next.value()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DunningTest);

}  // namespace gardu::test
