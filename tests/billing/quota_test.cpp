#include "billing/quota.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>

namespace gardu::test {

namespace {

using billing::QuotaAnchor;
using billing::QuotaPeriod;
using billing::QuotaPolicy;
using billing::Validity;
using billing::ValidityUnit;
using core::Instant;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Instant at(const char* text) {
    return core::parseInstant(text).value();
}

struct WindowCase {
    const char* zone = "";
    QuotaPeriod period = QuotaPeriod::Day;
    Validity validity;
    int anchorDay = 1;
    const char* boundary = "";
    const char* now = "";
    const char* key = "";
    const char* from = "";
    const char* to = "";
};

constexpr Validity kMonth{1, ValidityUnit::Month};
constexpr Validity kThreeMonths{3, ValidityUnit::Month};
constexpr Validity kThirtyDays{30, ValidityUnit::Day};
constexpr Validity kTwelveHours{12, ValidityUnit::Hour};
constexpr const char* kMidnight = "2027-01-31T17:00:00Z";  // of the first of February in Jakarta

constexpr WindowCase kWindows[] = {
    // A day, in zones of all kinds: Kathmandu is at +05:45; in Santiago the clock of that day goes from 24:00
    // back to 23:00; in Cairo 00:00 does not exist on 2027-04-30.
    {"Asia/Jakarta", QuotaPeriod::Day, kMonth, 1, kMidnight, "2027-02-14T16:59:59.999Z", "2027-02-14",
     "2027-02-13T17:00:00Z", "2027-02-14T17:00:00Z"},
    {"Asia/Jakarta", QuotaPeriod::Day, kMonth, 1, kMidnight, "2027-02-14T17:00:00Z", "2027-02-15",
     "2027-02-14T17:00:00Z", "2027-02-15T17:00:00Z"},
    {"Asia/Kathmandu", QuotaPeriod::Day, kMonth, 1, kMidnight, "2027-02-14T18:15:00Z", "2027-02-15",
     "2027-02-14T18:15:00Z", "2027-02-15T18:15:00Z"},
    {"America/Santiago", QuotaPeriod::Day, kMonth, 1, kMidnight, "2027-04-04T02:00:00Z", "2027-04-03",
     "2027-04-03T03:00:00Z", "2027-04-04T04:00:00Z"},
    {"Africa/Cairo", QuotaPeriod::Day, kMonth, 1, kMidnight, "2027-04-29T22:00:00Z", "2027-04-30",
     "2027-04-29T22:00:00Z", "2027-04-30T21:00:00Z"},
    // The calendar month, whatever the anchor.
    {"Asia/Jakarta", QuotaPeriod::Month, kThirtyDays, 31, kMidnight, "2027-02-14T00:00:00Z", "2027-02-01",
     kMidnight, "2027-02-28T17:00:00Z"},
    {"Europe/Warsaw", QuotaPeriod::Month, kMonth, 15, kMidnight, "2027-03-31T21:59:59Z", "2027-03-01",
     "2027-02-28T23:00:00Z", "2027-03-31T22:00:00Z"},
    // Billing periods: the anchor is clamped and does not drift; the boundary may be any of them.
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kMonth, 31, "2027-01-30T17:00:00Z", "2027-02-27T16:59:59Z",
     "2027-01-31", "2027-01-30T17:00:00Z", "2027-02-27T17:00:00Z"},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kMonth, 31, "2027-01-30T17:00:00Z", "2027-02-27T17:00:00Z",
     "2027-02-28", "2027-02-27T17:00:00Z", "2027-03-30T17:00:00Z"},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kMonth, 31, "2029-06-29T17:00:00Z", "2028-02-29T00:00:00Z",
     "2028-02-29", "2028-02-28T17:00:00Z", "2028-03-30T17:00:00Z"},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kMonth, 15, "2027-05-14T17:00:00Z", "2027-02-10T00:00:00Z",
     "2027-01-15", "2027-01-14T17:00:00Z", "2027-02-14T17:00:00Z"},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kThreeMonths, 15, "2027-05-14T17:00:00Z",
     "2027-02-10T00:00:00Z", "2026-11-15", "2026-11-14T17:00:00Z", "2027-02-14T17:00:00Z"},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kThreeMonths, 15, "2027-05-14T17:00:00Z",
     "2027-05-15T00:00:00Z", "2027-05-15", "2027-05-14T17:00:00Z", "2027-08-14T17:00:00Z"},
    // By the day, before and after the boundary.
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kThirtyDays, 1, kMidnight, "2027-01-31T16:59:59Z",
     "2027-01-02", "2027-01-01T17:00:00Z", kMidnight},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kThirtyDays, 1, kMidnight, kMidnight, "2027-02-01",
     kMidnight, "2027-03-02T17:00:00Z"},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kThirtyDays, 1, kMidnight, "2027-04-10T00:00:00Z",
     "2027-04-02", "2027-04-01T17:00:00Z", "2027-05-01T17:00:00Z"},
    // By the hour: exact, from the end of what is paid.
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kTwelveHours, 1, "2027-02-01T03:30:00Z",
     "2027-02-01T03:29:59Z", "2027-01-31T15:30:00Z", "2027-01-31T15:30:00Z", "2027-02-01T03:30:00Z"},
    {"Asia/Jakarta", QuotaPeriod::BillingPeriod, kTwelveHours, 1, "2027-02-01T03:30:00Z",
     "2027-02-01T03:30:00Z", "2027-02-01T03:30:00Z", "2027-02-01T03:30:00Z", "2027-02-01T15:30:00Z"},
};

