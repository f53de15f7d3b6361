#pragma once
// Proofs of a password: PAP, CHAP (RFC 1994, RFC 2865 section 5.3), MS-CHAPv1 (RFC 2433), MS-CHAPv2 (RFC
// 2759) with the MPPE keys (RFC 3079), in the attributes of RFC 2548. Pure; every comparison takes constant
// time.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "radius/digest.h"

namespace gardu::radius {

/// What RFC 2865 section 5.2 lets through hidden, and libfreeradius too.
inline constexpr std::size_t kMaxPasswordSize = 128;

/// `sent` is User-Password un-hidden.
[[nodiscard]] bool papMatches(std::string_view sent, std::string_view password);

/// `chapPassword` is the attribute's 17 octets (identifier, response). `challenge` is CHAP-Challenge, of any
/// length, or the Request Authenticator where that attribute is missing.
[[nodiscard]] bool chapMatches(ByteView chapPassword, ByteView challenge, std::string_view password);

/// MD4 of the password in UTF-16LE; the password is UTF-8 (each octet that is not well-formed counts as
/// Latin-1).
[[nodiscard]] Digest16 ntHash(std::string_view password);

/// The 24 octets of RFC 2433 / 2759 ChallengeResponse().
[[nodiscard]] std::array<std::uint8_t, 24> challengeResponse(std::span<const std::uint8_t, 8> challenge,
                                                             const Digest16& passwordHash);

/// MS-CHAP-Response (RFC 2548 section 2.1.3), 50 octets: ident, flags, LM response, NT response. Only the NT
/// response counts: a packet whose flags say that it is not there does not match.
[[nodiscard]] bool msChapMatches(ByteView response, ByteView challenge, std::string_view password);

/// MS-CHAP2-Response (RFC 2548 section 2.3.2), 50 octets, with what the Access-Accept needs.
struct MsChap2Success {
    /// Value of MS-CHAP2-Success: the ident, "S=" and 40 hexadecimal digits.
    std::string success;
    /// 128-bit keys, named from the server's side (RFC 3079 section 3.4).
    Digest16 sendKey{};
    Digest16 recvKey{};
};
/// `userName` as sent; a "DOMAIN\" before it is not part of the hash. Nothing where the password is another.
[[nodiscard]] std::optional<MsChap2Success> msChap2Check(ByteView response, ByteView challenge,
                                                         std::string_view userName,
                                                         std::string_view password);

/// MS-CHAP error codes of RFC 2759 section 6.
enum class MsChapErrorCode {
    RestrictedLogonHours = 646,
    AccountDisabled = 647,
    NoDialInPermission = 649,
    AuthenticationFailure = 691
};

/// Value of MS-CHAP-Error: ident, then "E=691 R=0 C=<challenge in hex> V=3 M=<message>" (version 2: 16 octets
/// of challenge), or for version 1 the form of RFC 2433 section 5 with 8 octets and V=2.
struct MsChapFailure {
    int version = 2;
    std::uint8_t ident = 0;
    MsChapErrorCode code = MsChapErrorCode::AuthenticationFailure;
    /// Random; the first 8 or 16 octets are used.
    std::array<std::uint8_t, 16> newChallenge{};
    std::string_view message;
};
[[nodiscard]] std::string msChapError(const MsChapFailure& failure);

}  // namespace gardu::radius
