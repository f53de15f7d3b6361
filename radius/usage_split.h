#pragma once
// Octets that moved over a time, by the hours of that time. Pure.

#include <vector>

#include "core/calendar.h"
#include "radius/session.h"

namespace gardu::radius {

struct HourPart {
    core::Instant hourStart;
    Octets octets;
    bool operator==(const HourPart&) const = default;
};

/// `delta` octets moved evenly between two instants, by hour (Zone::startOfHour), oldest first; the parts sum
/// exactly to it, none is negative, and one of no octets is left out. All in the hour of `to` where `to` is
/// not after `from`. A time of more than 400 days is taken as its last 400 days.
[[nodiscard]] std::vector<HourPart> splitByHour(const core::Zone& zone, core::Instant from, core::Instant to,
                                                const Octets& delta);

}  // namespace gardu::radius
