#pragma once
// Octets and their text forms. Pure; nothing here allocates beyond its result.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gardu::core {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The octets of a text, and the text of octets: views, no copy.
[[nodiscard]] ByteView asBytes(std::string_view text);
[[nodiscard]] std::string_view asText(ByteView bytes);

/// Lower-case hexadecimal, two digits an octet.
[[nodiscard]] std::string toHex(ByteView bytes);
/// Either case; nothing if the length is odd or a character is not a digit.
[[nodiscard]] std::optional<Bytes> fromHex(std::string_view hex);

/// RFC 4648 section 4, with padding, no line breaks.
[[nodiscard]] std::string toBase64(ByteView bytes);
/// Strict: nothing on a wrong character, wrong padding, wrong length, or bits that no octet needs
/// (section 3.5).
[[nodiscard]] std::optional<Bytes> fromBase64(std::string_view text);

/// Time depends on the lengths only, never on the content.
[[nodiscard]] bool equalConstantTime(ByteView a, ByteView b);

struct Utf8Character {
    char32_t codePoint = 0;
    std::size_t octets = 0;
};

/// The character that `bytes` begins with; nothing where it is empty or not well-formed UTF-8 (RFC 3629).
[[nodiscard]] std::optional<Utf8Character> firstUtf8Character(ByteView bytes);

/// At most `most` octets of it, without a part of a UTF-8 character at the end.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most);

/// Well-formed UTF-8 (RFC 3629) without control characters (below 0x20, and 0x7f).
[[nodiscard]] bool isPrintableUtf8(ByteView bytes);

/// Text that can be stored and shown, from octets that may be anything: printable UTF-8 stays, every other
/// octet is "\\xNN" in lower-case digits, and so is a backslash before an "x", so that nothing is ambiguous.
[[nodiscard]] std::string escapeOctets(std::string_view octets);
/// The same in at most `most` octets, for a column: what is longer is cut between characters and ends in a
/// fingerprint of the whole, so that two long texts stay two. `most` is 32 or more.
[[nodiscard]] std::string boundedText(std::string_view octets, std::size_t most);
/// The octets again; not of what boundedText cut.
[[nodiscard]] std::string unescapeOctets(std::string_view text);

}  // namespace gardu::core
