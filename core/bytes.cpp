#include "core/bytes.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "core/check.h"

namespace gardu::core {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> makeDigitValues(std::string_view digits) {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr auto kBase64Values = makeDigitValues(kBase64Digits);

constexpr std::array<std::uint8_t, 256> makeHexValues() {
    auto values = makeDigitValues(kHexDigits);
    for (std::uint8_t i = 0; i < 6; ++i) {
        values[static_cast<std::size_t>('A') + i] = static_cast<std::uint8_t>(10 + i);
    }
    return values;
}

constexpr auto kHexValues = makeHexValues();

std::uint8_t octetAt(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

/// Four characters, of which the last `padding` are "="; nothing where one of the others is no digit.
std::optional<std::uint32_t> base64Group(std::string_view group, std::size_t padding) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint8_t value = i < 4 - padding ? kBase64Values[octetAt(group, i)] : std::uint8_t{0};
        if (value == kNoDigit) {
            return std::nullopt;
        }
        bits = bits << 6U | value;
    }
    return bits;
}

std::size_t base64Padding(std::string_view text) {
    if (text.ends_with("==")) {
        return 2;
    }
    return text.ends_with('=') ? 1 : 0;
}

struct Utf8Form {
    std::size_t octets;
    char32_t leadBits;
    char32_t smallest;  ///< less than this is an overlong form, which RFC 3629 section 3 forbids
};

std::optional<Utf8Form> utf8Form(std::uint8_t lead) {
    if (lead < 0x80) {
        return Utf8Form{.octets = 1, .leadBits = lead, .smallest = 0};
    }
    if (lead >= 0xc0 && lead < 0xe0) {
        return Utf8Form{.octets = 2, .leadBits = lead & 0x1fU, .smallest = 0x80};
    }
    if (lead >= 0xe0 && lead < 0xf0) {
        return Utf8Form{.octets = 3, .leadBits = lead & 0x0fU, .smallest = 0x800};
    }
    if (lead >= 0xf0 && lead < 0xf8) {
        return Utf8Form{.octets = 4, .leadBits = lead & 0x07U, .smallest = 0x10000};
    }
    return std::nullopt;
}

bool isUnicodeScalar(char32_t codePoint) {
    const bool isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return codePoint <= 0x10ffff && !isSurrogate;
}

bool isPrintable(const Utf8Character& character) {
    return character.codePoint >= 0x20 && character.codePoint != 0x7f;
}

constexpr std::string_view kEscape = "\\x";
constexpr std::size_t kEscapeSize = 4;

/// How many octets at the front stay as they are; 0: the first one has to be escaped.
std::size_t plainOctets(std::string_view octets) {
    const auto character = firstUtf8Character(asBytes(octets));
    return character && isPrintable(*character) && !octets.starts_with(kEscape) ? character->octets : 0;
}

/// The octet whose escape the text begins with.
std::optional<char> escapedOctet(std::string_view text) {
    if (!text.starts_with(kEscape) || text.size() < kEscapeSize) {
        return std::nullopt;
    }
    const auto octet = fromHex(text.substr(kEscape.size(), 2));
    return octet ? std::optional(static_cast<char>(octet->front())) : std::nullopt;
}

/// Room for the fingerprint and some text.
constexpr std::size_t kLeastBound = 32;

std::uint64_t fnv1a64(std::string_view text) {
    std::uint64_t value = 14'695'981'039'346'656'037U;
    for (const std::uint8_t octet : asBytes(text)) {
        value = (value ^ octet) * 1'099'511'628'211U;
    }
    return value;
}

std::string fingerprint(std::string_view text) {
    Bytes octets;
    const std::uint64_t value = fnv1a64(text);
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        octets.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
    }
    return '~' + toHex(octets);
}

/// The longest front of escaped text of at most `size` octets that cuts neither a character nor an escape.
std::size_t cutBefore(std::string_view text, std::size_t size) {
    while ((static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) {
        --size;
    }
    const std::size_t escape = text.rfind("\\x", size);
    return escape != std::string_view::npos && escape + 4 > size ? escape : size;
}

}  // namespace

