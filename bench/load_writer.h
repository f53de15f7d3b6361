#pragma once
// How the load generator writes attributes (RFC 2865 section 5). Plain values; each packet has its own.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace gardu::bench {

// RFC 2865 section 5, RFC 2866 section 5, RFC 2869 section 5, RFC 3162, RFC 4818
enum Type : std::uint8_t {
    UserName = 1,
    UserPassword = 2,
    ChapPassword = 3,
    NasIpAddress = 4,
    NasPort = 5,
    ServiceType = 6,
    FramedProtocol = 7,
    FramedIpAddress = 8,
    Class = 25,
    CalledStationId = 30,
    CallingStationId = 31,
    NasIdentifier = 32,
    AcctStatusType = 40,
    AcctDelayTime = 41,
    AcctInputOctets = 42,
    AcctOutputOctets = 43,
    AcctSessionId = 44,
    AcctAuthentic = 45,
    AcctSessionTime = 46,
    AcctInputPackets = 47,
    AcctOutputPackets = 48,
    AcctInputGigawords = 52,
    AcctOutputGigawords = 53,
    EventTimestamp = 55,
    ChapChallenge = 60,
    NasPortType = 61,
    MessageAuthenticator = 80,
    NasPortId = 87,
    FramedIpv6Prefix = 97,
    DelegatedIpv6Prefix = 123,
};

inline constexpr std::uint32_t kFramed = 2;     // Service-Type
inline constexpr std::uint32_t kPpp = 1;        // Framed-Protocol
inline constexpr std::uint32_t kEthernet = 15;  // NAS-Port-Type

using Number = std::array<std::uint8_t, 4>;

inline Number bigEndian(std::uint32_t value) {
    return {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
            static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

inline std::span<const std::uint8_t> bytesOf(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Appends attributes to a packet; the caller's limits guarantee the room.
class Writer {
public:
    explicit Writer(std::uint8_t* begin) : begin_(begin), next_(begin) {}

    void raw(std::span<const std::uint8_t> bytes) {
        std::memcpy(claim(bytes.size()), bytes.data(), bytes.size());
    }

    // The value of the new attribute, for the caller to fill in.
    std::uint8_t* attribute(Type type, std::size_t length) {
        std::uint8_t* at = claim(length + 2);
        at[0] = type;
        at[1] = static_cast<std::uint8_t>(length + 2);
        return at + 2;
    }

    void attribute(Type type, std::span<const std::uint8_t> value) {
        std::memcpy(attribute(type, value.size()), value.data(), value.size());
    }

    void number(Type type, std::uint32_t value) { attribute(type, bigEndian(value)); }
    void text(Type type, std::string_view value) { attribute(type, bytesOf(value)); }

    [[nodiscard]] std::size_t length() const { return static_cast<std::size_t>(next_ - begin_); }

    // Into the header, when all attributes are written.
    void setLength() {
        begin_[2] = static_cast<std::uint8_t>(length() >> 8U);
        begin_[3] = static_cast<std::uint8_t>(length());
    }

private:
    std::uint8_t* claim(std::size_t length) {
        std::uint8_t* at = next_;
        next_ += length;
        return at;
    }

    std::uint8_t* begin_;
    std::uint8_t* next_;
};

inline void writeHex(char* to, std::uint32_t value, unsigned digits) {
    for (unsigned i = 0; i < digits; ++i) {
        to[i] = "0123456789ABCDEF"[(value >> (4 * (digits - 1 - i))) & 0xFU];
    }
}

// A locally administered MAC in RouterOS' notation.
inline std::array<char, 17> macOf(std::uint32_t number) {
    std::array<char, 17> text{'0', '2', ':', '0', '0', ':', '0', '0', ':',
                              '0', '0', ':', '0', '0', ':', '0', '0'};
    for (unsigned i = 0; i < 4; ++i) {
        writeHex(text.data() + 6 + std::size_t{3} * i, number >> (24 - 8 * i), 2);
    }
    return text;
}

inline std::array<char, 8> sessionIdOf(std::uint32_t number) {
    std::array<char, 8> text{};
    writeHex(text.data(), number, 8);
    return text;
}

}  // namespace gardu::bench
