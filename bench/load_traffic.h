#pragma once
// What a worker sends and how it judges the replies: logins, or accounting. Each worker has its own.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bench/load_packet.h"

namespace gardu::bench {

enum class TrafficKind { LoginsPap, LoginsChap, LoginsMixed, Accounting };

struct TrafficPlan {
    TrafficKind kind = TrafficKind::LoginsMixed;
    PacketOptions packets;
    std::size_t firstUser = 0;
    // With accounting: no other worker has these users, and they are not fewer than the requests in flight.
    std::size_t ownUsers = 0;
    // Wall clock less steady clock.
    std::int64_t wallOffsetNs = 0;
};

// A request that was written.
struct Request {
    std::size_t length = 0;
    std::size_t user = 0;
    Authenticator authenticator{};
};

class Traffic {
public:
    Traffic() = default;
    virtual ~Traffic() = default;
    Traffic(const Traffic&) = delete;
    Traffic(Traffic&&) = delete;
    Traffic& operator=(const Traffic&) = delete;
    Traffic& operator=(Traffic&&) = delete;

    // The requests until the next call leave together, so they should be of one length.
    virtual void beginBatch() = 0;
    // Writes the next request, which leaves at `nowNs` of the steady clock.
    virtual Request write(std::span<std::uint8_t, kMaxRequestLength> out, std::uint8_t identifier,
                          std::uint64_t nowNs) = 0;
    // The request of this user was answered, or given up.
    virtual void finish(std::size_t user) = 0;
    // `reply` is changed as by genuineCode().
    [[nodiscard]] virtual ReplyVerdict verify(std::span<std::uint8_t> reply,
                                              const Authenticator& requested) const = 0;
    // Sessions that a Start was sent for.
    [[nodiscard]] virtual std::uint64_t sessionCount() const = 0;
};

// `users` must outlive it and must not be empty.
std::unique_ptr<Traffic> makeTraffic(const TrafficPlan& plan, const std::vector<User>& users);

}  // namespace gardu::bench
