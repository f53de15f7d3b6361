#include "app/quota_views.h"

#include "app/json_values.h"

namespace gardu::app {

namespace {

const billing::QuotaTier* tierOf(const radius::QuotaStanding& standing) {
    const int tier = standing.state.tier;
    return tier == 0 ? nullptr : &standing.policy.tiers.at(static_cast<std::size_t>(tier) - 1);
}

std::optional<std::int64_t> nextBound(const radius::QuotaStanding& standing) {
    const billing::QuotaUse& use = standing.state.use;
    const auto left = billing::octetsToNextTier(standing.policy, use.used, use.bonus);
    return left ? std::optional(use.used + *left) : std::nullopt;
}

}  // namespace

Json toJson(const radius::QuotaStanding& standing) {
    const billing::QuotaState& state = standing.state;
    const billing::QuotaTier* tier = tierOf(standing);
    return {
        {"period", name(standing.policy.period)},
        {"period_start", core::formatInstant(standing.window.from)},
        {"period_end", core::formatInstant(standing.window.to)},
        {"used_octets", state.use.used},
        {"bonus_octets", state.use.bonus},
        {"carried_octets", state.carried},
        {"tier", state.tier},
        {"tier_rate_limit", tier == nullptr ? Json(nullptr) : orNull(tier->rateLimit)},
        {"capped", tier != nullptr && !tier->rateLimit},
        {"next_tier_at_octets", orNull(nextBound(standing))},
        {"octets_to_cap", orNull(billing::octetsToCap(standing.policy, state.use.used, state.use.bonus))}};
}

std::string inWords(const radius::QuotaStanding& standing, const core::Zone& zone) {
    const billing::QuotaUse& use = standing.state.use;
    const billing::QuotaTier* tier = tierOf(standing);
    std::string text = octetsInWords(use.used) + " used from " + zone.format(standing.window.from) + " to " +
                       zone.format(standing.window.to);
    if (use.bonus > 0) {
        text += ", " + octetsInWords(use.bonus) + " bought";
    }
    if (tier != nullptr) {
        text += tier->rateLimit ? ", slowed down to " + *tier->rateLimit : ", used up";
    }
    const auto next = nextBound(standing);
    return text + (next ? ", the next bound is at " + octetsInWords(*next) : "");
}

}  // namespace gardu::app
