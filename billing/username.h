#pragma once
// User names as they are looked up, and MAC addresses that serve as user names. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace gardu::billing {

/// What User-Name can hold (RFC 2865 section 5.1).
inline constexpr std::size_t kMaxUsernameSize = 253;

/// The twelve lower-case digits of a MAC address in any of RouterOS's formats (hotspot radius-mac-format,
/// wifi username-format): XX:XX:XX:XX:XX:XX, XX-XX-XX-XX-XX-XX, XX XX XX XX XX XX, XXXX:XXXX:XXXX,
/// XXXX.XXXX.XXXX,
/// XXXXXX:XXXXXX, XXXXXX-XXXXXX, XXXXXXXXXXXX, in either case. Nothing for any other text.
[[nodiscard]] std::optional<std::string> macAddressDigits(std::string_view text);

/// Whether a device may log in by this name without a password. A MAC address of decimal digits alone must be
/// written with separators for that: twelve digits are a telephone number more often.
[[nodiscard]] bool isMacLogin(std::string_view username);

/// The key of the directory and of the unique index: the name itself (case matters), or a MAC address'
/// digits.
[[nodiscard]] std::string usernameKey(std::string_view username);

/// Why this cannot be a user name, in words; nothing where it can.
[[nodiscard]] std::optional<std::string> usernameProblem(std::string_view username);

}  // namespace gardu::billing