ByteView asBytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view asText(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string toHex(ByteView bytes) {
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const std::uint8_t octet : bytes) {
        hex += kHexDigits[octet >> 4U];
        hex += kHexDigits[octet & 0x0fU];
    }
    return hex;
}

std::optional<Bytes> fromHex(std::string_view hex) {
    if (hex.size() % 2 != 0) {
        return std::nullopt;
    }
    Bytes bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const std::uint8_t high = kHexValues[octetAt(hex, i)];
        const std::uint8_t low = kHexValues[octetAt(hex, i + 1)];
        if (high == kNoDigit || low == kNoDigit) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<std::uint8_t>(high << 4U | low));
    }
    return bytes;
}

std::string toBase64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const ByteView group = bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i));
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = bits << 8U | (j < group.size() ? group[j] : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text += j <= group.size() ? kBase64Digits[bits >> (18 - 6 * j) & 0x3fU] : '=';
        }
    }
    return text;
}

std::optional<Bytes> fromBase64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t padding = i + 4 == text.size() ? base64Padding(text) : 0;
        const auto bits = base64Group(text.substr(i, 4), padding);
        const std::uint32_t spareBits = (1U << (8 * padding)) - 1;
        if (!bits || (*bits & spareBits) != 0) {
            return std::nullopt;
        }
        for (std::size_t j = 0; j < 3 - padding; ++j) {
            bytes.push_back(static_cast<std::uint8_t>(*bits >> (16 - 8 * j)));
        }
    }
    return bytes;
}

bool equalConstantTime(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<Utf8Character> firstUtf8Character(ByteView bytes) {
    const auto form = bytes.empty() ? std::nullopt : utf8Form(bytes[0]);
    if (!form || bytes.size() < form->octets) {
        return std::nullopt;
    }
    char32_t codePoint = form->leadBits;
    for (std::size_t i = 1; i < form->octets; ++i) {
        if ((bytes[i] & 0xc0U) != 0x80) {
            return std::nullopt;
        }
        codePoint = codePoint << 6U | (bytes[i] & 0x3fU);
    }
    if (codePoint < form->smallest || !isUnicodeScalar(codePoint)) {
        return std::nullopt;
    }
    return Utf8Character{.codePoint = codePoint, .octets = form->octets};
}

std::string shortened(std::string_view text, std::size_t most) {
    std::size_t size = std::min(text.size(), most);
    while (size > 0 && size < text.size() && (static_cast<std::uint8_t>(text[size]) & 0xc0U) == 0x80U) {
        --size;
    }
    return std::string(text.substr(0, size));
}

bool isPrintableUtf8(ByteView bytes) {
    while (!bytes.empty()) {
        const auto character = firstUtf8Character(bytes);
        if (!character || !isPrintable(*character)) {
            return false;
        }
        bytes = bytes.subspan(character->octets);
    }
    return true;
}

std::string escapeOctets(std::string_view octets) {
    std::string text;
    text.reserve(octets.size());
    while (!octets.empty()) {
        const std::size_t plain = plainOctets(octets);
        if (plain == 0) {
            text += kEscape;
            text += toHex(asBytes(octets.substr(0, 1)));
        } else {
            text += octets.substr(0, plain);
        }
        octets.remove_prefix(std::max<std::size_t>(plain, 1));
    }
    return text;
}

std::string boundedText(std::string_view octets, std::size_t most) {
    check(most >= kLeastBound, "a bound of text leaves no room for its fingerprint");
    std::string text = escapeOctets(octets);
    if (text.size() <= most) {
        return text;
    }
    const std::string end = fingerprint(text);
    text.resize(cutBefore(text, most - end.size()));
    return text + end;
}

std::string unescapeOctets(std::string_view text) {
    std::string octets;
    octets.reserve(text.size());
    while (!text.empty()) {
        const auto escaped = escapedOctet(text);
        octets += escaped.value_or(text.front());
        text.remove_prefix(escaped ? kEscapeSize : 1);
    }
    return octets;
}

}  // namespace gardu::core
