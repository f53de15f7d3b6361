#include "billing/quota.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "core/check.h"

namespace gardu::billing {

namespace {

// Weights times the octets of a month pass 64 bits.
__extension__ using Wide = __int128;

constexpr int kWhole = 100;

std::int64_t toOctets(Wide number) {
    return static_cast<std::int64_t>(std::clamp<Wide>(number, 0, std::numeric_limits<std::int64_t>::max()));
}

/// Rounded down, below zero too.
std::int64_t floorDivide(std::int64_t number, std::int64_t by) {
    return number / by - (number % by < 0 ? 1 : 0);
}

std::int64_t dayNumber(core::Date day) {
    return std::chrono::sys_days(day).time_since_epoch().count();
}

int monthNumber(core::Date day) {
    return static_cast<int>(day.year()) * 12 + static_cast<int>(static_cast<unsigned>(day.month()));
}

bool holds(const core::Period& days, core::Date day) {
    return days.first <= day && day < days.next;
}

core::Period monthsWith(core::Date day, core::Date boundary, int anchorDay, int count) {
    const auto begins = [&](std::int64_t period) {
        return core::addMonthsAnchored(boundary, anchorDay, static_cast<int>(period) * count);
    };
    // In the month of a boundary the day may lie before it.
    std::int64_t period = floorDivide(monthNumber(day) - monthNumber(boundary), count);
    while (day < begins(period)) {
        --period;
    }
    return {begins(period), begins(period + 1)};
}

core::Period daysWith(core::Date day, core::Date boundary, int count) {
    const std::int64_t period = floorDivide(dayNumber(day) - dayNumber(boundary), count);
    const core::Date first = core::addDays(boundary, static_cast<int>(period) * count);
    return {first, core::addDays(first, count)};
}

QuotaWindow hoursWith(const QuotaAnchor& anchor, const core::Zone& zone, core::Instant now) {
    const core::Milliseconds length = std::chrono::hours(anchor.validity.count);
    const std::int64_t period = floorDivide((now - anchor.boundary).count(), length.count());
    const core::Instant from = anchor.boundary + period * length;
    const core::Date last = zone.localDate(from + length - core::Milliseconds(1));
    return {core::formatInstant(std::chrono::floor<core::Seconds>(from)),
            from,
            from + length,
            {zone.localDate(from), core::addDays(last, 1)}};
}

QuotaWindow windowOf(const core::Period& days, const core::Zone& zone) {
    return {core::formatDate(days.first), zone.startOfDay(days.first), zone.startOfDay(days.next), days};
}

/// The free hours of one local day, by the clock on the wall.
class FreeHours {
public:
    FreeHours(const QuotaPolicy& policy, const core::Zone& zone) : policy_(policy), zone_(zone) {}

    [[nodiscard]] bool contain(core::Instant hourStart) {
        if (policy_.freeFromHour == policy_.freeUntilHour) {
            return false;
        }
        if (hourStart < from_ || to_ <= hourStart) {
            enterDay(zone_.localDate(hourStart));
        }
        const bool begun = freeFrom_ <= hourStart;
        const bool notOver = hourStart < freeUntil_;
        return policy_.freeFromHour < policy_.freeUntilHour ? begun && notOver : begun || notOver;
    }

private:
    void enterDay(core::Date day) {
        from_ = zone_.startOfDay(day);
        to_ = zone_.endOfDay(day);
        freeFrom_ = zone_.at(day, std::chrono::hours(policy_.freeFromHour));
        freeUntil_ = zone_.at(day, std::chrono::hours(policy_.freeUntilHour));
    }

