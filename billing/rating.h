#pragma once
// What a part of a period costs, and tax. Whole minor units, rounded half up once; the other part is the
// complement, so that parts sum to the whole. Pure.

#include <cstdint>
#include <optional>
#include <string>

#include "core/calendar.h"

namespace gardu::billing {

/// The largest amount, in minor units, that anybody may write: sums of thousands of them still fit.
inline constexpr std::int64_t kMaxAmount = 1'000'000'000'000'000;

/// amount * used / total days, half away from zero. 0 <= used <= total, total > 0.
[[nodiscard]] std::int64_t prorate(std::int64_t amount, int usedDays, int totalDays);
/// amount - prorate(amount, used, total): what is left of it.
[[nodiscard]] std::int64_t unusedPart(std::int64_t amount, int usedDays, int totalDays);

struct Tax {
    std::string code;
    std::string name;
    /// Millionths: 110000 is 11 %.
    int ratePpm = 0;
    /// Prices hold it already.
    bool inclusive = false;
    bool operator==(const Tax&) const = default;
};

struct Taxed {
    std::int64_t net = 0;
    std::int64_t tax = 0;
    [[nodiscard]] std::int64_t total() const { return net + tax; }
    bool operator==(const Taxed&) const = default;
};

/// Exclusive: net = amount, tax on top. Inclusive: net + tax = amount. No tax: net = amount. The tax of -x is
/// minus the tax of x.
[[nodiscard]] Taxed taxed(std::int64_t amount, const std::optional<Tax>& tax);

}  // namespace gardu::billing
