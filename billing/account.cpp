#include "billing/account.h"

#include <stdexcept>

namespace gardu::billing {

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
