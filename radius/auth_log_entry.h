#pragma once
// One decision of the access path, as the authentication log keeps it. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/calendar.h"

namespace gardu::radius {

struct AuthLogEntry {
    core::Instant decidedAt;
    /// As sent, whatever the octets; made printable when it is stored.
    std::string userName;
    /// "accept", "isolate", "reject".
    std::string_view outcome;
    std::string_view reason;
    std::string_view method;
    std::string nas;
    std::string sourceAddress;
    std::string callingStationId;
    std::int64_t occurrences = 1;
};

}  // namespace gardu::radius
