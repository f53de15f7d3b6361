#pragma once
// Money that came in or went back. Plain values and their rules; pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/calendar.h"
#include "core/money.h"
#include "core/refused.h"

namespace gardu::billing {

enum class PaymentMethod { Cash, Transfer, Qris, Ewallet, Other };
/// Match: money in suspense found its customer. Refund: credit given back. Reversal: a payment that was taken
/// back (chargeback, bounced).
enum class PaymentKind { Payment, Match, Refund, Reversal };

[[nodiscard]] std::string_view name(PaymentMethod method);
[[nodiscard]] std::string_view name(PaymentKind kind);
[[nodiscard]] std::optional<PaymentMethod> parsePaymentMethod(std::string_view text);
[[nodiscard]] std::optional<PaymentKind> parsePaymentKind(std::string_view text);

struct Payment {
    std::string id;
    PaymentKind kind = PaymentKind::Payment;
    /// With `reference` unique: "manual", "midtrans", ...
    std::string source;
    std::string reference;
    /// None: in suspense.
    std::optional<std::string> customerId;
    /// What the payer named, if anything.
    std::optional<std::string> invoiceId;
    std::optional<std::string> subscriptionId;
    /// Of a match, refund or reversal.
    std::optional<std::string> ofPaymentId;
    PaymentMethod method = PaymentMethod::Cash;
    /// Positive.
    core::Money amount;
    core::Instant paidAt;
    std::string note;
    /// Act::actor.
    std::string enteredBy = {};
};

/// Every field that is wrong in itself.
[[nodiscard]] std::vector<core::FieldError> paymentProblems(const Payment& payment);

/// The same payment told again: everything but id, paidAt, note and enteredBy is equal.
[[nodiscard]] bool isSamePayment(const Payment& a, const Payment& b);

}  // namespace gardu::billing
