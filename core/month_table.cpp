#include "core/month_table.h"

#include <algorithm>

#include "core/check.h"

namespace gardu::core {

namespace {

constexpr std::string_view kPlaceholder = "{month}";
constexpr int kLastYear = 9999;

std::string padded(unsigned number, std::size_t width) {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string yearDigits(Month month) {
    const int year = static_cast<int>(month.year());
    check(month.ok() && year >= 1 && year <= kLastYear, "a month's year is 1..9999");
    return padded(static_cast<unsigned>(year), 4);
}

std::string monthDigits(Month month) {
    return padded(static_cast<unsigned>(month.month()), 2);
}

/// Digits alone; 0 where there is anything else.
unsigned number(std::string_view digits) {
    unsigned value = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') {
            return 0;
        }
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    return value;
}

}  // namespace

std::string formatMonth(Month month) {
    return yearDigits(month) + '-' + monthDigits(month);
}

std::optional<Month> parseMonth(std::string_view text) {
    if (text.size() != 7 || text[4] != '-') {
        return std::nullopt;
    }
    const unsigned year = number(text.substr(0, 4));
    const Month month{std::chrono::year(static_cast<int>(year)), std::chrono::month(number(text.substr(5)))};
    return year >= 1 && month.ok() ? std::optional(month) : std::nullopt;
}

std::string forMonth(std::string_view sql, Month month) {
    const std::string digits = yearDigits(month) + monthDigits(month);
    std::string text;
    for (std::size_t at = sql.find(kPlaceholder); at != std::string_view::npos; at = sql.find(kPlaceholder)) {
        text += sql.substr(0, at);
        text += digits;
        sql.remove_prefix(at + kPlaceholder.size());
    }
    return text.append(sql);
}

}  // namespace gardu::core
