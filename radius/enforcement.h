#pragma once
// What the network has to be told about a session so that it does what the entitlement says now. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "billing/entitlement.h"
#include "core/calendar.h"
#include "radius/live_session.h"
#include "radius/packet.h"
#include "radius/told.h"

namespace gardu::radius {

/// Reason of a CoA to a session that we did not let in. Of its `told` only rate and end were told: no more of
/// it may be taken for known afterwards.
inline constexpr std::string_view kAdopted = "adopted";

/// Nothing is to be done.
struct NoStep {};
/// A CoA-Request with these attributes besides the session's identity; `told` holds once it is acknowledged.
struct CoaStep {
    /// snake_case: "rate_changed", "end_changed", "adopted".
    std::string_view reason;
    Attributes attributes;
    Told told;
    /// Where the NAS refuses it, the session may be ended instead, so that it comes back as it should be.
    bool mayDisconnect = true;
};
struct DisconnectStep {
    /// snake_case: "operator", "over_limit", "subscriber_removed", "restored", "address_changed", or the
    /// entitlement's reason: "ended", "subscription_suspended", ...
    std::string_view reason;
};

using EnforcementStep = std::variant<NoStep, CoaStep, DisconnectStep>;

/// Besides the entitlement.
struct EnforcementDemands {
    bool operatorDisconnect = false;
    bool overLimit = false;
    /// What the session has passed so far: a router counts its limit from the session's beginning.
    std::int64_t octets = 0;
};

/// `entitlement`: none where no subscriber has this name. A session that we did not let in (told is none) is
/// never disconnected for its entitlement, since it may be another server's; it is told once what it may
/// have.
[[nodiscard]] EnforcementStep planEnforcement(const std::optional<Told>& told,
                                              const std::optional<billing::Entitlement>& entitlement,
                                              const EnforcementDemands& demands, core::Instant now);

/// The identity that RouterOS needs: User-Name, Acct-Session-Id, Framed-IP-Address, and NAS-IP-Address as the
/// NAS reported it (RFC 5176 section 3).
[[nodiscard]] Attributes sessionIdentity(const LiveSession& session);

/// RFC 5176 section 3.5: "Session Context Not Found (503)".
[[nodiscard]] std::string errorCauseInWords(std::uint32_t cause);
/// 503, and 406, which RouterOS gives instead: probably the session is gone.
[[nodiscard]] bool meansGone(std::uint32_t cause);

/// For the operator: "the package's rate changed".
[[nodiscard]] std::string_view enforcementReasonInWords(std::string_view reason);

}  // namespace gardu::radius
