#include "app/billing_views.h"

#include "app/json_values.h"
#include "app/json_views.h"
#include "billing/terms_text.h"

namespace gardu::app {

namespace {

/// As it is stored; a code that is not known any more has no digits after the point.
core::Currency currencyOf(const std::string& code) {
    return core::findCurrency(code).value_or(core::Currency{code, 0});
}

Json tierJson(const billing::QuotaTier& tier) {
    return {{"from_octets", tier.fromOctets}, {"rate_limit", orNull(tier.rateLimit)}};
}

/// Text that a program of ours wrote as JSON; as text where it is none.
Json parsed(const std::optional<std::string>& text) {
    if (!text) {
        return nullptr;
    }
    Json document = Json::parse(*text, nullptr, false);
    return document.is_discarded() ? Json(*text) : document;
}

Json lineJson(const billing::InvoiceLine& line, const core::Currency& currency) {
    return {{"kind", name(line.kind)},
            {"description", line.description},
            {"subscription_id", orNull(line.subscriptionId)},
            {"period_start", periodStart(line.period)},
            {"period_end", periodEnd(line.period)},
            {"amount_minor", line.amount},
            {"net_minor", line.taxed.net},
            {"tax_minor", line.taxed.tax},
            {"total_minor", line.taxed.total()},
            {"tax_code", orNull(line.taxCode)},
            {"tax_rate", billing::formatPercent(line.taxRatePpm)},
            {"currency", currency.code},
            {"text", core::formatMoney({line.taxed.total(), currency}) + " " + currency.code}};
}

Json ladderJson(const billing::DunningLadder& ladder, const core::Currency& currency) {
    return {{"grace_days", ladder.graceDays},
            {"suspend_days", orNull(ladder.suspendDays)},
            {"terminate_days", orNull(ladder.terminateDays)},
            {"notice_days", ladder.noticeDays},
            {"tolerance", moneyJson(ladder.tolerance, currency)},
            {"no_cut_weekdays", billing::formatWeekdays(ladder.noCutWeekdays)},
            {"cut_hours", billing::formatMinuteRange({ladder.cutFromMinute, ladder.cutUntilMinute})},
            {"remind_days", billing::formatDayList(ladder.remindDays)}};
}

}  // namespace

Json moneyJson(std::int64_t minor, const core::Currency& currency) {
    return toJson(core::Money{minor, currency});
}

Json toJson(const billing::BillingTerms& terms, const core::Currency& currency) {
    Json json = {{"billing", name(terms.mode)},
                 {"invoice_at", name(terms.invoiceAt)},
                 {"first_period", name(terms.firstPeriod)},
                 {"late_renewal", name(terms.lateRenewal)},
                 {"while_suspended", name(terms.whileSuspended)},
                 {"trial_days", terms.trialDays},
                 {"invoice_days", terms.invoiceDays},
                 {"due_days", terms.dueDays},
                 {"tax", orNull(terms.taxCode)}};
    json.update(ladderJson(terms.ladder, currency));
    return json;
}

Json toJson(const billing::QuotaPolicy& quota) {
    Json tiers = Json::array();
    for (const billing::QuotaTier& tier : quota.tiers) {
        tiers.push_back(tierJson(tier));
    }
    const bool hasFreeHours = quota.freeFromHour != quota.freeUntilHour;
    const billing::HourRange free{quota.freeFromHour, quota.freeUntilHour};
    return {{"tiers", tiers},
            {"text", billing::formatQuotaTiers(quota.tiers)},
            {"period", name(quota.period)},
            {"upload_weight", quota.uploadWeight},
            {"download_weight", quota.downloadWeight},
            {"free_hours", hasFreeHours ? Json(billing::formatHourRange(free)) : Json(nullptr)},
            {"on_package_change", name(quota.onPackageChange)}};
}

Json toJson(const billing::Tax& tax) {
    return {{"code", tax.code},
            {"name", tax.name},
            {"rate", billing::formatPercent(tax.ratePpm)},
            {"rate_ppm", tax.ratePpm},
            {"inclusive", tax.inclusive}};
}

Json toJson(const billing::Holiday& holiday) {
    return {{"day", core::formatDate(holiday.day)}, {"name", holiday.name}};
}

Json toJson(const billing::Customer& customer) {
    return {{"id", customer.id},
            {"name", customer.name},
            {"email", orNull(customer.email)},
            {"phone", orNull(customer.phone)},
            {"address", orNull(customer.address)},
            {"status", name(customer.status)},
            {"language", orNull(customer.language)}};
}

Json toJson(const billing::Discount& discount, const core::Currency& currency) {
    return {{"id", discount.id},
            {"name", discount.name},
            {"rate", discount.ratePpm ? Json(billing::formatPercent(*discount.ratePpm)) : Json(nullptr)},
            {"amount", discount.amount ? moneyJson(*discount.amount, currency) : Json(nullptr)},
            {"starts_on", core::formatDate(discount.startsOn)},
            {"ends_on", orNull(discount.endsOn)}};
}

Json toJson(const billing::PendingCharge& charge, const core::Currency& currency) {
    return {{"id", charge.id},
            {"kind", name(charge.kind)},
            {"description", charge.description},
            {"amount", moneyJson(charge.amount, currency)},
            {"period_start", periodStart(charge.period)},
            {"period_end", periodEnd(charge.period)}};
}

Json toJson(const billing::Invoice& invoice, core::Date today) {
    Json lineList = Json::array();
    for (const billing::InvoiceLine& line : invoice.lines) {
        lineList.push_back(lineJson(line, invoice.currency));
    }
    return {{"id", invoice.id},
            {"kind", name(invoice.kind)},
            {"number", invoice.number.empty() ? Json(nullptr) : Json(invoice.number)},
            {"customer_id", invoice.customerId},
            {"subscription_id", orNull(invoice.subscriptionId)},
            {"period_start", periodStart(invoice.period)},
            {"period_end", periodEnd(invoice.period)},
            {"issue_date", core::formatDate(invoice.issueDate)},
            {"issued_at", core::formatInstant(invoice.issuedAt)},
            {"due_date", core::formatDate(invoice.dueDate)},
            {"status", statusOn(invoice, today)},
            {"currency", invoice.currency.code},
            {"net_minor", invoice.sum.net},
            {"tax_minor", invoice.sum.tax},
            {"total_minor", invoice.sum.total()},
            {"outstanding_minor", invoice.outstanding},
            {"total", moneyJson(invoice.sum.total(), invoice.currency)},
            {"outstanding", moneyJson(invoice.outstanding, invoice.currency)},
            {"credits_invoice_id", orNull(invoice.creditsInvoiceId)},
            {"void_reason", orNull(invoice.voidReason)},
            {"lines", lineList}};
}

Json toJson(const billing::Payment& payment) {
    return {{"id", payment.id},
            {"kind", name(payment.kind)},
            {"source", payment.source},
            {"reference", payment.reference},
            {"method", name(payment.method)},
            {"amount", toJson(payment.amount)},
            {"customer_id", orNull(payment.customerId)},
            {"subscription_id", orNull(payment.subscriptionId)},
            {"invoice_id", orNull(payment.invoiceId)},
            {"of_payment_id", orNull(payment.ofPaymentId)},
            {"paid_at", core::formatInstant(payment.paidAt)},
            {"note", payment.note},
            {"entered_by", payment.enteredBy}};
}

Json toJson(const billing::LedgerRow& row) {
    return {{"id", row.id},
            {"transaction_id", row.transactionId},
            {"kind", row.kind},
            {"posted_at", core::formatInstant(row.postedAt)},
            {"day", core::formatDate(row.day)},
            {"account", row.posting.account},
            {"amount", moneyJson(row.posting.amount, currencyOf(row.currency))},
            {"customer_id", orNull(row.posting.customerId)},
            {"invoice_id", orNull(row.posting.invoiceId)},
            {"payment_id", orNull(row.posting.paymentId)}};
}

Json toJson(const billing::BillingEvent& event) {
    return {{"action", event.action},
            {"message", event.message},
            {"subscription_id", orNull(event.subscriptionId)},
            {"invoice_id", orNull(event.invoiceId)},
            {"payment_id", orNull(event.paymentId)},
            {"meta", event.meta}};
}

Json toJson(const billing::BillingLogRow& row) {
    Json json = {
        {"id", row.id}, {"at", core::formatInstant(row.at)}, {"customer_id", orNull(row.customerId)}};
    json.update(toJson(row.event));
    return json;
}

Json toJson(const billing::AuditRow& row) {
    return {{"id", row.id},
            {"at", core::formatInstant(row.at)},
            {"actor", row.actor},
            {"action", row.action},
            {"entity", row.entity},
            {"entity_id", row.entityId},
            {"before", parsed(row.before)},
            {"after", parsed(row.after)}};
}

Json toJson(const billing::RunSummary& summary) {
    return {{"id", summary.id},
            {"seen", summary.seen},
            {"invoiced", summary.invoiced},
            {"renewed", summary.renewed},
            {"isolated", summary.isolated},
            {"restored", summary.restored},
            {"failed", summary.failed},
            {"parked", summary.parked},
            {"troubles", summary.troubles},
            {"is_others", summary.isOthers}};
}

}  // namespace gardu::app
