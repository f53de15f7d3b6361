#include "core/money.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <stdexcept>

#include "core/check.h"
#include "tests/support/throws.h"

namespace {

using namespace gardu::core;
using gardu::test::throws;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Money money(std::int64_t minor, std::string_view code) {
    return {.minor = minor, .currency = findCurrency(code).value()};
}

struct ExponentCase {
    std::string_view code;
    int exponent;
};

constexpr ExponentCase kExponents[] = {
    {"IDR", 0}, {"JPY", 0}, {"KRW", 0}, {"VND", 0}, {"UYI", 0}, {"XPF", 0},
    {"USD", 2}, {"EUR", 2}, {"MGA", 2}, {"AED", 2}, {"ZWG", 2}, {"XCG", 2},
    {"SLE", 2}, {"KWD", 3}, {"BHD", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4},
};

constexpr std::string_view kNotCurrencies[] = {
    "", "I", "ID", "IDRX", "idr", "XYZ", "XAU", "XXX", "XTS", "DEM", "HRK", "R I", "DR ", " ID", "123",
};

struct AmountCase {
    std::string_view text;
    std::string_view code;
    std::int64_t minor;
    std::string_view printed;
};

constexpr AmountCase kAmounts[] = {
    {"150000", "IDR", 150000, "150000"},
    {"+150000", "IDR", 150000, "150000"},
    {"-150000", "IDR", -150000, "-150000"},
    {"0", "IDR", 0, "0"},
    {"-0", "IDR", 0, "0"},
    {"007", "IDR", 7, "7"},
    {"12.50", "USD", 1250, "12.50"},
    {"12.5", "USD", 1250, "12.50"},
    {"12", "USD", 1200, "12.00"},
    {"0.05", "USD", 5, "0.05"},
    {"-0.05", "USD", -5, "-0.05"},
    {"0", "USD", 0, "0.00"},
    {"1.234", "KWD", 1234, "1.234"},
    {"0.001", "KWD", 1, "0.001"},
    {"0.0001", "CLF", 1, "0.0001"},
    {"9223372036854775807", "IDR", kMax, "9223372036854775807"},
    {"-9223372036854775808", "IDR", kMin, "-9223372036854775808"},
    {"92233720368547758.07", "USD", kMax, "92233720368547758.07"},
    {"-92233720368547758.08", "USD", kMin, "-92233720368547758.08"},
};

struct RefusedAmount {
    std::string_view text;
    std::string_view code;
};

constexpr RefusedAmount kRefused[] = {
    {"", "IDR"},
    {"-", "IDR"},
    {"+-1", "IDR"},
    {"1.0", "IDR"},
    {"1.", "IDR"},
    {"1.", "USD"},
    {".5", "USD"},
    {".", "USD"},
    {"1.234", "USD"},
    {"1.2.3", "KWD"},
    {"1.-2", "USD"},
    {"1,000", "USD"},
    {"1 000", "IDR"},
    {" 1", "IDR"},
    {"1 ", "IDR"},
    {"1e3", "IDR"},
    {"0x10", "IDR"},
    {"nan", "USD"},
    {"9223372036854775808", "IDR"},
    {"-9223372036854775809", "IDR"},
    {"92233720368547758.08", "USD"},
    {"99999999999999999999999", "IDR"},
};

struct RatioCase {
    std::int64_t amount;
    std::int64_t numerator;
    std::int64_t denominator;
    std::int64_t expected;
};

constexpr RatioCase kRatios[] = {
    {150000, 23, 28, 123214},
    {150000, 18, 31, 87097},
    {150000, 13, 31, 62903},
    {1, 1, 2, 1},
    {-1, 1, 2, -1},
    {1, -1, 2, -1},
    {-1, -1, 2, 1},
    {3, 1, 2, 2},
    {-3, 1, 2, -2},
    {1, 1, 3, 0},
    {2, 1, 3, 1},
    {-1, 1, 3, 0},
    {5, 1, 10, 1},
    {49, 1, 100, 0},
    {50, 1, 100, 1},
    {0, 7, 3, 0},
    {7, 0, 3, 0},
    {100, 11, 100, 11},
    {kMax, kMax, kMax, kMax},
    {kMin, kMax, kMax, kMin},
    {kMin, 1, 1, kMin},
    {kMax, 1, kMax, 1},
    {kMax / 2, 1, kMax, 0},  // just under a half of an odd number
    {kMax / 2 + 1, 1, kMax, 1},
};

class MoneyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MoneyTest);
    CPPUNIT_TEST(knowsExponents);
    CPPUNIT_TEST(knowsNoOtherCodes);
    CPPUNIT_TEST(readsAndPrintsAmounts);
    CPPUNIT_TEST(refusesOtherAmounts);
    CPPUNIT_TEST(addsAndSubtracts);
    CPPUNIT_TEST(refusesMixedCurrencies);
    CPPUNIT_TEST(refusesSumsThatDoNotFit);
    CPPUNIT_TEST(ratioRoundsHalfAwayFromZero);
    CPPUNIT_TEST(ratioThatDoesNotFit);
    CPPUNIT_TEST(ratioOverNothingIsOurBug);
    CPPUNIT_TEST_SUITE_END();

