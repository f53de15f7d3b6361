#pragma once
// Duplicate detection (RFC 5080 section 2.2.2): a request seen again gets the very same reply, without being
// worked again; one that is still being worked on is dropped. Bounded in time and number. Any thread: sharded
// locks.

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/address.h"
#include "core/guarded.h"
#include "radius/packet.h"

namespace gardu::radius {

/// What makes a request the same: who sent it, from where, to which of our sockets, with which identifier.
struct RequestKey {
    core::IpAddress source;
    std::uint16_t sourcePort = 0;
    std::uint16_t socket = 0;
    std::uint8_t identifier = 0;
    bool operator==(const RequestKey&) const = default;
};

class ReplyCache {
public:
    using Clock = std::chrono::steady_clock;
    /// RFC 5080: between 5 and 30 s.
    static constexpr std::chrono::seconds kLifetime{10};
    /// Over all shards; beyond it the oldest go first. 7 s of a million subscribers coming back in two
    /// minutes.
    static constexpr std::size_t kMaxEntries = 131'072;

    struct Fresh {};
    struct InProgress {};
    using Found = std::variant<Fresh, InProgress, Bytes>;

    /// Fresh: the caller works on it, and must end with finish() or forget(). The same key with another
    /// Request Authenticator is a new request and takes the old one's place.
    [[nodiscard]] Found begin(const RequestKey& key, const Authenticator& authenticator,
                              Clock::time_point now);
    /// Keeps the reply, unless a newer request took the place.
    void finish(const RequestKey& key, const Authenticator& authenticator, const Bytes& reply);
    /// The work failed: a retransmission is to be worked on anew.
    void forget(const RequestKey& key, const Authenticator& authenticator);
    [[nodiscard]] std::size_t size() const;

private:
    static constexpr std::size_t kShards = 64;

    struct KeyHash {
        std::size_t operator()(const RequestKey& key) const;
    };
    struct Entry {
        Authenticator authenticator{};
        bool done = false;
        Bytes reply;
        Clock::time_point bornAt;
        /// Its own place in Shard::byAge.
        std::list<RequestKey>::iterator place;
    };
    struct Shard {
        std::unordered_map<RequestKey, Entry, KeyHash> entries;
        /// The keys of all entries, oldest first.
        std::list<RequestKey> byAge;
    };
    static void expire(Shard& shard, Clock::time_point now);
    static Entry& addTo(Shard& shard, const RequestKey& key);
    core::Guarded<Shard>& shardOf(const RequestKey& key);

    std::array<core::Guarded<Shard>, kShards> shards_;
};

}  // namespace gardu::radius
