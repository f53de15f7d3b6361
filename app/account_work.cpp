#include "app/account_work.h"

#include "core/check.h"

namespace gardu::app {

AccountMoment momentOf(BillingDesk& desk) {
    return {desk.now(), desk.zone(), desk.workplace().policyDefaults()};
}

billing::Account loadAccount(BillingDesk& desk, const std::string& customerId) {
    auto account = desk.db().read([&](core::Tx& tx) {
        return billing::loadAccount(tx, customerId, billing::loadPricedPackages(tx), desk.today());
    });
    core::check(account.has_value(), "a customer whose account cannot be loaded");
    return std::move(*account);
}

Result shown(BillingDesk& desk, const billing::AccountResult& result, const std::string& subscriptionId) {
    const AccountMoment moment = momentOf(desk);
    const Json subscription =
        subscriptionJson(result.account, subscriptionIn(result.account, subscriptionId), moment);
    Json document = subscription;
    document.update(changesJson(result, moment));
    const std::string events = eventLines(result.changes.events);
    return {document, events + (events.empty() ? "" : "\n") + subscriptionText(subscription)};
}

Result onSubscription(BillingDesk& desk, const SubscriptionVerb& verb) {
    desk.checkOptions();
    const billing::Subscription found = desk.db().read(
        [&](core::Tx& tx) { return billing::subscriptionNamed(tx, verb.subscription).subscription; });
    const auto result = billing::onAccount(
        desk.db(), desk.settings(), desk.act(),
        {found.customerId, verb.action, "subscription", found.id,
         [&](core::Tx& tx, billing::AccountBook& book) { verb.work(tx, book, found.id); }});
    return shown(desk, result, found.id);
}

}  // namespace gardu::app
