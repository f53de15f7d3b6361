#pragma once
// How far a subscription is on its package's ladder, from what is owed and the clock. Pure.

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "billing/billing_terms.h"
#include "core/calendar.h"

namespace gardu::billing {

/// Due: something is owed, and in time. Grace: late, with access. Isolated: by the package's on_expiry.
/// Suspended, Terminated: no access.
enum class DunningStage { Active, Due, Grace, Isolated, Suspended, Terminated };

[[nodiscard]] std::string_view name(DunningStage stage);
[[nodiscard]] std::optional<DunningStage> parseDunningStage(std::string_view text);
/// Isolated and beyond.
[[nodiscard]] bool isCut(DunningStage stage);

/// Something that is to be paid, or, of prepaid, the day after which nothing is paid any more.
struct Debt {
    /// The last day in time.
    core::Date dueDate{};
    /// Minor units; nothing: the end of a prepaid period, which counts whatever the tolerance.
    std::optional<std::int64_t> amount;
};

struct DunningFacts {
    std::vector<Debt> debts;
    /// As it is stored: who is cut off stays so on a day on which nobody is cut off.
    DunningStage current = DunningStage::Active;
    /// 00:00 of the first day on which a cut may be made again (promise, never-cut flag, notice); none: no
    /// hold.
    std::optional<core::Instant> heldUntil;
};

/// What all cuts obey.
struct CutCalendar {
    core::Zone zone;
    std::set<core::Date> holidays;
};

struct Dunning {
    DunningStage stage = DunningStage::Active;
    /// When it changes if nobody pays; none: never.
    std::optional<core::Instant> next;
    bool operator==(const Dunning&) const = default;
};

/// Debts at or under the tolerance, counted from the oldest, are none; the oldest beyond it counts its days.
/// A hold keeps the stage at Grace at most. A cut that falls on a day or hour without cuts waits for the
/// next one that has them.
[[nodiscard]] Dunning dunning(const DunningFacts& facts, const DunningLadder& ladder,
                              const CutCalendar& calendar, core::Instant now);

/// The first instant at or after `at` at which people may be cut off.
[[nodiscard]] core::Instant firstCutAt(core::Instant at, const DunningLadder& ladder,
                                       const CutCalendar& calendar);

/// When access ends that is paid up to and with `lastDay`, if nobody pays: after the grace days, at a time
/// that the ladder allows.
[[nodiscard]] core::Instant cutAfter(core::Date lastDay, const DunningLadder& ladder,
                                     const CutCalendar& calendar);

}  // namespace gardu::billing
