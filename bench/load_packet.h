#pragma once
// A RADIUS codec for the load generator alone: it builds the Access-Request of a RouterOS PPPoE server and
// proves the replies. It shares no code with the server, so that an error in one of the two shows up here.
// Not thread-safe: each worker has its own.

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace gardu::bench {

using Authenticator = std::array<std::uint8_t, 16>;

inline constexpr std::size_t kHeaderLength = 20;
// The longest request: a name and a NAS-Identifier of 253 bytes, a password of 128, and 122 of the rest.
inline constexpr std::size_t kMaxRequestLength = 768;
inline constexpr std::size_t kMaxReplyLength = 4096;
inline constexpr std::size_t kMaxUserName = 253;
inline constexpr std::size_t kMaxNasIdentifier = 253;
inline constexpr std::size_t kMaxPassword = 128;  // RFC 2865 section 5.2

struct User {
    std::string name;
    std::string password;
};

enum class Method { Pap, Chap };

// What changes from one request to the next.
struct RequestFields {
    const User& user;
    std::uint32_t userNumber;     // becomes the MAC in Calling-Station-Id
    std::uint32_t sessionNumber;  // becomes NAS-Port and Acct-Session-Id
    std::uint8_t identifier;
    Method method;
    const Authenticator& authenticator;
};

enum class ReplyVerdict { Accept, Reject, Other, Bad };

// MD5 over the secret and HMAC-MD5 with it, with the key's share of the work done once.
class SecretDigest {
public:
    explicit SecretDigest(std::string_view secret);
    ~SecretDigest();
    SecretDigest(const SecretDigest&) = delete;
    SecretDigest(SecretDigest&&) = delete;
    SecretDigest& operator=(const SecretDigest&) = delete;
    SecretDigest& operator=(SecretDigest&&) = delete;

    [[nodiscard]] Authenticator hmac(std::span<const std::uint8_t> message) const;
    // MD5(secret + block), RFC 2865 section 5.2.
    [[nodiscard]] Authenticator secretThen(std::span<const std::uint8_t> block) const;
    // MD5(message + secret), RFC 2865 section 3.
    [[nodiscard]] Authenticator thenSecret(std::span<const std::uint8_t> message) const;

private:
    struct States;
    std::unique_ptr<States> states_;
    std::string secret_;
};

struct PacketOptions {
    std::string secret;
    std::string nasIdentifier = "bench-nas";
    bool messageAuthenticator = true;
};

class PacketMaker {
public:
    explicit PacketMaker(const PacketOptions& options);

    // Writes one Access-Request and returns its length. Names and passwords must be within the limits above.
    std::size_t build(std::span<std::uint8_t, kMaxRequestLength> out, const RequestFields& fields) const;

    // Bad: too short, a broken attribute, a wrong Response Authenticator or Message-Authenticator.
    // `reply` is changed by the check, but for one that does not answer `requested`.
    [[nodiscard]] ReplyVerdict verify(std::span<std::uint8_t> reply, const Authenticator& requested) const;

private:
    [[nodiscard]] bool isGenuine(std::span<std::uint8_t> reply, const Authenticator& requested) const;

    SecretDigest digest_;
    std::string tail_;  // the attributes after the password are the same in every request
    bool messageAuthenticator_;
};

}  // namespace gardu::bench
