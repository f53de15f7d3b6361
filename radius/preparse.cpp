#include "radius/preparse.h"

#include <algorithm>

namespace gardu::radius {
namespace {

constexpr std::size_t kAttributeHeaderSize = 2;
constexpr std::size_t kVendorHeaderSize = 4;
constexpr std::size_t kAuthenticatorAt = 4;
constexpr std::size_t kAuthenticatorSize = 16;
constexpr std::array<std::uint8_t, kAuthenticatorSize> kZeros{};

/// How many octets a value may have; nothing is said of most attributes.
struct ValueSize {
    std::uint8_t least = 0;
    std::uint8_t most = kMaxValueSize;
    std::uint8_t multipleOf = 1;
};
using ValueSizes = std::array<ValueSize, 256>;

constexpr void setExact(ValueSizes& sizes, std::uint8_t size, std::initializer_list<std::uint8_t> types) {
    for (const std::uint8_t type : types) {
        sizes[type] = {size, size, 1};
    }
}

/// The lengths of RFC 2865 section 5, 2866 section 5, 2869 section 5, 3162 section 2, 4818 and 6911. Text may
/// be empty although RFC 2865 section 5 forbids it, because equipment does send that; so may User-Password
/// (MAC logins).
constexpr ValueSizes makeValueSizes() {
    ValueSizes sizes{};
    sizes[2] = {0, 128, 16};                                         // User-Password
    setExact(sizes, 17, {3});                                        // CHAP-Password
    setExact(sizes, 4, {4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16});  // NAS-IP-Address to Login-TCP-Port
    setExact(sizes, 4, {23, 27, 28, 29, 37, 38});  // Framed-IPX-Network, Session-Timeout, ...
    setExact(sizes, 4, {40, 41, 42, 43, 45, 46, 47, 48, 49, 51, 52, 53, 55});  // accounting, Event-Timestamp
    setExact(sizes, 4, {61, 62, 72, 73, 76, 85});  // NAS-Port-Type to Acct-Interim-Interval
    setExact(sizes, 16, {70});                     // ARAP-Password
    setExact(sizes, 16, {95, 168});                // NAS-IPv6-Address, Framed-IPv6-Address
    setExact(sizes, 8, {96});                      // Framed-Interface-Id
    sizes[97] = {2, 18, 1};                        // Framed-IPv6-Prefix
    sizes[123] = {2, 18, 1};                       // Delegated-IPv6-Prefix
    return sizes;
}
constexpr ValueSizes kValueSizes = makeValueSizes();

constexpr std::uint8_t kArapPassword = 70;

bool portTakes(PortKind port, Code code) {
    using enum Code;
    switch (port) {
        case PortKind::Access:
            return code == AccessRequest || code == StatusServer;
        case PortKind::Accounting:
            return code == AccountingRequest || code == StatusServer;
        case PortKind::DynamicAuthorization:
            return code == DisconnectRequest || code == CoaRequest;
        case PortKind::Client:
            return code == AccessAccept || code == AccessReject || code == AccessChallenge ||
                   code == AccountingResponse || code == DisconnectAck || code == DisconnectNak ||
                   code == CoaAck || code == CoaNak;
    }
    return false;
}

/// The walk's state: the view that it fills, and what only the rules at its end need.
struct Walk {
    PacketView view;
    bool hasPassword = false;
};

using Verdict = std::optional<PreparseError>;

Verdict checkVendor(ByteView value) {
    if (value.size() <= kVendorHeaderSize) {
        return PreparseError::BadVendor;
    }
    const bool isZero = value[1] == 0 && value[2] == 0 && value[3] == 0;
    return value[0] != 0 || isZero ? Verdict(PreparseError::BadVendor) : std::nullopt;
}

Verdict noteMessageAuthenticator(PacketView& view, std::size_t valueAt, ByteView value) {
    if (value.size() != kAuthenticatorSize || view.hasMessageAuthenticator()) {
        return PreparseError::BadMessageAuthenticator;
    }
    view.messageAuthenticatorAt = valueAt;
    return std::nullopt;
}

/// RFC 2865 section 5.33; an empty one could not be sent back.
Verdict noteProxyState(PacketView& view, ByteView value) {
    if (value.empty()) {
        return PreparseError::BadAttributeLength;
    }
    if (view.proxyStateCount == kMaxProxyStates) {
        return PreparseError::TooManyProxyStates;
    }
    view.proxyStates[view.proxyStateCount++] = value;
    return std::nullopt;
}

Verdict checkSize(std::uint8_t type, std::size_t size) {
    const ValueSize& allowed = kValueSizes[type];
    const bool fits = size >= allowed.least && size <= allowed.most && size % allowed.multipleOf == 0;
    return fits ? std::nullopt : Verdict(PreparseError::BadAttributeLength);
}

Verdict noteAttribute(Walk& walk, std::uint8_t type, std::size_t valueAt, ByteView value) {
    switch (type) {
        case attr::kMessageAuthenticator.type:
            return noteMessageAuthenticator(walk.view, valueAt, value);
        case attr::kProxyState.type:
            return noteProxyState(walk.view, value);
        case attr::kVendorSpecific.type:
            return checkVendor(value);
        case attr::kEapMessage.type:
            walk.view.hasEapMessage = true;
            break;
        case attr::kUserPassword.type:
        case attr::kChapPassword.type:
        case kArapPassword:
            walk.hasPassword = true;
            break;
        default:
            break;
    }
    return checkSize(type, value.size());
}

Verdict walkAttributes(Walk& walk) {
    const ByteView octets = walk.view.octets;
    std::size_t at = kHeaderSize;
    while (at < octets.size()) {
        const std::size_t left = octets.size() - at;
        if (left < kAttributeHeaderSize) {
            return PreparseError::BadAttribute;
        }
        const std::uint8_t type = octets[at];
        const std::size_t size = octets[at + 1];
        if (type == 0 || size < kAttributeHeaderSize || size > left) {
            return PreparseError::BadAttribute;
        }
        if (++walk.view.attributeCount > kMaxAttributes) {
            return PreparseError::TooManyAttributes;
        }
        const std::size_t valueAt = at + kAttributeHeaderSize;
        const ByteView value = octets.subspan(valueAt, size - kAttributeHeaderSize);
        if (const Verdict verdict = noteAttribute(walk, type, valueAt, value)) {
            return verdict;
        }
        at += size;
    }
    return std::nullopt;
}

/// What no single attribute can show.
Verdict checkTogether(const Walk& walk) {
    const PacketView& view = walk.view;
    if (view.hasEapMessage && walk.hasPassword) {
        return PreparseError::EapWithPassword;
    }
    if (view.hasEapMessage && !view.hasMessageAuthenticator()) {
        return PreparseError::EapWithoutMessageAuthenticator;
    }
    if (view.code == Code::StatusServer && !view.hasMessageAuthenticator()) {
        return PreparseError::StatusServerWithoutMessageAuthenticator;
    }
    return std::nullopt;
}

std::size_t lengthField(ByteView datagram) {
    return static_cast<std::size_t>(datagram[2]) << 8 | datagram[3];
}

ByteView attributesOf(const PacketView& packet) {
    return packet.octets.subspan(kHeaderSize);
}

/// HMAC over the packet with `authenticator` in the header and zeros as the Message-Authenticator.
bool hmacMatches(const PacketView& packet, ByteView authenticator, const SharedSecret& secret) {
    const ByteView octets = packet.octets;
    const std::size_t at = packet.messageAuthenticatorAt;
    const Digest16 expected = secret.hmacMd5({octets.first<kAuthenticatorAt>(), authenticator,
                                              octets.subspan(kHeaderSize, at - kHeaderSize), kZeros,
                                              octets.subspan(at + kAuthenticatorSize)});
    return core::equalConstantTime(expected, octets.subspan(at, kAuthenticatorSize));
}

/// MD5 over the packet with `authenticator` in the header, and the secret (RFC 2865 section 3, RFC 2866
/// section 3).
bool md5Matches(const PacketView& packet, ByteView authenticator, const SharedSecret& secret) {
    const Digest16 expected =
        md5({packet.octets.first<kAuthenticatorAt>(), authenticator, attributesOf(packet), secret.octets()});
    return core::equalConstantTime(expected, packet.authenticator());
}

}  // namespace

std::string_view name(PreparseError error) {
    switch (error) {
        case PreparseError::TooShort:
            return "too_short";
        case PreparseError::BadLength:
            return "bad_length";
        case PreparseError::BadAttribute:
            return "bad_attribute";
        case PreparseError::TooManyAttributes:
            return "too_many_attributes";
        case PreparseError::BadAttributeLength:
            return "bad_attribute_length";
        case PreparseError::BadVendor:
            return "bad_vendor";
        case PreparseError::BadMessageAuthenticator:
            return "bad_message_authenticator";
        case PreparseError::EapWithoutMessageAuthenticator:
            return "eap_without_message_authenticator";
        case PreparseError::EapWithPassword:
            return "eap_with_password";
        case PreparseError::StatusServerWithoutMessageAuthenticator:
            return "status_server_without_message_authenticator";
        case PreparseError::TooManyProxyStates:
            return "too_many_proxy_states";
        case PreparseError::UnexpectedCode:
            return "unexpected_code";
    }
    return "unknown";
}

std::variant<PacketView, PreparseError> preparse(ByteView datagram, PortKind port) {
    if (datagram.size() < kHeaderSize) {
        return PreparseError::TooShort;
    }
    const std::size_t length = lengthField(datagram);
    if (length < kHeaderSize || length > kMaxPacketSize || length > datagram.size()) {
        return PreparseError::BadLength;
    }
    const Code code{datagram[0]};
    if (!portTakes(port, code)) {
        return PreparseError::UnexpectedCode;
    }
    Walk walk;
    walk.view.code = code;
    walk.view.identifier = datagram[1];
    walk.view.octets = datagram.first(length);
    Verdict verdict = walkAttributes(walk);
    if (!verdict) {
        verdict = checkTogether(walk);
    }
    if (verdict) {
        return *verdict;
    }
    return walk.view;
}

bool messageAuthenticatorIsValid(const PacketView& packet, const SharedSecret& secret) {
    if (!packet.hasMessageAuthenticator()) {
        return false;
    }
    const bool asReceived = packet.code == Code::AccessRequest || packet.code == Code::StatusServer;
    return hmacMatches(packet, asReceived ? ByteView(packet.authenticator()) : ByteView(kZeros), secret);
}

bool requestAuthenticatorIsValid(const PacketView& packet, const SharedSecret& secret) {
    return md5Matches(packet, kZeros, secret);
}

bool replyIsAuthentic(const PacketView& reply, std::span<const std::uint8_t, 16> requestAuthenticator,
                      const SharedSecret& secret) {
    const bool messageIsValid =
        !reply.hasMessageAuthenticator() || hmacMatches(reply, requestAuthenticator, secret);
    return messageIsValid && md5Matches(reply, requestAuthenticator, secret);
}

}  // namespace gardu::radius
