// The ladder against a walk of our own through time in steps of a quarter of an hour, which knows nothing of
// the instants that dunning() computes ahead.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "billing/dunning.h"

namespace gardu::test {

namespace {

using billing::CutCalendar;
using billing::Dunning;
using billing::DunningFacts;
using billing::DunningLadder;
using billing::DunningStage;

constexpr std::chrono::minutes kStep(15);
constexpr int kDays = 100;
constexpr int kWalks = 60;
constexpr std::array kZones = {"Asia/Jakarta", "Asia/Kathmandu", "America/Santiago", "Europe/Warsaw",
                               "Africa/Cairo"};

/// A customer that does not pay, from `from` on.
struct Story {
    DunningFacts facts;
    DunningLadder ladder;
    CutCalendar calendar;
    /// Of the debt that counts.
    core::Date dueDate{};
    core::Instant from;
};

/// One line a change: "2027-02-19T00:00:00Z isolated".
void appendChange(std::string& story, core::Instant at, DunningStage stage) {
    story.append(core::formatInstant(at)).append(" ").append(name(stage)).append("\n");
}

/// What the clock on the wall shows: "2027-02-15 13:45:00 WIB".
bool isTimeForCuts(const Story& story, core::Instant now) {
    const std::string wall = story.calendar.zone.format(now);
    const core::Date today = core::parseDate(wall.substr(0, 10)).value();
    const int minute = std::stoi(wall.substr(11, 2)) * 60 + std::stoi(wall.substr(14, 2));
    const std::chrono::weekday weekday{std::chrono::sys_days(today)};
    return !story.calendar.holidays.contains(today) &&
           !story.ladder.noCutWeekdays.contains(static_cast<int>(weekday.c_encoding())) &&
           minute >= story.ladder.cutFromMinute && minute < story.ladder.cutUntilMinute;
}

/// Where the days alone have led, whatever the hour.
DunningStage stageByDays(const Story& story, core::Instant now) {
    const core::Date today = story.calendar.zone.localDate(now);
    const auto late = (std::chrono::sys_days(today) - std::chrono::sys_days(story.dueDate)).count();
    const DunningLadder& ladder = story.ladder;
    if (late <= 0) {
        return DunningStage::Due;
    }
    if (late <= ladder.graceDays || (story.facts.heldUntil && now < *story.facts.heldUntil)) {
        return DunningStage::Grace;
    }
    // From the end of a hold on that was longer than the next step, as long after isolation as ever.
    const core::Zone& zone = story.calendar.zone;
    const auto& held = story.facts.heldUntil;
    const auto& first = ladder.suspendDays ? ladder.suspendDays : ladder.terminateDays;
    const auto day = [&](core::Instant at) { return std::chrono::sys_days(zone.localDate(at)); };
    const bool isLong = held && first && (day(*held) - std::chrono::sys_days(story.dueDate)).count() > *first;
    const auto isReached = [&](const std::optional<int>& days) {
        return days && late > *days &&
               (!isLong || (day(now) - day(*held)).count() >= *days - ladder.graceDays);
    };
    if (isReached(ladder.terminateDays)) {
        return DunningStage::Terminated;
    }
    return isReached(ladder.suspendDays) ? DunningStage::Suspended : DunningStage::Isolated;
}

/// Looking at the clock every quarter of an hour.
std::string walked(const Story& story) {
    std::string changes;
    DunningStage stage = DunningStage::Due;
    for (core::Instant now = story.from; now < story.from + std::chrono::days(kDays); now += kStep) {
        DunningStage wanted = stageByDays(story, now);
        if (isCut(wanted) && wanted > stage && !isTimeForCuts(story, now)) {
            wanted = std::max(stage, DunningStage::Grace);
        }
        if (wanted != stage || now == story.from) {
            appendChange(changes, now, wanted);
            stage = wanted;
        }
    }
    return changes;
}

/// From one `next` to the next one.
std::string jumped(const Story& story) {
    std::string changes;
    DunningFacts facts = story.facts;
    std::optional<core::Instant> now = story.from;
    while (now && *now < story.from + std::chrono::days(kDays)) {
        const Dunning result = billing::dunning(facts, story.ladder, story.calendar, *now);
        appendChange(changes, *now, result.stage);
        CPPUNIT_ASSERT(!result.next || *result.next > *now);
        facts.current = result.stage;
        now = result.next;
    }
    return changes;
}

class Random {
public:
    int upTo(int high) { return std::uniform_int_distribution<int>(0, high)(engine_); }

