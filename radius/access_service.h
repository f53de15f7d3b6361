#pragma once
// One datagram in, at most one reply out: the whole access path but the sockets. Any internal failure is
// silence, never an answer. Touches neither SQL nor disk. Any number of workers call it at the same time.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/alarms.h"
#include "core/calendar.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/vault.h"
#include "radius/access_policy.h"
#include "radius/auth_log.h"
#include "radius/directory.h"
#include "radius/directory_service.h"
#include "radius/packet.h"
#include "radius/preparse.h"
#include "radius/reply_cache.h"
#include "radius/session_registry.h"

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
        SessionRegistry& registry;
        /// Called with the key of a user of whom an older session has to make room. May be empty.
        std::function<void(const std::string&)> wakeEnforcer = {};
    };
    explicit AccessService(Parts parts);

    /// The reply, or why there is none. Never throws.
    [[nodiscard]] AccessAnswer answer(const Datagram& datagram) noexcept;

private:
    struct Counters;
    /// A login as far as it is known.
    struct Login {
        AccessRequest request;
        /// Of the subscriber, who may have written a domain before his name.
        std::string usernameKey;
        std::optional<DirectoryHit> hit;
        core::Uuid id;
    };
    struct Asked {
        const Datagram& datagram;
        const PacketView& packet;
        const NasEntry& nas;
        const Login& login;
    };

    AccessAnswer answerOrThrow(const Datagram& datagram);
    /// Nothing: the packet may go on.
    std::optional<Dropped> refuse(const Datagram& datagram, const PacketView& packet, const NasEntry& nas);
    AccessAnswer answerRequest(const Datagram& datagram, const PacketView& packet, const NasEntry& nas);
    AccessAnswer decideAndEncode(const Datagram& datagram, const PacketView& packet, const NasEntry& nas);
    [[nodiscard]] Login findLogin(const Datagram& datagram, AccessRequest request) const;
    AccessDecision decide(const Datagram& datagram, const Login& login);
    AccessAnswer accept(const Asked& asked, const AccessDecision& decision);
    AccessAnswer reject(const Asked& asked, const AccessDecision& decision);
    [[nodiscard]] Claimed claimPlace(const Asked& asked, const billing::Entitlement& entitlement);
    void noteHeard(const Datagram& datagram, const NasEntry& nas);
    void record(const Asked& asked, const AccessDecision& decision);

    Parts parts_;
    ReplyCache cache_;
    std::shared_ptr<Counters> counters_;
    core::LogLimit failureLines_;
};

}  // namespace gardu::radius
