#pragma once
// The calendar of billing: half-open periods of local days with an anchor day of 1 to 31 that never drifts.
// Pure.

#include "billing/package.h"
#include "core/calendar.h"

namespace gardu::billing {

/// The day of the month on which periods of months begin where nobody chose one.
[[nodiscard]] int anchorDayOf(core::Date first);

/// The next time a period of this validity begins after `from`, which is a boundary itself. Months keep the
/// anchor, clamped to the month's length; days are local calendar days. Hours break an invariant.
[[nodiscard]] core::Date nextBoundary(core::Date from, int anchorDay, Validity validity);

/// The whole period, [boundary, next boundary), that holds `day`; of months, boundaries lie on the anchor day
/// of every month (a period of several months that begins in the middle is the one that ends at the next
/// anchor day). Days: [day, day + n).
[[nodiscard]] core::Period wholePeriodWith(core::Date day, int anchorDay, Validity validity);

/// The first period of who begins on `first`: up to the next anchor day where `first` is not on it (a stub),
/// else a whole one.
[[nodiscard]] core::Period firstPeriodFrom(core::Date first, int anchorDay, Validity validity);

/// Days of the period.
[[nodiscard]] int daysIn(const core::Period& period);
/// Days from `from` to `to`, negative where `to` is earlier.
[[nodiscard]] int daysBetween(core::Date from, core::Date to);

/// Of plans by the hour: exact, 3600 s each.
[[nodiscard]] core::Instant addHours(core::Instant from, int hours);

}  // namespace gardu::billing
