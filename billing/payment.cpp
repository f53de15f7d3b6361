#include "billing/payment.h"

#include <array>

#include "billing/rating.h"
#include "core/bytes.h"

namespace gardu::billing {

namespace {

/// The columns' sizes.
constexpr std::size_t kMaxSource = 50;
constexpr std::size_t kMaxReference = 190;
constexpr std::size_t kMaxNote = 200;

using Errors = std::vector<core::FieldError>;

bool isPrintable(const std::string& text, std::size_t most) {
    return text.size() <= most && core::isPrintableUtf8(core::asBytes(text));
}

/// A key: the databases do not agree on whether a blank at the end counts.
bool isKey(const std::string& text, std::size_t most) {
    return !text.empty() && text.front() != ' ' && text.back() != ' ' && isPrintable(text, most);
}

void checkKind(Errors& errors, const Payment& payment) {
    if (payment.kind == PaymentKind::Payment) {
        return;
    }
    if (!payment.ofPaymentId) {
        errors.push_back({"payment", "name the payment that this is about"});
    }
    if (payment.kind != PaymentKind::Reversal && !payment.customerId) {
        errors.push_back({"customer", "name the customer"});
    }
}

}  // namespace

std::string_view name(PaymentMethod method) {
    constexpr std::array<std::string_view, 5> names = {"cash", "transfer", "qris", "ewallet", "other"};
    return names.at(static_cast<std::size_t>(method));
}

std::string_view name(PaymentKind kind) {
    constexpr std::array<std::string_view, 4> names = {"payment", "match", "refund", "reversal"};
    return names.at(static_cast<std::size_t>(kind));
}

std::optional<PaymentMethod> parsePaymentMethod(std::string_view text) {
    for (const auto method : {PaymentMethod::Cash, PaymentMethod::Transfer, PaymentMethod::Qris,
                              PaymentMethod::Ewallet, PaymentMethod::Other}) {
        if (name(method) == text) {
            return method;
        }
    }
    return std::nullopt;
}

std::optional<PaymentKind> parsePaymentKind(std::string_view text) {
    for (const auto kind :
         {PaymentKind::Payment, PaymentKind::Match, PaymentKind::Refund, PaymentKind::Reversal}) {
        if (name(kind) == text) {
            return kind;
        }
    }
    return std::nullopt;
}

std::vector<core::FieldError> paymentProblems(const Payment& payment) {
    Errors errors;
    if (!isKey(payment.source, kMaxSource)) {
        errors.push_back({"source", "write a name of 1 to 50 printable characters"});
    }
    if (!isKey(payment.reference, kMaxReference)) {
        errors.push_back({"reference", "write 1 to 190 printable characters without blanks around them"});
    }
    if (payment.amount.minor <= 0) {
        errors.push_back({"amount", "an amount is more than zero"});
    } else if (payment.amount.minor > kMaxAmount) {
        errors.push_back({"amount", "larger than any amount here may be"});
    }
    if (!isPrintable(payment.note, kMaxNote)) {
        errors.push_back({"note", "write at most 200 printable characters"});
    }
    checkKind(errors, payment);
    return errors;
}

bool isSamePayment(const Payment& a, const Payment& b) {
    return a.kind == b.kind && a.source == b.source && a.reference == b.reference &&
           a.customerId == b.customerId && a.invoiceId == b.invoiceId &&
           a.subscriptionId == b.subscriptionId && a.ofPaymentId == b.ofPaymentId && a.method == b.method &&
           a.amount == b.amount;
}

}  // namespace gardu::billing
