#pragma once
// Asks a NAS whether it would take a CoA, without touching any session: for `gardu nas test`. Blocks up to
// three seconds; the caller's thread.

#include <cstdint>
#include <string>

#include "core/address.h"
#include "core/calendar.h"
#include "radius/digest.h"

namespace gardu::radius {

struct NasProbe {
    core::IpAddress address;
    std::uint16_t port = 3799;
    const SharedSecret* secret = nullptr;
    core::Instant now;
};

struct NasProbeResult {
    /// It answered, and its answer was signed with our secret.
    bool reachable = false;
    /// "ok", "acknowledged", "refused", "status_only", "wrong_secret", "silent", "failed".
    std::string result;
    /// What that means and what to do.
    std::string words;
};

/// A CoA-Request for a session that cannot exist, and a Status-Server (RFC 5997) beside it. Throws
/// std::runtime_error where no socket can be made.
[[nodiscard]] NasProbeResult probeNas(const NasProbe& probe);

}  // namespace gardu::radius
