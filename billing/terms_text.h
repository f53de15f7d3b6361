#pragma once
// Octets, tiers, hours and rates as people write them in options and forms, and back. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/package.h"

namespace gardu::billing {

/// "50G", "1.5T", "750M", "12345": powers of 1000 (k, M, G, T), at most what fits, no fraction of an octet.
[[nodiscard]] std::optional<std::int64_t> parseOctets(std::string_view text);
/// "50G", "1500M": the largest unit that needs no fraction.
[[nodiscard]] std::string formatOctets(std::int64_t octets);

/// "50G:2M/2M,100G:512k/512k,150G:cap": from so many octets on that rate, or no access. Whether the rates and
/// their order are right is packageProblems()'.
[[nodiscard]] std::optional<std::vector<QuotaTier>> parseQuotaTiers(std::string_view text);
[[nodiscard]] std::string formatQuotaTiers(const std::vector<QuotaTier>& tiers);

/// Half-open, of a day.
struct MinuteRange {
    int from = 0;
    int until = 0;
    bool operator==(const MinuteRange&) const = default;
};
/// "08:00-17:00", up to "24:00".
[[nodiscard]] std::optional<MinuteRange> parseMinuteRange(std::string_view text);
[[nodiscard]] std::string formatMinuteRange(const MinuteRange& range);

struct HourRange {
    int from = 0;
    int until = 0;
    bool operator==(const HourRange&) const = default;
};
/// "00-06", "22-05"; 24 is 0.
[[nodiscard]] std::optional<HourRange> parseHourRange(std::string_view text);
[[nodiscard]] std::string formatHourRange(const HourRange& range);

/// "11%", "2.5 %": in millionths, at most 100 %.
[[nodiscard]] std::optional<int> parsePercent(std::string_view text);
[[nodiscard]] std::string formatPercent(int ratePpm);

}  // namespace gardu::billing
