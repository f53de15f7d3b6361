#include "core/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace gardu::core {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> ipAddressFrom(ByteView octets) {
    IpAddress address;
    if (octets.size() == 4) {
        std::copy(octets.begin(), octets.end(), address.octets.begin());
        return address;
    }
    if (octets.size() != 16) {
        return std::nullopt;
    }
    if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin())) {
        return ipAddressFrom(octets.subspan(kMappedPrefix.size()));
    }
    address.family = AddressFamily::Ipv6;
    std::copy(octets.begin(), octets.end(), address.octets.begin());
    return address;
}

std::optional<IpAddress> parseIpAddress(std::string_view text) {
    const std::string terminated(text);
    std::array<std::uint8_t, 16> octets{};
    if (terminated.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    if (inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1) {
        return ipAddressFrom(ByteView(octets).first(4));
    }
    if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) {
        return ipAddressFrom(octets);
    }
    return std::nullopt;
}

std::string formatIpAddress(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = address.family == AddressFamily::Ipv4 ? AF_INET : AF_INET6;
    return inet_ntop(family, address.octets.data(), text.data(), text.size());
}

IpAddress maskAddress(const IpAddress& address, int prefixLength) {
    IpAddress masked = address;
    for (int bit = 0; bit < address.bits(); bit += 8) {
        const int kept = std::clamp(prefixLength - bit, 0, 8);
        const auto mask = static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(kept));
        auto& octet = masked.octets.at(static_cast<std::size_t>(bit / 8));
        octet = static_cast<std::uint8_t>(octet & mask);
    }
    return masked;
}

bool IpNetwork::contains(const IpAddress& other) const {
    return other.family == address.family && maskAddress(other, prefixLength) == address;
}

std::optional<IpNetwork> parseIpNetwork(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parseIpAddress(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    IpNetwork network{*address, address->bits()};
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const char* const last = digits.data() + digits.size();
        const auto [end, error] = std::from_chars(digits.data(), last, network.prefixLength);
        if (error != std::errc{} || end != last || network.prefixLength < 0 ||
            network.prefixLength > address->bits()) {
            return std::nullopt;
        }
    }
    if (maskAddress(*address, network.prefixLength) != *address) {
        return std::nullopt;
    }
    return network;
}

std::string formatIpNetwork(const IpNetwork& network) {
    return formatIpAddress(network.address) + "/" + std::to_string(network.prefixLength);
}

}  // namespace gardu::core
