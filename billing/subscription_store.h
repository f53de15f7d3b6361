#pragma once
// SQL of the table subscriptions. Each write announces the user name's key to the directories.

#include <optional>
#include <string>
#include <vector>

#include "billing/subscription.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// The next billing run looks at them. Throws core::DuplicateKey where a user name key or a static address is
/// taken.
void insertSubscriptions(core::Tx& tx, const std::vector<Subscription>& subscriptions, core::Instant now);
/// `formerKey`: the key before this change, announced too where it differs. The next billing run looks at it.
void updateSubscription(core::Tx& tx, const Subscription& subscription, const std::string& formerKey,
                        core::Instant now);
/// Billing's end to the second is none any more: the end was set by hand.
void forgetExactEnd(core::Tx& tx, const std::string& subscriptionId);
/// With its billing state.
void deleteSubscription(core::Tx& tx, const SubscriberRecord& record);

[[nodiscard]] std::optional<SubscriberRecord> findSubscriber(core::Tx& tx, const std::string& usernameKey);
[[nodiscard]] std::optional<SubscriberRecord> findSubscriberById(core::Tx& tx, const std::string& id);
/// As findSubscriber(), for a change: nobody else changes it before the transaction ends. Call it before any
/// other query of the transaction, or what it gives may be older than its lock.
[[nodiscard]] std::optional<SubscriberRecord> lockSubscriber(core::Tx& tx, const std::string& usernameKey);
/// Those of the keys that exist, in no order; at most 500 keys.
[[nodiscard]] std::vector<SubscriberRecord> findSubscribers(core::Tx& tx,
                                                            const std::vector<std::string>& keys);
/// In the order of the key, after `afterKey` ("" is the start), at most `limit`.
[[nodiscard]] std::vector<SubscriberRecord> subscriberPage(core::Tx& tx, const std::string& afterKey,
                                                           int limit);
/// In which the customer's other subscriptions are sold; nothing where there are none.
[[nodiscard]] std::optional<std::string> currencyOfOthers(core::Tx& tx, const std::string& customerId,
                                                          const std::string& exceptSubscriptionId);
/// The next billing run looks at all that have this package, or will.
void wakeSubscriptionsOf(core::Tx& tx, const std::string& packageId);
/// The same of one.
void wakeSubscription(core::Tx& tx, const std::string& id);
/// Which of these static addresses are taken; at most 500.
[[nodiscard]] std::vector<std::string> takenStaticAddresses(core::Tx& tx,
                                                            const std::vector<std::string>& addresses);
/// Invoices, payments, charges, discounts, top-ups or billing records refer to it, or days that are still to
/// be invoiced: it may be cancelled, not removed.
[[nodiscard]] bool subscriptionHasMoney(core::Tx& tx, const std::string& id);
/// Its end and its cancellation are its account's: it was invoiced or paid, or is about to be, or is paused.
[[nodiscard]] bool subscriptionIsBilled(core::Tx& tx, const std::string& id);
[[nodiscard]] bool subscriptionIsPaused(core::Tx& tx, const std::string& id);

}  // namespace gardu::billing
