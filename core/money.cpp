#include "core/money.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/check.h"

namespace gardu::core {

namespace {

__extension__ using Wide = unsigned __int128;

struct ExponentGroup {
    int exponent;
    std::string_view codes;
};

// ISO 4217 list one, without the codes that have no minor unit (metals, drawing rights, XTS, XXX). A moved
// exponent would change the meaning of stored amounts: a line here is never edited once it is in use.
constexpr ExponentGroup kCurrencies[] = {
    {0, "BIF CLP DJF GNF IDR ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
    {2,
     "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
     "CHF "
     "CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD "
     "HNL "
     "HTG HUF ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU "
     "MUR "
     "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR "
     "SDG "
     "SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED "
     "VES "
     "WST XAD XCD XCG YER ZAR ZMW ZWG"},
    {3, "BHD IQD JOD KWD LYD OMR TND"},
    {4, "CLF UYW"},
};

/// Codes are three letters and a blank apart.
bool holdsCode(std::string_view codes, std::string_view code) {
    const std::size_t at = codes.find(code);
    return at != std::string_view::npos && at % 4 == 0;
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool allDigits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), isDigit);
}

struct AmountText {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
};

/// The parts of an amount; nothing where one is missing or is not of digits.
std::optional<AmountText> splitAmount(std::string_view text) {
    AmountText parts;
    if (text.starts_with('-') || text.starts_with('+')) {
        parts.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    const std::size_t point = text.find('.');
    parts.whole = text.substr(0, point);
    if (point != std::string_view::npos) {
        parts.fraction = text.substr(point + 1);
        if (parts.fraction.empty()) {
            return std::nullopt;
        }
    }
    if (parts.whole.empty() || !allDigits(parts.whole) || !allDigits(parts.fraction)) {
        return std::nullopt;
    }
    return parts;
}

/// Appends a decimal digit to a number that is kept negative, since the smallest one has no positive.
bool pushDigit(std::int64_t& negative, int digit) {
    return !__builtin_mul_overflow(negative, 10, &negative) &&
           !__builtin_sub_overflow(negative, digit, &negative);
}

bool pushDigits(std::int64_t& negative, std::string_view digits) {
    return std::all_of(digits.begin(), digits.end(),
                       [&negative](char c) { return pushDigit(negative, c - '0'); });
}

std::optional<std::int64_t> negated(std::int64_t value) {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, value, &result)) {
        return std::nullopt;
    }
    return result;
}

std::uint64_t magnitude(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    return value < 0 ? 0 - bits : bits;
}

void requireSameCurrency(const Money& a, const Money& b) {
    if (a.currency != b.currency) {
        throw std::invalid_argument("amounts in " + a.currency.code + " and " + b.currency.code +
                                    " do not add");
    }
}

[[noreturn]] void throwOverflow() {
    throw std::overflow_error("an amount does not fit in 64 bits");
}

/// a * b / divisor, half up.
Wide ratioOfMagnitudes(std::uint64_t a, std::uint64_t b, std::uint64_t divisor) {
    const Wide product = Wide{a} * b;
    const Wide quotient = product / divisor;
    const Wide remainder = product % divisor;
    return remainder >= divisor - remainder ? quotient + 1 : quotient;
}

}  // namespace

std::optional<Currency> findCurrency(std::string_view code) {
    if (code.size() != 3) {
        return std::nullopt;
    }
    for (const auto& group : kCurrencies) {
        if (holdsCode(group.codes, code)) {
            return Currency{.code = std::string(code), .exponent = group.exponent};
        }
    }
    return std::nullopt;
}

std::optional<Money> parseMoney(std::string_view text, const Currency& currency) {
    const auto exponent = static_cast<std::size_t>(currency.exponent);
    const auto parts = splitAmount(text);
    if (!parts || parts->fraction.size() > exponent) {
        return std::nullopt;
    }
    std::string fraction(parts->fraction);
    fraction.resize(exponent, '0');
    std::int64_t negative = 0;
    if (!pushDigits(negative, parts->whole) || !pushDigits(negative, fraction)) {
        return std::nullopt;
    }
    const auto minor = parts->negative ? negative : negated(negative);
    if (!minor) {
        return std::nullopt;
    }
    return Money{.minor = *minor, .currency = currency};
}

std::string formatMoney(const Money& money) {
    const auto exponent = static_cast<std::size_t>(money.currency.exponent);
    std::string text = std::to_string(magnitude(money.minor));
    if (text.size() <= exponent) {
        text.insert(0, exponent + 1 - text.size(), '0');
    }
    if (exponent > 0) {
        text.insert(text.size() - exponent, 1, '.');
    }
    return money.minor < 0 ? '-' + text : text;
}

Money add(const Money& a, const Money& b) {
    requireSameCurrency(a, b);
    Money sum = a;
    if (__builtin_add_overflow(a.minor, b.minor, &sum.minor)) {
        throwOverflow();
    }
    return sum;
}

Money subtract(const Money& a, const Money& b) {
    requireSameCurrency(a, b);
    Money difference = a;
    if (__builtin_sub_overflow(a.minor, b.minor, &difference.minor)) {
        throwOverflow();
    }
    return difference;
}

std::int64_t multiplyRatioHalfUp(std::int64_t amount, std::int64_t numerator, std::int64_t denominator) {
    check(denominator > 0, "a ratio's denominator is positive");
    const bool negative = (amount < 0) != (numerator < 0);
    const Wide size = ratioOfMagnitudes(magnitude(amount), magnitude(numerator), magnitude(denominator));
    const Wide limit = Wide{magnitude(std::numeric_limits<std::int64_t>::max())} + (negative ? 1 : 0);
    if (size > limit) {
        throwOverflow();
    }
    const auto bits = static_cast<std::uint64_t>(size);
    return static_cast<std::int64_t>(negative ? 0 - bits : bits);
}

}  // namespace gardu::core