    Story story() {
        const std::string zone = kZones[static_cast<std::size_t>(upTo(kZones.size() - 1))];
        const core::Date first = core::addDays(core::parseDate("2026-01-01").value(), upTo(1'000));
        Story story{{}, ladder(), {core::Zone(zone), {}}, core::addDays(first, upTo(5)), {}};
        story.from = story.calendar.zone.startOfDay(first);
        for (int holidays = upTo(20); holidays > 0; --holidays) {
            story.calendar.holidays.insert(core::addDays(first, upTo(kDays)));
        }
        if (upTo(2) == 0) {
            story.facts.heldUntil = story.calendar.zone.startOfDay(core::addDays(first, upTo(40)));
        }
        story.facts.current = DunningStage::Due;
        // An old rest within the tolerance, the debt that counts, and a newer one.
        story.facts.debts = {{core::addDays(story.dueDate, 30), 150'000},
                             {story.dueDate, 150'000},
                             {core::addDays(story.dueDate, -60), story.ladder.tolerance}};
        return story;
    }

private:
    std::mt19937 engine_{4};

    DunningLadder ladder() {
        DunningLadder ladder;
        ladder.graceDays = upTo(10);
        ladder.tolerance = upTo(1'000);
        if (upTo(3) > 0) {
            ladder.suspendDays = ladder.graceDays + upTo(20);
        }
        if (upTo(3) > 0) {
            ladder.terminateDays = ladder.suspendDays.value_or(ladder.graceDays) + upTo(30);
        }
        for (int weekdays = upTo(4); weekdays > 0; --weekdays) {
            ladder.noCutWeekdays.insert(upTo(6));
        }
        if (upTo(2) > 0) {
            // Away from the hours that zones change at.
            ladder.cutFromMinute = 240 + 15 * upTo(30);
            ladder.cutUntilMinute = ladder.cutFromMinute + 15 + 15 * upTo(30);
        }
        return ladder;
    }
};

}  // namespace

class DunningWalkTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DunningWalkTest);
    CPPUNIT_TEST(nextIsWhenTheStageChanges);
    CPPUNIT_TEST(aLateLookFindsWhatManyWould);
    CPPUNIT_TEST_SUITE_END();

public:
    void nextIsWhenTheStageChanges() {
        Random random;
        for (int i = 0; i < kWalks; ++i) {
            const Story story = random.story();
            CPPUNIT_ASSERT_EQUAL_MESSAGE("walk " + std::to_string(i), walked(story), jumped(story));
        }
    }

    /// Also: the stage never goes back while nobody pays, and a second look changes nothing.
    void aLateLookFindsWhatManyWould() {
        Random random;
        for (int i = 0; i < 20 * kWalks; ++i) {
            const Story story = random.story();
            DunningFacts facts = story.facts;
            core::Instant now = story.from;
            for (int look = 0; look < 20; ++look) {
                now += std::chrono::minutes(random.upTo(10 * 1'440));
                const Dunning late = billing::dunning(story.facts, story.ladder, story.calendar, now);
                const Dunning often = billing::dunning(facts, story.ladder, story.calendar, now);
                CPPUNIT_ASSERT_MESSAGE("story " + std::to_string(i), late == often);
                CPPUNIT_ASSERT(often.stage >= facts.current);
                facts.current = often.stage;
                CPPUNIT_ASSERT(often == billing::dunning(facts, story.ladder, story.calendar, now));
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DunningWalkTest);

}  // namespace gardu::test
