#pragma once
// IPv4 and IPv6 addresses and networks as values. Pure: text and octets only, no look-ups, no sockets.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "core/bytes.h"

namespace gardu::core {

enum class AddressFamily : std::uint8_t { Ipv4, Ipv6 };

struct IpAddress {
    AddressFamily family = AddressFamily::Ipv4;
    /// Network order; IPv4 uses the first four, the rest is zero.
    std::array<std::uint8_t, 16> octets{};

    [[nodiscard]] int bits() const { return family == AddressFamily::Ipv4 ? 32 : 128; }
    [[nodiscard]] ByteView bytes() const {
        return ByteView(octets).first(family == AddressFamily::Ipv4 ? 4 : 16);
    }
    bool operator==(const IpAddress&) const = default;
    bool operator<(const IpAddress& other) const {
        return std::tie(family, octets) < std::tie(other.family, other.octets);
    }
};

/// "10.0.0.1" or "2001:db8::1". An IPv4-mapped IPv6 address (::ffff:10.0.0.1) is its IPv4 address.
[[nodiscard]] std::optional<IpAddress> parseIpAddress(std::string_view text);
[[nodiscard]] std::string formatIpAddress(const IpAddress& address);
/// From 4 or 16 octets in network order; nothing for another number.
[[nodiscard]] std::optional<IpAddress> ipAddressFrom(ByteView octets);

struct IpNetwork {
    IpAddress address;
    int prefixLength = 32;
    [[nodiscard]] bool contains(const IpAddress& other) const;
    bool operator==(const IpNetwork&) const = default;
    bool operator<(const IpNetwork& other) const {
        return std::tie(address, prefixLength) < std::tie(other.address, other.prefixLength);
    }
};

/// "10.0.0.0/8", or an address alone, which is a network of one. Nothing where bits after the prefix are set.
[[nodiscard]] std::optional<IpNetwork> parseIpNetwork(std::string_view text);
/// Always with the prefix length: "10.0.0.1/32".
[[nodiscard]] std::string formatIpNetwork(const IpNetwork& network);
/// The address with all bits after the prefix cleared.
[[nodiscard]] IpAddress maskAddress(const IpAddress& address, int prefixLength);

}  // namespace gardu::core
