#pragma once
// A model of NASes and the network between them and us, for the property test of sessions: what they send
// and what arrives is random, what is true is known. Knows nothing of how sessions are kept.

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "radius/accounting_event.h"

namespace gardu::radius::test {

/// A session as it really was, and what the delivered packets can tell of it.
struct RealSession {
    std::string nasKey;
    std::string username;
    std::string acctSessionId;
    std::optional<LoginClass> loginClass;
    core::Instant startedAt;
    bool isHeard = false;
    bool isStartHeard = false;
    bool isStopHeard = false;
    /// By a NAS's word, or since the NAS has begun another session with its id or of a later boot.
    bool isOver = false;
    /// It has not ended.
    bool isAlive = false;
    std::uint64_t input = 0;
    std::uint64_t output = 0;
};

struct DeliveredPacket {
    Attributes attributes;
    AccountingArrival arrival;
};

struct NasHistory {
    std::vector<RealSession> sessions;
    /// As they arrived.
    std::vector<DeliveredPacket> packets;
    /// Only in that order it is certain whose they are: see kMostHidden.
    bool needsOrder = false;
};

/// Two NASes with the same session ids, two users, reboots, losses, repetitions, delays.
///
/// Left out, since no server could tell: a session without Class whose id comes again within the tolerance of
/// its start; packets with neither Class nor Acct-Session-Time whose id comes again; counters with neither
/// gigawords nor Acct-Session-Time to order them by; 2^31 octets and more between two packets without
/// gigawords, or a wrap between two of the same second; delays of more than some seconds that the NAS does
/// not tell, but for Interims that no later packet overtakes.
[[nodiscard]] NasHistory randomHistory(std::mt19937_64& random);

/// The time that packets are late without the NAS telling, at most.
inline constexpr core::Milliseconds kMostUntold = std::chrono::seconds(12);
/// The same for some Interims, of sessions that are known to be there.
inline constexpr core::Milliseconds kMostHidden = std::chrono::minutes(2);

}  // namespace gardu::radius::test
