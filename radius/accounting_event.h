#pragma once
// An Accounting-Request as the rest sees it (RFC 2866, RFC 2869 section 5). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/address.h"
#include "core/calendar.h"
#include "radius/login_class.h"
#include "radius/packet.h"

namespace gardu::radius {

/// The numbers of Acct-Status-Type.
enum class AcctStatus : std::uint32_t {
    Start = 1,
    Stop = 2,
    Interim = 3,
    AccountingOn = 7,
    AccountingOff = 8
};

[[nodiscard]] std::string_view name(AcctStatus status);

/// One direction as the NAS reported it: 32 bits, and how often they wrapped (RFC 2869 section 5.1).
struct ReportedOctets {
    std::optional<std::uint32_t> octets;
    std::optional<std::uint32_t> gigawords;
    bool operator==(const ReportedOctets&) const = default;
};

/// What is known of a packet besides its attributes.
struct AccountingArrival {
    std::string nasId;
    /// Who the NAS is for its session ids and its reboots: the NAS's id, and "@ADDRESS" after it where its
    /// entry is a network.
    std::string nasKey;
    core::IpAddress source;
    core::Instant receivedAt;
    /// The NAS counts from the client's point of view.
    bool swapOctets = false;
};

/// What columns hold, and RADIUS carries.
inline constexpr std::size_t kMostTextSize = 253;

/// Texts are as core::boundedText gives them, in at most kMostTextSize octets.
struct AccountingEvent {
    AccountingArrival arrival;
    AcctStatus status = AcctStatus::Start;
    /// When it happened: received less Acct-Delay-Time (0 to 24 h). Of a NAS that sends none: Event-Timestamp
    /// where its clock is within 5 minutes of ours. Never after it was received.
    core::Instant happenedAt;
    std::string username;
    /// billing::usernameKey of it.
    std::string usernameKey;
    std::string acctSessionId;
    /// What our Accept gave in Class; none where the NAS sends none, or somebody else's.
    std::optional<LoginClass> loginClass;
    /// Acct-Session-Time, seconds.
    std::optional<std::uint32_t> sessionTime;
    /// From the subscriber (upload) and to him (download), after any swap.
    ReportedOctets input;
    ReportedOctets output;
    /// "User-Request": the dictionary's name; the number where it has none.
    std::optional<std::string> terminateCause;
    std::optional<core::IpAddress> framedIp;
    std::optional<core::IpNetwork> framedIpv6Prefix;
    std::optional<core::IpNetwork> delegatedIpv6Prefix;
    /// As the NAS reported itself; a CoA has to name it the same way.
    std::optional<core::IpAddress> nasIp;
    std::string nasIdentifier;
    std::optional<std::uint32_t> nasPort;
    std::string nasPortId;
    std::string callingStationId;
    std::string calledStationId;

    /// Accounting-On and -Off, which are of no session.
    [[nodiscard]] bool isOfNas() const;
    /// Start of the session as this packet tells it: happenedAt less Acct-Session-Time; of a Start,
    /// happenedAt. None: an Interim or Stop without Acct-Session-Time.
    [[nodiscard]] std::optional<core::Instant> startEstimate() const;
};

enum class BadAccounting {
    StatusTypeMissing,  ///< no Acct-Status-Type, or one of no meaning to us
    SessionIdMissing,   ///< RFC 2866 section 5.5: each Start, Interim and Stop must have one
    UserNameMissing,
};

/// "status_type_missing": for metrics and logs.
[[nodiscard]] std::string_view name(BadAccounting error);

[[nodiscard]] std::variant<AccountingEvent, BadAccounting> readAccountingEvent(
    const Attributes& attributes, const AccountingArrival& arrival);

}  // namespace gardu::radius
