#pragma once
// What is left of a quota, for people and as JSON. Pure.

#include "app/output.h"
#include "radius/quota_service.h"

namespace gardu::app {

/// Octets are weighted ones, as they count. `tier` 0 is the package's own rate; `tier_rate_limit` is null
/// there and at the cap, where `capped` is true. `next_tier_at_octets` is null where there is no further one.
[[nodiscard]] Json toJson(const radius::QuotaStanding& standing);
/// "3.2 GB of 50 GB used since 2027-02-15, ...".
[[nodiscard]] std::string inWords(const radius::QuotaStanding& standing, const core::Zone& zone);

}  // namespace gardu::app
