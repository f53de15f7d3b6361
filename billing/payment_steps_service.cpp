#include "billing/payment_steps_service.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "billing/audit_service.h"
#include "billing/customer_store.h"
#include "billing/invoice_store.h"
#include "billing/ledger_store.h"
#include "billing/open_account_service.h"
#include "billing/payment_store.h"
#include "billing/record_json.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

/// Clocks of gateways differ; a day is a mistake.
constexpr std::chrono::hours kMostAhead{24};
/// The clerk of the evening types what the one of the morning has typed.
constexpr std::chrono::hours kTwinsWithin{24};

[[noreturn]] void refuseField(const char* field, std::string words) {
    throw core::Refused(std::vector<core::FieldError>{{field, std::move(words)}});
}

/// What `find` gives; its refusal as one of this field.
template <class Find>
auto inField(const char* field, Find&& find) {
    try {
        return find();
    } catch (const core::Refused& refused) {
        refuseField(field, refused.what());
    }
}

std::string inWords(const core::Money& money) {
    return core::formatMoney(money) + " " + money.currency.code;
}

/// "invoice INV-2027-000001", "subscription budi", as people name them.
std::string targetInWords(core::Tx& tx, const Payment& payment) {
    if (payment.invoiceId) {
        const auto invoice = findInvoice(tx, *payment.invoiceId);
        return "invoice " + (invoice ? invoice->number : *payment.invoiceId);
    }
    if (payment.subscriptionId) {
        const auto record = findSubscriberById(tx, *payment.subscriptionId);
        return "subscription " + (record ? record->subscription.username : *payment.subscriptionId);
    }
    if (payment.customerId) {
        const auto customer = findCustomer(tx, *payment.customerId);
        return "customer " + (customer ? customer->name : *payment.customerId);
    }
    return "nobody known";
}

/// "150000 IDR by cash to invoice INV-2027-000001"
std::string inWords(core::Tx& tx, const Payment& payment) {
    std::string words = inWords(payment.amount);
    words.append(" by ").append(name(payment.method)).append(" to ");
    return words.append(targetInWords(tx, payment));
}

[[noreturn]] void refuseOtherContent(core::Tx& tx, const Payment& known, const Payment& payment) {
    std::string words = "was used for another payment already: ";
    words.append(inWords(tx, known)).append("; this one is ").append(inWords(tx, payment));
    words.append(". Give each payment a reference of its own");
    refuseField("reference", std::move(words));
}

/// A customer has one currency, that of his packages.
void refuseAnotherCurrency(const Account& account, const Payment& payment) {
    if (account.currency.code.empty()) {
        refuseField("customer", "has no subscription that money could be for; add one first");
    }
    if (account.currency != payment.amount.currency) {
        throw core::Refused(
            {{"amount", "is in " + payment.amount.currency.code + ", and this customer's invoices are in " +
                            account.currency.code}});
    }
}

/// They name different subscriptions, or this one names another invoice that is still open.
bool isForAnother(core::Tx& tx, const Payment& known, const Payment& payment) {
    if (known.subscriptionId && payment.subscriptionId && known.subscriptionId != payment.subscriptionId) {
        return true;
    }
    if (!known.invoiceId || !payment.invoiceId || known.invoiceId == payment.invoiceId) {
        return false;
    }
    const auto named = findInvoice(tx, *payment.invoiceId);
    return named && named->outstanding > 0;
}

void postSuspense(core::Tx& tx, const PaymentWork& work, const Payment& payment) {
    const std::vector<LedgerEntry> entries{postingsOf(payment)};
    const std::vector<std::string> ids{core::newId(work.act.now)};
    appendEntries(tx, {entries, ids, work.act.now, work.settings.zone.localDate(work.act.now)});
    BillingEvent event;
    event.action = payment.kind == PaymentKind::Reversal ? "payment_reversed" : "payment_in_suspense";
    event.message = inWords(payment.amount).append(" with reference ").append(payment.reference);
    event.paymentId = payment.id;
    insertBillingLogs(tx, std::nullopt, {event}, work.act.now);
}

}  // namespace

PaymentTarget paymentTarget(core::Tx& tx, const PaymentInput& input) {
    if (int{input.customer.has_value()} + int{input.subscription.has_value()} +
            int{input.invoice.has_value()} >
        1) {
        throw core::Refused("name one of customer, subscription and invoice");
    }
    if (input.invoice) {
        const Invoice invoice = inField("invoice", [&] { return invoiceNamed(tx, *input.invoice); });
        if (invoice.kind == DocumentKind::CreditNote) {
            refuseField("invoice", invoice.number +
                                       " is a credit note: nothing is owed on it; name the "
                                       "customer, or an invoice");
        }
        return {invoice.customerId, invoice.id, invoice.subscriptionId};
    }
    if (input.subscription) {
        const Subscription subscription =
            inField("subscription", [&] { return subscriptionNamed(tx, *input.subscription).subscription; });
        return {subscription.customerId, std::nullopt, subscription.id};
    }
    if (input.customer) {
        return {inField("customer", [&] { return customerIdOf(tx, *input.customer); }), std::nullopt,
                std::nullopt};
    }
    return {};
}

