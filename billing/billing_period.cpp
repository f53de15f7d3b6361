#include "billing/billing_period.h"

#include "core/check.h"

namespace gardu::billing {

namespace {

/// The first anchor day after that day.
core::Date anchorAfter(core::Date day, int anchorDay) {
    const core::Date inMonth = core::addMonthsAnchored(day, anchorDay, 0);
    return inMonth > day ? inMonth : core::addMonthsAnchored(day, anchorDay, 1);
}

bool isAnchor(core::Date day, int anchorDay) {
    return core::addMonthsAnchored(day, anchorDay, 0) == day;
}

void requireDays(Validity validity) {
    core::check(validity.unit != ValidityUnit::Hour, "plans by the hour have no days of billing");
    core::check(validity.count > 0, "a period is not empty");
}

}  // namespace

int anchorDayOf(core::Date first) {
    return static_cast<int>(static_cast<unsigned>(first.day()));
}

core::Date nextBoundary(core::Date from, int anchorDay, Validity validity) {
    requireDays(validity);
    if (validity.unit == ValidityUnit::Day) {
        return core::addDays(from, validity.count);
    }
    core::check(isAnchor(from, anchorDay), "periods of months begin on their anchor day");
    return core::addMonthsAnchored(from, anchorDay, validity.count);
}

core::Period wholePeriodWith(core::Date day, int anchorDay, Validity validity) {
    requireDays(validity);
    if (validity.unit == ValidityUnit::Day) {
        return {day, core::addDays(day, validity.count)};
    }
    const core::Date next = anchorAfter(day, anchorDay);
    return {core::addMonthsAnchored(next, anchorDay, -validity.count), next};
}

core::Period firstPeriodFrom(core::Date first, int anchorDay, Validity validity) {
    requireDays(validity);
    if (validity.unit == ValidityUnit::Day || isAnchor(first, anchorDay)) {
        return {first, nextBoundary(first, anchorDay, validity)};
    }
    return {first, anchorAfter(first, anchorDay)};
}

int daysIn(const core::Period& period) {
    return daysBetween(period.first, period.next);
}

int daysBetween(core::Date from, core::Date to) {
    return static_cast<int>((std::chrono::sys_days(to) - std::chrono::sys_days(from)).count());
}

core::Instant addHours(core::Instant from, int hours) {
    return from + std::chrono::hours(hours);
}

}  // namespace gardu::billing
