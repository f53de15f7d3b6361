#include "billing/package.h"

#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "billing/rate_limit.h"
#include "billing/rating.h"
#include "core/bytes.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

/// What a vendor's text attribute holds at most is 247 octets; the columns hold 200.
constexpr std::size_t kMaxNameOnRouter = 200;
constexpr std::size_t kMaxPackageName = 255;
constexpr std::size_t kMaxBandwidth = 50;
constexpr std::size_t kMaxBurst = 200;
constexpr int kMaxSimultaneousUse = 1'000;
constexpr int kMaxSeconds = 86'400;
constexpr int kMinInterimSeconds = 60;
constexpr int kMaxValidity = 1'200;
constexpr int kMaxWeight = 1'000;
constexpr int kLastHour = 23;
constexpr std::size_t kMaxTiers = 20;
constexpr std::size_t kMaxTierRate = 200;
/// A pebibyte: sums of them, weighted, still fit.
constexpr std::int64_t kMaxOctets = std::int64_t{1} << 50;

using Errors = std::vector<core::FieldError>;

void checkRange(Errors& errors, const char* field, const std::optional<int>& number,
                std::pair<int, int> range) {
    if (number && (*number < range.first || *number > range.second)) {
        errors.push_back({field, "write a whole number from " + std::to_string(range.first) + " to " +
                                     std::to_string(range.second)});
    }
}

void checkRouterName(Errors& errors, const char* field, const std::optional<std::string>& text) {
    if (!text) {
        return;
    }
    if (text->empty() || text->size() > kMaxNameOnRouter || !core::isPrintableUtf8(core::asBytes(*text))) {
        errors.push_back({field, "write a name of 1 to 200 printable characters, as it is on the router"});
    }
}

/// What is wrong with a rate. "10" is ten bits a second, and was meant to be ten million.
std::optional<std::string> problemIn(const std::variant<RateLimit, std::string>& parsed) {
    constexpr std::uint64_t kLeast = 1'000;
    if (const auto* problem = std::get_if<std::string>(&parsed)) {
        return *problem;
    }
    const RatePair rate = std::get<RateLimit>(parsed).rate;
    const bool isTiny = (rate.rx > 0 && rate.rx < kLeast) || (rate.tx > 0 && rate.tx < kLeast);
    return isTiny
               ? std::optional<std::string>(
                     "the rate is below 1000 bits a second: write its unit, such as 10M/10M (0 is unlimited)")
               : std::nullopt;
}

/// Why these fields cannot stand together; nothing where they can.
std::optional<std::string> rateProblem(const std::string& bandwidth, const std::string& burst) {
    return problemIn(packageRateLimit(bandwidth, burst, std::nullopt));
}

void checkRates(Errors& errors, const Package& package) {
    const std::string burst = package.burst.value_or("");
    const auto inBandwidth = rateProblem(package.bandwidth, "");
    if (inBandwidth) {
        errors.push_back({"bandwidth", *inBandwidth});
    } else if (package.bandwidth.size() > kMaxBandwidth) {
        errors.push_back({"bandwidth", "write at most 50 characters"});
    }
    // Where the bandwidth is wrong, the burst is weighed without it.
    const auto inBurst = rateProblem(inBandwidth ? "0/0" : package.bandwidth, burst);
    if (inBurst) {
        errors.push_back({"burst", *inBurst});
    } else if (burst.size() > kMaxBurst) {
        errors.push_back({"burst", "write at most 200 characters"});
    }
}

/// Why this tier cannot follow those before it; nothing where it can.
std::optional<std::string> tierProblem(const QuotaTier& tier, const QuotaTier* before) {
    if (tier.fromOctets <= 0 || tier.fromOctets > kMaxOctets) {
        return "a tier begins above 0 octets and below 2^50";
    }
    if (before != nullptr && before->fromOctets >= tier.fromOctets) {
        return "each tier begins at more octets than the one before";
    }
    if (before != nullptr && !before->rateLimit) {
        return "nothing comes after a cap";
    }
    if (!tier.rateLimit) {
        return std::nullopt;
    }
    if (tier.rateLimit->size() > kMaxTierRate) {
        return "write a rate of at most 200 characters";
    }
    return problemIn(parseRateLimit(*tier.rateLimit));
}

void checkTiers(Errors& errors, const std::vector<QuotaTier>& tiers) {
    if (tiers.empty() || tiers.size() > kMaxTiers) {
        errors.push_back({"quota_tiers", "write 1 to 20 tiers"});
    }
    const QuotaTier* before = nullptr;
    for (const QuotaTier& tier : tiers) {
        if (auto problem = tierProblem(tier, before)) {
            errors.push_back({"quota_tiers", std::move(*problem)});
        }
        before = &tier;
    }
}

void checkQuota(Errors& errors, const QuotaPolicy& quota) {
    checkTiers(errors, quota.tiers);
    checkRange(errors, "upload_weight", quota.uploadWeight, {0, kMaxWeight});
    checkRange(errors, "download_weight", quota.downloadWeight, {0, kMaxWeight});
    if (quota.uploadWeight == 0 && quota.downloadWeight == 0) {
        errors.push_back({"download_weight", "one direction has to count"});
    }
    checkRange(errors, "free_hours", quota.freeFromHour, {0, kLastHour});
    checkRange(errors, "free_hours", quota.freeUntilHour, {0, kLastHour});
}

void checkTerms(Errors& errors, const Package& package) {
    Errors problems = termsProblems(package.terms);
    errors.insert(errors.end(), std::make_move_iterator(problems.begin()),
                  std::make_move_iterator(problems.end()));
    if (package.validity.unit == ValidityUnit::Hour && package.terms.mode == BillingMode::Postpaid) {
        errors.push_back({"billing", "a package by the hour is prepaid"});
    }
}

}  // namespace