std::optional<std::string> PaymentHistory::customerId() const {
    return entered().customerId;
}

const Payment& PaymentHistory::entered() const {
    const Payment* match = find(PaymentKind::Match);
    return match != nullptr ? *match : payment;
}

const Payment* PaymentHistory::find(PaymentKind kind) const {
    const auto found =
        std::find_if(about.begin(), about.end(), [&](const Payment& each) { return each.kind == kind; });
    return found != about.end() ? &*found : nullptr;
}

std::int64_t PaymentHistory::refunded() const {
    std::int64_t sum = 0;
    for (const Payment& each : about) {
        sum += each.kind == PaymentKind::Refund ? each.amount.minor : 0;
    }
    return sum;
}

PaymentHistory paymentHistory(core::Tx& tx, const std::string& paymentId) {
    auto payment = findPayment(tx, paymentId);
    if (!payment) {
        throw core::Refused("there is no payment \"" + paymentId + "\"");
    }
    if (payment->kind != PaymentKind::Payment) {
        throw core::Refused(std::string("this is a ").append(name(payment->kind)) + " of the payment " +
                            payment->ofPaymentId.value_or("") + "; name that one");
    }
    return {std::move(*payment), paymentsAbout(tx, paymentId)};
}

std::vector<Invoice> invoicesToReopen(core::Tx& tx, const PaymentHistory& history) {
    const Payment& entered = history.entered();
    std::vector<Invoice> paid = paidInvoicesOf(tx, entered.customerId.value());
    const std::vector<std::string> own = invoicesMovedBy(tx, entered.id);
    const auto rank = [&](const Invoice& invoice) {
        if (invoice.id == entered.invoiceId) {
            return 0;
        }
        if (std::find(own.begin(), own.end(), invoice.id) != own.end()) {
            return 1;
        }
        return entered.subscriptionId && invoice.subscriptionId == entered.subscriptionId ? 2 : 3;
    };
    std::stable_sort(paid.begin(), paid.end(),
                     [&](const Invoice& a, const Invoice& b) { return rank(a) < rank(b); });
    return paid;
}

Payment paymentAbout(const Payment& payment, PaymentKind kind, const Act& act) {
    Payment another = payment;
    another.id = core::newId(act.now);
    another.kind = kind;
    another.reference = std::string(name(kind)).append(":").append(payment.id);
    another.ofPaymentId = payment.id;
    another.paidAt = act.now;
    another.note.clear();
    another.enteredBy = act.actor;
    return another;
}

void refusePaymentProblems(const Payment& payment, const Act& act) {
    auto problems = paymentProblems(payment);
    if (payment.paidAt > act.now + kMostAhead) {
        problems.push_back({"paid_at", "lies in the future"});
    }
    if (!problems.empty()) {
        throw core::Refused(std::move(problems));
    }
}

std::optional<PaymentResult> repeatedPayment(core::Tx& tx, const PaymentWork& work, const Payment& payment) {
    auto known = findPaymentByReference(tx, payment.source, payment.reference);
    if (!known) {
        return std::nullopt;
    }
    if (!isSamePayment(*known, payment)) {
        refuseOtherContent(tx, *known, payment);
    }
    PaymentResult result{std::move(*known), true, std::nullopt};
    if (result.payment.customerId) {
        const OpenAccount open(tx, work.settings, work.act, {*result.payment.customerId});
        result.account = {open.account(), {}};
        for (const std::string& id : invoicesMovedBy(tx, result.payment.id)) {
            if (auto invoice = findInvoice(tx, id)) {
                result.account->changes.updated.push_back(std::move(*invoice));
            }
        }
    }
    return result;
}

void refuseTwin(core::Tx& tx, const PaymentWork& work, const Payment& payment) {
    for (const Payment& known : paymentsLike(tx, payment, work.act.now - kTwinsWithin, kTwinsWithin)) {
        if (!isForAnother(tx, known, payment)) {
            const Payment entered = findPayment(tx, known.ofPaymentId.value_or(known.id)).value_or(known);
            std::string words = "this customer has a payment like it: ";
            words.append(inWords(tx, known)).append(", paid ");
            words.append(work.settings.zone.format(entered.paidAt)).append(", ").append(entered.id);
            words.append(payment.kind == PaymentKind::Payment
                             ? ". Give this one a reference of its own, or say that it is another one (again)"
                             : ". Say that this is another one (again), if it is");
            refuseField("reference", std::move(words));
        }
    }
}

PaymentResult storePayment(core::Tx& tx, const PaymentWork& work, const Payment& payment,
                           const std::function<void(AccountBook&)>& change) {
    insertPayment(tx, payment, work.act.now);
    PaymentResult result{payment, false, std::nullopt};
    if (payment.customerId) {
        OpenAccount open(tx, work.settings, work.act, {*payment.customerId});
        refuseAnotherCurrency(open.account(), payment);
        change(open.book());
        result.account = open.store();
    } else {
        postSuspense(tx, work, payment);
    }
    audit(tx, work.act,
          {work.action, "payment", payment.ofPaymentId.value_or(payment.id), std::nullopt,
           recordJson(payment)});
    return result;
}

}  // namespace gardu::billing
