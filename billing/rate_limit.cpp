#include "billing/rate_limit.h"

#include <charconv>
#include <limits>
#include <vector>

namespace gardu::billing {

namespace {

constexpr std::uint64_t kKilo = 1'000;
constexpr std::uint64_t kMega = 1'000'000;
constexpr std::uint64_t kGiga = 1'000'000'000;
/// A router's rate is a 64-bit number; a terabit is beyond any port there is.
constexpr std::uint64_t kMaxRate = 1'000 * kGiga;
constexpr std::uint64_t kMaxBurstSeconds = 3'600;

std::vector<std::string_view> fields(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at) {
            parts.push_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return parts;
}

std::optional<std::uint64_t> parseNumber(std::string_view text, bool withUnit) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number > kMaxRate) {
        return std::nullopt;
    }
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    if (unit.empty()) {
        return number;
    }
    if (!withUnit || unit.size() != 1) {
        return std::nullopt;
    }
    std::uint64_t factor = 0;
    switch (unit.front()) {
        case 'k':
        case 'K':
            factor = kKilo;
            break;
        case 'm':
        case 'M':
            factor = kMega;
            break;
        case 'g':
        case 'G':
            factor = kGiga;
            break;
        default:
            return std::nullopt;
    }
    return number > kMaxRate / factor ? std::nullopt : std::optional(number * factor);
}

std::optional<RatePair> parsePair(std::string_view text, bool withUnit) {
    const std::size_t slash = text.find('/');
    const auto rx = parseNumber(text.substr(0, slash), withUnit);
    const auto tx = slash == std::string_view::npos ? rx : parseNumber(text.substr(slash + 1), withUnit);
    if (!rx || !tx) {
        return std::nullopt;
    }
    return RatePair{*rx, *tx};
}

std::string formatRate(std::uint64_t rate) {
    if (rate != 0 && rate % kMega == 0) {
        return std::to_string(rate / kMega) + "M";
    }
    if (rate != 0 && rate % kKilo == 0) {
        return std::to_string(rate / kKilo) + "k";
    }
    return std::to_string(rate);
}

std::string formatPair(const RatePair& pair) {
    return formatRate(pair.rx) + "/" + formatRate(pair.tx);
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

/// The fields in their order; each returns the words of its error, or nothing.
std::optional<std::string> readField(RateLimit& limit, std::size_t position, std::string_view text) {
    const bool seconds = position == 3;
    if (position == 4) {
        const auto number = parseNumber(text, false);
        if (!number || *number < 1 || *number > 8) {
            return "the priority " + quoted(text) + " is not a number from 1 to 8";
        }
        limit.priority = static_cast<int>(*number);
        return std::nullopt;
    }
    const auto pair = parsePair(text, !seconds);
    if (!pair) {
        return quoted(text) + (seconds ? " is not a burst time in seconds, such as 10/10"
                                       : " is not a rate, such as 10M/10M or 512k");
    }
    if (seconds && (pair->rx > kMaxBurstSeconds || pair->tx > kMaxBurstSeconds)) {
        return "a burst time is at most " + std::to_string(kMaxBurstSeconds) + " seconds";
    }
    switch (position) {
        case 0:
            limit.rate = *pair;
            break;
        case 1:
            limit.burstRate = pair;
            break;
        case 2:
            limit.burstThreshold = pair;
            break;
        case 3:
            limit.burstTime = pair;
            break;
        default:
            limit.minRate = pair;
            break;
    }
    return std::nullopt;
}

bool exceeds(std::uint64_t value, std::uint64_t limit) {
    return limit != 0 && value > limit;
}

/// What a router would refuse; 0 is "no limit" or "not set".
std::optional<std::string> inconsistency(const RateLimit& limit) {
    if (limit.minRate &&
        (exceeds(limit.minRate->rx, limit.rate.rx) || exceeds(limit.minRate->tx, limit.rate.tx))) {
        return "the minimum rate is above the rate";
    }
    const RatePair burst = limit.burstRate.value_or(RatePair{});
    if ((burst.rx != 0 && burst.rx < limit.rate.rx) || (burst.tx != 0 && burst.tx < limit.rate.tx)) {
        return "the burst rate is below the rate";
    }
    const RatePair threshold = limit.burstThreshold.value_or(RatePair{});
    if (exceeds(threshold.rx, burst.rx) || exceeds(threshold.tx, burst.tx)) {
        return "the burst threshold is above the burst rate";
    }
    return std::nullopt;
}

std::variant<RateLimit, std::string> readFields(const std::vector<std::string_view>& parts) {
    RateLimit limit;
    for (std::size_t position = 0; position < parts.size(); ++position) {
        if (auto error = readField(limit, position, parts[position])) {
            return *error;
        }
    }
    if (auto error = inconsistency(limit)) {
        return *error;
    }
    return limit;
}

}  // namespace

std::variant<RateLimit, std::string> parseRateLimit(std::string_view text) {
    const auto parts = fields(text);
    if (parts.empty()) {
        return std::string("a rate limit is missing; write for example 10M/10M");
    }
    if (parts.size() > 6) {
        return std::string(
            "a rate limit has at most six fields: rate, burst rate, burst threshold, burst time, "
            "priority, minimum rate");
    }
    return readFields(parts);
}

std::string formatRateLimit(const RateLimit& limit) {
    std::string text = formatPair(limit.rate);
    const bool minimum = limit.minRate.has_value();
    const bool priority = limit.priority.has_value() || minimum;
    const bool time = limit.burstTime.has_value() || priority;
    const bool threshold = limit.burstThreshold.has_value() || time;
    const bool bursts = limit.burstRate.has_value();
    if (bursts || threshold) {
        text += " " + formatPair(limit.burstRate.value_or(RatePair{}));
    }
    if (threshold) {
        text += " " + formatPair(limit.burstThreshold.value_or(bursts ? limit.rate : RatePair{}));
    }
    if (time) {
        const RatePair seconds = limit.burstTime.value_or(bursts ? RatePair{1, 1} : RatePair{});
        text += " " + std::to_string(seconds.rx) + "/" + std::to_string(seconds.tx);
    }
    if (priority) {
        text += " " + std::to_string(limit.priority.value_or(8));
    }
    if (minimum) {
        text += " " + formatPair(*limit.minRate);
    }
    return text;
}

std::variant<RateLimit, std::string> packageRateLimit(std::string_view bandwidth, std::string_view burst,
                                                      std::optional<int> priority) {
    auto parts = fields(bandwidth);
    if (parts.size() != 1) {
        return std::string("the bandwidth is one rate, such as 10M/10M; the other fields belong into burst");
    }
    const auto more = fields(burst);
    if (more.size() > 5) {
        return std::string(
            "burst has at most five fields: burst rate, threshold, time, priority, minimum rate");
    }
    parts.insert(parts.end(), more.begin(), more.end());
    auto result = readFields(parts);
    if (auto* limit = std::get_if<RateLimit>(&result); limit != nullptr && priority) {
        limit->priority = priority;
    }
    return result;
}

}  // namespace gardu::billing
