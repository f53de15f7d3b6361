#pragma once
// What operators do with a subscription.

#include "app/billing_desk.h"

namespace gardu::app {

/// renew, change-package, pause, resume, cancel, auto-renew, never-cut, promise, charge, unpark, discount.
void addSubscriptionVerbs(BillingGroup& group);
/// discount add, list, end.
void addDiscountCommands(BillingGroup group);

}  // namespace gardu::app
