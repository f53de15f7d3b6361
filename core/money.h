#pragma once
// Money: whole minor units of one currency. Pure. Never a floating-point number.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gardu::core {

/// An ISO 4217 code with the number of digits of its minor unit (IDR 0, USD 2, KWD 3).
struct Currency {
    std::string code;
    int exponent = 0;
    bool operator==(const Currency&) const = default;
};

/// Nothing for a code that ISO 4217 does not list now, or that has no minor unit (gold, XXX).
/// IDR has 0 here, as it is used in trade.
[[nodiscard]] std::optional<Currency> findCurrency(std::string_view code);

struct Money {
    std::int64_t minor = 0;
    Currency currency;
    bool operator==(const Money&) const = default;
};

/// "150000" or "12.50" with at most the currency's digits after the point, an optional sign, no grouping.
/// Nothing for anything else, or what does not fit.
[[nodiscard]] std::optional<Money> parseMoney(std::string_view text, const Currency& currency);
/// "150000" for IDR, "12.50" for USD.
[[nodiscard]] std::string formatMoney(const Money& money);

/// Throw std::overflow_error, and std::invalid_argument where the currencies differ.
[[nodiscard]] Money add(const Money& a, const Money& b);
[[nodiscard]] Money subtract(const Money& a, const Money& b);

/// amount * numerator / denominator, rounded half away from zero; exact inside (128 bit).
/// denominator > 0; throws std::overflow_error where the result does not fit.
[[nodiscard]] std::int64_t multiplyRatioHalfUp(std::int64_t amount, std::int64_t numerator,
                                               std::int64_t denominator);

}  // namespace gardu::core
