#include "billing/terms_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace gardu::billing {

namespace {

constexpr int kMinutesPerHour = 60;
constexpr int kMinutesPerDay = 1440;
constexpr int kHoursPerDay = 24;
constexpr int kPpmPerPercent = 10'000;
constexpr int kMostPpm = 1'000'000;

struct Unit {
    char letter = ' ';
    int digits = 0;
};
constexpr std::array<Unit, 4> kUnits = {{{'T', 12}, {'G', 9}, {'M', 6}, {'k', 3}}};

std::int64_t powerOfTen(int digits) {
    std::int64_t power = 1;
    for (int i = 0; i < digits; ++i) {
        power *= 10;
    }
    return power;
}

/// Digits alone; no sign.
std::optional<std::int64_t> parseDigits(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isAll = error == std::errc{} && end == text.data() + text.size();
    return isAll && text.front() != '-' ? std::optional(number) : std::nullopt;
}

/// "1.5" times ten to `digits`, exactly.
std::optional<std::int64_t> parseScaled(std::string_view text, int digits) {
    const std::size_t point = text.find('.');
    const std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
    const auto whole = parseDigits(text.substr(0, point));
    const bool isWrong = !whole || (point != std::string_view::npos && fraction.empty()) ||
                         fraction.size() > static_cast<std::size_t>(digits);
    const auto part = fraction.empty() ? std::optional<std::int64_t>(0) : parseDigits(fraction);
    if (isWrong || !part || *whole > (std::numeric_limits<std::int64_t>::max() / powerOfTen(digits)) - 1) {
        return std::nullopt;
    }
    return *whole * powerOfTen(digits) + *part * powerOfTen(digits - static_cast<int>(fraction.size()));
}

std::string twoDigits(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

/// "08:00", at most "24:00".
std::optional<int> parseMinute(std::string_view text) {
    const auto hour = text.size() == 5 && text[2] == ':' ? parseDigits(text.substr(0, 2)) : std::nullopt;
    const auto minute = hour ? parseDigits(text.substr(3)) : std::nullopt;
    if (!minute || *minute >= kMinutesPerHour || *hour * kMinutesPerHour + *minute > kMinutesPerDay) {
        return std::nullopt;
    }
    return static_cast<int>(*hour * kMinutesPerHour + *minute);
}

std::optional<int> parseHour(std::string_view text) {
    const auto hour = text.size() <= 2 ? parseDigits(text) : std::nullopt;
    return hour && *hour <= kHoursPerDay ? std::optional(static_cast<int>(*hour % kHoursPerDay))
                                         : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::optional<QuotaTier> parseTier(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto octets = parseOctets(trimmed(text.substr(0, colon)));
    const std::string_view rate = colon == std::string_view::npos ? "" : trimmed(text.substr(colon + 1));
    if (!octets || rate.empty()) {
        return std::nullopt;
    }
    return QuotaTier{*octets, rate == "cap" ? std::nullopt : std::optional(std::string(rate))};
}

}  // namespace

std::optional<std::int64_t> parseOctets(std::string_view text) {
    for (const Unit& unit : kUnits) {
        if (text.ends_with(unit.letter)) {
            return parseScaled(text.substr(0, text.size() - 1), unit.digits);
        }
    }
    return parseDigits(text);
}

std::string formatOctets(std::int64_t octets) {
    for (const Unit& unit : kUnits) {
        if (octets != 0 && octets % powerOfTen(unit.digits) == 0) {
            return std::to_string(octets / powerOfTen(unit.digits)) + unit.letter;
        }
    }
    return std::to_string(octets);
}

std::optional<std::vector<QuotaTier>> parseQuotaTiers(std::string_view text) {
    std::vector<QuotaTier> tiers;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        auto tier = parseTier(text.substr(begin, end - begin));
        if (!tier) {
            return std::nullopt;
        }
        tiers.push_back(std::move(*tier));
        begin = end + 1;
    }
    return tiers;
}

std::string formatQuotaTiers(const std::vector<QuotaTier>& tiers) {
    std::string text;
    for (const QuotaTier& tier : tiers) {
        text.append(text.empty() ? "" : ",").append(formatOctets(tier.fromOctets));
        text.append(":").append(tier.rateLimit.value_or("cap"));
    }
    return text;
}

std::optional<MinuteRange> parseMinuteRange(std::string_view text) {
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto from = parseMinute(text.substr(0, dash));
    const auto until = parseMinute(text.substr(std::min(dash + 1, text.size())));
    return from && until ? std::optional(MinuteRange{*from, *until}) : std::nullopt;
}

std::string formatMinuteRange(const MinuteRange& range) {
    const auto clock = [](int minute) {
        return twoDigits(minute / kMinutesPerHour) + ":" + twoDigits(minute % kMinutesPerHour);
    };
    return clock(range.from) + "-" + clock(range.until);
}

std::optional<HourRange> parseHourRange(std::string_view text) {
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto from = parseHour(text.substr(0, dash));
    const auto until = parseHour(text.substr(std::min(dash + 1, text.size())));
    return from && until ? std::optional(HourRange{*from, *until}) : std::nullopt;
}

std::string formatHourRange(const HourRange& range) {
    return twoDigits(range.from) + "-" + twoDigits(range.until);
}

std::optional<int> parsePercent(std::string_view text) {
    if (!text.ends_with('%')) {
        return std::nullopt;
    }
    const auto ppm = parseScaled(trimmed(text.substr(0, text.size() - 1)), 4);
    return ppm && *ppm <= kMostPpm ? std::optional(static_cast<int>(*ppm)) : std::nullopt;
}

std::string formatPercent(int ratePpm) {
    std::string text = std::to_string(ratePpm / kPpmPerPercent);
    std::string fraction = std::to_string(kPpmPerPercent + ratePpm % kPpmPerPercent).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return text + (fraction.empty() ? "" : "." + fraction) + "%";
}

}  // namespace gardu::billing
