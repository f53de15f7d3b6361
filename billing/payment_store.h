#pragma once
// SQL of the table payments. Rows are only added.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "billing/payment.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// Throws core::DuplicateKey where (source, reference) is taken.
void insertPayment(core::Tx& tx, const Payment& payment, core::Instant now);
[[nodiscard]] std::optional<Payment> findPayment(core::Tx& tx, const std::string& id);
[[nodiscard]] std::optional<Payment> findPaymentByReference(core::Tx& tx, const std::string& source,
                                                            const std::string& reference);
/// Payments of that reference of any source, at most two; without what is about others.
[[nodiscard]] std::vector<Payment> findPaymentsOfReference(core::Tx& tx, const std::string& reference);
/// Payments and matches of the same customer and amount, of which something is left, and that were entered
/// after `since`, or paid less than `within` before or after the payment. Of a match the money's own times
/// count.
[[nodiscard]] std::vector<Payment> paymentsLike(core::Tx& tx, const Payment& payment, core::Instant since,
                                                std::chrono::hours within);
/// Nobody else locks it until the transaction ends; before its first reading of anything.
void lockPayment(core::Tx& tx, const std::string& id);
/// Matches, refunds and the reversal of a payment.
[[nodiscard]] std::vector<Payment> paymentsAbout(core::Tx& tx, const std::string& paymentId);

struct PaymentFilter {
    std::optional<std::string> customerId = {};
    /// Only what no match has found a customer for, and nobody has taken back.
    bool inSuspense = false;
    /// Of paidAt; half-open.
    std::optional<core::Instant> from = {};
    std::optional<core::Instant> to = {};
};
/// Newest first, before that id ("" is the newest).
[[nodiscard]] std::vector<Payment> listPayments(core::Tx& tx, const PaymentFilter& filter,
                                                const std::string& beforeId, int limit);

}  // namespace gardu::billing
