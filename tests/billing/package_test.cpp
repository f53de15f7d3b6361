#include "billing/package.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "billing/rating.h"
#include "core/check.h"
#include "tests/support/subscribers.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::BillingMode;
using billing::Package;
using billing::QuotaPolicy;
using billing::QuotaTier;
using billing::Validity;
using billing::ValidityUnit;

struct ValidityCase {
    std::string_view text;
    Validity validity;
    std::string_view printed;
};

constexpr ValidityCase kValidities[] = {
    {"1 month", {1, ValidityUnit::Month}, "1 month"},  {"2 months", {2, ValidityUnit::Month}, "2 months"},
    {"1 months", {1, ValidityUnit::Month}, "1 month"}, {"30 days", {30, ValidityUnit::Day}, "30 days"},
    {"30 day", {30, ValidityUnit::Day}, "30 days"},    {"12hours", {12, ValidityUnit::Hour}, "12 hours"},
    {"1  hour", {1, ValidityUnit::Hour}, "1 hour"},
};

constexpr std::string_view kNoValidities[] = {
    "",         "1",      "month",    "1 year",           "1 Month",    "1 monthss", "1 month ",
    " 1 month", "x days", "1.5 days", "99999999999 days", "1 days ago", "one month",
};

struct ProblemCase {
    std::string_view fields;
    void (*change)(Package&);
};

