#pragma once
// Our own bounds-checked walk over a datagram, before libfreeradius sees a byte. Pure, allocates nothing, and
// is the first thing hostile octets meet. RFC 2865 section 3, 2869 section 5.14, 3579 section 3, and 5997.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "radius/digest.h"
#include "radius/packet.h"

namespace gardu::radius {

/// Limits of this folder that the walk enforces.
inline constexpr std::size_t kMaxAttributes = 200;
inline constexpr std::size_t kMaxProxyStates = 8;

enum class PreparseError {
    TooShort,            ///< under 20 octets
    BadLength,           ///< the length field is under 20, over 4096 or over what was received
    BadAttribute,        ///< type 0, length under 2, or an attribute that runs over the end
    TooManyAttributes,   ///< more than kMaxAttributes
    BadAttributeLength,  ///< a length that the attribute cannot have (see the table in preparse.cpp)
    BadVendor,  ///< a Vendor-Specific that ends with the vendor, or whose vendor is 0 (attribute smuggling)
                ///< or over 24 bits (RFC 2865 section 5.26)
    BadMessageAuthenticator,         ///< not 16 octets, or more than one of them
    EapWithoutMessageAuthenticator,  ///< RFC 3579 section 3.2
    EapWithPassword,  ///< EAP-Message together with User-Password, CHAP-Password or ARAP-Password
    StatusServerWithoutMessageAuthenticator,  ///< RFC 5997 section 3
    TooManyProxyStates,                       ///< more than kMaxProxyStates
    UnexpectedCode,                           ///< not a code that this port takes
};

/// "too_short", "bad_length": for metrics and logs.
[[nodiscard]] std::string_view name(PreparseError error);

/// What the walk found. Views into the datagram: valid as long as it is.
struct PacketView {
    Code code = Code::AccessRequest;
    std::uint8_t identifier = 0;
    /// Cut to the length field; what follows it is padding (RFC 2865 section 3).
    ByteView octets;
    /// Offset of the Message-Authenticator's 16 octets in `octets`; 0: there is none.
    std::size_t messageAuthenticatorAt = 0;
    bool hasEapMessage = false;
    std::size_t attributeCount = 0;
    /// The values of the Proxy-State attributes, in order.
    std::array<ByteView, kMaxProxyStates> proxyStates{};
    std::size_t proxyStateCount = 0;

    [[nodiscard]] std::span<const std::uint8_t, 16> authenticator() const { return octets.subspan<4, 16>(); }
    [[nodiscard]] bool hasMessageAuthenticator() const { return messageAuthenticatorAt != 0; }
};

/// Which codes a socket takes.
enum class PortKind {
    Access,                ///< Access-Request, Status-Server
    Accounting,            ///< Accounting-Request, Status-Server
    DynamicAuthorization,  ///< CoA-Request, Disconnect-Request: what a NAS takes (RFC 5176)
    Client,                ///< every reply: where our own requests are answered
};

[[nodiscard]] std::variant<PacketView, PreparseError> preparse(ByteView datagram, PortKind port);

/// The Message-Authenticator of a request (RFC 3579 section 3.2, RFC 5176 section 3.4), compared in constant
/// time. False where it is wrong or missing. Access-Request and Status-Server are digested with the Request
/// Authenticator as received, the other requests with zeros in its place.
[[nodiscard]] bool messageAuthenticatorIsValid(const PacketView& packet, const SharedSecret& secret);

/// The Request Authenticator of an Accounting-, CoA- or Disconnect-Request (RFC 2866 section 3, RFC 5176
/// section 2.3), compared in constant time. An Access-Request's is random: only its Message-Authenticator
/// proves anything.
[[nodiscard]] bool requestAuthenticatorIsValid(const PacketView& packet, const SharedSecret& secret);

/// The Response Authenticator of a reply to a request of ours, and its Message-Authenticator if there is one.
[[nodiscard]] bool replyIsAuthentic(const PacketView& reply,
                                    std::span<const std::uint8_t, 16> requestAuthenticator,
                                    const SharedSecret& secret);

}  // namespace gardu::radius
