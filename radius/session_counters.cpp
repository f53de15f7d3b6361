#include "radius/session_counters.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace gardu::radius {

namespace {

// Rate times time passes 64 bits where a NAS reports nonsense.
__extension__ using Wide = __int128;

constexpr std::uint32_t kHalf = 1U << 31U;
constexpr std::int64_t kFastest = 100'000'000'000;
constexpr int kAbsurdTimes = 10;
/// 64 PiB: sums of some sessions still fit in 64 bits.
constexpr std::int64_t kMostOctets = std::int64_t{1} << 56U;
/// Counters and clocks are not read in the same moment.
constexpr core::Milliseconds kSlack = std::chrono::seconds(10);

std::uint32_t lowerHalf(std::int64_t total) {
    return static_cast<std::uint32_t>(total);
}

/// How far a counter of 32 bits has to go forward.
std::uint32_t distance(std::int64_t total, std::uint32_t octets) {
    return octets - lowerHalf(total);
}

std::int64_t advance(std::int64_t total, std::uint32_t octets) {
    const bool isBehind = octets < lowerHalf(total);
    return isBehind && lowerHalf(total) - octets <= kHalf ? total : total + distance(total, octets);
}

/// Of the points of the earliest time the one that is reached first: in one second a counter may both grow
/// and wrap. Not for no points.
std::vector<CounterPoint>::const_iterator nextPoint(std::int64_t total,
                                                    const std::vector<CounterPoint>& points) {
    const auto isLater = [&](const CounterPoint& point) {
        return point.sessionTime != points.front().sessionTime;
    };
    const auto isNearer = [total](const CounterPoint& a, const CounterPoint& b) {
        return distance(total, a.octets) < distance(total, b.octets);
    };
    return std::min_element(points.begin(), std::find_if(points.begin(), points.end(), isLater), isNearer);
}

/// The base moves on to the next point.
void foldOne(CounterTrail& trail) {
    const auto next = nextPoint(trail.baseTotal, trail.points);
    trail.baseTotal = advance(trail.baseTotal, next->octets);
    trail.baseTime = next->sessionTime;
    trail.points.erase(next);
}

/// Where the packet has no Acct-Session-Time, its place in the order is by its own time.
std::uint32_t orderTime(const Session& session, const AccountingEvent& event) {
    const auto since = std::chrono::floor<core::Seconds>(event.happenedAt - session.startedAt).count();
    const std::int64_t time = event.sessionTime ? std::int64_t{*event.sessionTime} : since;
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(time, 0, std::numeric_limits<std::uint32_t>::max()));
}

void mergeDirection(std::int64_t& total, CounterTrail& trail, const ReportedOctets& reported,
                    std::uint32_t time) {
    if (reported.octets && reported.gigawords) {
        const std::uint64_t value = std::uint64_t{*reported.gigawords} << 32U | *reported.octets;
        const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
        total = std::max(total, static_cast<std::int64_t>(std::min(value, most)));
    } else if (reported.octets) {
        addPoint(trail, {time, *reported.octets});
        total = std::max(total, totalOf(trail));
    }
}

/// In which the growth may have happened. A packet that is late may tell of any time of the session.
core::Milliseconds timeOfGrowth(const Session& session, const AccountingEvent& event) {
    const core::Milliseconds known = core::Seconds(session.sessionTime);
    const core::Milliseconds now = core::Seconds(event.sessionTime.value_or(0));
    const core::Milliseconds since = event.happenedAt - session.countedAt;
    const bool isLate = event.sessionTime ? now <= known : since <= core::Milliseconds(0);
    return isLate ? std::max(known, session.lastSeenAt - session.startedAt) : std::max(now - known, since);
}

}  // namespace

std::int64_t totalOf(const CounterTrail& trail) {
    CounterTrail rest = trail;
    while (!rest.points.empty()) {
        foldOne(rest);
    }
    return rest.baseTotal;
}

void addPoint(CounterTrail& trail, const CounterPoint& point) {
    const bool isBase = point.sessionTime == trail.baseTime && point.octets == lowerHalf(trail.baseTotal);
    const bool isKnown = std::ranges::find(trail.points, point) != trail.points.end();
    if (point.sessionTime < trail.baseTime || isBase || isKnown) {
        return;
    }
    const auto place =
        std::ranges::upper_bound(trail.points, point.sessionTime, {}, &CounterPoint::sessionTime);
    trail.points.insert(place, point);
    if (trail.points.size() > kMostPoints) {
        foldOne(trail);
    }
}

SessionCounters countersOf(const Session& session) {
    return {session.octets, session.inputTrail, session.outputTrail};
}

SessionCounters mergeCounters(const Session& session, const AccountingEvent& event) {
    SessionCounters counters = countersOf(session);
    // A session begins at zero; a Start that is repeated late would seem to be a wrap.
    if (event.status != AcctStatus::Start) {
        const std::uint32_t time = orderTime(session, event);
        mergeDirection(counters.octets.input, counters.input, event.input, time);
        mergeDirection(counters.octets.output, counters.output, event.output, time);
    }
    return counters;
}

bool isAbsurd(const Session& session, const AccountingEvent& event, const SessionCounters& counters,
              std::int64_t bitsPerSecond) {
    const std::int64_t growth = std::max(counters.octets.input - session.octets.input,
                                         counters.octets.output - session.octets.output);
    if (std::max(counters.octets.input, counters.octets.output) > kMostOctets) {
        return true;
    }
    // Nobody knows how long the session had lasted when this was heard first.
    const bool isStartUnknown = !session.startSeen && session.sessionTime == 0 && !event.sessionTime;
    if (growth <= 0 || isStartUnknown) {
        return false;
    }
    const Wide most = bitsPerSecond > 0 ? Wide(bitsPerSecond) * kAbsurdTimes : Wide(kFastest);
    const core::Milliseconds time = timeOfGrowth(session, event) + kSlack;
    return Wide(growth) * 8 * 1000 > most * time.count();
}

}  // namespace gardu::radius
