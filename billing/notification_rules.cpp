#include "billing/notification_rules.h"

#include <algorithm>
#include <chrono>

namespace gardu::billing {

namespace {

constexpr core::Milliseconds kFirstPause = std::chrono::minutes(1);
constexpr core::Milliseconds kLongestPause = std::chrono::hours(1);
constexpr core::Milliseconds kLongestWait = std::chrono::hours(24);

/// E.164: at most fifteen digits.
constexpr std::size_t kLeastDigits = 8;
constexpr std::size_t kMostDigits = 15;
/// RFC 5321 section 4.5.3.1.
constexpr std::size_t kLongestMailAddress = 254;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::optional<core::Milliseconds> pauseAfterAttempt(int attempt) {
    core::Milliseconds pause = kFirstPause;
    core::Milliseconds waited{0};
    for (int earlier = 1; earlier < attempt && waited < kLongestWait; ++earlier) {
        waited += pause;
        pause = std::min(2 * pause, kLongestPause);
    }
    return waited < kLongestWait ? std::optional(pause) : std::nullopt;
}

std::optional<core::Seconds> parseTimeOfDay(std::string_view text) {
    if (text.size() != 5 || text[2] != ':' || !isDigit(text[0]) || !isDigit(text[1]) || !isDigit(text[3]) ||
        !isDigit(text[4])) {
        return std::nullopt;
    }
    const int hour = 10 * (text[0] - '0') + (text[1] - '0');
    const int minute = 10 * (text[3] - '0') + (text[4] - '0');
    return hour < 24 && minute < 60 ? std::optional(core::Seconds(3600 * hour + 60 * minute)) : std::nullopt;
}

core::Instant sendableAt(std::string_view templateName, const QuietHours& quiet, const core::Zone& zone,
                         core::Instant now) {
    if (quiet.from == quiet.until || templateName == "restored" || templateName == "payment_received") {
        return now;
    }
    const core::Date today = zone.localDate(now);
    const core::Instant from = zone.at(today, quiet.from);
    const core::Instant until = zone.at(today, quiet.until);
    if (quiet.from < quiet.until) {
        return from <= now && now < until ? until : now;
    }
    if (now < until) {
        return until;
    }
    return now < from ? now : zone.at(core::addDays(today, 1), quiet.until);
}

std::optional<std::string> dialNumber(std::string_view phone, std::string_view countryCode) {
    std::string digits;
    bool isInternational = false;
    for (const char c : phone) {
        if (isDigit(c)) {
            digits += c;
        } else if (c == '+' && digits.empty() && !isInternational) {
            isInternational = true;
        } else if (std::string_view(" -.()/").find(c) == std::string_view::npos) {
            return std::nullopt;
        }
    }
    if (!isInternational && digits.starts_with("00")) {
        digits.erase(0, 2);
        isInternational = true;
    }
    if (!isInternational && digits.starts_with("0")) {
        digits.replace(0, 1, countryCode);
    } else if (!isInternational && countryCode == "62" && digits.starts_with("8")) {
        // A spreadsheet took the 0 away.
        digits.insert(0, countryCode);
    } else if (digits.starts_with(std::string(countryCode) + "0")) {
        digits.erase(countryCode.size(), 1);  // "+62 0812"
    }
    if (digits.size() < kLeastDigits || digits.size() > kMostDigits || digits.starts_with("0")) {
        return std::nullopt;
    }
    return digits;
}

bool isMailAddress(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == 0 || at == std::string_view::npos || at + 1 == text.size() ||
        text.size() > kLongestMailAddress || text.find('@', at + 1) != std::string_view::npos) {
        return false;
    }
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f' && std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
    });
}

}  // namespace gardu::billing
