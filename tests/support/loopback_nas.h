#pragma once
// A NAS on 127.0.0.1 that takes CoA- and Disconnect-Requests on a thread of its own. Checks and signs with
// OpenSSL's EVP and its own walk over the octets: nothing of the program takes part.

#include <netinet/in.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gardu::test {

/// One datagram that it got.
struct NasHeard {
    /// 40 Disconnect-Request, 43 CoA-Request, 12 Status-Server.
    int code = 0;
    int identifier = 0;
    int sourcePort = 0;
    /// Request Authenticator (RFC 5176 section 2.3) and Message-Authenticator (section 3.4).
    bool authenticatorIsRight = false;
    bool messageAuthenticatorIsRight = false;
    /// Of the RFCs' own attributes by their number, of Mikrotik's by 14988000 + number; the last one of each.
    std::map<int, std::string> attributes;
    std::string octets;

    [[nodiscard]] std::string text(int attribute) const;
    /// 4 octets as a number; 0 where there are none.
    [[nodiscard]] std::uint32_t number(int attribute) const;
};

inline constexpr int kMikrotikAttributes = 14'988'000;

enum class NasReply { Ack, Nak, Ignore, WrongAuthenticator, WrongIdentifier };

struct NasAnswer {
    NasReply reply = NasReply::Ack;
    /// Of a NAK; none: without one.
    std::optional<std::uint32_t> errorCause;
};

class LoopbackNas {
public:
    using Script = std::function<NasAnswer(const NasHeard&)>;

    /// Acknowledges everything until it is told otherwise. Throws std::runtime_error without a socket.
    explicit LoopbackNas(std::string secret, const std::string& address = "127.0.0.1", int port = 0);
    ~LoopbackNas();
    LoopbackNas(const LoopbackNas&) = delete;
    LoopbackNas& operator=(const LoopbackNas&) = delete;

    /// From now on; called on the NAS's thread, under its lock.
    void answer(Script script);
    void answer(const NasAnswer& always);
    [[nodiscard]] int port() const { return port_; }
    /// In the order of arrival, each repetition too.
    [[nodiscard]] std::vector<NasHeard> heard() const;
    void forget();

private:
    void run();
    void take(const std::string& octets, const sockaddr_in& from);
    [[nodiscard]] NasHeard read(const std::string& octets) const;
    [[nodiscard]] std::string reply(const NasHeard& request, const NasAnswer& answer) const;

    std::string secret_;
    int socket_ = -1;
    int port_ = 0;
    mutable std::mutex mutex_;
    Script script_;
    std::vector<NasHeard> heard_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace gardu::test
