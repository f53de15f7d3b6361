#pragma once
// Mikrotik-Rate-Limit: the grammar of RouterOS, rates in bits a second, "rx/tx" from the router's view, which
// is upload/download for the subscriber. Pure. Source: RouterOS manual, RADIUS client, Mikrotik-Rate-Limit:
//   rate [burst-rate [burst-threshold [burst-time [priority [min-rate]]]]], each but the priority a "rx[/tx]"
//   pair.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace gardu::billing {

struct RatePair {
    std::uint64_t rx = 0;
    std::uint64_t tx = 0;
    bool operator==(const RatePair&) const = default;
};

struct RateLimit {
    RatePair rate;
    std::optional<RatePair> burstRate;
    std::optional<RatePair> burstThreshold;
    /// Seconds.
    std::optional<RatePair> burstTime;
    /// 1 (highest) to 8.
    std::optional<int> priority;
    std::optional<RatePair> minRate;
    bool operator==(const RateLimit&) const = default;
};

/// A rate limit, or the words that say what is wrong with the text. Takes k, M and G in either case.
[[nodiscard]] std::variant<RateLimit, std::string> parseRateLimit(std::string_view text);

/// The attribute's text: only whole numbers with k and M, every pair in full. Positional: where a later field
/// is set and an earlier one is not, "0/0" stands in for it; after a burst rate RouterOS' own defaults do
/// (the rate as threshold, one second), since with "0/0" there would be no burst.
[[nodiscard]] std::string formatRateLimit(const RateLimit& limit);

/// What a package's columns say together: `bandwidth` is the rate; `burst` holds the fields after it (two to
/// five of them: burst rate, threshold, time, priority, minimum); where `priority` is set it wins over the
/// one in `burst`.
[[nodiscard]] std::variant<RateLimit, std::string> packageRateLimit(std::string_view bandwidth,
                                                                    std::string_view burst,
                                                                    std::optional<int> priority);

}  // namespace gardu::billing
