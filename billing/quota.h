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
    core::Period days{};
    bool operator==(const QuotaWindow&) const = default;
};

/// Where the billing periods of a subscription lie.
struct QuotaAnchor {
    int day = 1;
    Validity validity;
    /// When one of them begins or ends, whichever: plans by the day and by the hour count from it.
    core::Instant boundary;
    /// One whose end was moved: while it lasts, it is the period.
    std::optional<core::Period> moved = {};
    /// Paused since that day: the period of that day goes on.
    std::optional<core::Date> pausedOn = {};
};

/// The days of the billing period that holds `day`; not of plans by the hour.
[[nodiscard]] core::Period billingDays(const QuotaAnchor& anchor, const core::Zone& zone, core::Date day);

/// What becomes of a billing period where the end of what is paid was moved: it keeps its first day, and ends
/// with the first period by the anchor of now that ends on `end` or later.
[[nodiscard]] core::Period movedPeriod(const core::Period& before, core::Date end, const QuotaAnchor& anchor,
                                       const core::Zone& zone);

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

/// A row of quota_states.
struct QuotaState {
    std::string subscriptionId;
    /// Whose quota it is of.
    std::string packageId;
    std::string periodKey;
    core::Instant periodStart;
    /// Weighted octets; `use.bonus` is all that was bought for this period.
    QuotaUse use;
    /// Weighted octets that do not count, since the package changed after them.
    std::int64_t base = 0;
    /// Of the bonus: what was bought in earlier periods.
    std::int64_t carried = 0;
    int tier = 0;
    bool operator==(const QuotaState&) const = default;
};

/// Octets that were bought in one period.
struct QuotaTopups {
    std::int64_t plain = 0;
    /// Those that go on to the next period.
    std::int64_t carry = 0;
};

/// What a new state of a subscription is made of.
struct QuotaReading {
    std::string subscriptionId;
    std::string packageId;
    QuotaWindow window;
    /// Weighted octets of the window.
    std::int64_t counted = 0;
    /// Bought in it, and what is left of what was bought before (of a new window).
    QuotaTopups topups;
    std::int64_t carried = 0;
    /// Of a subscription without a state: it may have come from another package.
    bool mayHaveChanged = false;
};

/// `former`: the state before, of whatever period and package.
[[nodiscard]] QuotaState nextQuotaState(const QuotaPolicy& policy, const std::optional<QuotaState>& former,
                                        const QuotaReading& reading);

/// Whether the network has to know: another tier, period or bonus, or octets where they limit sessions.
[[nodiscard]] bool mattersToNetwork(const QuotaPolicy& policy, const std::optional<QuotaState>& former,
                                    const QuotaState& state);

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
