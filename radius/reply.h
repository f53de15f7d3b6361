#pragma once
// From a decision to the attributes of the reply. Pure: the time and the random number are arguments.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/calendar.h"
#include "core/ids.h"
#include "radius/access_policy.h"
#include "radius/packet.h"

namespace gardu::radius {

/// RouterOS' User Manager gives it as the largest Session-Timeout, in seconds.
inline constexpr std::int64_t kMaxSessionTimeout = 21'474'720;

struct ReplyMoment {
    core::Instant now;
    /// Uniform; used for jitter and for MS-CHAP's new challenge.
    std::uint64_t random = 0;
};

/// Seconds until the end of access, at most kMaxSessionTimeout. Early by a random part of up to a tenth and
/// up to 300 s, so that many that end together do not all redial together; never after the end, never 0.
[[nodiscard]] std::uint32_t sessionTimeoutSeconds(core::Milliseconds left, std::uint64_t random);

/// The wanted interval and up to a tenth of it more or less, at least 60 (RFC 2869 section 5.16).
[[nodiscard]] std::uint32_t interimSeconds(int wanted, std::uint64_t random);

/// Mikrotik-Total-Limit and its upper half, always together: without it the limit would be another one beyond
/// 4 GiB. `octets` is at least 1, since 0 means none to a router.
void addTotalLimit(Attributes& attributes, std::int64_t octets);

/// Attributes of an Access-Accept (full or walled), in the order in which they are sent.
[[nodiscard]] Attributes acceptAttributes(const AccessDecision& decision, const std::string& classOctets,
                                          const ReplyMoment& moment);

/// Attributes of an Access-Reject: Reply-Message, MS-CHAP-Error or an EAP-Failure where the request asks for
/// it.
[[nodiscard]] Attributes rejectAttributes(const AccessDecision& decision, const AccessRequest& request,
                                          const ReplyMoment& moment);

}  // namespace gardu::radius
