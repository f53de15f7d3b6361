#pragma once
// What a session was last told about what it may have: at its Accept (it comes back in the Class of every
// accounting packet) or by a CoA since. Enough to see a difference from the entitlement now, and which remedy
// it needs. Pure.

#include <cstdint>
#include <optional>

#include "billing/entitlement.h"
#include "core/calendar.h"

namespace gardu::radius {

struct Told {
    billing::Access access = billing::Access::Full;
    /// Fingerprint of what a CoA can change: rate limit, group, allowance of octets.
    std::uint32_t rate = 0;
    /// Fingerprint of what only a new login can change: addresses, pools, routes, address list.
    std::uint32_t place = 0;
    /// End of full access, in whole seconds. None: no end.
    std::optional<core::Instant> until;
    bool operator==(const Told&) const = default;
};

/// What an Accept or CoA made from this entitlement tells. The fingerprints are the same on every machine and
/// in every version of the program.
[[nodiscard]] Told toldOf(const billing::Entitlement& entitlement);

}  // namespace gardu::radius