    const QuotaPolicy& policy_;
    const core::Zone& zone_;
    core::Instant from_;
    core::Instant to_;
    core::Instant freeFrom_;
    core::Instant freeUntil_;
};

std::int64_t boundOf(const QuotaTier& tier, std::int64_t bonus) {
    return toOctets(Wide(tier.fromOctets) + bonus);
}

}  // namespace

QuotaWindow quotaWindow(const QuotaPolicy& policy, const QuotaAnchor& anchor, const core::Zone& zone,
                        core::Instant now) {
    const core::Date today = zone.localDate(now);
    const Validity& validity = anchor.validity;
    core::check(validity.count > 0, "a validity of nothing");
    if (policy.period == QuotaPeriod::Day) {
        return windowOf({today, core::addDays(today, 1)}, zone);
    }
    if (policy.period == QuotaPeriod::Month) {
        return windowOf(monthsWith(today, today, 1, 1), zone);
    }
    if (validity.unit == ValidityUnit::Hour) {
        return hoursWith(anchor, zone, now);
    }
    return windowOf(billingDays(anchor, zone, anchor.pausedOn ? std::min(today, *anchor.pausedOn) : today),
                    zone);
}

core::Period billingDays(const QuotaAnchor& anchor, const core::Zone& zone, core::Date day) {
    if (anchor.moved && holds(*anchor.moved, day)) {
        return *anchor.moved;
    }
    const core::Date boundary = zone.localDate(anchor.boundary);
    const int count = anchor.validity.count;
    core::check(count > 0 && anchor.validity.unit != ValidityUnit::Hour, "a period of whole days");
    return anchor.validity.unit == ValidityUnit::Day ? daysWith(day, boundary, count)
                                                     : monthsWith(day, boundary, anchor.day, count);
}

core::Period movedPeriod(const core::Period& before, core::Date end, const QuotaAnchor& anchor,
                         const core::Zone& zone) {
    QuotaAnchor now = anchor;
    now.moved.reset();
    return {before.first, billingDays(now, zone, core::addDays(end, -1)).next};
}

std::int64_t countedOctets(const QuotaPolicy& policy, const std::vector<UsedHour>& hours,
                           const core::Zone& zone) {
    FreeHours free(policy, zone);
    Wide weighted = 0;
    for (const UsedHour& hour : hours) {
        if (!free.contain(hour.hourStart)) {
            weighted += Wide(hour.upload) * policy.uploadWeight + Wide(hour.download) * policy.downloadWeight;
        }
    }
    return toOctets(weighted / kWhole);
}

int reachedTier(const QuotaPolicy& policy, std::int64_t used, std::int64_t bonus) {
    return static_cast<int>(std::count_if(policy.tiers.begin(), policy.tiers.end(),
                                          [&](const auto& tier) { return boundOf(tier, bonus) <= used; }));
}

std::optional<std::int64_t> octetsToNextTier(const QuotaPolicy& policy, std::int64_t used,
                                             std::int64_t bonus) {
    const auto next = static_cast<std::size_t>(reachedTier(policy, used, bonus));
    if (next == policy.tiers.size()) {
        return std::nullopt;
    }
    return boundOf(policy.tiers[next], bonus) - used;
}

std::optional<std::int64_t> octetsToCap(const QuotaPolicy& policy, std::int64_t used, std::int64_t bonus) {
    const bool isEven = policy.uploadWeight == policy.downloadWeight && policy.uploadWeight > 0;
    const bool hasFreeHours = policy.freeFromHour != policy.freeUntilHour;
    if (policy.tiers.empty() || policy.tiers.back().rateLimit || !isEven || hasFreeHours) {
        return std::nullopt;
    }
    const Wide left = Wide(boundOf(policy.tiers.back(), bonus)) - used;
    // Rounded up: the last octet is the one that reaches the bound.
    return toOctets((left * kWhole + policy.uploadWeight - 1) / policy.uploadWeight);
}

std::int64_t carriedOctets(std::int64_t octets, std::int64_t used, std::int64_t included) {
    const std::int64_t beyond = std::max<std::int64_t>(used - included, 0);
    return std::max<std::int64_t>(octets - beyond, 0);
}

QuotaState nextQuotaState(const QuotaPolicy& policy, const std::optional<QuotaState>& former,
                          const QuotaReading& reading) {
    const bool isSamePeriod = former && former->periodKey == reading.window.key;
    const bool hasChanged = former ? former->packageId != reading.packageId : reading.mayHaveChanged;
    QuotaState state;
    state.subscriptionId = reading.subscriptionId;
    state.packageId = reading.packageId;
    state.periodKey = reading.window.key;
    state.periodStart = reading.window.from;
    state.carried = isSamePeriod ? former->carried : reading.carried;
    if (hasChanged && policy.onPackageChange == QuotaOnChange::Reset) {
        state.base = reading.counted;
    } else if (isSamePeriod) {
        state.base = former->base;
    }
    state.use.periodEnd = reading.window.to;
    state.use.used = std::max<std::int64_t>(reading.counted - state.base, 0);
    state.use.bonus = toOctets(Wide(state.carried) + reading.topups.plain + reading.topups.carry);
    state.tier = reachedTier(policy, state.use.used, state.use.bonus);
    return state;
}

bool mattersToNetwork(const QuotaPolicy& policy, const std::optional<QuotaState>& former,
                      const QuotaState& state) {
    if (!former) {
        return true;
    }
    const bool isSame = former->tier == state.tier && former->use.bonus == state.use.bonus &&
                        former->use.periodEnd == state.use.periodEnd;
    const auto left = [&](const QuotaUse& use) { return octetsToCap(policy, use.used, use.bonus); };
    return !isSame || left(former->use) != left(state.use);
}

}  // namespace gardu::billing