const ProblemCase kCases[] = {
    {"", [](Package&) {}},
    {"name ", [](Package& p) { p.name = ""; }},
    {"name ", [](Package& p) { p.name = std::string(256, 'x'); }},
    {"", [](Package& p) { p.name = std::string(255, 'x'); }},
    {"name ", [](Package& p) { p.name = "a\nb"; }},
    {"name ", [](Package& p) { p.name = "\xFF"; }},
    {"", [](Package& p) { p.name = "O'Brien; -- \xF0\x9F\x98\x80"; }},
    {"bandwidth ", [](Package& p) { p.bandwidth = ""; }},
    {"bandwidth ", [](Package& p) { p.bandwidth = "10MB"; }},
    {"bandwidth ", [](Package& p) { p.bandwidth = "10M/10M 20M/20M"; }},
    {"bandwidth ", [](Package& p) { p.bandwidth = std::string(51, '0'); }},
    {"bandwidth ", [](Package& p) { p.bandwidth = "10/10"; }},
    {"bandwidth ", [](Package& p) { p.bandwidth = "10M/999"; }},
    {"burst ", [](Package& p) { p.burst = "x"; }},
    {"burst ", [](Package& p) { p.burst = "9M/9M"; }},
    {"burst ", [](Package& p) { p.burst = "20M" + std::string(200, ' '); }},
    {"", [](Package& p) { p.burst = ""; }},
    {"bandwidth burst ", [](Package& p) { p.bandwidth = p.burst.emplace("x"); }},
    {"bandwidth ",
     [](Package& p) {
         p.bandwidth = "x";
         p.burst = "20M/20M 10M/10M 10/10 5";
     }},
    {"price ", [](Package& p) { p.price.minor = -1; }},
    {"", [](Package& p) { p.price.minor = 0; }},
    {"priority ", [](Package& p) { p.priority = 0; }},
    {"priority ", [](Package& p) { p.priority = 9; }},
    {"", [](Package& p) { p.priority = 8; }},
    {"simultaneous_use ", [](Package& p) { p.simultaneousUse = 0; }},
    {"simultaneous_use ", [](Package& p) { p.simultaneousUse = 1001; }},
    {"", [](Package& p) { p.simultaneousUse = 1000; }},
    {"interim_interval ", [](Package& p) { p.interimInterval = 59; }},
    {"", [](Package& p) { p.interimInterval = 60; }},
    {"interim_interval ", [](Package& p) { p.interimInterval = 86'401; }},
    {"idle_timeout ", [](Package& p) { p.idleTimeout = 0; }},
    {"", [](Package& p) { p.idleTimeout = 86'400; }},
    {"validity ", [](Package& p) { p.validity.count = 0; }},
    {"validity ", [](Package& p) { p.validity.count = -1; }},
    {"validity ", [](Package& p) { p.validity.count = 1201; }},
    {"pool ", [](Package& p) { p.pool = ""; }},
    {"pool ", [](Package& p) { p.pool = std::string(201, 'x'); }},
    {"", [](Package& p) { p.pool = std::string(200, 'x'); }},
    {"address_list ", [](Package& p) { p.addressList = "a\tb"; }},
    {"mikrotik_group ", [](Package& p) { p.mikrotikGroup = ""; }},
    {"ipv6_pool ", [](Package& p) { p.ipv6Pool = ""; }},
    {"delegated_ipv6_pool ", [](Package& p) { p.delegatedIpv6Pool = "\xC3"; }},
    {"", [](Package& p) { p.price.minor = billing::kMaxAmount; }},
    {"price ", [](Package& p) { p.price.minor = billing::kMaxAmount + 1; }},
    {"grace_days ", [](Package& p) { p.terms.ladder.graceDays = -1; }},
    {"", [](Package& p) { p.validity.unit = ValidityUnit::Hour; }},
    {"", [](Package& p) { p.terms.mode = BillingMode::Postpaid; }},
    {"billing ",
     [](Package& p) {
         p.validity.unit = ValidityUnit::Hour;
         p.terms.mode = BillingMode::Postpaid;
     }},
};

struct QuotaCase {
    std::string_view fields;
    QuotaPolicy quota;
};

constexpr std::int64_t kGig = 1'000'000'000;
const QuotaTier kSlow{50 * kGig, "2M/2M"};
const QuotaTier kSlower{100 * kGig, "512k/512k"};
const QuotaTier kCap{150 * kGig, std::nullopt};

QuotaPolicy tiersOf(std::vector<QuotaTier> tiers) {
    QuotaPolicy quota;
    quota.tiers = std::move(tiers);
    return quota;
}

QuotaPolicy weightsOf(int upload, int download) {
    QuotaPolicy quota = tiersOf({kSlow});
    quota.uploadWeight = upload;
    quota.downloadWeight = download;
    return quota;
}

QuotaPolicy freeHours(int from, int until) {
    QuotaPolicy quota = tiersOf({kSlow});
    quota.freeFromHour = from;
    quota.freeUntilHour = until;
    return quota;
}

const QuotaCase kQuotas[] = {
    {"", tiersOf({kSlow, kSlower, kCap})},
    {"", tiersOf({kCap})},
    {"quota_tiers ", tiersOf({})},
    {"quota_tiers ", tiersOf({kSlower, kSlow})},
    {"quota_tiers ", tiersOf({kSlow, kSlow})},
    {"quota_tiers ", tiersOf({kSlow, {100 * kGig, std::nullopt}, {150 * kGig, "1M/1M"}})},
    {"quota_tiers ", tiersOf({{5 * kGig, "2/2"}})},
    {"quota_tiers ", tiersOf({{0, "2M/2M"}})},
    {"quota_tiers ", tiersOf({{-1, "2M/2M"}})},
    {"", tiersOf({{std::int64_t{1} << 50, "2M/2M"}})},
    {"quota_tiers ", tiersOf({{(std::int64_t{1} << 50) + 1, "2M/2M"}})},
    {"quota_tiers ", tiersOf({{kGig, "2MB"}})},
    {"quota_tiers ", tiersOf({{kGig, ""}})},
    {"quota_tiers ", tiersOf({{kGig, "2M/2M" + std::string(200, ' ')}})},
    {"", weightsOf(0, 1'000)},
    {"upload_weight ", weightsOf(-1, 100)},
    {"download_weight ", weightsOf(100, 1'001)},
    {"download_weight ", weightsOf(0, 0)},
    {"", freeHours(23, 5)},
    {"free_hours ", freeHours(-1, 5)},
    {"free_hours ", freeHours(0, 24)},
};

std::string fieldsOf(const Package& package) {
    std::string text;
    for (const core::FieldError& error : billing::packageProblems(package)) {
        CPPUNIT_ASSERT(!error.message.empty());
        text += error.field + " ";
    }
    return text;
}

}  // namespace

class PackageTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PackageTest);
    CPPUNIT_TEST(wordsAreReadBack);
    CPPUNIT_TEST(readsAndPrintsValidities);
    CPPUNIT_TEST(namesEachWrongField);
    CPPUNIT_TEST(namesAllWrongFieldsAtOnce);
    CPPUNIT_TEST(namesWhatIsWrongWithAQuota);
    CPPUNIT_TEST(rateLimitOfAWrongPackageIsOurBug);
    CPPUNIT_TEST_SUITE_END();

public:
    void wordsAreReadBack() {
        using billing::OnExpiry;
        using billing::PackageType;
        CPPUNIT_ASSERT(billing::parseOnExpiry("isolate") == OnExpiry::Isolate);
        CPPUNIT_ASSERT(billing::parseOnExpiry("reject") == OnExpiry::Reject);
        CPPUNIT_ASSERT(billing::parsePackageType("pppoe") == PackageType::Pppoe);
        CPPUNIT_ASSERT(billing::parsePackageType("hotspot") == PackageType::Hotspot);
        CPPUNIT_ASSERT(billing::parsePackageType("static") == PackageType::Static);
        for (const char* word : {"day", "billing-period", "month"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseQuotaPeriod(word).value()) == word);
        }
        for (const char* word : {"keep", "reset"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseQuotaOnChange(word).value()) == word);
        }
        CPPUNIT_ASSERT(!billing::parseQuotaPeriod("billing_period") && !billing::parseQuotaOnChange(""));
        for (const char* other : {"", "Isolate", "PPPOE", "isolate "}) {
            CPPUNIT_ASSERT(!billing::parseOnExpiry(other) && !billing::parsePackageType(other));
        }
    }

    void readsAndPrintsValidities() {
        for (const auto& [text, validity, printed] : kValidities) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), billing::parseValidity(text) == validity);
            CPPUNIT_ASSERT_EQUAL(std::string(printed), billing::formatValidity(validity));
        }
        for (const std::string_view text : kNoValidities) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !billing::parseValidity(text));
        }
    }

    void namesEachWrongField() {
        int number = 0;
        for (const auto& [fields, change] : kCases) {
            Package package = packageOf("Home 10");
            change(package);
            CPPUNIT_ASSERT_EQUAL_MESSAGE("case " + std::to_string(number), std::string(fields),
                                         fieldsOf(package));
            ++number;
        }
    }

    void namesAllWrongFieldsAtOnce() {
        Package package = packageOf("");
        package.bandwidth = "x";
        package.burst = "y";
        package.price.minor = -1;
        package.priority = 9;
        package.pool = "";
        CPPUNIT_ASSERT_EQUAL(std::string("name bandwidth burst price priority pool "), fieldsOf(package));
    }

    void namesWhatIsWrongWithAQuota() {
        int number = 0;
        for (const auto& [fields, quota] : kQuotas) {
            Package package = packageOf("Home 10");
            package.quota = quota;
            CPPUNIT_ASSERT_EQUAL_MESSAGE("case " + std::to_string(number), std::string(fields),
                                         fieldsOf(package));
            ++number;
        }
    }

    void rateLimitOfAWrongPackageIsOurBug() {
        Package package = packageOf("Home 10");
        package.priority = 3;
        CPPUNIT_ASSERT_EQUAL(std::string("10M/10M 0/0 0/0 0/0 3"), billing::packageRateLimitText(package));
        package.bandwidth = "x";
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return billing::packageRateLimitText(package); }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PackageTest);

}  // namespace gardu::test
