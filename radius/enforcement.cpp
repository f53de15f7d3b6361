#include "radius/enforcement.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/bytes.h"
#include "radius/reply.h"

namespace gardu::radius {

namespace {

using billing::Access;
using billing::Entitlement;

constexpr std::uint32_t kSessionContextNotFound = 503;
constexpr std::uint32_t kUnsupportedExtension = 406;
constexpr AttributeId kNasIpv6Address{0, 95};

constexpr std::int64_t kMostOctets = std::numeric_limits<std::int64_t>::max();

struct CauseName {
    std::uint32_t cause;
    std::string_view name;
};

/// RFC 5176 section 3.5.
constexpr std::array kCauses = {
    CauseName{201, "Residual Session Context Removed"},
    CauseName{202, "Invalid EAP Packet"},
    CauseName{401, "Unsupported Attribute"},
    CauseName{402, "Missing Attribute"},
    CauseName{403, "NAS Identification Mismatch"},
    CauseName{404, "Invalid Request"},
    CauseName{405, "Unsupported Service"},
    CauseName{kUnsupportedExtension, "Unsupported Extension"},
    CauseName{407, "Invalid Attribute Value"},
    CauseName{501, "Administratively Prohibited"},
    CauseName{502, "Request Not Routable"},
    CauseName{kSessionContextNotFound, "Session Context Not Found"},
    CauseName{504, "Session Context Not Removable"},
    CauseName{505, "Other Proxy Processing Error"},
    CauseName{506, "Resources Unavailable"},
    CauseName{507, "Request Initiated"},
    CauseName{508, "Multiple Session Selection Unsupported"},
};

struct ReasonWords {
    std::string_view reason;
    std::string_view words;
};

constexpr std::array kReasons = {
    ReasonWords{"rate_changed", "what the package gives has changed"},
    ReasonWords{"end_changed", "the end of access has changed"},
    ReasonWords{kAdopted, "another server let it in; it is told what the package gives"},
    ReasonWords{"operator", "an operator asked for it"},
    ReasonWords{"over_limit", "more sessions at the same time than the package allows"},
    ReasonWords{"subscriber_removed", "the subscriber is gone"},
    ReasonWords{"restored", "access is full again"},
    ReasonWords{"address_changed", "the address, pool, routes or address list has changed"},
    ReasonWords{"subscription_cancelled", "the subscription is cancelled"},
    ReasonWords{"subscription_disabled", "the subscription is disabled"},
    ReasonWords{"customer_inactive", "the customer is inactive"},
    ReasonWords{"not_started", "the subscription begins later"},
    ReasonWords{"customer_suspended", "the customer is suspended"},
    ReasonWords{"subscription_suspended", "the subscription is suspended"},
    ReasonWords{"ended", "the last day of access has passed"},
    ReasonWords{"overdue", "it is not paid"},
    ReasonWords{"dunning_suspended", "it has not been paid for long"},
    ReasonWords{"dunning_terminated", "it was ended, since it was not paid"},
    ReasonWords{"quota_used_up", "the quota is used up"},
};

void addRate(Attributes& attributes, const Entitlement& entitlement, std::int64_t octets) {
    attributes.push_back(textAttribute(attr::kMikrotikRateLimit, entitlement.rateLimit));
    if (entitlement.mikrotikGroup) {
        attributes.push_back(textAttribute(attr::kMikrotikGroup, *entitlement.mikrotikGroup));
    }
    if (entitlement.totalLimit) {
        addTotalLimit(attributes, octets > kMostOctets - *entitlement.totalLimit
                                      ? kMostOctets
                                      : octets + *entitlement.totalLimit);
    }
}

/// No jitter: the router counts from the CoA, and all of them do not come together.
void addTimeout(Attributes& attributes, const Entitlement& entitlement, core::Instant now) {
    std::int64_t seconds = kMaxSessionTimeout;
    if (entitlement.until) {
        const std::int64_t left = std::chrono::floor<core::Seconds>(*entitlement.until - now).count();
        seconds = std::clamp<std::int64_t>(left, 1, kMaxSessionTimeout);
    }
    attributes.push_back(integerAttribute(attr::kSessionTimeout, static_cast<std::uint32_t>(seconds)));
}

/// Of a session that another server let in, or whose NAS sends no Class. What it was told of access and
/// addresses stays unknown.
EnforcementStep planAdoption(const std::optional<Entitlement>& entitlement, std::int64_t octets) {
    if (!entitlement || entitlement->access != Access::Full) {
        return NoStep{};
    }
    Told told = toldOf(*entitlement);
    told.place = 0;
    told.until = std::nullopt;
    CoaStep step{kAdopted, {}, told, false};
    // No end: another server may have walled it in for some minutes, which must not become weeks.
    addRate(step.attributes, *entitlement, octets);
    return step;
}

EnforcementStep planChange(const Told& told, const Entitlement& entitlement, std::int64_t octets,
                           core::Instant now) {
    const Told wanted = toldOf(entitlement);
    const bool rateDiffers = told.rate != wanted.rate;
    if (!rateDiffers && told.until == wanted.until) {
        return NoStep{};
    }
    // A router that refuses a new end cuts by the old one, or we do at the new one: nobody is thrown off who
    // has just paid.
    CoaStep step{rateDiffers ? "rate_changed" : "end_changed", {}, wanted, rateDiffers};
    if (rateDiffers) {
        addRate(step.attributes, entitlement, octets);
    }
    if (told.until != wanted.until) {
        addTimeout(step.attributes, entitlement, now);
    }
    return step;
}

void addAddress(Attributes& attributes, AttributeId id, const std::optional<core::IpAddress>& address,
                core::AddressFamily family) {
    if (address && address->family == family) {
        attributes.push_back(octetsAttribute(id, address->bytes()));
    }
}

void addStored(Attributes& attributes, AttributeId id, const std::string& escaped) {
    if (!escaped.empty()) {
        attributes.push_back(textAttribute(id, core::unescapeOctets(escaped)));
    }
}

}  // namespace

EnforcementStep planEnforcement(const std::optional<Told>& told,
                                const std::optional<billing::Entitlement>& entitlement,
                                const EnforcementDemands& demands, core::Instant now) {
    if (demands.operatorDisconnect) {
        return DisconnectStep{"operator"};
    }
    if (demands.overLimit) {
        return DisconnectStep{"over_limit"};
    }
    if (!told) {
        return planAdoption(entitlement, demands.octets);
    }
    if (!entitlement) {
        return DisconnectStep{"subscriber_removed"};
    }
    if (entitlement->access == Access::Denied) {
        return DisconnectStep{billing::name(entitlement->reason)};
    }
    if (told->access != entitlement->access) {
        const bool isFull = entitlement->access == Access::Full;
        return DisconnectStep{isFull ? "restored" : billing::name(entitlement->reason)};
    }
    if (told->place != toldOf(*entitlement).place) {
        return DisconnectStep{"address_changed"};
    }
    return planChange(*told, *entitlement, demands.octets, now);
}

Attributes sessionIdentity(const LiveSession& session) {
    Attributes attributes;
    addStored(attributes, attr::kUserName, session.username);
    addStored(attributes, attr::kAcctSessionId, session.acctSessionId);
    addAddress(attributes, attr::kFramedIpAddress, session.framedIp, core::AddressFamily::Ipv4);
    addAddress(attributes, attr::kNasIpAddress, session.nasIp, core::AddressFamily::Ipv4);
    addAddress(attributes, kNasIpv6Address, session.nasIp, core::AddressFamily::Ipv6);
    return attributes;
}

std::string errorCauseInWords(std::uint32_t cause) {
    const auto* const found = std::find_if(kCauses.begin(), kCauses.end(),
                                           [&](const CauseName& row) { return row.cause == cause; });
    const std::string name(found == kCauses.end() ? "Error-Cause" : found->name);
    return name + " (" + std::to_string(cause) + ")";
}

bool meansGone(std::uint32_t cause) {
    return cause == kSessionContextNotFound || cause == kUnsupportedExtension;
}

std::string_view enforcementReasonInWords(std::string_view reason) {
    const auto* const found = std::find_if(kReasons.begin(), kReasons.end(),
                                           [&](const ReasonWords& row) { return row.reason == reason; });
    return found == kReasons.end() ? reason : found->words;
}

}  // namespace gardu::radius
