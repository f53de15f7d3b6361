#include "billing/account.h"

#include <algorithm>
#include <stdexcept>

#include "core/check.h"

namespace gardu::billing {

const AccountSubscription& subscriptionOf(const Account& account, const std::string& id) {
    const auto& all = account.subscriptions;
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const AccountSubscription& each) { return each.subscription.id == id; });
    core::check(found != all.end(), "an account without its subscription");
    return *found;
}

SubscriberRecord recordOf(const Account& account, const AccountSubscription& subscription) {
    SubscriberRecord record;
    record.subscription = subscription.subscription;
    record.usernameKey = subscription.usernameKey;
    record.customerStatus = account.customer.status;
    record.customerName = account.customer.name;
    record.packageName = subscription.package->package.name;
    return record;
}

std::int64_t balanceOf(const Account& account) {
    std::int64_t owed = -account.credit;
    for (const Invoice& invoice : account.open) {
        if (__builtin_add_overflow(owed, invoice.outstanding, &owed)) {
            throw std::overflow_error("what a customer owes does not fit in 64 bits");
        }
    }
    return owed;
}

}  // namespace gardu::billing
