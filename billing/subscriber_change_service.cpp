#include "billing/subscriber_change_service.h"

#include "billing/audit_service.h"
#include "billing/open_account_service.h"
#include "billing/quota_store.h"
#include "billing/record_json.h"
#include "billing/transact_service.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

/// What of a change is the account's.
struct AccountPart {
    std::optional<core::Date> end;
    bool cancels = false;
    [[nodiscard]] bool isEmpty() const { return !end && !cancels; }
};

/// Takes it out of `change`.
AccountPart takeAccountPart(const Subscription& before, SubscriberChange& change) {
    AccountPart part;
    if (change.endDate && *change.endDate != before.endDate) {
        if (!*change.endDate) {
            throw core::Refused(std::vector<core::FieldError>{
                {"end_date", "\"" + before.username +
                                 "\" is billed and would never be again without an end; gardu subscription "
                                 "never-cut " +
                                 before.username + " gives access whatever is paid"}});
        }
        part.end = **change.endDate;
    }
    change.endDate.reset();
    if (change.status == SubscriptionStatus::Cancelled && before.status != SubscriptionStatus::Cancelled) {
        part.cancels = true;
        change.status.reset();
    }
    return part;
}

bool changesAnything(const SubscriberChange& change) {
    return change.newUsername || change.password || change.packageName || change.startDate || change.status ||
           change.addresses;
}

void changeAccount(OpenAccount& open, const Subscription& before, const AccountPart& part) {
    if (part.end) {
        open.book().moveEnd(before.id, *part.end);
    }
    if (part.cancels) {
        open.book().cancel(before.id, std::nullopt);
    }
}

}  // namespace

SubscriberRecord changeSubscriber(core::Db& db, const SubscriberDesk& desk, const SubscriberChange& change,
                                  const Act& act) {
    const std::string customerId = getSubscriber(db, change.username).subscription.customerId;
    return transactTwice(db, [&](core::Tx& tx) {
        lockExistingAccount(tx, customerId);
        const Subscription before = subscriptionNamed(tx, change.username).subscription;
        SubscriberChange rest = change;
        const AccountPart part =
            subscriptionIsBilled(tx, before.id) ? takeAccountPart(before, rest) : AccountPart{};
        if (part.isEmpty() || changesAnything(rest)) {
            (void)updateWithin(tx, desk.vault, rest, act);
        }
        if (!part.isEmpty()) {
            OpenAccount open(tx, desk.settings, act, {customerId});
            const bool isLonger = part.end && before.endDate && *before.endDate < *part.end;
            const auto quota = isLonger ? quotaPeriodNow(tx, before.id, act.now) : std::nullopt;
            auto json = recordJson(subscriptionOf(open.account(), before.id));
            changeAccount(open, before, part);
            const AccountResult result = open.store();
            if (quota) {
                keepQuotaPeriod(tx, before.id, *quota, quota->days.next);
            }
            audit(tx, act,
                  {part.cancels ? "subscriber cancel" : "subscriber update", "subscription", before.id,
                   std::move(json), recordJson(subscriptionOf(result.account, before.id))});
        }
        auto record = findSubscriberById(tx, before.id);
        core::check(record.has_value(), "a subscriber who was just changed is gone");
        return std::move(*record);
    });
}

}  // namespace gardu::billing
