#pragma once
// A RADIUS codec for the load generator alone: it builds the Access-Request of a RouterOS PPPoE server (the
// Accounting-Request is in load_accounting.h) and proves the replies. It shares no code with the server, so
// that an error in one of the two shows up here. Not thread-safe: each worker has its own.

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gardu::bench {

using Authenticator = std::array<std::uint8_t, 16>;

inline constexpr std::size_t kHeaderLength = 20;
// The longest request is accounting: a name and a NAS-Identifier of 253 bytes, and 256 of the rest. A login's
// rest is 122, and its password 128.
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

// Accept: what was asked for, an Access-Accept or an Accounting-Response.
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

// The code of a reply that proves the secret. Nothing: too short, a broken attribute, a wrong Response
// Authenticator or Message-Authenticator. `reply` is changed by the check, but for one that does not answer
// `requested`.
[[nodiscard]] std::optional<std::uint8_t> genuineCode(const SecretDigest& digest,
                                                      std::span<std::uint8_t> reply,
                                                      const Authenticator& requested);

struct PacketOptions {
    std::string secret;
    std::string nasIdentifier = "bench-nas";
    bool messageAuthenticator = true;
    // Of accounting: the session id of user 0, so that each run has ids of its own.
    std::uint32_t firstSession = 0;
};

class PacketMaker {
public:
    explicit PacketMaker(const PacketOptions& options);

    // Writes one Access-Request and returns its length. Names and passwords must be within the limits above.
    std::size_t build(std::span<std::uint8_t, kMaxRequestLength> out, const RequestFields& fields) const;

    // `reply` is changed as by genuineCode(), of which nothing is Bad.
    [[nodiscard]] ReplyVerdict verify(std::span<std::uint8_t> reply, const Authenticator& requested) const;

private:
    SecretDigest digest_;
    std::string tail_;  // the attributes after the password are the same in every request
    bool messageAuthenticator_;
};

}  // namespace gardu::bench