std::string_view name(OnExpiry policy) {
    return policy == OnExpiry::Isolate ? "isolate" : "reject";
}

std::optional<OnExpiry> parseOnExpiry(std::string_view text) {
    for (const OnExpiry policy : {OnExpiry::Isolate, OnExpiry::Reject}) {
        if (name(policy) == text) {
            return policy;
        }
    }
    return std::nullopt;
}

std::string_view name(SimultaneousPolicy policy) {
    return policy == SimultaneousPolicy::ReplaceOld ? "replace-old" : "reject-new";
}

std::optional<SimultaneousPolicy> parseSimultaneousPolicy(std::string_view text) {
    if (text == name(SimultaneousPolicy::RejectNew)) {
        return SimultaneousPolicy::RejectNew;
    }
    if (text == name(SimultaneousPolicy::ReplaceOld)) {
        return SimultaneousPolicy::ReplaceOld;
    }
    return std::nullopt;
}

std::string_view name(PackageType type) {
    constexpr std::array<std::string_view, 3> names = {"pppoe", "hotspot", "static"};
    return names.at(static_cast<std::size_t>(type));
}

std::optional<PackageType> parsePackageType(std::string_view text) {
    for (const PackageType type : {PackageType::Pppoe, PackageType::Hotspot, PackageType::Static}) {
        if (name(type) == text) {
            return type;
        }
    }
    return std::nullopt;
}

std::string_view name(ValidityUnit unit) {
    constexpr std::array<std::string_view, 3> names = {"month", "day", "hour"};
    return names.at(static_cast<std::size_t>(unit));
}

std::optional<ValidityUnit> parseValidityUnit(std::string_view text) {
    for (const ValidityUnit unit : {ValidityUnit::Month, ValidityUnit::Day, ValidityUnit::Hour}) {
        if (name(unit) == text || std::string(name(unit)) + "s" == text) {
            return unit;
        }
    }
    return std::nullopt;
}

std::string formatValidity(Validity validity) {
    return std::to_string(validity.count) + " " + std::string(name(validity.unit)) +
           (validity.count == 1 ? "" : "s");
}

std::optional<Validity> parseValidity(std::string_view text) {
    Validity validity;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), validity.count);
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    while (!rest.empty() && rest.front() == ' ') {
        rest.remove_prefix(1);
    }
    const auto unit = parseValidityUnit(rest);
    if (error != std::errc{} || !unit) {
        return std::nullopt;
    }
    validity.unit = *unit;
    return validity;
}

std::int64_t hoursOf(Validity validity) {
    constexpr std::array<std::int64_t, 3> hours = {std::int64_t{365} * 24 / 12, 24, 1};
    return validity.count * hours.at(static_cast<std::size_t>(validity.unit));
}

std::string_view name(QuotaPeriod period) {
    constexpr std::array<std::string_view, 3> names = {"day", "billing-period", "month"};
    return names.at(static_cast<std::size_t>(period));
}

std::optional<QuotaPeriod> parseQuotaPeriod(std::string_view text) {
    for (const QuotaPeriod period : {QuotaPeriod::Day, QuotaPeriod::BillingPeriod, QuotaPeriod::Month}) {
        if (name(period) == text) {
            return period;
        }
    }
    return std::nullopt;
}

std::string_view name(QuotaOnChange onChange) {
    return onChange == QuotaOnChange::Keep ? "keep" : "reset";
}

std::optional<QuotaOnChange> parseQuotaOnChange(std::string_view text) {
    for (const QuotaOnChange onChange : {QuotaOnChange::Keep, QuotaOnChange::Reset}) {
        if (name(onChange) == text) {
            return onChange;
        }
    }
    return std::nullopt;
}

std::vector<core::FieldError> packageProblems(const Package& package) {
    Errors errors;
    if (package.name.empty() || package.name.size() > kMaxPackageName ||
        !core::isPrintableUtf8(core::asBytes(package.name))) {
        errors.push_back({"name", "write a name of 1 to 255 printable characters"});
    }
    checkRates(errors, package);
    if (package.price.minor < 0) {
        errors.push_back({"price", "a price is not below zero"});
    } else if (package.price.minor > kMaxAmount) {
        errors.push_back({"price", "larger than any price here may be"});
    }
    checkRange(errors, "priority", package.priority, {1, 8});
    checkRange(errors, "simultaneous_use", package.simultaneousUse, {1, kMaxSimultaneousUse});
    checkRange(errors, "interim_interval", package.interimInterval, {kMinInterimSeconds, kMaxSeconds});
    checkRange(errors, "idle_timeout", package.idleTimeout, {1, kMaxSeconds});
    checkRange(errors, "validity", package.validity.count, {1, kMaxValidity});
    checkRouterName(errors, "pool", package.pool);
    checkRouterName(errors, "address_list", package.addressList);
    checkRouterName(errors, "mikrotik_group", package.mikrotikGroup);
    checkRouterName(errors, "ipv6_pool", package.ipv6Pool);
    checkRouterName(errors, "delegated_ipv6_pool", package.delegatedIpv6Pool);
    checkTerms(errors, package);
    if (package.quota) {
        checkQuota(errors, *package.quota);
    }
    return errors;
}

std::string packageRateLimitText(const Package& package) {
    const auto rate = packageRateLimit(package.bandwidth, package.burst.value_or(""), package.priority);
    core::check(std::holds_alternative<RateLimit>(rate),
                "a stored package has no rate limit that can be sent");
    return formatRateLimit(std::get<RateLimit>(rate));
}

}  // namespace gardu::billing
