#pragma once
// How the counters of packets, which may be of 32 bits and come in any order, become totals that never go
// down. Pure.

#include <cstdint>

#include "radius/accounting_event.h"
#include "radius/session.h"

namespace gardu::radius {

struct SessionCounters {
    Octets octets;
    CounterTrail input;
    CounterTrail output;
    bool operator==(const SessionCounters&) const = default;
};

/// All octets that the points tell of: a counter that fell by more than 2^31 has wrapped (more than 2^32
/// octets between two points cannot be seen); what fell by less is late or wrong, and left out.
[[nodiscard]] std::int64_t totalOf(const CounterTrail& trail);
/// Puts the point where its time belongs. The oldest one becomes the base where there are more than
/// kMostPoints; what is older than the base is left out, and so is what is there already.
void addPoint(CounterTrail& trail, const CounterPoint& point);

/// The session's counters with what the packet reports: gigawords and octets as they are, octets alone as a
/// point, nothing where there are none. The order in which packets come does not matter.
[[nodiscard]] SessionCounters mergeCounters(const Session& session, const AccountingEvent& event);
[[nodiscard]] SessionCounters countersOf(const Session& session);

/// Whether these counters grew faster than ten times what the session can move (`bitsPerSecond` in each
/// direction; 0: unknown, then 100 Gbit/s), or beyond all measure. Ask before the packet changes anything
/// else of the session.
[[nodiscard]] bool isAbsurd(const Session& session, const AccountingEvent& event,
                            const SessionCounters& counters, std::int64_t bitsPerSecond);

}  // namespace gardu::radius
