#pragma once
// One real session of a subscriber on a NAS, as it is stored. Plain values; pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/calendar.h"
#include "radius/told.h"

namespace gardu::radius {

enum class SessionState {
    Live,
    Unknown,  ///< nothing was heard of it for too long
    Closed,
};

/// Why a session is closed. Only a Stop is final: after anything else a later packet opens the same row
/// again.
enum class ClosedBy {
    Nothing,
    Stop,
    NasReboot,   ///< Accounting-On or -Off, or a reboot that was inferred
    Superseded,  ///< the same device began another session on the same port
    Stale,       ///< silent past the second limit
    Gone,        ///< the NAS said that it does not have it
};

[[nodiscard]] std::string_view name(SessionState state);
[[nodiscard]] std::string_view name(ClosedBy closedBy);
[[nodiscard]] std::optional<SessionState> parseSessionState(std::string_view text);
[[nodiscard]] std::optional<ClosedBy> parseClosedBy(std::string_view text);

/// 64 bits of each direction: input from the subscriber (upload), output to him (download).
struct Octets {
    std::int64_t input = 0;
    std::int64_t output = 0;
    bool operator==(const Octets&) const = default;
};

/// What a NAS reported at a time without gigawords, kept until the order is certain.
struct CounterPoint {
    /// Acct-Session-Time.
    std::uint32_t sessionTime = 0;
    std::uint32_t octets = 0;
    bool operator==(const CounterPoint&) const = default;
};

/// One direction's 32-bit counter over time: a total, and what was reported since; see session_counters.h.
struct CounterTrail {
    /// All octets up to `baseTime`; its lower half is what the NAS reported then.
    std::int64_t baseTotal = 0;
    std::uint32_t baseTime = 0;
    /// Oldest first, at most kMostPoints.
    std::vector<CounterPoint> points;
    bool operator==(const CounterTrail&) const = default;
};
inline constexpr std::size_t kMostPoints = 8;

struct Session {
    /// 0: not stored yet.
    std::int64_t id = 0;
    std::string nasId;
    std::string nasKey;
    /// Source address of its packets.
    core::IpAddress source;
    std::string username;
    std::string usernameKey;
    /// "": no subscription is known.
    std::string subscriptionId;
    std::string acctSessionId;
    /// The login's id, from our Class; "": none.
    std::string loginId;
    core::Instant startedAt;
    /// A Start was seen; otherwise startedAt is an estimate.
    bool startSeen = false;
    std::optional<core::IpAddress> framedIp;
    std::optional<core::IpNetwork> framedIpv6Prefix;
    std::optional<core::IpNetwork> delegatedIpv6Prefix;
    std::optional<core::IpAddress> nasIp;
    std::string nasIdentifier;
    std::optional<std::uint32_t> nasPort;
    std::string nasPortId;
    std::string callingStationId;
    std::string calledStationId;
    SessionState state = SessionState::Live;
    ClosedBy closedBy = ClosedBy::Nothing;
    /// RADIUS' name of the cause; for sessions that we close: "NAS-Reboot", "Lost-Stop", "Stale", "Gone".
    std::optional<std::string> terminateCause;
    std::optional<core::Instant> stoppedAt;
    /// None: it was let in by somebody else.
    std::optional<Told> told;

    // What every packet changes; a table of its own.

    /// Latest time at which anything is known of it (the packets' own times).
    core::Instant lastSeenAt;
    /// Latest arrival of a packet.
    core::Instant heardAt;
    /// Seconds.
    std::int64_t sessionTime = 0;
    Octets octets;
    /// Up to where `octets` are attributed to hours.
    core::Instant countedAt;
    /// Longest pause between two packets so far, seconds; 0: none seen.
    std::int64_t intervalSeconds = 0;
    /// The hour (Zone::startOfHour) that `hourOctets` belong to: not in usage_hour yet.
    core::Instant hourStart;
    Octets hourOctets;
    /// Only of NASes that leave gigawords out.
    CounterTrail inputTrail;
    CounterTrail outputTrail;

    [[nodiscard]] bool isOpen() const { return state != SessionState::Closed; }
    bool operator==(const Session&) const = default;
};

/// Both trails as one text of at most 500 octets, "" where nothing is in them; and back into a session, false
/// (and nothing changed) where the text is not of that form.
[[nodiscard]] std::string formatPoints(const Session& session);
[[nodiscard]] bool parsePoints(std::string_view text, Session& session);

/// What is known of a NAS's reboots, and when it was heard.
struct NasBoot {
    std::string nasKey;
    /// Sessions that began before it and were not seen after it are over. None: no reboot was seen.
    std::optional<core::Instant> bootedAt;
    /// The boot digit of RouterOS session ids (8SBNNNNN: S the service, B the boots modulo 16) and the latest
    /// start of a session with it; "": unknown.
    std::string bootDigit;
    core::Instant digitSeenAt;
    /// Its last packet, and when it came back from its last silence of more than ten minutes.
    core::Instant heardAt;
    core::Instant returnedAt;
    bool operator==(const NasBoot&) const = default;
};

/// Octets of one session in one hour of its subscription.
struct UsagePart {
    std::string subscriptionId;
    std::int64_t sessionId = 0;
    core::Instant hourStart;
    Octets octets;
    bool operator==(const UsagePart&) const = default;
};

}  // namespace gardu::radius
