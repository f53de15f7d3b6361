#include "billing/username.h"

#include "core/bytes.h"

namespace gardu::billing {

namespace {

constexpr std::size_t kMacDigits = 12;

/// The digit in lower case, or nothing.
std::optional<char> hexDigit(char c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
        return c;
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<char>(c - 'A' + 'a');
    }
    return std::nullopt;
}

bool isNumber(std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Which separators stand between groups of that many digits.
std::string_view separatorsOf(std::size_t group) {
    switch (group) {
        case 2:
            return ":- ";
        case 4:
            return ":.-";
        default:
            return ":-";
    }
}

std::optional<std::string> digitsInGroups(std::string_view text, std::size_t group) {
    std::string digits;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool isBetween = (at + 1) % (group + 1) == 0;
        const auto digit = hexDigit(text[at]);
        const bool fits = isBetween ? text[at] == text[group] &&
                                          separatorsOf(group).find(text[at]) != std::string_view::npos
                                    : digit.has_value();
        if (!fits) {
            return std::nullopt;
        }
        if (!isBetween) {
            digits += *digit;
        }
    }
    return digits;
}

}  // namespace

std::optional<std::string> macAddressDigits(std::string_view text) {
    const std::size_t separators = text.size() - std::min(text.size(), kMacDigits);
    // 0, 1, 2 or 5 separators cut twelve digits into equal groups of 12, 6, 4 or 2.
    if (text.size() < kMacDigits ||
        (separators != 0 && separators != 1 && separators != 2 && separators != 5)) {
        return std::nullopt;
    }
    const std::size_t group = kMacDigits / (separators + 1);
    auto digits = digitsInGroups(text, group);
    // 0812-3456-7890 is a telephone number.
    if (digits && group == 4 && text[group] == '-' && isNumber(*digits)) {
        return std::nullopt;
    }
    return digits;
}

bool isMacLogin(std::string_view username) {
    return !isNumber(username) && macAddressDigits(username).has_value();
}

std::string usernameKey(std::string_view username) {
    auto digits = macAddressDigits(username);
    return digits ? std::move(*digits) : std::string(username);
}

std::optional<std::string> usernameProblem(std::string_view username) {
    if (username.empty()) {
        return "write a user name";
    }
    if (username.size() > kMaxUsernameSize) {
        return "longer than 253 octets, which is what RADIUS carries";
    }
    if (!core::isPrintableUtf8(core::asBytes(username))) {
        return "holds control characters or is not UTF-8";
    }
    if (username.front() == ' ' || username.back() == ' ') {
        return "begins or ends with a blank";
    }
    return std::nullopt;
}

}  // namespace gardu::billing
