#pragma once
// SQL of what subscribers used. An octet is in exactly one of three places: the hour that is running of an
// open session (session_counters), usage_hour, or, once the hour is old, usage_day. Sums look at all three.

#include <cstdint>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"
#include "radius/session.h"

namespace gardu::radius {

/// Added to what is there of the same subscription, hour and session.
void addUsage(core::Tx& tx, const std::vector<UsagePart>& parts);
/// Moves hours from before that instant to their days, at most so many rows; true: there are more.
bool rollUpHours(core::Tx& tx, const core::Zone& zone, core::Instant before, int most);

struct UsageHour {
    core::Instant hourStart;
    Octets octets;
};
struct UsageDay {
    core::Date day{};
    Octets octets;
};
/// By hour, of hours that begin in [from, to), as far as they are kept; oldest first.
[[nodiscard]] std::vector<UsageHour> usageByHour(core::Tx& tx, const std::string& subscriptionId,
                                                 core::Instant from, core::Instant to);
/// By day of the zone, of `period`; oldest first, days without usage left out.
[[nodiscard]] std::vector<UsageDay> usageByDay(core::Tx& tx, const core::Zone& zone,
                                               const std::string& subscriptionId, const core::Period& period);
/// Of hours that begin in [from, to), as far as they are kept, in one sum.
[[nodiscard]] Octets usageBetween(core::Tx& tx, const std::string& subscriptionId, core::Instant from,
                                  core::Instant to);
/// Of days of `period`, what is not kept by the hour any more, in one sum.
[[nodiscard]] Octets rolledUpUsage(core::Tx& tx, const std::string& subscriptionId,
                                   const core::Period& period);
/// Of a billing period, or any other.
[[nodiscard]] Octets usageIn(core::Tx& tx, const core::Zone& zone, const std::string& subscriptionId,
                             const core::Period& period);

}  // namespace gardu::radius
