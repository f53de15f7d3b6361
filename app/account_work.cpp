#include "app/account_work.h"

#include <algorithm>

#include "core/check.h"
#include "core/entropy.h"

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

namespace {

/// More than anybody owes, and far from what does not fit.
constexpr std::int64_t kPlenty = 1'000'000'000'000'000;

/// What was outstanding of it before.
std::int64_t owedBefore(const billing::Account& account, const billing::Invoice& invoice) {
    const auto found = std::find_if(account.open.begin(), account.open.end(),
                                    [&](const billing::Invoice& each) { return each.id == invoice.id; });
    return found != account.open.end() ? found->outstanding : invoice.sum.total();
}

/// Adds the invoice of that subscription that was just paid.
void addPaid(const billing::Account& before, const billing::Invoice& invoice,
             const std::string& subscriptionId, ToPay& all) {
    if (invoice.status == billing::InvoiceStatus::Void) {
        // What was paid on it is free again.
        billing::Invoice then = invoice;
        then.outstanding = owedBefore(before, invoice);
        all.amount -= billing::paidOf(then);
        return;
    }
    const bool isPaid = invoice.kind == billing::DocumentKind::Invoice &&
                        invoice.status == billing::InvoiceStatus::Paid &&
                        invoice.subscriptionId == subscriptionId;
    if (!isPaid) {
        return;
    }
    all.amount += owedBefore(before, invoice);
    if (invoice.period) {
        const core::Period& days = *invoice.period;
        all.brings = all.brings ? core::Period{std::min(all.brings->first, days.first),
                                               std::max(all.brings->next, days.next)}
                                : days;
    }
}

bool hasFullAccess(BillingDesk& desk, const billing::Account& account, const std::string& subscriptionId) {
    return subscriptionJson(account, billing::subscriptionOf(account, subscriptionId), momentOf(desk))
               .at("access") == "full";
}

struct Trial {
    ToPay paid;
    /// What it would have been without the last ones of the invoices that it pays.
    std::vector<std::int64_t> less;
    bool hasAccess = false;
};

/// Whose payment is tried, under which rules.
struct Payer {
    const billing::Account& account;
    const billing::BillingRules& rules;
    const std::string& subscriptionId;
};

/// What a payment of that amount would do; nothing where it would be refused.
std::optional<Trial> tryPayment(BillingDesk& desk, const Payer& payer, std::int64_t amount) {
    const auto& [account, rules, subscriptionId] = payer;
    billing::AccountBook book(
        account, rules, [&] { return core::newId(desk.now()); }, desk.now());
    billing::Payment payment;
    payment.id = core::newId(desk.now());
    payment.source = "none";
    payment.reference = payment.id;
    payment.customerId = account.customer.id;
    payment.subscriptionId = subscriptionId;
    payment.amount = {amount, account.currency};
    payment.paidAt = desk.now();
    try {
        book.pay(payment);
    } catch (const core::Refused&) {
        return std::nullopt;  // parked, or of no currency
    }
    const billing::AccountChanges changes = book.take();
    Trial trial;
    for (const auto* invoices : {&changes.updated, &changes.issued}) {
        for (const billing::Invoice& invoice : *invoices) {
            trial.less.push_back(trial.paid.amount - account.credit);
            addPaid(account, invoice, subscriptionId, trial.paid);
        }
    }
    trial.paid.amount -= account.credit;
    if (billing::subscriptionOf(account, subscriptionId).package->package.terms.mode !=
        billing::BillingMode::Prepaid) {
        trial.paid.brings.reset();
    }
    trial.hasAccess = hasFullAccess(desk, book.account(), subscriptionId);
    return trial;
}

}  // namespace

std::optional<ToPay> toPay(BillingDesk& desk, const billing::Account& account,
                           const std::string& subscriptionId) {
    std::int64_t open = -account.credit;
    bool isOpen = false;
    for (const billing::Invoice& invoice : account.open) {
        if (invoice.subscriptionId == subscriptionId) {
            open += invoice.outstanding;
            isOpen = true;
        }
    }
    if (!isOpen && hasFullAccess(desk, account, subscriptionId)) {
        return std::nullopt;
    }
    const billing::BillingRules rules =
        desk.db().read([&](core::Tx& tx) { return billing::loadRules(tx, desk.settings()); });
    const Payer payer{account, rules, subscriptionId};
    const auto plenty = tryPayment(desk, payer, kPlenty);
    if (!plenty || plenty->paid.amount <= 0) {
        return std::nullopt;
    }
    // The least that brings access: not a further period too.
    std::vector<std::int64_t> amounts = plenty->less;
    amounts.push_back(open);
    std::sort(amounts.begin(), amounts.end());
    amounts.erase(std::unique(amounts.begin(), amounts.end()), amounts.end());
    for (const std::int64_t amount : amounts) {
        const bool isLess = amount > 0 && amount < plenty->paid.amount;
        const auto exact = isLess ? tryPayment(desk, payer, amount) : std::nullopt;
        if (exact && exact->hasAccess && (!isOpen || amount >= open)) {
            return ToPay{amount, exact->paid.brings};
        }
    }
    return plenty->paid;
}

Result shown(BillingDesk& desk, const billing::AccountResult& result, const std::string& subscriptionId) {
    const AccountMoment moment = momentOf(desk);
    const Json subscription =
        subscriptionJson(result.account, billing::subscriptionOf(result.account, subscriptionId), moment);
    Json document = subscription;
    document.update(changesJson(result, moment));
    const std::string events = eventLines(result.changes.events);
    return {document,
            events + (events.empty() ? "" : "\n") + subscriptionText(localTimes(subscription, desk.zone()))};
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
