#pragma once
// One datagram in, at most one reply out: the whole access path but the sockets. Any internal failure is silence,
// never an answer. Touches neither SQL nor disk. Any number of workers call it at the same time.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/alarms.h"
#include "core/calendar.h"
#include "core/metrics.h"
#include "core/vault.h"
#include "radius/access_policy.h"
#include "radius/auth_log.h"
#include "radius/directory.h"
#include "radius/directory_service.h"
#include "radius/packet.h"
#include "radius/preparse.h"
#include "radius/reply_cache.h"

namespace gardu::radius {

/// What a worker knows of a datagram, and the time and chance of this moment.
struct Datagram {
    ByteView octets;
    core::IpAddress source;
    std::uint16_t sourcePort = 0;
    /// Number of the socket that it came in on.
    std::uint16_t socket = 0;
    core::Instant now;
    std::chrono::steady_clock::time_point monotonic;
    std::array<std::uint64_t, 3> random{};
};

/// Why nothing was answered, in snake_case: a preparse error's name, or "unknown_nas", "wrong_secret", ...
struct Dropped {
    std::string_view reason;
};

using AccessAnswer = std::variant<Bytes, Dropped>;

class AccessService {
public:
    struct Parts {
        const Directory& directory;
        const SharedNasTable& nasTable;
        const core::Vault& vault;
        AuthLog& authLog;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
    };
    explicit AccessService(const Parts& parts);

    /// The reply, or why there is none. Never throws.
    [[nodiscard]] AccessAnswer answer(const Datagram& datagram) noexcept;

private:
    struct Counters;

    AccessAnswer answerOrThrow(const Datagram& datagram);
    /// Nothing: the packet may go on.
    std::optional<Dropped> refuse(const Datagram& datagram, const PacketView& packet, const NasEntry& nas);
    AccessAnswer answerRequest(const Datagram& datagram, const PacketView& packet, const NasEntry& nas);
    AccessAnswer decideAndEncode(const Datagram& datagram, const PacketView& packet, const NasEntry& nas);
    AccessDecision decide(const Datagram& datagram, const AccessRequest& request,
                          const std::optional<DirectoryHit>& hit);
    void record(const Datagram& datagram, const AccessRequest& request, const AccessDecision& decision,
                const NasEntry& nas);

    Parts parts_;
    ReplyCache cache_;
    std::shared_ptr<Counters> counters_;
};

}  // namespace gardu::radius
