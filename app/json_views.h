#pragma once
// Stored things as JSON objects for the command line: no secret in any of them. Pure.

#include "app/output.h"
#include "billing/entitlement.h"
#include "billing/subscription_store.h"
#include "core/alarms.h"
#include "radius/auth_log_store.h"
#include "radius/nas.h"

namespace gardu::app {

[[nodiscard]] Json toJson(const core::Money& money);
[[nodiscard]] Json toJson(const radius::Nas& nas);
[[nodiscard]] Json toJson(const billing::Package& package);
/// With `access` and `access_reason` as they are now.
[[nodiscard]] Json toJson(const billing::SubscriberRecord& record, const billing::Entitlement& entitlement);
[[nodiscard]] Json toJson(const radius::AuthLogRow& row);
[[nodiscard]] Json toJson(const core::Alarm& alarm);

}  // namespace gardu::app
