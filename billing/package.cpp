#include "billing/package.h"

#include <array>
#include <charconv>
#include <utility>

#include "billing/rate_limit.h"
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

/// Why these fields cannot stand together; nothing where they can.
std::optional<std::string> rateProblem(const std::string& bandwidth, const std::string& burst) {
    const auto rate = packageRateLimit(bandwidth, burst, std::nullopt);
    const auto* problem = std::get_if<std::string>(&rate);
    return problem == nullptr ? std::nullopt : std::optional(*problem);
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

std::vector<core::FieldError> packageProblems(const Package& package) {
    Errors errors;
    if (package.name.empty() || package.name.size() > kMaxPackageName ||
        !core::isPrintableUtf8(core::asBytes(package.name))) {
        errors.push_back({"name", "write a name of 1 to 255 printable characters"});
    }
    checkRates(errors, package);
    if (package.price.minor < 0) {
        errors.push_back({"price", "a price is not below zero"});
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
    return errors;
}

std::string packageRateLimitText(const Package& package) {
    const auto rate = packageRateLimit(package.bandwidth, package.burst.value_or(""), package.priority);
    core::check(std::holds_alternative<RateLimit>(rate),
                "a stored package has no rate limit that can be sent");
    return formatRateLimit(std::get<RateLimit>(rate));
}

}  // namespace gardu::billing
