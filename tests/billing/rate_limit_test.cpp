#include "billing/rate_limit.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace gardu::test {

namespace {

using billing::RateLimit;
using billing::RatePair;

struct TakenCase {
    std::string_view text;
    std::string_view sent;
};

constexpr TakenCase kTaken[] = {
    // The manual's examples.
    {"128k", "128k/128k"},
    {"64k/128M", "64k/128M"},
    {"64k 256k", "64k/64k 256k/256k"},
    {"64k/64k 256k/256k 128k/128k 10/10", "64k/64k 256k/256k 128k/128k 10/10"},
    // All six fields, and place-holders.
    {"10M/10M 20M/20M 10M/10M 10/10 5", "10M/10M 20M/20M 10M/10M 10/10 5"},
    {"10M/5M 20M/10M 8M/4M 10/20 1 2M/1M", "10M/5M 20M/10M 8M/4M 10/20 1 2M/1M"},
    {"10M/10M 0/0 0/0 0/0 8 5M/5M", "10M/10M 0/0 0/0 0/0 8 5M/5M"},
    {"10M/10M 20M/0", "10M/10M 20M/0"},
    {"10M 20M 8M 5", "10M/10M 20M/20M 8M/8M 5/5"},
    {"10M 20M 10M 3600", "10M/10M 20M/20M 10M/10M 3600/3600"},
    {"10M 10M 10M 0 8 10M", "10M/10M 10M/10M 10M/10M 0/0 8 10M/10M"},
    // Units.
    {"0", "0/0"},
    {"0k/0M", "0/0"},
    {"1500", "1500/1500"},
    {"1000", "1k/1k"},
    {"1500k", "1500k/1500k"},
    {"2000k/2000000", "2M/2M"},
    {"10K/10m", "10k/10M"},
    {"1G/1g", "1000M/1000M"},
    {"1000G", "1000000M/1000000M"},
    {"1000000000000", "1000000M/1000000M"},
    {"010M", "10M/10M"},
    // Blanks.
    {"  10M/10M   20M/20M  ", "10M/10M 20M/20M"},
};

struct RefusedCase {
    std::string_view text;
    std::string_view words;
};

constexpr std::string_view kMissing = "a rate limit is missing";
constexpr std::string_view kNoRate = " is not a rate, such as 10M/10M or 512k";
constexpr std::string_view kNoTime = " is not a burst time in seconds";
constexpr std::string_view kNoPriority = " is not a number from 1 to 8";

constexpr RefusedCase kRefused[] = {
    {"", kMissing},
    {"   ", kMissing},
    {"ten", "\"ten\" is not a rate"},
    {"10M/", kNoRate},
    {"/10M", kNoRate},
    {"/", kNoRate},
    {"10M//10M", kNoRate},
    {"10M/10M/10M", kNoRate},
    {"10M /10M", kNoRate},
    {"10 M", "\"M\" is not a rate"},
    {"10MB", kNoRate},
    {"10Mbps", kNoRate},
    {"10kk", kNoRate},
    {"10T", kNoRate},
    {"10.5M", kNoRate},
    {"10,5M", kNoRate},
    {"-10M", kNoRate},
    {"+10M", kNoRate},
    {"0x10", kNoRate},
    {"1e6", kNoRate},
    {"k", kNoRate},
    {"10M/10M\t20M/20M", kNoRate},
    {"10M/10M\n", kNoRate},
    {"10M\xEF\xBC\x8F"
     "10M",
     kNoRate},
    {"1001G", kNoRate},
    {"1000000000001", kNoRate},
    {"18446744073709551616", kNoRate},
    {"18446744073709552k", kNoRate},
    {"10M 20M x", "\"x\" is not a rate"},
    {"10M 20M 10M 10s", kNoTime},
    {"10M 20M 10M 1k", kNoTime},
    {"10M 20M 10M 10/", kNoTime},
    {"10M 20M 10M 3601", "at most 3600 seconds"},
    {"10M 20M 10M 10/3601", "at most 3600 seconds"},
    {"10M 20M 10M 10 0", kNoPriority},
    {"10M 20M 10M 10 9", kNoPriority},
    {"10M 20M 10M 10 5/5", kNoPriority},
    {"10M 20M 10M 10 -1", kNoPriority},
    {"10M 20M 10M 10 1k", kNoPriority},
    {"10M 20M 10M 10 5M/5M", kNoPriority},  // the priority may not be left out
    {"10M 20M 10M 10 5 11M", "the minimum rate is above the rate"},
    {"10M/10M 20M 10M 10 5 5M/11M", "the minimum rate is above the rate"},
    {"10M 9M", "the burst rate is below the rate"},
    {"10M/10M 20M/9M", "the burst rate is below the rate"},
    {"10M 20M 21M", "the burst threshold is above the burst rate"},
    {"10M/10M 20M/20M 20M/21M", "the burst threshold is above the burst rate"},
    {"10M 20M 10M 10 5 5M 1", "at most six fields"},
};

constexpr std::uint64_t kMega = 1'000'000;
constexpr RatePair kTen{10 * kMega, 10 * kMega};
constexpr RatePair kTwenty{20 * kMega, 20 * kMega};

RateLimit limitOf(const std::optional<RatePair>& burstRate, std::optional<int> priority) {
    RateLimit limit;
    limit.rate = kTen;
    limit.burstRate = burstRate;
    limit.priority = priority;
    return limit;
}

struct PackageCase {
    std::string_view bandwidth;
    std::string_view burst;
    std::optional<int> priority;
    /// What is sent, or the words.
    std::string_view result;
};

constexpr PackageCase kPackages[] = {
    {"10M/10M", "", std::nullopt, "10M/10M"},
    {"10M/10M", "20M/20M 10M/10M 10/10", std::nullopt, "10M/10M 20M/20M 10M/10M 10/10"},
    // The column `priority` wins over the field of `burst`.
    {"10M/10M", "20M/20M 10M/10M 10/10 5", std::nullopt, "10M/10M 20M/20M 10M/10M 10/10 5"},
    {"10M/10M", "20M/20M 10M/10M 10/10 5", 3, "10M/10M 20M/20M 10M/10M 10/10 3"},
    {"10M/10M", "20M/20M 10M/10M 10/10", 3, "10M/10M 20M/20M 10M/10M 10/10 3"},
    {"10M/10M", "20M/20M 10M/10M 10/10 5 2M/2M", 3, "10M/10M 20M/20M 10M/10M 10/10 3 2M/2M"},
    // Place-holders: 0/0 where there is no burst, RouterOS' defaults where there is.
    {"10M/10M", "", 3, "10M/10M 0/0 0/0 0/0 3"},
    {"10M/5M", "20M/20M", 3, "10M/5M 20M/20M 10M/5M 1/1 3"},
    {"10M/5M", "20M/20M 8M/4M", 3, "10M/5M 20M/20M 8M/4M 1/1 3"},
    {"10M/10M", "  ", std::nullopt, "10M/10M"},
    {"", "", std::nullopt, "the bandwidth is one rate"},
    {"", "10M/10M", std::nullopt, "the bandwidth is one rate"},
    {"10M/10M 20M/20M", "", std::nullopt, "the bandwidth is one rate"},
    {"ten", "", std::nullopt, "\"ten\" is not a rate"},
    {"10M", "20M x", std::nullopt, "\"x\" is not a rate"},
    {"10M", "9M", std::nullopt, "the burst rate is below the rate"},
    {"10M", "20M 10M 10 5 5M 6", std::nullopt, "burst has at most five fields"},
};

/// What would be sent, or the words.
std::string resultOf(const std::variant<RateLimit, std::string>& result) {
    const auto* limit = std::get_if<RateLimit>(&result);
    return limit != nullptr ? billing::formatRateLimit(*limit) : std::get<std::string>(result);
}

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

class RateLimitTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RateLimitTest);
    CPPUNIT_TEST(takesTheGrammar);
    CPPUNIT_TEST(readsEachFieldIntoItsPlace);
    CPPUNIT_TEST(whatIsSentIsReadTheSame);
    CPPUNIT_TEST(refusesWithWords);
    CPPUNIT_TEST(placeHoldersStandIn);
    CPPUNIT_TEST(joinsThePackagesColumns);
    CPPUNIT_TEST_SUITE_END();

