#pragma once
// What operators change about subscribers of whom some are billed: updateSubscriber(), where the end and the
// cancellation of who is billed go through his account.

#include <string>

#include "billing/account_service.h"
#include "billing/subscriber_service.h"

namespace gardu::billing {

/// What changeSubscriber() works with.
struct SubscriberDesk {
    /// Seals passwords.
    const core::Vault& vault;
    const BillingSettings& settings;
};

/// One transaction. Of who is billed, `endDate` is AccountBook::moveEnd() and the status Cancelled is
/// AccountBook::cancel(), from today. Throws core::Refused.
SubscriberRecord changeSubscriber(core::Db& db, const SubscriberDesk& desk, const SubscriberChange& change,
                                  const Act& act);

}  // namespace gardu::billing
