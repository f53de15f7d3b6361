// AccountBook: money that comes and goes, and documents that are corrected.

#include <algorithm>

#include "billing/account_book.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

void requireMoney(const Account& account, const Payment& payment) {
    core::check(payment.customerId == account.customer.id, "a payment is of its account");
    if (payment.amount.currency != account.currency) {
        throw core::Refused(
            std::vector<core::FieldError>{{"amount", "the customer is billed in " + account.currency.code}});
    }
    if (payment.amount.minor <= 0 || payment.amount.minor > kMaxAmount) {
        throw core::Refused(
            std::vector<core::FieldError>{{"amount", "write an amount above zero that money can have"}});
    }
}

void describe(BillingEvent& event, const Payment& payment) {
    event.paymentId = payment.id;
    event.invoiceId = payment.invoiceId;
    event.subscriptionId = payment.subscriptionId;
    event.meta["amount_minor"] = std::to_string(payment.amount.minor);
    event.meta["currency"] = payment.amount.currency.code;
    event.meta["method"] = name(payment.method);
    event.meta["reference"] = payment.reference;
}

std::int64_t paidOn(const Invoice& invoice) {
    return invoice.sum.total() - invoice.outstanding;
}

void requireInvoice(const Invoice& invoice) {
    if (invoice.kind == DocumentKind::CreditNote) {
        throw core::Refused("a credit note stays; charge what it gave back");
    }
    if (invoice.status == InvoiceStatus::Void) {
        throw core::Refused("the invoice is void");
    }
}

}  // namespace

void AccountBook::pay(const Payment& payment) {
    core::check(payment.kind == PaymentKind::Payment || payment.kind == PaymentKind::Match,
                "money that comes in");
    requireMoney(account(), payment);
    const BillingCall call{.isMoney = true,
                           .mayReturn = true,
                           .invoiceId = payment.invoiceId,
                           .subscriptionId = payment.subscriptionId || payment.invoiceId
                                                 ? payment.subscriptionId
                                                 : onlyUnrenewed(),
                           .paidAt = payment.paidAt};
    act(call, [&] {
        writer_.addCredit(payment, payment.amount.minor);
        BillingEvent& event =
            writer_.tell("payment_received", "received " + writer_.moneyText(payment.amount.minor));
        describe(event, payment);
        AccountWriter::notify(event, "payment_received", "payment_received:" + payment.id);
    });
}

/// His only subscription, where nothing but a payment brings its next period.
std::optional<std::string> AccountBook::onlyUnrenewed() const {
    std::optional<std::size_t> only;
    for (std::size_t i = 0; i < account().subscriptions.size(); ++i) {
        if (!facts(i).isCancelled()) {
            if (only) {
                return std::nullopt;
            }
            only = i;
        }
    }
    if (!only || !facts(*only).paidEnd()) {
        return std::nullopt;
    }
    const AccountSubscription& it = writer_.at(*only);
    const bool comesByItself = it.subscription.autoRenew && !it.state.cancelOn;
    return comesByItself ? std::nullopt : std::optional(it.subscription.id);
}

void AccountBook::refund(const Payment& refund) {
    core::check(refund.kind == PaymentKind::Refund, "money that goes back");
    requireMoney(account(), refund);
    act({}, [&] {
        if (refund.amount.minor > account().credit) {
            throw core::Refused(std::vector<core::FieldError>{
                {"amount", "the customer's credit is " + writer_.moneyText(account().credit)}});
        }
        writer_.addCredit(refund, -refund.amount.minor);
        describe(writer_.tell("payment_refunded", "gave back " + writer_.moneyText(refund.amount.minor)),
                 refund);
    });
}

void AccountBook::reverse(const Payment& reversal, const std::vector<Invoice>& paid) {
    core::check(reversal.kind == PaymentKind::Reversal, "a payment that was taken back");
    requireMoney(account(), reversal);
    act({.isMoney = true}, [&] {
        writer_.addCredit(reversal, -reversal.amount.minor);
        BillingEvent& event =
            writer_.tell("payment_reversed", "taken back: " + writer_.moneyText(reversal.amount.minor));
        describe(event, reversal);
        // It asks for the money again: not where what was taken back paid for nothing.
        if (account().credit < 0) {
            AccountWriter::notify(event, "payment_reversed", "payment_reversed:" + reversal.id);
        }
        takeFromInvoices(paid);
        takeFromInvoices(writer_.paidSinceTake());
        if (account().credit < 0) {
            throw core::Refused("the payment is not in the customer's credit and on none of his invoices: " +
                                writer_.moneyText(-account().credit) + " were given back already");
        }
    });
}

