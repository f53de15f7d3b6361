#pragma once
// CoA-Request and Disconnect-Request to NASes (RFC 5176): sends, repeats with the same identifier, proves the
// replies. Owns its sockets (IPv4 and IPv6, random source ports); one thread's; never waits for one NAS while
// another has news.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/calendar.h"
#include "radius/digest.h"
#include "radius/packet.h"

namespace gardu::radius {

struct DynauthRequest {
    /// CoaRequest or DisconnectRequest; StatusServer for a probe.
    Code code = Code::DisconnectRequest;
    core::IpAddress address;
    std::uint16_t port = 3799;
    const SharedSecret* secret = nullptr;
    /// Without Event-Timestamp and Message-Authenticator, which the client adds.
    Attributes attributes;
    core::Instant now;
};

struct DynauthAnswer {
    enum class Outcome {
        Ack,
        Nak,
        Timeout,
        Failed,  ///< could not be sent
    };
    /// As start() gave it.
    std::uint64_t ticket = 0;
    Outcome outcome = Outcome::Timeout;
    /// Of a reply that has one (RFC 5176 section 3.5).
    std::optional<std::uint32_t> errorCause;
    /// Failed: why it could not be sent.
    std::string error;
    /// How often it was sent.
    int sent = 0;
    /// A reply came from the NAS whose authenticator was wrong: most likely the secret differs.
    bool wrongAuthenticator = false;
    std::chrono::milliseconds took{0};
};

/// "ack", "nak", "timeout", "failed".
[[nodiscard]] std::string_view name(DynauthAnswer::Outcome outcome);

class DynauthClient {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr int kTries = 3;
    static constexpr std::chrono::milliseconds kTryTime{1000};

    /// Throws std::runtime_error where no socket can be made.
    DynauthClient();
    ~DynauthClient();
    DynauthClient(const DynauthClient&) = delete;
    DynauthClient& operator=(const DynauthClient&) = delete;

    /// Sends it for the first time. The secret must outlive the answer. Nothing where all 256 identifiers
    /// towards this NAS are in use. Throws WireError where an attribute cannot be sent.
    [[nodiscard]] std::optional<std::uint64_t> start(const DynauthRequest& request, Clock::time_point now);
    /// Waits for replies and due repetitions, at most that long, and gives what has ended. wake() ends it
    /// early, and so does news.
    [[nodiscard]] std::vector<DynauthAnswer> poll(std::chrono::milliseconds most);
    /// Any thread.
    void wake();
    [[nodiscard]] std::size_t waiting() const;
    /// Replies that nobody asked for, or whose authenticator is wrong (a wrong secret), since the start.
    [[nodiscard]] std::uint64_t strangers() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gardu::radius
