#pragma once
// RADIUS packets as values (RFC 2865 section 3): codes, attributes, and the identifiers we use. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace gardu::radius {

using core::Bytes;
using core::ByteView;

enum class Code : std::uint8_t {
    AccessRequest = 1,
    AccessAccept = 2,
    AccessReject = 3,
    AccountingRequest = 4,
    AccountingResponse = 5,
    AccessChallenge = 11,
    StatusServer = 12,
    DisconnectRequest = 40,
    DisconnectAck = 41,
    DisconnectNak = 42,
    CoaRequest = 43,
    CoaAck = 44,
    CoaNak = 45,
};

using Authenticator = std::array<std::uint8_t, 16>;

inline constexpr std::size_t kHeaderSize = 20;
inline constexpr std::size_t kMaxPacketSize = 4096;
/// The value of an attribute, and of a vendor's attribute, at most.
inline constexpr std::size_t kMaxValueSize = 253;
inline constexpr std::size_t kMaxVendorValueSize = 247;

/// A vendor's private enterprise number (0: the RFCs' own space) and the attribute's number in it.
struct AttributeId {
    std::uint32_t vendor = 0;
    std::uint32_t type = 0;
    bool operator==(const AttributeId&) const = default;
};

/// The value as octets, as on the wire before any hiding: text as it is, integers and times as 4 octets in
/// network order, addresses as 4 or 16, an IPv6 prefix as RFC 3162 section 2.3 has it (reserved, length,
/// address octets).
struct Attribute {
    AttributeId id;
    std::string value;
    bool operator==(const Attribute&) const = default;
};

using Attributes = std::vector<Attribute>;

[[nodiscard]] Attribute textAttribute(AttributeId id, std::string_view text);
[[nodiscard]] Attribute integerAttribute(AttributeId id, std::uint32_t number);
[[nodiscard]] Attribute octetsAttribute(AttributeId id, ByteView octets);

/// The first one with this id.
[[nodiscard]] const Attribute* find(std::span<const Attribute> attributes, AttributeId id);
/// Its value as a number, if it is there and 4 octets long.
[[nodiscard]] std::optional<std::uint32_t> findInteger(std::span<const Attribute> attributes, AttributeId id);
[[nodiscard]] std::optional<std::string_view> findText(std::span<const Attribute> attributes, AttributeId id);

namespace attr {
inline constexpr std::uint32_t kMicrosoft = 311;
inline constexpr std::uint32_t kMikrotik = 14988;

inline constexpr AttributeId kUserName{0, 1};
inline constexpr AttributeId kUserPassword{0, 2};
inline constexpr AttributeId kChapPassword{0, 3};
inline constexpr AttributeId kNasIpAddress{0, 4};
inline constexpr AttributeId kNasPort{0, 5};
inline constexpr AttributeId kServiceType{0, 6};
inline constexpr AttributeId kFramedProtocol{0, 7};
inline constexpr AttributeId kFramedIpAddress{0, 8};
inline constexpr AttributeId kReplyMessage{0, 18};
inline constexpr AttributeId kFramedRoute{0, 22};
inline constexpr AttributeId kState{0, 24};
inline constexpr AttributeId kClass{0, 25};
inline constexpr AttributeId kVendorSpecific{0, 26};
inline constexpr AttributeId kSessionTimeout{0, 27};
inline constexpr AttributeId kIdleTimeout{0, 28};
inline constexpr AttributeId kCalledStationId{0, 30};
inline constexpr AttributeId kCallingStationId{0, 31};
inline constexpr AttributeId kNasIdentifier{0, 32};
inline constexpr AttributeId kProxyState{0, 33};
inline constexpr AttributeId kAcctStatusType{0, 40};
inline constexpr AttributeId kAcctDelayTime{0, 41};
inline constexpr AttributeId kAcctInputOctets{0, 42};
inline constexpr AttributeId kAcctOutputOctets{0, 43};
inline constexpr AttributeId kAcctSessionId{0, 44};
inline constexpr AttributeId kAcctSessionTime{0, 46};
inline constexpr AttributeId kAcctTerminateCause{0, 49};
inline constexpr AttributeId kAcctInputGigawords{0, 52};
inline constexpr AttributeId kAcctOutputGigawords{0, 53};
inline constexpr AttributeId kEventTimestamp{0, 55};
inline constexpr AttributeId kChapChallenge{0, 60};
inline constexpr AttributeId kNasPortType{0, 61};
inline constexpr AttributeId kPortLimit{0, 62};
inline constexpr AttributeId kEapMessage{0, 79};
inline constexpr AttributeId kMessageAuthenticator{0, 80};
inline constexpr AttributeId kAcctInterimInterval{0, 85};
inline constexpr AttributeId kNasPortId{0, 87};
inline constexpr AttributeId kFramedPool{0, 88};
inline constexpr AttributeId kFramedIpv6Prefix{0, 97};
inline constexpr AttributeId kFramedIpv6Pool{0, 100};
inline constexpr AttributeId kErrorCause{0, 101};
inline constexpr AttributeId kDelegatedIpv6Prefix{0, 123};

inline constexpr AttributeId kMsChapResponse{kMicrosoft, 1};
inline constexpr AttributeId kMsChapError{kMicrosoft, 2};
inline constexpr AttributeId kMsMppeEncryptionPolicy{kMicrosoft, 7};
inline constexpr AttributeId kMsMppeEncryptionTypes{kMicrosoft, 8};
inline constexpr AttributeId kMsChapChallenge{kMicrosoft, 11};
inline constexpr AttributeId kMsMppeSendKey{kMicrosoft, 16};
inline constexpr AttributeId kMsMppeRecvKey{kMicrosoft, 17};
inline constexpr AttributeId kMsChap2Response{kMicrosoft, 25};
inline constexpr AttributeId kMsChap2Success{kMicrosoft, 26};

inline constexpr AttributeId kMikrotikGroup{kMikrotik, 3};
inline constexpr AttributeId kMikrotikRateLimit{kMikrotik, 8};
inline constexpr AttributeId kMikrotikTotalLimit{kMikrotik, 17};
inline constexpr AttributeId kMikrotikTotalLimitGigawords{kMikrotik, 18};
inline constexpr AttributeId kMikrotikAddressList{kMikrotik, 19};
inline constexpr AttributeId kMikrotikDelegatedIpv6Pool{kMikrotik, 22};
}  // namespace attr

}  // namespace gardu::radius
