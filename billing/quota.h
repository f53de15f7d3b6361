#pragma once
// Fair use and caps: tiers by octets in a period. A period has an id, so that nothing is ever zeroed. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/package.h"
#include "core/calendar.h"
#include "core/refused.h"

namespace gardu::billing {

// QuotaPolicy, QuotaTier, QuotaPeriod: billing/package.h.

/// What was used in one hour of the business zone: upload is what the subscriber sent.
struct UsedHour {
    core::Instant hourStart;
    std::int64_t upload = 0;
    std::int64_t download = 0;
};

struct QuotaWindow {
    /// "2027-02-15", the first day; of plans by the hour "2027-02-15T03:30:00Z".
    std::string key;
    core::Instant from;
    core::Instant to;
    core::Period days;
    bool operator==(const QuotaWindow&) const = default;
};

/// Where the billing periods of a subscription lie.
struct QuotaAnchor {
    int day = 1;
    Validity validity;
    /// When one of them begins or ends, whichever: plans by the day and by the hour count from it.
    core::Instant boundary;
};

/// The period of the policy that holds `now`. A billing period is a whole one, also where the first one that
/// is paid is shorter.
[[nodiscard]] QuotaWindow quotaWindow(const QuotaPolicy& policy, const QuotaAnchor& anchor,
                                      const core::Zone& zone, core::Instant now);

/// Weighted octets that count, hours of the free window left out.
[[nodiscard]] std::int64_t countedOctets(const QuotaPolicy& policy, const std::vector<UsedHour>& hours,
                                         const core::Zone& zone);

/// As it was evaluated last. From `periodEnd` on nothing is used yet.
struct QuotaUse {
    core::Instant periodEnd;
    /// Weighted octets, and those that were bought.
    std::int64_t used = 0;
    std::int64_t bonus = 0;
    bool operator==(const QuotaUse&) const = default;
};

/// The number of tiers that are reached, with `bonus` octets (top-ups) added to each bound; 0: none.
[[nodiscard]] int reachedTier(const QuotaPolicy& policy, std::int64_t used, std::int64_t bonus);
/// Weighted octets up to the next bound; none: no further one.
[[nodiscard]] std::optional<std::int64_t> octetsToNextTier(const QuotaPolicy& policy, std::int64_t used,
                                                           std::int64_t bonus);
/// Octets on the wire that may still pass before the cap, whatever the direction and the time; none: no cap,
/// or weights or free hours under which no number is right for all of them (then the server cuts).
[[nodiscard]] std::optional<std::int64_t> octetsToCap(const QuotaPolicy& policy, std::int64_t used,
                                                      std::int64_t bonus);

/// Of a carried top-up of `octets`, what is left after a period in which `used` was used of an allowance of
/// `included` octets.
[[nodiscard]] std::int64_t carriedOctets(std::int64_t octets, std::int64_t used, std::int64_t included);

}  // namespace gardu::billing