void AccountBook::requireWhole(const Invoice& invoice) const {
    for (std::size_t i = 0; i < account().subscriptions.size(); ++i) {
        if (facts(i).isCreditedLater(invoice)) {
            throw core::Refused(
                "days of that invoice were credited or moved since; give back by a charge below zero");
        }
    }
}

void AccountBook::takeFromInvoices(const std::vector<Invoice>& paid) {
    for (const Invoice& stored : paid) {
        const Invoice invoice = writer_.latest(stored);
        const bool isPaid = invoice.kind == DocumentKind::Invoice && invoice.status != InvoiceStatus::Void &&
                            paidOn(invoice) > 0;
        if (account().credit >= 0 || !isPaid) {
            continue;
        }
        writer_.deallocate(invoice, std::min(-account().credit, paidOn(invoice)));
        giveNotice(invoice);
    }
}

void AccountBook::giveNotice(const Invoice& reopened) {
    for (std::size_t i = 0; i < account().subscriptions.size(); ++i) {
        const AccountSubscription& it = writer_.at(i);
        const BillingFacts is = facts(i);
        if ((reopened.subscriptionId && *reopened.subscriptionId != it.subscription.id) || is.isCancelled()) {
            continue;
        }
        const bool isToCome = reopened.subscriptionId && reopened.periodKey && is.paidEnd() &&
                              is.beginOf(reopened) > now_ && !is.isCreditedLater(reopened);
        if (isToCome) {
            takeBackDays(i, reopened);
        }
        const int days = it.package->package.terms.ladder.noticeDays;
        if (days > 0 && !isCut(it.subscription.stage)) {
            const core::Date until = core::addDays(today(), days);
            change(i).state.heldFrom = is.nextHoldFrom();
            change(i).state.noticeUntil = std::max(it.state.noticeUntil.value_or(until), until);
        }
    }
}

void AccountBook::voidInvoice(const Invoice& invoice, const std::string& reason) {
    act({.mayReturn = true}, [&] {
        const Invoice latest = writer_.latest(invoice);
        core::check(latest.customerId == account().customer.id, "an invoice is of its account");
        requireInvoice(latest);
        requireWhole(latest);
        if (reason.empty()) {
            throw core::Refused(std::vector<core::FieldError>{{"reason", "write why"}});
        }
        const bool isPaid = latest.subscriptionId && latest.periodKey &&
                            !facts(indexOf(*latest.subscriptionId)).isWaiting(latest);
        if (isPaid) {
            takeBackWhole(indexOf(*latest.subscriptionId), latest);
        }
        writer_.voidDocument(latest, reason);
        if (isPaid) {
            sellAgain(indexOf(*latest.subscriptionId), latest);
        }
    });
}

void AccountBook::takeBackWhole(std::size_t index, const Invoice& invoice) {
    const BillingFacts is = facts(index);
    if (is.isCancelled()) {
        return;
    }
    const core::Instant ends = is.endOf(invoice);
    if (is.paidEnd() && now_ < ends && ends < *is.paidEnd()) {
        throw core::Refused("a later period is paid; make the invoice of that one void first");
    }
    takeBackDays(index, invoice);
}