/// An hour counts as 1 octet of download here.
struct FreeCase {
    const char* zone;
    int from;
    int until;
    const char* hour;
    bool counts;
};

constexpr FreeCase kFree[] = {
    {"Asia/Jakarta", 1, 5, "2027-02-14T17:00:00Z", true},     // 00:00
    {"Asia/Jakarta", 1, 5, "2027-02-14T18:00:00Z", false},    // 01:00
    {"Asia/Jakarta", 1, 5, "2027-02-14T21:00:00Z", false},    // 04:00
    {"Asia/Jakarta", 1, 5, "2027-02-14T22:00:00Z", true},     // 05:00
    {"Asia/Jakarta", 22, 6, "2027-02-14T14:00:00Z", true},    // 21:00
    {"Asia/Jakarta", 22, 6, "2027-02-14T15:00:00Z", false},   // 22:00
    {"Asia/Jakarta", 22, 6, "2027-02-14T17:00:00Z", false},   // 00:00
    {"Asia/Jakarta", 22, 6, "2027-02-14T22:00:00Z", false},   // 05:00
    {"Asia/Jakarta", 22, 6, "2027-02-14T23:00:00Z", true},    // 06:00
    {"Asia/Jakarta", 0, 6, "2027-02-14T17:00:00Z", false},    // 00:00
    {"Asia/Jakarta", 18, 0, "2027-02-14T16:00:00Z", false},   // 23:00
    {"Asia/Jakarta", 18, 0, "2027-02-14T17:00:00Z", true},    // 00:00
    {"Asia/Jakarta", 6, 6, "2027-02-14T23:00:00Z", true},     // none is free
    {"Asia/Kathmandu", 1, 5, "2027-02-14T19:15:00Z", false},  // 01:00
    {"Asia/Kathmandu", 1, 5, "2027-02-14T23:15:00Z", true},   // 05:00
    // Both hours that the clock calls 02:00 are free, and the one after the gap that swallows 02:00 is not.
    {"Europe/Warsaw", 2, 3, "2027-10-31T00:00:00Z", false},
    {"Europe/Warsaw", 2, 3, "2027-10-31T01:00:00Z", false},
    {"Europe/Warsaw", 2, 3, "2027-10-31T02:00:00Z", true},
    {"Europe/Warsaw", 2, 3, "2027-03-28T00:00:00Z", true},  // 01:00
    {"Europe/Warsaw", 2, 3, "2027-03-28T01:00:00Z", true},  // 03:00
    {"Europe/Warsaw", 2, 4, "2027-03-28T01:00:00Z", false},
};

struct WeightCase {
    int uploadWeight;
    int downloadWeight;
    std::int64_t upload;
    std::int64_t download;
    std::int64_t counted;
};

