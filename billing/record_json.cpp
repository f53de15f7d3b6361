#include "billing/record_json.h"

#include <nlohmann/json.hpp>

namespace gardu::billing {

namespace {

using Json = nlohmann::ordered_json;

Json text(core::Date date) {
    return core::formatDate(date);
}

Json text(core::Instant instant) {
    return core::formatInstant(instant);
}

template <class T>
Json text(const T& value) {
    return value;
}

template <class T>
Json orNull(const std::optional<T>& value) {
    return value ? text(*value) : Json(nullptr);
}

/// Names come from people: what is not UTF-8 is replaced.
std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void addPeriod(Json& json, const std::optional<core::Period>& period) {
    json["period_start"] = period ? text(period->first) : Json(nullptr);
    json["period_end"] = period ? text(period->next) : Json(nullptr);
}

Json toJson(const DunningLadder& ladder) {
    return {{"grace_days", ladder.graceDays},
            {"suspend_days", orNull(ladder.suspendDays)},
            {"terminate_days", orNull(ladder.terminateDays)},
            {"notice_days", ladder.noticeDays},
            {"tolerance_minor", ladder.tolerance},
            {"no_cut_weekdays", formatWeekdays(ladder.noCutWeekdays)},
            {"cut_from_minute", ladder.cutFromMinute},
            {"cut_until_minute", ladder.cutUntilMinute},
            {"remind_days", formatDayList(ladder.remindDays)}};
}

Json toJson(const BillingTerms& terms) {
    return {{"billing", name(terms.mode)},
            {"invoice_at", name(terms.invoiceAt)},
            {"first_period", name(terms.firstPeriod)},
            {"late_renewal", name(terms.lateRenewal)},
            {"while_suspended", name(terms.whileSuspended)},
            {"trial_days", terms.trialDays},
            {"invoice_days", terms.invoiceDays},
            {"due_days", terms.dueDays},
            {"tax", orNull(terms.taxCode)},
            {"ladder", toJson(terms.ladder)}};
}

Json toJson(const QuotaPolicy& quota) {
    Json tiers = Json::array();
    for (const QuotaTier& tier : quota.tiers) {
        tiers.push_back({{"from_octets", tier.fromOctets}, {"rate_limit", orNull(tier.rateLimit)}});
    }
    return {{"period", name(quota.period)},
            {"tiers", tiers},
            {"upload_weight", quota.uploadWeight},
            {"download_weight", quota.downloadWeight},
            {"free_from_hour", quota.freeFromHour},
            {"free_until_hour", quota.freeUntilHour},
            {"on_package_change", name(quota.onPackageChange)}};
}

Json toJson(const Package& package) {
    return {{"id", package.id},
            {"name", package.name},
            {"type", name(package.type)},
            {"bandwidth", package.bandwidth},
            {"burst", orNull(package.burst)},
            {"priority", orNull(package.priority)},
            {"price_minor", package.price.minor},
            {"currency", package.price.currency.code},
            {"validity", formatValidity(package.validity)},
            {"on_expiry", name(package.onExpiry)},
            {"pool", orNull(package.pool)},
            {"address_list", orNull(package.addressList)},
            {"mikrotik_group", orNull(package.mikrotikGroup)},
            {"simultaneous_use", orNull(package.simultaneousUse)},
            {"simultaneous_policy", name(package.simultaneousPolicy)},
            {"interim_interval", orNull(package.interimInterval)},
            {"idle_timeout", orNull(package.idleTimeout)},
            {"ipv6_pool", orNull(package.ipv6Pool)},
            {"delegated_ipv6_pool", orNull(package.delegatedIpv6Pool)},
            {"terms", toJson(package.terms)},
            {"quota", package.quota ? toJson(*package.quota) : Json(nullptr)}};
}

Json toJson(const Subscription& subscription) {
    return {{"id", subscription.id},
            {"customer_id", subscription.customerId},
            {"package_id", subscription.packageId},
            {"username", subscription.username},
            {"start_date", text(subscription.startDate)},
            {"end_date", orNull(subscription.endDate)},
            {"auto_renew", subscription.autoRenew},
            {"status", name(subscription.status)},
            {"static_ip", orNull(subscription.addresses.ipv4)},
            {"framed_ipv6_prefix", orNull(subscription.addresses.framedIpv6Prefix)},
            {"delegated_ipv6_prefix", orNull(subscription.addresses.delegatedIpv6Prefix)},
            {"framed_routes", subscription.addresses.framedRoutes},
            {"access_until", orNull(subscription.accessUntil)},
            {"held_until", orNull(subscription.heldUntil)},
            {"dunning_stage", name(subscription.stage)}};
}

Json toJson(const BillingState& state) {
    return {{"bill_at", orNull(state.billAt)},
            {"anchor_day", orNull(state.anchorDay)},
            {"billed_until", orNull(state.billedUntil)},
            {"paid_until_at", orNull(state.paidUntilAt)},
            {"next_package_id", orNull(state.nextPackageId)},
            {"cancel_on", orNull(state.cancelOn)},
            {"cancelled_on", orNull(state.cancelledOn)},
            {"paused_on", orNull(state.pausedOn)},
            {"pause_until", orNull(state.pauseUntil)},
            {"never_cut_until", orNull(state.neverCutUntil)},
            {"never_cut_reason", orNull(state.neverCutReason)},
            {"promise_until", orNull(state.promiseUntil)},
            {"notice_until", orNull(state.noticeUntil)},
            {"held_from", orNull(state.heldFrom)},
            {"stage_since", orNull(state.stageSince)},
            {"stopped_on", orNull(state.stoppedOn)},
            {"parked_reason", orNull(state.parkedReason)}};
}

Json toJson(const InvoiceLine& line) {
    Json json{{"kind", name(line.kind)},
              {"description", line.description},
              {"net_minor", line.taxed.net},
              {"tax_minor", line.taxed.tax},
              {"tax", orNull(line.taxCode)}};
    addPeriod(json, line.period);
    return json;
}

}  // namespace

std::string recordJson(const Package& package) {
    return dump(toJson(package));
}

std::string recordJson(const Subscription& subscription, bool passwordIsNew) {
    Json json = toJson(subscription);
    if (passwordIsNew) {
        json["password"] = {{"changed", true}};
    }
    return dump(json);
}

std::string recordJson(const AccountSubscription& subscription) {
    Json json = toJson(subscription.subscription);
    json["package"] = subscription.package ? Json(subscription.package->package.name) : Json(nullptr);
    json["billing"] = toJson(subscription.state);
    return dump(json);
}

std::string customerJson(const Account& account) {
    const Customer& customer = account.customer;
    return dump({{"id", customer.id},
                 {"name", customer.name},
                 {"email", orNull(customer.email)},
                 {"phone", orNull(customer.phone)},
                 {"address", orNull(customer.address)},
                 {"status", name(customer.status)},
                 {"language", orNull(customer.language)},
                 {"balance_minor", balanceOf(account)},
                 {"currency", account.currency.code}});
}

std::string recordJson(const Invoice& invoice) {
    Json lines = Json::array();
    for (const InvoiceLine& line : invoice.lines) {
        lines.push_back(toJson(line));
    }
    Json json{{"id", invoice.id},
              {"kind", name(invoice.kind)},
              {"number", invoice.number},
              {"customer_id", invoice.customerId},
              {"subscription_id", orNull(invoice.subscriptionId)},
              {"issue_date", text(invoice.issueDate)},
              {"due_date", text(invoice.dueDate)},
              {"currency", invoice.currency.code},
              {"net_minor", invoice.sum.net},
              {"tax_minor", invoice.sum.tax},
              {"total_minor", invoice.sum.total()},
              {"outstanding_minor", invoice.outstanding},
              {"status", name(invoice.status)},
              {"void_reason", orNull(invoice.voidReason)},
              {"lines", lines}};
    addPeriod(json, invoice.period);
    return dump(json);
}

std::string recordJson(const Payment& payment) {
    return dump({{"id", payment.id},
                 {"kind", name(payment.kind)},
                 {"source", payment.source},
                 {"reference", payment.reference},
                 {"customer_id", orNull(payment.customerId)},
                 {"invoice_id", orNull(payment.invoiceId)},
                 {"subscription_id", orNull(payment.subscriptionId)},
                 {"of_payment_id", orNull(payment.ofPaymentId)},
                 {"method", name(payment.method)},
                 {"amount_minor", payment.amount.minor},
                 {"currency", payment.amount.currency.code},
                 {"paid_at", text(payment.paidAt)},
                 {"note", payment.note}});
}

}  // namespace gardu::billing