public:
    void takesTheGrammar() {
        for (const auto& [text, sent] : kTaken) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(text), std::string(sent),
                                         resultOf(billing::parseRateLimit(text)));
        }
    }

    void readsEachFieldIntoItsPlace() {
        RateLimit expected;
        expected.rate = {1 * kMega, 2 * kMega};
        expected.burstRate = RatePair{3 * kMega, 4 * kMega};
        expected.burstThreshold = RatePair{2 * kMega, 3 * kMega};
        expected.burstTime = RatePair{7, 8};
        expected.priority = 6;
        expected.minRate = RatePair{1'000, 2'000};
        const auto result = billing::parseRateLimit("1M/2M 3M/4M 2M/3M 7/8 6 1k/2k");
        CPPUNIT_ASSERT(std::get<RateLimit>(result) == expected);
    }

    void whatIsSentIsReadTheSame() {
        for (const TakenCase& each : kTaken) {
            CPPUNIT_ASSERT_EQUAL(std::string(each.sent), resultOf(billing::parseRateLimit(each.sent)));
        }
    }

    void refusesWithWords() {
        for (const auto& [text, words] : kRefused) {
            const auto result = billing::parseRateLimit(text);
            const auto* problem = std::get_if<std::string>(&result);
            CPPUNIT_ASSERT_MESSAGE(std::string(text), problem != nullptr);
            CPPUNIT_ASSERT_MESSAGE(std::string(text) + ": " + *problem, holds(*problem, words));
        }
    }

    void placeHoldersStandIn() {
        CPPUNIT_ASSERT_EQUAL(std::string("10M/10M 0/0 0/0 0/0 5"),
                             billing::formatRateLimit(limitOf(std::nullopt, 5)));
        CPPUNIT_ASSERT_EQUAL(std::string("10M/10M 20M/20M 10M/10M 1/1 5"),
                             billing::formatRateLimit(limitOf(kTwenty, 5)));
        RateLimit minimum = limitOf(std::nullopt, std::nullopt);
        minimum.minRate = kTen;
        CPPUNIT_ASSERT_EQUAL(std::string("10M/10M 0/0 0/0 0/0 8 10M/10M"), billing::formatRateLimit(minimum));
    }

    void joinsThePackagesColumns() {
        for (const auto& [bandwidth, burst, priority, result] : kPackages) {
            const std::string words = resultOf(billing::packageRateLimit(bandwidth, burst, priority));
            const std::string what = std::string(bandwidth) + " + " + std::string(burst) + ": " + words;
            CPPUNIT_ASSERT_MESSAGE(what, result.ends_with('M') || result.find('/') != std::string_view::npos
                                             ? words == result
                                             : holds(words, result));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RateLimitTest);

}  // namespace gardu::test