/// The prepaid period of days that runs, so that those that were used are not given away. What the credit of
/// the void invoice does not pay of it (its price rose, say) is a debt, due as one: nobody is cut off by it.
void AccountBook::sellAgain(std::size_t index, const Invoice& invoice) {
    const BillingFacts is = facts(index);
    const Subscription& it = writer_.at(index).subscription;
    const bool renews = it.autoRenew && it.status == SubscriptionStatus::Active && is.isPrepaid();
    if (!renews || !invoice.period || is.paidEnd() != is.beginOf(invoice) || is.beginOf(invoice) > now_ ||
        is.endOf(invoice) <= now_) {
        return;
    }
    const RenewalPlan plan = is.planOf(invoice);
    InvoiceDraft draft = is.draftOf(plan);
    draft.dueDate = dueDate(index);
    const auto id = writer_.issue(index, std::move(draft));
    const Invoice* issued = id ? writer_.findOpen(*id) : nullptr;
    const std::int64_t amount =
        issued != nullptr ? std::min(std::max<std::int64_t>(account().credit, 0), issued->outstanding) : 0;
    if (amount > 0) {
        (void)writer_.allocate(*id, amount);
    }
    extend(index, plan.begins, plan.ends);
}

void AccountBook::creditInvoice(const Invoice& invoice, std::int64_t amount, const std::string& reason) {
    const BillingCall call{.mayReturn = true, .invoiceId = invoice.id};
    act(call, [&] {
        const Invoice latest = writer_.latest(invoice);
        requireInvoice(latest);
        requireWhole(latest);
        core::check(!latest.lines.empty(), "an invoice comes with its lines");
        const std::int64_t left = amountOf(latest.lines) - latest.credited;
        if (amount <= 0 || amount > left) {
            throw core::Refused(std::vector<core::FieldError>{
                {"amount", "write an amount above zero, at most " + writer_.moneyText(left)}});
        }
        if (reason.empty()) {
            throw core::Refused(std::vector<core::FieldError>{{"reason", "write why"}});
        }
        writer_.credit(latest, amount, reason);
    });
}

void AccountBook::addCharge(std::size_t index, const OneOffCharge& charge, bool atOnce) {
    if (charge.amount == 0 || charge.amount > kMaxAmount || charge.amount < -kMaxAmount) {
        throw core::Refused(std::vector<core::FieldError>{
            {"amount", "write an amount that is not zero and that money can have"}});
    }
    if (charge.description.empty()) {
        throw core::Refused(std::vector<core::FieldError>{{"description", "write what it is for"}});
    }
    const LineKind kind = charge.amount < 0 ? LineKind::Credit : LineKind::Charge;
    writer_.tell(index, "charge_added", charge.description + ": " + writer_.moneyText(charge.amount))
        .meta["amount_minor"] = std::to_string(charge.amount);
    if (!atOnce) {
        writer_.addPending(index, {.id = writer_.newId(),
                                   .kind = kind,
                                   .description = charge.description,
                                   .amount = charge.amount,
                                   .period = std::nullopt});
        return;
    }
    InvoiceDraft draft;
    draft.lines.push_back(taxedLine(kind, charge.description, charge.amount, writer_.at(index).package->tax));
    draft.lines.back().subscriptionId = writer_.at(index).subscription.id;
    draft.dueDate = dueDate(index);
    writer_.issue(index, std::move(draft));
}

void AccountBook::charge(const std::string& subscriptionId, const OneOffCharge& charge, bool atOnce) {
    act({},
        [&] { addCharge(atOnce ? indexOf(subscriptionId) : liveIndexOf(subscriptionId), charge, atOnce); });
}

void AccountBook::dropCharge(const std::string& subscriptionId, const std::string& chargeId) {
    act({}, [&] {
        const std::size_t index = indexOf(subscriptionId);
        const std::vector<PendingCharge>& pending = writer_.at(index).pending;
        const auto found = std::find_if(pending.begin(), pending.end(),
                                        [&](const PendingCharge& each) { return each.id == chargeId; });
        if (found == pending.end()) {
            throw core::Refused(std::vector<core::FieldError>{
                {"charge",
                 "no charge of this id waits for the next invoice; what is on an invoice already is given "
                 "back by a credit note"}});
        }
        if (found->period) {
            throw core::Refused(std::vector<core::FieldError>{
                {"charge",
                 "is a part of the price of days that were used; give it back by a charge below 0"}});
        }
        writer_
            .tell(index, "charge_dropped",
                  found->description + ": " + writer_.moneyText(found->amount) + " is not charged")
            .meta["amount_minor"] = std::to_string(found->amount);
        writer_.dropPending(index, chargeId);
    });
}

}  // namespace gardu::billing
