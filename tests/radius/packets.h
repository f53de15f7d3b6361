#pragma once
// Octets for the tests of radius/: written as hexadecimal, so that no encoder of ours takes part.

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace gardu::radius::test {

/// Blanks between the digits are left out.
inline core::Bytes octets(std::string_view hex) {
    std::string digits(hex);
    std::erase(digits, ' ');
    const auto bytes = core::fromHex(digits);
    if (!bytes) {
        throw std::invalid_argument("not hexadecimal: " + digits);
    }
    return *bytes;
}

inline std::string hexOf(std::string_view text) {
    return core::toHex(core::asBytes(text));
}

/// Header with this code, identifier 7 and an authenticator of 0x11s, the right length, and the attributes.
inline core::Bytes packet(int code, std::string_view attributesHex) {
    core::Bytes bytes(20, 0x11);
    const core::Bytes attributes = octets(attributesHex);
    bytes.insert(bytes.end(), attributes.begin(), attributes.end());
    bytes[0] = static_cast<std::uint8_t>(code);
    bytes[1] = 7;
    bytes[2] = static_cast<std::uint8_t>(bytes.size() >> 8);
    bytes[3] = static_cast<std::uint8_t>(bytes.size() & 0xff);
    return bytes;
}

/// `text`, `count` times over.
inline std::string times(std::size_t count, std::string_view text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) {
        all += text;
    }
    return all;
}

// RFC 2865 section 7: the secret, and the packets of 7.1 (nemo, PAP) and 7.2 (flopsy, CHAP) with their
// replies.
inline constexpr std::string_view kRfcSecret = "xyzzy5461";
inline constexpr std::string_view kRfcPapRequest =
    "01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be 70 8d"
    "93 d4 13 ce 31 96 e4 3f 78 2a 0a ee 04 06 c0 a8 01 10 05 06 00 00 00 03";
inline constexpr std::string_view kRfcPapReply =
    "02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2 06 06 00 00 00 01 0f 06 00 00 00 00"
    "0e 06 c0 a8 01 03";
inline constexpr std::string_view kRfcChapRequest =
    "01 01 00 47 2a ee 86 f0 8d 0d 55 96 9c a5 97 8e 0d 33 67 a2 01 08 66 6c 6f 70 73 79 03 13 16 e9"
    "75 57 c3 16 18 58 95 f2 93 ff 63 44 07 72 75 04 06 c0 a8 01 10 05 06 00 00 00 14 06 06 00 00 00"
    "02 07 06 00 00 00 01";
inline constexpr std::string_view kRfcChapReply =
    "02 01 00 38 15 ef bc 7d ab 26 cf a3 dc 34 d9 c0 3c 86 01 a4 06 06 00 00 00 02 07 06 00 00 00 01"
    "08 06 ff ff ff fe 0a 06 00 00 00 02 0d 06 00 00 00 01 0c 06 00 00 05 dc";

}  // namespace gardu::radius::test