public:
    void knowsExponents() {
        for (const auto& [code, exponent] : kExponents) {
            const auto currency = findCurrency(code);
            CPPUNIT_ASSERT_MESSAGE(std::string(code), currency.has_value());
            CPPUNIT_ASSERT_EQUAL(std::string(code), currency->code);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(code), exponent, currency->exponent);
        }
    }

    void knowsNoOtherCodes() {
        for (const auto code : kNotCurrencies) {
            CPPUNIT_ASSERT_MESSAGE(std::string(code), !findCurrency(code));
        }
    }

    void readsAndPrintsAmounts() {
        for (const auto& [text, code, minor, printed] : kAmounts) {
            const auto amount = parseMoney(text, findCurrency(code).value());
            CPPUNIT_ASSERT_MESSAGE(std::string(text), amount == money(minor, code));
            CPPUNIT_ASSERT_EQUAL(std::string(printed), formatMoney(*amount));
        }
    }

    void refusesOtherAmounts() {
        for (const auto& [text, code] : kRefused) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parseMoney(text, findCurrency(code).value()));
        }
    }

    void addsAndSubtracts() {
        CPPUNIT_ASSERT(add(money(150000, "IDR"), money(-1, "IDR")) == money(149999, "IDR"));
        CPPUNIT_ASSERT(subtract(money(5, "USD"), money(7, "USD")) == money(-2, "USD"));
        CPPUNIT_ASSERT(subtract(money(-1, "USD"), money(kMin, "USD")) == money(kMax, "USD"));
    }

    void refusesMixedCurrencies() {
        CPPUNIT_ASSERT(throws<std::invalid_argument>([&] { return add(money(1, "IDR"), money(1, "USD")); }));
        CPPUNIT_ASSERT(
            throws<std::invalid_argument>([&] { return subtract(money(1, "IDR"), money(1, "USD")); }));
    }

    void refusesSumsThatDoNotFit() {
        CPPUNIT_ASSERT(throws<std::overflow_error>([&] { return add(money(kMax, "IDR"), money(1, "IDR")); }));
        CPPUNIT_ASSERT(
            throws<std::overflow_error>([&] { return add(money(kMin, "IDR"), money(-1, "IDR")); }));
        CPPUNIT_ASSERT(
            throws<std::overflow_error>([&] { return subtract(money(0, "IDR"), money(kMin, "IDR")); }));
    }

    void ratioRoundsHalfAwayFromZero() {
        for (const auto& [amount, numerator, denominator, expected] : kRatios) {
            CPPUNIT_ASSERT_EQUAL(expected, multiplyRatioHalfUp(amount, numerator, denominator));
        }
    }

    void ratioThatDoesNotFit() {
        CPPUNIT_ASSERT(throws<std::overflow_error>([&] { return multiplyRatioHalfUp(kMax, 2, 1); }));
        CPPUNIT_ASSERT(throws<std::overflow_error>([&] { return multiplyRatioHalfUp(kMin, -1, 1); }));
        CPPUNIT_ASSERT(throws<std::overflow_error>([&] { return multiplyRatioHalfUp(kMin, kMin, 1); }));
        CPPUNIT_ASSERT(throws<std::overflow_error>([&] { return multiplyRatioHalfUp(kMin, kMax, 1); }));
    }

    void ratioOverNothingIsOurBug() {
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return multiplyRatioHalfUp(1, 1, 0); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return multiplyRatioHalfUp(1, 1, -1); }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MoneyTest);

}  // namespace
