// Money that comes in and goes back: the payment verbs of billing/account_service.h. Order of locks: the
// customer's row, then the payment's.

#include <utility>

#include "billing/open_account_service.h"
#include "billing/payment_steps_service.h"
#include "billing/payment_store.h"
#include "billing/transact_service.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

Payment paymentOf(const Act& act, const PaymentInput& input, PaymentKind kind) {
    Payment payment;
    payment.id = core::newId(act.now);
    payment.kind = kind;
    payment.source = input.source;
    payment.reference = input.reference.empty() ? core::newId(act.now) : input.reference;
    payment.method = input.method;
    payment.amount = input.amount;
    payment.paidAt = input.paidAt.value_or(act.now);
    payment.note = input.note;
    payment.enteredBy = act.actor;
    return payment;
}

void setTarget(Payment& payment, const PaymentTarget& target) {
    payment.customerId = target.customerId;
    payment.invoiceId = target.invoiceId;
    payment.subscriptionId = target.subscriptionId;
}

/// The customer's row first, where there is one.
void lockFor(core::Tx& tx, const std::optional<std::string>& customerId) {
    if (customerId) {
        lockExistingAccount(tx, *customerId);
    }
}

/// A payment as it is under the locks of its customer and itself.
PaymentHistory lockHistory(core::Tx& tx, const std::string& paymentId,
                           const std::optional<std::string>& customerId) {
    lockFor(tx, customerId);
    lockPayment(tx, paymentId);
    return paymentHistory(tx, paymentId);
}

void refuseReversed(const PaymentHistory& history, const core::Zone& zone) {
    if (const Payment* reversal = history.find(PaymentKind::Reversal)) {
        throw core::Refused("this payment was taken back on " + zone.format(reversal->paidAt));
    }
}

void refuseMatched(const PaymentHistory& history, const core::Zone& zone) {
    refuseReversed(history, zone);
    if (const auto customerId = history.customerId()) {
        throw core::Refused("this payment is not in suspense; it belongs to customer " + *customerId);
    }
}

void refuseMoreThanPaid(const PaymentHistory& history, const Payment& refund, const core::Zone& zone) {
    refuseReversed(history, zone);
    const core::Money& paid = history.payment.amount;
    if (paid.currency != refund.amount.currency) {
        throw core::Refused({{"amount", "is in " + refund.amount.currency.code + ", and the payment was in " +
                                            paid.currency.code}});
    }
    const core::Money left{paid.minor - history.refunded(), paid.currency};
    if (refund.amount.minor > left.minor) {
        throw core::Refused({{"amount", "only " + core::formatMoney(left) + " " + left.currency.code +
                                            " of this payment is left to give back"}});
    }
}

}  // namespace

PaymentResult recordPayment(core::Db& db, const BillingSettings& settings, const Act& act,
                            const PaymentInput& input) {
    Payment payment = paymentOf(act, input, PaymentKind::Payment);
    setTarget(payment, db.read([&](core::Tx& tx) { return paymentTarget(tx, input); }));
    refusePaymentProblems(payment, act);
    const PaymentWork work{settings, act, "payment add"};
    return transactTwice(db, [&](core::Tx& tx) {
        lockFor(tx, payment.customerId);
        if (auto repeated = repeatedPayment(tx, work, payment)) {
            return std::move(*repeated);
        }
        if (input.reference.empty() && !input.again && payment.customerId) {
            refuseTwin(tx, work, payment);
        }
        return storePayment(tx, work, payment, [&](AccountBook& book) { book.pay(payment); });
    });
}

PaymentResult matchPayment(core::Db& db, const BillingSettings& settings, const Act& act,
                           const PaymentInput& match) {
    Payment payment = db.read([&](core::Tx& tx) {
        const PaymentHistory history = paymentHistory(tx, match.ofPayment);
        refuseMatched(history, settings.zone);
        Payment matched = paymentAbout(history.payment, PaymentKind::Match, act);
        setTarget(matched, paymentTarget(tx, match));
        return matched;
    });
    payment.note = match.note;
    refusePaymentProblems(payment, act);
    const PaymentWork work{settings, act, "payment match"};
    return transactTwice(db, [&](core::Tx& tx) {
        const PaymentHistory history = lockHistory(tx, match.ofPayment, payment.customerId);
        refuseMatched(history, settings.zone);
        if (!match.again) {
            Payment asPaid = payment;
            asPaid.paidAt = history.payment.paidAt;
            refuseTwin(tx, work, asPaid);
        }
        return storePayment(tx, work, payment, [&](AccountBook& book) { book.pay(payment); });
    });
}

PaymentResult refundPayment(core::Db& db, const BillingSettings& settings, const Act& act,
                            const PaymentInput& refund) {
    Payment payment = paymentOf(act, refund, PaymentKind::Refund);
    payment.ofPaymentId = refund.ofPayment;
    payment.customerId =
        db.read([&](core::Tx& tx) { return paymentHistory(tx, refund.ofPayment).customerId(); });
    if (!payment.customerId) {
        throw core::Refused("this payment is in suspense; reverse it instead (gardu payment reverse)");
    }
    refusePaymentProblems(payment, act);
    const PaymentWork work{settings, act, "payment refund"};
    return transactTwice(db, [&](core::Tx& tx) {
        const PaymentHistory history = lockHistory(tx, refund.ofPayment, payment.customerId);
        if (auto repeated = repeatedPayment(tx, work, payment)) {
            return std::move(*repeated);
        }
        refuseMoreThanPaid(history, payment, settings.zone);
        return storePayment(tx, work, payment, [&](AccountBook& book) { book.refund(payment); });
    });
}

PaymentResult reversePayment(core::Db& db, const BillingSettings& settings, const Act& act,
                             const PaymentInput& reversal) {
    Payment payment = db.read([&](core::Tx& tx) {
        const PaymentHistory history = paymentHistory(tx, reversal.ofPayment);
        Payment back = paymentAbout(history.payment, PaymentKind::Reversal, act);
        const Payment& entered = history.entered();
        setTarget(back, {entered.customerId, entered.invoiceId, entered.subscriptionId});
        return back;
    });
    payment.note = reversal.note;
    refusePaymentProblems(payment, act);
    const PaymentWork work{settings, act, "payment reverse"};
    return transactTwice(db, [&](core::Tx& tx) {
        const PaymentHistory history = lockHistory(tx, reversal.ofPayment, payment.customerId);
        if (history.customerId() != payment.customerId) {
            throw core::Refused("this payment has just found its customer; try again");
        }
        payment.amount.minor = history.payment.amount.minor - history.refunded();
        if (auto repeated = repeatedPayment(tx, work, payment)) {
            return std::move(*repeated);
        }
        if (payment.amount.minor == 0) {
            throw core::Refused("all of this payment was refunded; nothing of it is left to take back");
        }
        return storePayment(tx, work, payment,
                            [&](AccountBook& book) { book.reverse(payment, invoicesToReopen(tx, history)); });
    });
}

}  // namespace gardu::billing
