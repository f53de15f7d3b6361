#pragma once
// The digests that RADIUS and MS-CHAP are made of. Pure; safe on any thread. MD5, MD4 and DES are used
// because the protocols say so, and for nothing else. They come from libcrypto's plain functions: no provider
// is needed, and no failure can leave an output buffer as it was (libfreeradius' MD4 does that where the
// legacy provider is missing).

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace gardu::radius {

using core::ByteView;
using Digest16 = std::array<std::uint8_t, 16>;
using Digest20 = std::array<std::uint8_t, 20>;

/// MD5 over the parts in order.
[[nodiscard]] Digest16 md5(std::initializer_list<ByteView> parts);
[[nodiscard]] Digest16 md4(ByteView data);
[[nodiscard]] Digest20 sha1(std::initializer_list<ByteView> parts);

/// What other vendors' equipment takes as a shared secret.
inline constexpr std::size_t kMaxSecretSize = 128;

/// A shared secret, ready to sign with: the two HMAC key blocks are digested once. Immutable; share it
/// freely.
class SharedSecret {
public:
    /// 1 to kMaxSecretSize octets, no NUL (the other side may read it as a C string); throws
    /// std::invalid_argument.
    explicit SharedSecret(std::string_view secret);
    ~SharedSecret();
    /// What was moved from may only be destroyed or assigned to.
    SharedSecret(SharedSecret&& other) noexcept;
    SharedSecret& operator=(SharedSecret&& other) noexcept;
    SharedSecret(const SharedSecret&) = delete;
    SharedSecret& operator=(const SharedSecret&) = delete;

    /// HMAC-MD5 (RFC 2104) over the parts in order.
    [[nodiscard]] Digest16 hmacMd5(std::initializer_list<ByteView> parts) const;
    [[nodiscard]] ByteView octets() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Known answers of MD4, MD5, HMAC-MD5, SHA-1, the NT hash and the NT response (RFC 1320, 1321, 2202, 2759).
/// An empty text, or the name of the first one that is wrong: the program must then refuse to start.
[[nodiscard]] std::string digestSelfTest();

}  // namespace gardu::radius
