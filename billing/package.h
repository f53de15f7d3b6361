#pragma once
// Packages: what an ISP sells. A plain value and its rules. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/billing_terms.h"
#include "core/money.h"
#include "core/refused.h"

namespace gardu::billing {

/// What access is left when the subscription has ended or is suspended.
enum class OnExpiry { Isolate, Reject };

[[nodiscard]] std::string_view name(OnExpiry policy);
[[nodiscard]] std::optional<OnExpiry> parseOnExpiry(std::string_view text);

/// What happens where all simultaneous sessions of a subscriber are taken: the new login is refused, or his
/// oldest session makes room.
enum class SimultaneousPolicy { RejectNew, ReplaceOld };

[[nodiscard]] std::string_view name(SimultaneousPolicy policy);
[[nodiscard]] std::optional<SimultaneousPolicy> parseSimultaneousPolicy(std::string_view text);

enum class PackageType { Pppoe, Hotspot, Static };

[[nodiscard]] std::string_view name(PackageType type);
[[nodiscard]] std::optional<PackageType> parsePackageType(std::string_view text);

enum class ValidityUnit { Month, Day, Hour };

/// How long one payment lasts.
struct Validity {
    int count = 1;
    ValidityUnit unit = ValidityUnit::Month;
    bool operator==(const Validity&) const = default;
};

[[nodiscard]] std::string_view name(ValidityUnit unit);
[[nodiscard]] std::optional<ValidityUnit> parseValidityUnit(std::string_view text);
/// "1 month", "30 days", "12 hours".
[[nodiscard]] std::string formatValidity(Validity validity);
[[nodiscard]] std::optional<Validity> parseValidity(std::string_view text);
/// The same time for months of a twelfth of 365 days.
[[nodiscard]] std::int64_t hoursOf(Validity validity);

/// What a quota counts over: a local day, the billing period, or the calendar month.
enum class QuotaPeriod { Day, BillingPeriod, Month };

[[nodiscard]] std::string_view name(QuotaPeriod period);  // "day", "billing-period", "month"
[[nodiscard]] std::optional<QuotaPeriod> parseQuotaPeriod(std::string_view text);

/// What a change of the package does to what was used.
enum class QuotaOnChange { Keep, Reset };

[[nodiscard]] std::string_view name(QuotaOnChange onChange);  // "keep", "reset"
[[nodiscard]] std::optional<QuotaOnChange> parseQuotaOnChange(std::string_view text);

struct QuotaTier {
    std::int64_t fromOctets = 0;
    /// Mikrotik-Rate-Limit from there on; none: no access (the cap, always the last tier).
    std::optional<std::string> rateLimit;
    bool operator==(const QuotaTier&) const = default;
};

struct QuotaPolicy {
    QuotaPeriod period = QuotaPeriod::BillingPeriod;
    /// By their bounds, ascending; never empty.
    std::vector<QuotaTier> tiers;
    /// Percent of each octet that counts.
    int uploadWeight = 100;
    int downloadWeight = 100;
    /// Local hours [from, until) that do not count, over midnight where until < from; equal: none.
    int freeFromHour = 0;
    int freeUntilHour = 0;
    QuotaOnChange onPackageChange = QuotaOnChange::Keep;
    bool operator==(const QuotaPolicy&) const = default;
};

struct Package {
    std::string id;
    std::string name;
    /// Fields of Mikrotik-Rate-Limit; see billing/rate_limit.h.
    std::string bandwidth;
    std::optional<std::string> burst;
    std::optional<int> priority;
    core::Money price;
    PackageType type = PackageType::Pppoe;
    /// Name of an /ip/pool on the router.
    std::optional<std::string> pool;
    /// Firewall address list while access is full.
    std::optional<std::string> addressList;
    /// PPP profile or hotspot user profile on the router.
    std::optional<std::string> mikrotikGroup;
    /// Sessions at the same time; none: no limit.
    std::optional<int> simultaneousUse;
    SimultaneousPolicy simultaneousPolicy = SimultaneousPolicy::RejectNew;
    /// Seconds; none: the configured default.
    std::optional<int> interimInterval;
    /// Seconds.
    std::optional<int> idleTimeout;
    std::optional<std::string> ipv6Pool;
    std::optional<std::string> delegatedIpv6Pool;
    Validity validity;
    OnExpiry onExpiry = OnExpiry::Isolate;
    BillingTerms terms;
    /// None: no quota.
    std::optional<QuotaPolicy> quota;
};

/// Every field that is wrong, named as on the command line. Empty: the package may be stored.
[[nodiscard]] std::vector<core::FieldError> packageProblems(const Package& package);

/// The whole Mikrotik-Rate-Limit of a package that has no problems.
[[nodiscard]] std::string packageRateLimitText(const Package& package);

}  // namespace gardu::billing