constexpr WeightCase kWeights[] = {
    {100, 100, 3, 4, 7},   {0, 100, 1'000, 4, 4},
    {100, 0, 3, 1'000, 3}, {50, 100, 3, 4, 5},                 // 5.5
    {200, 25, 10, 10, 22}, {1000, 1000, kMost, kMost, kMost},  // no overflow
};

QuotaPolicy capAt(std::int64_t octets) {
    QuotaPolicy policy;
    policy.tiers = {{octets, std::nullopt}};
    return policy;
}

struct CapCase {
    int uploadWeight;
    int downloadWeight;
    std::int64_t used;
    std::int64_t bonus;
    std::int64_t left;  ///< -1: none
};

constexpr CapCase kCaps[] = {
    {100, 100, 0, 0, 5'000'000'000},
    {100, 100, 4'999'999'999, 0, 1},
    {100, 100, 5'000'000'000, 0, 0},
    {100, 100, 6'000'000'000, 0, 0},
    {100, 100, 6'000'000'000, 2'000'000'000, 1'000'000'000},
    {50, 50, 0, 0, 10'000'000'000},
    {300, 300, 0, 0, 1'666'666'667},
    {0, 0, 0, 0, -1},
    {0, 100, 0, 0, -1},
    {100, 50, 0, 0, -1},
    {100, 100, 0, kMost, kMost},
};

struct CarryCase {
    std::int64_t octets;
    std::int64_t used;
    std::int64_t included;
    std::int64_t left;
};

constexpr CarryCase kCarries[] = {
    {10, 0, 100, 10},  {10, 100, 100, 10}, {10, 104, 100, 6},
    {10, 110, 100, 0}, {10, 500, 100, 0},  {0, 500, 100, 0},
};

}  // namespace

class QuotaTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(QuotaTest);
    CPPUNIT_TEST(windowsByTheTable);
    CPPUNIT_TEST(windowsFollowOneAnother);
    CPPUNIT_TEST(freeHoursByTheTable);
    CPPUNIT_TEST(weightsByTheTable);
    CPPUNIT_TEST(fractionsOfHoursAddUp);
    CPPUNIT_TEST(tiersAreReachedAtTheirBounds);
    CPPUNIT_TEST(capsByTheTable);
    CPPUNIT_TEST(theRouterCannotKnowFreeHours);
    CPPUNIT_TEST(carryByTheTable);
    CPPUNIT_TEST_SUITE_END();

public:
    void windowsByTheTable() {
        for (const auto& [zone, period, validity, day, boundary, now, key, from, to] : kWindows) {
            const auto window = windowOf(core::Zone(zone), period, {day, validity, at(boundary)}, at(now));
            const std::string words = std::string(zone) + " at " + now;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(key), window.key);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(from), core::formatInstant(window.from));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::string(to), core::formatInstant(window.to));
        }
    }

    // No instant is in two periods or in none.
    void windowsFollowOneAnother() {
        for (const char* zone : {"Asia/Jakarta", "America/Santiago", "Asia/Kathmandu"}) {
            for (const QuotaPeriod period :
                 {QuotaPeriod::Day, QuotaPeriod::Month, QuotaPeriod::BillingPeriod}) {
                for (const Validity validity : {kMonth, kThreeMonths, kThirtyDays, kTwelveHours}) {
                    followOneAnother(core::Zone(zone), period, {31, validity, at("2027-08-31T03:00:00Z")});
                }
            }
        }
    }

    void freeHoursByTheTable() {
        for (const auto& [zoneName, from, until, hour, counts] : kFree) {
            const core::Zone zone(zoneName);
            QuotaPolicy policy = capAt(1);
            policy.freeFromHour = from;
            policy.freeUntilHour = until;
            // Another day before it: the hours of each day are its own.
            const Instant start = at(hour);
            const auto all = [&](const std::vector<billing::UsedHour>& hours) {
                return billing::countedOctets(policy, hours, zone);
            };
            const std::string words = std::string(zoneName) + " " + hour;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::int64_t{counts ? 1 : 0}, all({{start, 0, 1}}));
            const Instant noon = zone.at(zone.localDate(start), core::Seconds(43200));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(words, std::int64_t{counts ? 4 : 3},
                                         all({{noon - std::chrono::hours(48), 0, 1},
                                              {start, 0, 1},
                                              {noon, 0, 1},
                                              {noon + std::chrono::hours(48), 0, 1}}));
        }
    }

    void weightsByTheTable() {
        for (const auto& [uploadWeight, downloadWeight, upload, download, counted] : kWeights) {
            QuotaPolicy policy = capAt(1);
            policy.uploadWeight = uploadWeight;
            policy.downloadWeight = downloadWeight;
            CPPUNIT_ASSERT_EQUAL(counted, billing::countedOctets(policy, {{Instant(), upload, download}},
                                                                 core::Zone("Asia/Jakarta")));
        }
    }

    // Rounded once, not for each hour.
    void fractionsOfHoursAddUp() {
        QuotaPolicy policy = capAt(1);
        policy.uploadWeight = policy.downloadWeight = 50;
        const billing::UsedHour odd{Instant(), 1, 0};
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, billing::countedOctets(policy, {odd, odd, odd, odd},
                                                                     core::Zone("Asia/Jakarta")));
    }

    void tiersAreReachedAtTheirBounds() {
        QuotaPolicy policy;
        policy.tiers = {{100, "4M/4M"}, {200, "1M/1M"}, {300, std::nullopt}};
        const auto reached = [&](std::int64_t used, std::int64_t bonus) {
            const auto next = billing::octetsToNextTier(policy, used, bonus);
            return std::to_string(billing::reachedTier(policy, used, bonus)) + " " +
                   (next ? std::to_string(*next) : "none");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("0 100"), reached(0, 0));
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), reached(99, 0));
        CPPUNIT_ASSERT_EQUAL(std::string("1 100"), reached(100, 0));
        CPPUNIT_ASSERT_EQUAL(std::string("3 none"), reached(300, 0));
        CPPUNIT_ASSERT_EQUAL(std::string("2 10"), reached(300, 10));
        CPPUNIT_ASSERT_EQUAL(std::string("0 " + std::to_string(kMost)), reached(0, kMost));
        policy.tiers.pop_back();
        CPPUNIT_ASSERT(!billing::octetsToCap(policy, 0, 0));
    }

    void capsByTheTable() {
        for (const auto& [uploadWeight, downloadWeight, used, bonus, left] : kCaps) {
            QuotaPolicy policy = capAt(5'000'000'000);
            policy.uploadWeight = uploadWeight;
            policy.downloadWeight = downloadWeight;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(uploadWeight) + " " + std::to_string(used), left,
                                         billing::octetsToCap(policy, used, bonus).value_or(-1));
        }
    }

    void theRouterCannotKnowFreeHours() {
        QuotaPolicy policy = capAt(1'000);
        policy.freeUntilHour = 6;
        CPPUNIT_ASSERT(!billing::octetsToCap(policy, 0, 0));
    }

    void carryByTheTable() {
        for (const auto& [octets, used, included, left] : kCarries) {
            CPPUNIT_ASSERT_EQUAL(left, billing::carriedOctets(octets, used, included));
        }
    }

private:
    static billing::QuotaWindow windowOf(const core::Zone& zone, QuotaPeriod period,
                                         const QuotaAnchor& anchor, Instant now) {
        QuotaPolicy policy = capAt(1);
        policy.period = period;
        return billing::quotaWindow(policy, anchor, zone, now);
    }

    static void followOneAnother(const core::Zone& zone, QuotaPeriod period, const QuotaAnchor& anchor) {
        auto window = windowOf(zone, period, anchor, at("2026-11-22T12:00:00Z"));
        for (int i = 0; i < 500; ++i) {
            CPPUNIT_ASSERT(window.from < window.to);
            CPPUNIT_ASSERT(windowOf(zone, period, anchor, window.from) == window);
            CPPUNIT_ASSERT(windowOf(zone, period, anchor, window.to - core::Milliseconds(1)) == window);
            const auto next = windowOf(zone, period, anchor, window.to);
            CPPUNIT_ASSERT_EQUAL(core::formatInstant(window.to), core::formatInstant(next.from));
            CPPUNIT_ASSERT(window.key != next.key);
            window = next;
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(QuotaTest);

}  // namespace gardu::test
