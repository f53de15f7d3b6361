#include "billing/dunning.h"

#include <algorithm>
#include <array>

#include "core/check.h"

namespace gardu::billing {

namespace {

/// Where no day within this has a time for cuts, the calendar is wrong; the cut is made then, so that nobody
/// stays for ever.
constexpr int kMostDaysWithoutCuts = 400;

constexpr std::array kStages = {DunningStage::Active,   DunningStage::Due,       DunningStage::Grace,
                                DunningStage::Isolated, DunningStage::Suspended, DunningStage::Terminated};

/// When a stage begins for the due date that counts.
struct Step {
    DunningStage stage;
    core::Instant at;
};

/// What is owed, oldest first, against the tolerance.
struct Owed {
    /// Of the oldest debt beyond the tolerance; none: nothing counts.
    std::optional<core::Date> dueDate;
    /// Money is owed, not only a prepaid period at its end.
    bool isMoney = false;
};

core::Instant startAfter(core::Date dueDate, int days, const core::Zone& zone) {
    return zone.startOfDay(core::addDays(dueDate, 1 + days));
}

Owed countDebts(std::vector<Debt> debts, std::int64_t tolerance) {
    std::stable_sort(debts.begin(), debts.end(),
                     [](const Debt& a, const Debt& b) { return a.dueDate < b.dueDate; });
    Owed owed;
    std::int64_t left = tolerance;
    for (const Debt& debt : debts) {
        core::check(debt.amount.value_or(0) >= 0, "a debt is not negative");
        // Counted down, so that no sum can overflow.
        owed.isMoney = owed.isMoney || debt.amount.value_or(0) > left;
        left -= std::min(left, debt.amount.value_or(0));
        if (!owed.dueDate && (owed.isMoney || !debt.amount)) {
            owed.dueDate = debt.dueDate;
        }
    }
    return owed;
}

class Ladder {
public:
    Ladder(const DunningFacts& facts, const DunningLadder& ladder, const CutCalendar& calendar)
        : facts_(facts), ladder_(ladder), calendar_(calendar) {}

    /// Grace and beyond, in order, for who is in stage `current` now.
    [[nodiscard]] std::vector<Step> steps(core::Date dueDate, DunningStage current) const {
        std::vector<Step> steps{{DunningStage::Grace, startAfter(dueDate, 0, calendar_.zone)}};
        const auto add = [&](DunningStage stage, const std::optional<int>& days) {
            if (days) {
                steps.push_back({stage, cutAt(dueDate, *days, current >= stage)});
            }
        };
        add(DunningStage::Isolated, ladder_.graceDays);
        add(DunningStage::Suspended, ladder_.suspendDays);
        add(DunningStage::Terminated, ladder_.terminateDays);
        return steps;
    }

private:
    const DunningFacts& facts_;
    const DunningLadder& ladder_;
    const CutCalendar& calendar_;

    /// The step after isolation, too.
    [[nodiscard]] bool isPassedWhileHeld(core::Date dueDate) const {
        const std::optional<int> days = ladder_.suspendDays ? ladder_.suspendDays : ladder_.terminateDays;
        return days && startAfter(dueDate, *days, calendar_.zone) <= *facts_.heldUntil;
    }

    [[nodiscard]] core::Instant cutAt(core::Date dueDate, int days, bool isCutAlready) const {
        core::Instant at = startAfter(dueDate, days, calendar_.zone);
        if (facts_.heldUntil) {
            at = std::max(at, *facts_.heldUntil);
            if (isPassedWhileHeld(dueDate)) {
                // Who was held longer than that climbs from there step by step, not all at once.
                const core::Date held = calendar_.zone.localDate(*facts_.heldUntil);
                at = std::max(at, calendar_.zone.startOfDay(core::addDays(held, days - ladder_.graceDays)));
            }
        }
        // Who is cut off stays so: days without cuts are no days of access.
        return isCutAlready ? at : firstCutAt(at, ladder_, calendar_);
    }
};

/// The last step that has begun.
DunningStage stageAt(const std::vector<Step>& steps, DunningStage before, core::Instant now) {
    DunningStage stage = before;
    for (const Step& step : steps) {
        if (step.at <= now) {
            stage = step.stage;
        }
    }
    return stage;
}

std::optional<core::Instant> firstAfter(const std::vector<Step>& steps, core::Instant now) {
    const auto next =
        std::find_if(steps.begin(), steps.end(), [now](const Step& step) { return step.at > now; });
    return next == steps.end() ? std::nullopt : std::optional(next->at);
}

/// When people may be cut off on that day; nothing where they may not.
struct CutWindow {
    core::Instant from;
    core::Instant until;
};

std::optional<CutWindow> cutWindow(core::Date day, const DunningLadder& ladder, const CutCalendar& calendar) {
    const std::chrono::weekday weekday{std::chrono::sys_days(day)};
    if (ladder.noCutWeekdays.contains(static_cast<int>(weekday.c_encoding())) ||
        calendar.holidays.contains(day)) {
        return std::nullopt;
    }
    const auto at = [&](int minute) { return calendar.zone.at(day, std::chrono::minutes(minute)); };
    return CutWindow{.from = at(ladder.cutFromMinute), .until = at(ladder.cutUntilMinute)};
}

}  // namespace

std::string_view name(DunningStage stage) {
    constexpr std::array<std::string_view, kStages.size()> names = {"active",   "due",       "grace",
                                                                    "isolated", "suspended", "terminated"};
    return names.at(static_cast<std::size_t>(stage));
}

std::optional<DunningStage> parseDunningStage(std::string_view text) {
    const auto stage = std::find_if(kStages.begin(), kStages.end(),
                                    [text](DunningStage each) { return name(each) == text; });
    return stage == kStages.end() ? std::nullopt : std::optional(*stage);
}

bool isCut(DunningStage stage) {
    return stage >= DunningStage::Isolated;
}

Dunning dunning(const DunningFacts& facts, const DunningLadder& ladder, const CutCalendar& calendar,
                core::Instant now) {
    const Owed owed = countDebts(facts.debts, ladder.tolerance);
    if (!owed.dueDate) {
        return {};
    }
    const Ladder climb(facts, ladder, calendar);
    const DunningStage inTime = owed.isMoney ? DunningStage::Due : DunningStage::Active;
    const DunningStage stage = stageAt(climb.steps(*owed.dueDate, facts.current), inTime, now);
    // What follows is decided from the new stage: who was higher up climbs at a permitted time again.
    return {.stage = stage, .next = firstAfter(climb.steps(*owed.dueDate, stage), now)};
}

core::Instant firstCutAt(core::Instant at, const DunningLadder& ladder, const CutCalendar& calendar) {
    const core::Date first = calendar.zone.localDate(at);
    for (int days = 0; days < kMostDaysWithoutCuts; ++days) {
        const auto window = cutWindow(core::addDays(first, days), ladder, calendar);
        if (window && std::max(at, window->from) < window->until) {
            return std::max(at, window->from);
        }
    }
    return calendar.zone.startOfDay(core::addDays(first, kMostDaysWithoutCuts));
}

core::Instant cutAfter(core::Date lastDay, const DunningLadder& ladder, const CutCalendar& calendar) {
    return firstCutAt(startAfter(lastDay, ladder.graceDays, calendar.zone), ladder, calendar);
}

}  // namespace gardu::billing
