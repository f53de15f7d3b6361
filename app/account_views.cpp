#include "app/account_views.h"

#include <algorithm>

#include "app/billing_views.h"
#include "app/json_values.h"
#include "billing/billing_period.h"
#include "radius/access_policy.h"

namespace gardu::app {

namespace {

/// The day of the month on which its periods begin: see billing/account_book.h.
int anchorOf(const billing::AccountSubscription& subscription) {
    const billing::Subscription& sold = subscription.subscription;
    const bool isPrepaid = subscription.package->package.terms.mode == billing::BillingMode::Prepaid;
    const core::Date first = isPrepaid && sold.endDate ? core::addDays(*sold.endDate, 1) : sold.startDate;
    return subscription.state.anchorDay.value_or(billing::anchorDayOf(first));
}

/// That holds today: what invoices say, or of postpaid, what runs without one. None: nothing runs.
std::optional<core::Period> currentPeriod(const billing::AccountSubscription& subscription,
                                          core::Date today) {
    std::optional<core::Period> period;
    for (const billing::InvoiceLine& line : subscription.charged) {
        const bool isOf =
            line.kind == billing::LineKind::Recurring && line.period && line.period->contains(today);
        if (isOf) {
            period = period ? core::Period{std::min(period->first, line.period->first),
                                           std::max(period->next, line.period->next)}
                            : *line.period;
        }
    }
    const auto& from = subscription.state.billedUntil;
    if (period || !from || today < *from) {
        return period;
    }
    return billing::firstPeriodFrom(*from, anchorOf(subscription), subscription.package->package.validity);
}

billing::Entitlement entitlementOf(const billing::Account& account,
                                   const billing::AccountSubscription& subscription,
                                   const AccountMoment& moment) {
    const auto policy = std::make_shared<const billing::PackagePolicy>(
        billing::packagePolicy(subscription.package->package, moment.defaults));
    return billing::entitlement(
        billing::subscriberFacts(billing::recordOf(account, subscription), policy, moment.zone), moment.now);
}

void addAccess(Json& json, const billing::Entitlement& entitlement) {
    json["access"] = name(entitlement.access);
    json["access_reason"] = name(entitlement.reason);
    json["access_reason_in_words"] = radius::reasonInWords(name(entitlement.reason));
    json["access_until"] = orNull(entitlement.until);
}

void addHolds(Json& json, const billing::BillingState& state, core::Date today) {
    // Those that are over say no more to anybody than what was owed in them.
    const auto still = [today](const std::optional<core::Date>& until) {
        return orNull(until && *until >= today ? until : std::nullopt);
    };
    json["never_cut_until"] = still(state.neverCutUntil);
    json["never_cut_reason"] = orNull(state.neverCutReason);
    json["promise_until"] = still(state.promiseUntil);
    json["notice_until"] = still(state.noticeUntil);
    json["paused_on"] = orNull(state.pausedOn);
    json["pause_until"] = orNull(state.pauseUntil);
    json["cancel_on"] = orNull(state.cancelOn);
    json["cancelled_on"] = orNull(state.cancelledOn);
    json["parked_reason"] = orNull(state.parkedReason);
    json["next_run_at"] = orNull(state.billAt);
}

template <class List>
Json listJson(const List& list, const core::Currency& currency) {
    Json json = Json::array();
    for (const auto& one : list) {
        json.push_back(toJson(one, currency));
    }
    return json;
}

Json openOf(const billing::Account& account, const std::optional<std::string>& subscriptionId,
            core::Date today) {
    Json open = Json::array();
    for (const billing::Invoice& invoice : account.open) {
        if (!subscriptionId || invoice.subscriptionId == subscriptionId) {
            open.push_back(toJson(invoice, today));
        }
    }
    return open;
}

Section openSection() {
    return {"Open invoices", "open_invoices", invoiceColumns()};
}

}  // namespace

Json subscriptionJson(const billing::Account& account, const billing::AccountSubscription& subscription,
                      const AccountMoment& moment) {
    const billing::Subscription& sold = subscription.subscription;
    const auto period = currentPeriod(subscription, moment.today());
    const auto& next = subscription.nextPackage;
    Json json = {{"id", sold.id},
                 {"username", sold.username},
                 {"customer", account.customer.name},
                 {"customer_id", account.customer.id},
                 {"package", subscription.package->package.name},
                 {"next_package", next ? Json(next->package.name) : Json(nullptr)},
                 {"billing", name(subscription.package->package.terms.mode)},
                 {"status", name(sold.status)},
                 {"stage", name(sold.stage)},
                 {"stage_since", orNull(subscription.state.stageSince)},
                 {"auto_renew", sold.autoRenew},
                 {"start_date", core::formatDate(sold.startDate)},
                 {"end_date", orNull(sold.endDate)},
                 {"anchor_day", anchorOf(subscription)},
                 {"period_start", periodStart(period)},
                 {"period_end", periodEnd(period)},
                 {"billed_until", orNull(subscription.state.billedUntil)}};
    addAccess(json, entitlementOf(account, subscription, moment));
    addHolds(json, subscription.state, moment.today());
    json["discounts"] = listJson(subscription.discounts, account.currency);
    json["pending_charges"] = listJson(subscription.pending, account.currency);
    json["open_invoices"] = openOf(account, sold.id, moment.today());
    return json;
}

Json accountJson(const billing::Account& account, const AccountMoment& moment) {
    Json json = toJson(account.customer);
    json["balance"] = moneyJson(billing::balanceOf(account), account.currency);
    json["credit"] = moneyJson(account.credit, account.currency);
    json["open_invoices"] = openOf(account, std::nullopt, moment.today());
    json["subscriptions"] = Json::array();
    for (const billing::AccountSubscription& subscription : account.subscriptions) {
        json["subscriptions"].push_back(subscriptionJson(account, subscription, moment));
    }
    return json;
}

Json changesJson(const billing::AccountResult& result, const AccountMoment& moment) {
    Json json = {{"issued", Json::array()}, {"events", Json::array()}};
    for (const billing::Invoice& invoice : result.changes.issued) {
        json["issued"].push_back(toJson(invoice, moment.today()));
    }
    for (const billing::BillingEvent& event : result.changes.events) {
        json["events"].push_back(toJson(event));
    }
    return json;
}

std::vector<Column> invoiceColumns() {
    return {{"NUMBER", "number"}, {"FROM", "period_start"}, {"UNTIL", "period_end"},
            {"DUE", "due_date"},  {"TOTAL", "total"},       {"OUTSTANDING", "outstanding"},
            {"STATUS", "status"}};
}

std::string accountText(const Json& account) {
    return page(account, {{"Subscriptions",
                           "subscriptions",
                           {{"USERNAME", "username"},
                            {"PACKAGE", "package"},
                            {"STATUS", "status"},
                            {"STAGE", "stage"},
                            {"PERIOD UNTIL", "period_end"},
                            {"ACCESS", "access"},
                            {"UNTIL", "access_until"}}},
                          openSection()});
}

std::string subscriptionText(const Json& subscription) {
    return page(subscription,
                {{"Discounts",
                  "discounts",
                  {{"ID", "id"},
                   {"NAME", "name"},
                   {"RATE", "rate"},
                   {"AMOUNT", "amount"},
                   {"FROM", "starts_on"},
                   {"TO", "ends_on"}}},
                 {"On the next invoice",
                  "pending_charges",
                  {{"KIND", "kind"}, {"DESCRIPTION", "description"}, {"AMOUNT", "amount"}, {"ID", "id"}}},
                 openSection()});
}

std::string eventLines(const std::vector<billing::BillingEvent>& events) {
    std::string text;
    for (const billing::BillingEvent& event : events) {
        text.append(event.message).append("\n");
    }
    return text;
}

}  // namespace gardu::app
