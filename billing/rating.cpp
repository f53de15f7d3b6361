#include "billing/rating.h"

#include <stdexcept>

#include "core/check.h"
#include "core/money.h"

namespace gardu::billing {

namespace {

constexpr std::int64_t kMillion = 1'000'000;

}  // namespace

std::int64_t prorate(std::int64_t amount, int usedDays, int totalDays) {
    core::check(totalDays > 0 && usedDays >= 0 && usedDays <= totalDays, "a part is within its period");
    return core::multiplyRatioHalfUp(amount, usedDays, totalDays);
}

std::int64_t unusedPart(std::int64_t amount, int usedDays, int totalDays) {
    return amount - prorate(amount, usedDays, totalDays);
}

Taxed taxed(std::int64_t amount, const std::optional<Tax>& tax) {
    if (!tax) {
        return {.net = amount, .tax = 0};
    }
    core::check(tax->ratePpm >= 0, "a tax is not negative");
    if (tax->inclusive) {
        const std::int64_t part = core::multiplyRatioHalfUp(amount, tax->ratePpm, kMillion + tax->ratePpm);
        return {.net = amount - part, .tax = part};
    }
    Taxed result{.net = amount, .tax = core::multiplyRatioHalfUp(amount, tax->ratePpm, kMillion)};
    std::int64_t total = 0;
    if (__builtin_add_overflow(result.net, result.tax, &total)) {
        throw std::overflow_error("an amount with its tax does not fit in 64 bits");
    }
    return result;
}

}  // namespace gardu::billing
