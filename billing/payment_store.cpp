#include "billing/payment_store.h"

#include "billing/where_store.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr const char* kSelect =
    "SELECT p.id, p.kind, p.source, p.reference, p.customer_id, p.invoice_id, p.subscription_id, "
    "p.of_payment_id, p.method, p.amount, p.currency, p.paid_at, p.note, p.entered_by FROM payments p";

template <class T>
T stored(const std::optional<T>& value) {
    core::check(value.has_value(), "a payment holds a word that no program of ours writes");
    return *value;
}

Payment toPayment(const core::Row& row) {
    Payment payment;
    payment.id = row.text(0);
    payment.kind = stored(parsePaymentKind(row.text(1)));
    payment.source = row.text(2);
    payment.reference = row.text(3);
    payment.customerId = row.optionalText(4);
    payment.invoiceId = row.optionalText(5);
    payment.subscriptionId = row.optionalText(6);
    payment.ofPaymentId = row.optionalText(7);
    payment.method = stored(parsePaymentMethod(row.text(8)));
    payment.amount = {row.integer(9), stored(core::findCurrency(row.text(10)))};
    payment.paidAt = row.instant(11);
    payment.note = row.text(12);
    payment.enteredBy = row.text(13);
    return payment;
}

std::vector<Payment> toPayments(const core::Rows& rows) {
    std::vector<Payment> payments;
    payments.reserve(rows.size());
    for (const core::Row& row : rows) {
        payments.push_back(toPayment(row));
    }
    return payments;
}

std::optional<Payment> optionalPayment(const std::optional<core::Row>& row) {
    return row ? std::optional(toPayment(*row)) : std::nullopt;
}

}  // namespace

void insertPayment(core::Tx& tx, const Payment& payment, core::Instant now) {
    tx.insertRows(
        "INSERT INTO payments(id, kind, source, reference, customer_id, invoice_id, subscription_id, "
        "of_payment_id, method, amount, currency, paid_at, note, entered_by, created_at)",
        {{payment.id, std::string(name(payment.kind)), payment.source, payment.reference,
          core::toValue(payment.customerId), core::toValue(payment.invoiceId),
          core::toValue(payment.subscriptionId), core::toValue(payment.ofPaymentId),
          std::string(name(payment.method)), payment.amount.minor, payment.amount.currency.code,
          core::toEpochMs(payment.paidAt), payment.note, payment.enteredBy, core::toEpochMs(now)}});
}

std::optional<Payment> findPayment(core::Tx& tx, const std::string& id) {
    return optionalPayment(tx.queryOne(std::string(kSelect) + " WHERE p.id = ?", {id}));
}

std::optional<Payment> findPaymentByReference(core::Tx& tx, const std::string& source,
                                              const std::string& reference) {
    return optionalPayment(
        tx.queryOne(std::string(kSelect) + " WHERE p.source = ? AND p.reference = ?", {source, reference}));
}

std::vector<Payment> findPaymentsOfReference(core::Tx& tx, const std::string& reference) {
    return toPayments(tx.query(std::string(kSelect) + " WHERE p.reference = ? AND p.kind = 'payment' LIMIT 2",
                               {reference}));
}

std::vector<Payment> paymentsLike(core::Tx& tx, const Payment& payment, core::Instant since,
                                  std::chrono::hours within) {
    return toPayments(tx.query(
        std::string(kSelect) +
            " JOIN payments o ON o.id = COALESCE(p.of_payment_id, p.id) WHERE p.customer_id = ? "
            "AND p.kind IN ('payment', 'match') AND p.amount = ? AND p.currency = ? "
            "AND (o.created_at > ? OR (o.paid_at > ? AND o.paid_at < ?)) "
            "AND NOT EXISTS (SELECT 1 FROM payments r WHERE r.of_payment_id = o.id AND r.kind = 'reversal') "
            "AND o.amount > (SELECT COALESCE(CAST(SUM(b.amount) AS SIGNED), 0) FROM payments b "
            "WHERE b.of_payment_id = o.id AND b.kind = 'refund') ORDER BY p.id",
        {core::toValue(payment.customerId), payment.amount.minor, payment.amount.currency.code,
         core::toEpochMs(since), core::toEpochMs(payment.paidAt - within),
         core::toEpochMs(payment.paidAt + within)}));
}

void lockPayment(core::Tx& tx, const std::string& id) {
    // SQLite has one writer at a time.
    if (tx.dialect() == core::Dialect::Mysql) {
        (void)tx.queryOne("SELECT id FROM payments WHERE id = ? FOR UPDATE", {id});
    }
}

std::vector<Payment> paymentsAbout(core::Tx& tx, const std::string& paymentId) {
    return toPayments(
        tx.query(std::string(kSelect) + " WHERE p.of_payment_id = ? ORDER BY p.id", {paymentId}));
}

std::vector<Payment> listPayments(core::Tx& tx, const PaymentFilter& filter, const std::string& beforeId,
                                  int limit) {
    Where where;
    where.addIf("p.customer_id = ?", filter.customerId);
    if (filter.inSuspense) {
        where.add(
            "p.kind = 'payment' AND p.customer_id IS NULL AND NOT EXISTS (SELECT 1 FROM payments q "
            "WHERE q.of_payment_id = p.id AND q.kind IN ('match', 'reversal'))");
    }
    where.addIf("p.paid_at >= ?", filter.from);
    where.addIf("p.paid_at < ?", filter.to);
    if (!beforeId.empty()) {
        where.add("p.id < ?", {beforeId});
    }
    return toPayments(where.query(tx, kSelect, " ORDER BY p.id DESC LIMIT ?", {std::int64_t{limit}}));
}

}  // namespace gardu::billing
