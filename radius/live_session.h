#pragma once
// What the session registry holds and takes: open sessions as the network knows them, and logins that want a
// place. Plain values; pure. Texts are as in AccountingEvent.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/package.h"
#include "core/address.h"
#include "core/calendar.h"
#include "core/ids.h"
#include "radius/session.h"
#include "radius/told.h"

namespace gardu::radius {

/// An open session as far as the network can be told something about it.
struct LiveSession {
    /// Number of the stored row; 0: not applied yet.
    std::int64_t id = 0;
    std::string nasId;
    std::string nasKey;
    core::IpAddress source;
    std::string username;
    std::string usernameKey;
    std::string acctSessionId;
    /// "": none.
    std::string loginId;
    std::string callingStationId;
    std::optional<std::uint32_t> nasPort;
    std::string nasPortId;
    std::optional<core::IpAddress> framedIp;
    std::optional<core::IpAddress> nasIp;
    core::Instant startedAt;
    /// Latest time of a packet, and its latest arrival.
    core::Instant lastSeenAt;
    core::Instant heardAt;
    /// Longest pause between its packets so far, seconds; 0: none seen.
    std::int64_t intervalSeconds = 0;
    /// Of both directions, as far as it is stored.
    std::int64_t octets = 0;
    std::optional<Told> told;
};

[[nodiscard]] LiveSession liveSession(const Session& stored);

/// A login that is about to be accepted.
struct SessionClaim {
    std::string usernameKey;
    core::Uuid loginId;
    /// "": unknown; then it is a device of its own.
    std::string callingStationId;
    /// Where it is; as of a session.
    std::string nasKey;
    std::optional<std::uint32_t> nasPort;
    std::string nasPortId;
    /// What its Accept says.
    std::optional<Told> told;
    /// None: no limit. The claim is kept all the same.
    std::optional<int> limit;
    billing::SimultaneousPolicy policy = billing::SimultaneousPolicy::RejectNew;
    int interimSeconds = 300;
    core::Instant now;
};

enum class Claimed {
    Granted,
    /// Granted, and an older session has to go: tell the Enforcer.
    GrantedReplacing,
    Refused,
};

/// Those that have to go so that the limit holds: the oldest ones beyond it. Sessions that were silent too
/// long when the last of them was heard go first.
[[nodiscard]] std::vector<LiveSession> beyondLimit(std::vector<LiveSession> sessions, int limit);

}  // namespace gardu::radius
