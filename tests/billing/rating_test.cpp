#include "billing/rating.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <random>
#include <stdexcept>
#include <utility>

#include "core/check.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Tax;
using billing::Taxed;

struct PartCase {
    std::string_view name;
    std::int64_t amount;
    int used;
    int total;
    std::int64_t part;
    std::int64_t rest;
};

constexpr PartCase kParts[] = {
    {"joined 02-20 in [02-15, 03-15): 123214.2857", 150'000, 23, 28, 123'214, 26'786},
    {"split 18/13 of 31", 150'000, 18, 31, 87'097, 62'903},
    {"the other side of that split", 150'000, 13, 31, 62'903, 87'097},
    {"nothing used", 150'000, 0, 31, 0, 150'000},
    {"all used", 150'000, 31, 31, 150'000, 0},
    {"a half goes up", 1, 1, 2, 1, 0},
    {"a half of minus one goes away from zero", -1, 1, 2, -1, 0},
    {"just under a half", 999, 1, 2'000, 0, 999},
    {"a credit is the mirror of its charge", -150'000, 23, 28, -123'214, -26'786},
    {"cents", 1'999, 10, 30, 666, 1'333},
    {"no overflow inside", std::numeric_limits<std::int64_t>::max(), 30, 31, 8'925'843'906'633'654'007,
     297'528'130'221'121'800},
};

const Tax kPpn{"PPN", "PPN 11 %", 110'000, false};
const Tax kPpnInside{"PPN", "PPN 11 %", 110'000, true};

struct TaxCase {
    std::string_view name;
    std::int64_t amount;
    std::optional<Tax> tax;
    Taxed expected;
};

const TaxCase kTaxes[] = {
    {"none", 150'000, std::nullopt, {150'000, 0}},
    {"on top", 150'000, kPpn, {150'000, 16'500}},
    {"inside", 150'000, kPpnInside, {135'135, 14'865}},
    {"inside, without a rest", 166'500, kPpnInside, {150'000, 16'500}},
    {"of a part", 123'214, kPpn, {123'214, 13'554}},
    {"half up", 50, Tax{"T", "", 10'000, false}, {50, 1}},
    {"half up of a credit", -50, Tax{"T", "", 10'000, false}, {-50, -1}},
    {"of a credit, inside", -150'000, kPpnInside, {-135'135, -14'865}},
    {"zero rate", 150'000, Tax{"ZERO", "", 0, false}, {150'000, 0}},
    {"zero rate, inside", 150'000, Tax{"ZERO", "", 0, true}, {150'000, 0}},
    {"of nothing", 0, kPpn, {0, 0}},
};

}  // namespace

class RatingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RatingTest);
    CPPUNIT_TEST(partsOfAPeriod);
    CPPUNIT_TEST(randomPartsSumToTheWhole);
    CPPUNIT_TEST(taxes);
    CPPUNIT_TEST(randomTaxesAreSymmetric);
    CPPUNIT_TEST(whatDoesNotFitIsNotStored);
    CPPUNIT_TEST_SUITE_END();

    std::mt19937_64 random_{4};

    std::int64_t between(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
    }

public:
    void partsOfAPeriod() {
        for (const PartCase& each : kParts) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.part,
                                         billing::prorate(each.amount, each.used, each.total));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.rest,
                                         billing::unusedPart(each.amount, each.used, each.total));
        }
    }

    void randomPartsSumToTheWhole() {
        for (int i = 0; i < 20'000; ++i) {
            const std::int64_t amount = between(-billing::kMaxAmount, billing::kMaxAmount);
            const int total = static_cast<int>(between(1, 400));
            const int used = static_cast<int>(between(0, total));
            const std::int64_t part = billing::prorate(amount, used, total);
            CPPUNIT_ASSERT_EQUAL(amount, part + billing::unusedPart(amount, used, total));
            CPPUNIT_ASSERT_EQUAL(-part, billing::prorate(-amount, used, total));
            // Never further than half a unit from the exact part.
            const std::int64_t twice = 2 * (part * total - amount * used);
            CPPUNIT_ASSERT(twice <= total && twice >= -total);
        }
    }

    void taxes() {
        for (const TaxCase& each : kTaxes) {
            const Taxed result = billing::taxed(each.amount, each.tax);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.expected.net, result.net);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.name), each.expected.tax, result.tax);
        }
    }

    void randomTaxesAreSymmetric() {
        for (int i = 0; i < 20'000; ++i) {
            const std::int64_t amount = between(-1'000'000'000, 1'000'000'000);
            const Tax tax{"T", "", static_cast<int>(between(0, 1'000'000)), between(0, 1) == 1};
            const Taxed one = billing::taxed(amount, tax);
            const Taxed other = billing::taxed(-amount, tax);
            CPPUNIT_ASSERT_EQUAL(-one.net, other.net);
            CPPUNIT_ASSERT_EQUAL(-one.tax, other.tax);
            CPPUNIT_ASSERT_EQUAL(amount, tax.inclusive ? one.total() : one.net);
            // The tax is that of the net, to half a unit and the rounding of the net itself.
            const std::int64_t off = one.tax * 1'000'000 - one.net * tax.ratePpm;
            CPPUNIT_ASSERT(off <= 1'000'000 && off >= -1'000'000);
        }
    }

    void whatDoesNotFitIsNotStored() {
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        CPPUNIT_ASSERT(throws<std::overflow_error>([] { return billing::taxed(most, kPpn); }));
        CPPUNIT_ASSERT_EQUAL(most, billing::taxed(most, kPpnInside).total());
        for (const auto& [used, total] : {std::pair{-1, 30}, {31, 30}, {0, 0}}) {
            const int days = used;
            const int whole = total;
            CPPUNIT_ASSERT(
                throws<core::InvariantBroken>([days, whole] { return billing::prorate(1, days, whole); }));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RatingTest);

}  // namespace gardu::test
