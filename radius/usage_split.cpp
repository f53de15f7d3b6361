#include "radius/usage_split.h"

#include <algorithm>
#include <chrono>

#include "core/check.h"

namespace gardu::radius {

namespace {

// The time times the octets of a session passes 64 bits.
__extension__ using Wide = __int128;

/// A start that is years ago is a mistake of the NAS, and would be a row for each hour of them.
constexpr core::Milliseconds kLongestSplit = std::chrono::days(400);

std::int64_t share(std::int64_t octets, core::Milliseconds part, core::Milliseconds whole) {
    return static_cast<std::int64_t>(Wide(octets) * part.count() / whole.count());
}

Octets share(const Octets& octets, core::Milliseconds part, core::Milliseconds whole) {
    return {share(octets.input, part, whole), share(octets.output, part, whole)};
}

core::Instant endOfHour(const core::Zone& zone, core::Instant start) {
    const core::Instant next = start + std::chrono::hours(1);
    // Where the clock is set within this hour, it ends sooner.
    return std::max(zone.startOfHour(next), start + core::Milliseconds(1));
}

void append(std::vector<HourPart>& parts, core::Instant hourStart, const Octets& octets) {
    if (octets != Octets{}) {
        parts.push_back({hourStart, octets});
    }
}

}  // namespace

std::vector<HourPart> splitByHour(const core::Zone& zone, core::Instant from, core::Instant to,
                                  const Octets& delta) {
    core::check(delta.input >= 0 && delta.output >= 0, "octets are not negative");
    std::vector<HourPart> parts;
    if (delta == Octets{}) {
        return parts;
    }
    from = std::max(from, to - kLongestSplit);
    core::Instant hour = zone.startOfHour(std::min(from, to));
    Octets given;
    // What has moved up to the end of each hour is rounded down, so that no octet is lost or made.
    for (core::Instant end = endOfHour(zone, hour); end < to; end = endOfHour(zone, hour)) {
        const Octets moved = share(delta, end - from, to - from);
        append(parts, hour, {moved.input - given.input, moved.output - given.output});
        given = moved;
        hour = end;
    }
    append(parts, from < to ? hour : zone.startOfHour(to),
           {delta.input - given.input, delta.output - given.output});
    return parts;
}

}  // namespace gardu::radius
