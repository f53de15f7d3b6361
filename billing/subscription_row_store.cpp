#include "billing/subscription_row_store.h"

#include "billing/username.h"

namespace gardu::billing {

namespace {

/// Notes the first thing that no program of ours writes.
class Reader {
public:
    Reader(const std::string& username, std::string& problem) : username_(username), problem_(problem) {}

    template <class T>
    T stored(const char* column, const std::string& text, const std::optional<T>& value) {
        if (!value && problem_.empty()) {
            problem_ = std::string(column) + " of \"" + username_ + "\" is \"" + text +
                       "\" in the database, which it cannot be: correct it there";
        }
        return value.value_or(T{});
    }
    core::Date date(const char* column, const std::string& text) {
        return stored(column, text, core::parseDate(text));
    }

private:
    const std::string& username_;
    std::string& problem_;
};

}  // namespace

Subscription toSubscription(const core::Row& row, std::size_t first, std::string& problem) {
    Subscription subscription;
    subscription.id = row.text(first);
    subscription.customerId = row.text(first + 1);
    subscription.packageId = row.text(first + 2);
    subscription.username = row.text(first + 3);
    subscription.sealedPassword = row.text(first + 5);
    Reader reader(subscription.username, problem);
    subscription.startDate = reader.date("start_date", row.text(first + 6));
    if (!row.isNull(first + 7)) {
        subscription.endDate = reader.date("end_date", row.text(first + 7));
    }
    subscription.autoRenew = row.boolean(first + 8);
    const std::string& status = row.text(first + 9);
    subscription.status = reader.stored("status", status, parseSubscriptionStatus(status));
    subscription.addresses.ipv4 = row.optionalText(first + 10);
    subscription.addresses.framedRoutes = splitRoutes(row.optionalText(first + 11));
    subscription.addresses.framedIpv6Prefix = row.optionalText(first + 12);
    subscription.addresses.delegatedIpv6Prefix = row.optionalText(first + 13);
    subscription.accessUntil = row.optionalInstant(first + 14);
    subscription.heldUntil = row.optionalInstant(first + 15);
    const std::string& stage = row.text(first + 16);
    subscription.stage = reader.stored("dunning_stage", stage, parseDunningStage(stage));
    return subscription;
}

core::Values valuesOf(const Subscription& subscription) {
    return {subscription.customerId,
            subscription.packageId,
            subscription.username,
            usernameKey(subscription.username),
            subscription.sealedPassword,
            core::formatDate(subscription.startDate),
            core::toValue(subscription.endDate),
            std::int64_t{subscription.autoRenew ? 1 : 0},
            std::string(name(subscription.status)),
            core::toValue(subscription.addresses.ipv4),
            core::toValue(joinRoutes(subscription.addresses.framedRoutes)),
            core::toValue(subscription.addresses.framedIpv6Prefix),
            core::toValue(subscription.addresses.delegatedIpv6Prefix),
            core::toValue(subscription.accessUntil),
            core::toValue(subscription.heldUntil),
            std::string(name(subscription.stage))};
}

core::Values billedColumns(const Subscription& subscription) {
    return {subscription.packageId,
            core::formatDate(subscription.startDate),
            core::toValue(subscription.endDate),
            std::int64_t{subscription.autoRenew ? 1 : 0},
            std::string(name(subscription.status)),
            core::toValue(subscription.accessUntil),
            core::toValue(subscription.heldUntil),
            std::string(name(subscription.stage))};
}

std::string billedColumnsAsText(const Subscription& subscription) {
    const core::Row row(billedColumns(subscription));
    constexpr std::size_t kColumns = 8;
    std::string text;
    for (std::size_t column = 0; column < kColumns; ++column) {
        text.append(row.shown(column)).append("|");
    }
    return text;
}

BillingState toBillingState(const core::Row& row, std::size_t first) {
    BillingState state;
    state.billAt = row.optionalInstant(first);
    state.anchorDay = row.optionalInt(first + 1);
    state.billedUntil = row.optionalDay(first + 2);
    state.ratedFrom = row.optionalDay(first + 3);
    state.paidUntilAt = row.optionalInstant(first + 4);
    state.nextPackageId = row.optionalText(first + 5);
    state.nextPackageAt = row.optionalInstant(first + 6);
    state.cancelOn = row.optionalDay(first + 7);
    state.cancelledOn = row.optionalDay(first + 8);
    state.pausedOn = row.optionalDay(first + 9);
    state.pauseUntil = row.optionalDay(first + 10);
    state.neverCutUntil = row.optionalDay(first + 11);
    state.neverCutReason = row.optionalText(first + 12);
    state.promiseUntil = row.optionalDay(first + 13);
    state.noticeUntil = row.optionalDay(first + 14);
    state.heldFrom = row.optionalDay(first + 15);
    state.stageSince = row.optionalInstant(first + 16);
    state.stoppedOn = row.optionalDay(first + 17);
    state.parkedReason = row.optionalText(first + 18);
    return state;
}

core::Values valuesOf(const BillingState& state) {
    return {core::toValue(state.billAt),         core::toValue(state.anchorDay),
            core::toValue(state.billedUntil),    core::toValue(state.ratedFrom),
            core::toValue(state.paidUntilAt),    core::toValue(state.nextPackageId),
            core::toValue(state.nextPackageAt),  core::toValue(state.cancelOn),
            core::toValue(state.cancelledOn),    core::toValue(state.pausedOn),
            core::toValue(state.pauseUntil),     core::toValue(state.neverCutUntil),
            core::toValue(state.neverCutReason), core::toValue(state.promiseUntil),
            core::toValue(state.noticeUntil),    core::toValue(state.heldFrom),
            core::toValue(state.stageSince),     core::toValue(state.stoppedOn),
            core::toValue(state.parkedReason)};
}

}  // namespace gardu::billing
