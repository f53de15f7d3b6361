#pragma once
// The steps that payments, matches, refunds and reversals have in common, each within their transaction.

#include <optional>
#include <string>
#include <vector>

#include "billing/account_service.h"

namespace gardu::billing {

/// Who gets a payment; all of nothing: nobody is known.
struct PaymentTarget {
    std::optional<std::string> customerId;
    std::optional<std::string> invoiceId;
    std::optional<std::string> subscriptionId;
};
/// Throws core::Refused with the field that names nothing, or where several are named.
[[nodiscard]] PaymentTarget paymentTarget(core::Tx& tx, const PaymentInput& input);

/// A payment (not a refund or the like) with what became of it.
struct PaymentHistory {
    Payment payment;
    std::vector<Payment> about;

    /// Of the payment or its match.
    [[nodiscard]] std::optional<std::string> customerId() const;
    [[nodiscard]] const Payment* find(PaymentKind kind) const;
    /// The payment, or its match: what brought it to its customer.
    [[nodiscard]] const Payment& entered() const;
    [[nodiscard]] std::int64_t refunded() const;
};
/// Throws core::Refused where there is none.
[[nodiscard]] PaymentHistory paymentHistory(core::Tx& tx, const std::string& paymentId);

/// Invoices of the customer from which a reversal of the payment takes money back, in that order: the one
/// that it named, those that it paid, those of the subscription that it named, then the newest.
[[nodiscard]] std::vector<Invoice> invoicesToReopen(core::Tx& tx, const PaymentHistory& history);

/// One that says something about another payment, with the same source, method and amount.
[[nodiscard]] Payment paymentAbout(const Payment& payment, PaymentKind kind, const Act& act);
/// Throws core::Refused with every wrong field.
void refusePaymentProblems(const Payment& payment, const Act& act);

/// What a payment task needs besides its payments.
struct PaymentWork {
    const BillingSettings& settings;
    const Act& act;
    /// Of the audit row: "payment add".
    std::string action;
};
/// The payment that was here before under this reference, with its account as it is now and the invoices, as
/// `updated` ones, that it went to; nothing where there is none. Throws core::Refused where it says something
/// else.
[[nodiscard]] std::optional<PaymentResult> repeatedPayment(core::Tx& tx, const PaymentWork& work,
                                                           const Payment& payment);
/// Throws core::Refused where the customer has one like it already: see recordPayment(). Under his lock. Of a
/// match, paidAt is that of the money.
void refuseTwin(core::Tx& tx, const PaymentWork& work, const Payment& payment);
/// Inserts the payment and lets `change` tell the book; where it has no customer, posts it without one.
PaymentResult storePayment(core::Tx& tx, const PaymentWork& work, const Payment& payment,
                           const std::function<void(AccountBook&)>& change);

}  // namespace gardu::billing
