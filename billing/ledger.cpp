#include "billing/ledger.h"

#include <algorithm>
#include <array>

#include "core/check.h"

namespace gardu::billing {

namespace {

// Wide enough that no number of postings overflows it.
__extension__ using Wide = __int128;

/// Postings of zero are left out: they say nothing.
void post(LedgerEntry& entry, Posting posting) {
    if (posting.amount != 0) {
        entry.postings.push_back(std::move(posting));
    }
}

/// A leg of the house, about a document.
Posting houseLeg(const Invoice& document, std::string account, std::int64_t amount) {
    return {.account = std::move(account),
            .customerId = std::nullopt,
            .invoiceId = document.id,
            .paymentId = std::nullopt,
            .amount = amount};
}

Posting customerLeg(const Invoice& document, std::string_view account, std::int64_t amount) {
    Posting posting = houseLeg(document, std::string(account), amount);
    posting.customerId = document.customerId;
    return posting;
}

/// Where money is that belongs to the payment's customer, or to nobody known.
Posting ownerLeg(const Payment& payment, std::int64_t amount) {
    return {.account = std::string(payment.customerId ? kCustomerCredit : kSuspense),
            .customerId = payment.customerId,
            .invoiceId = std::nullopt,
            .paymentId = payment.id,
            .amount = amount};
}

Posting moneyLeg(const Payment& payment, std::string account, std::int64_t amount) {
    return {.account = std::move(account),
            .customerId = std::nullopt,
            .invoiceId = std::nullopt,
            .paymentId = payment.id,
            .amount = amount};
}

EntryKind entryKindOf(const Payment& payment) {
    switch (payment.kind) {
        case PaymentKind::Match:
            return EntryKind::Match;
        case PaymentKind::Refund:
            return EntryKind::Refund;
        case PaymentKind::Reversal:
            return EntryKind::Reversal;
        case PaymentKind::Payment:
            break;
    }
    return payment.customerId ? EntryKind::Payment : EntryKind::Suspense;
}

}  // namespace

std::string moneyAccount(PaymentMethod method) {
    return std::string("money:").append(name(method));
}

std::string taxAccount(std::string_view taxCode) {
    return std::string("tax:").append(taxCode);
}

std::string_view name(EntryKind kind) {
    constexpr std::array<std::string_view, 10> names = {
        "invoice",      "void",     "credit_note", "payment", "allocation",
        "deallocation", "suspense", "match",       "refund",  "reversal"};
    return names.at(static_cast<std::size_t>(kind));
}

bool isBalanced(const LedgerEntry& entry) {
    Wide sum = 0;
    for (const Posting& posting : entry.postings) {
        sum += posting.amount;
    }
    return sum == 0 && entry.postings.size() >= 2 &&
           std::none_of(entry.postings.begin(), entry.postings.end(),
                        [](const Posting& posting) { return posting.amount == 0; });
}

LedgerEntry postingsOf(const Invoice& document) {
    core::check(document.sum == sumOf(document.lines), "a document is the sum of its lines");
    const bool isInvoice = document.kind == DocumentKind::Invoice;
    const std::int64_t sign = isInvoice ? 1 : -1;
    LedgerEntry entry{.kind = isInvoice ? EntryKind::Invoice : EntryKind::CreditNote,
                      .currency = document.currency.code,
                      .postings = {}};
    entry.postings.reserve(1 + 2 * document.lines.size());
    post(entry,
         customerLeg(document, isInvoice ? kReceivable : kCustomerCredit, sign * document.sum.total()));
    for (const InvoiceLine& line : document.lines) {
        core::check(line.taxCode || line.taxed.tax == 0, "a tax has a code");
        post(entry, houseLeg(document, std::string(kRevenue), -sign * line.taxed.net));
        post(entry, houseLeg(document, taxAccount(line.taxCode.value_or("")), -sign * line.taxed.tax));
    }
    return entry;
}

LedgerEntry voidingOf(const Invoice& document) {
    LedgerEntry entry = postingsOf(document);
    entry.kind = EntryKind::Void;
    for (Posting& posting : entry.postings) {
        posting.amount = -posting.amount;
    }
    return entry;
}

LedgerEntry allocationOf(const Invoice& invoice, std::int64_t amount) {
    core::check(amount != 0, "an allocation moves something");
    return {.kind = amount > 0 ? EntryKind::Allocation : EntryKind::Deallocation,
            .currency = invoice.currency.code,
            .postings = {customerLeg(invoice, kCustomerCredit, amount),
                         customerLeg(invoice, kReceivable, -amount)}};
}

LedgerEntry postingsOf(const Payment& payment) {
    core::check(payment.amount.minor > 0, "a payment's amount is positive");
    const bool isMatch = payment.kind == PaymentKind::Match;
    core::check(!isMatch || payment.customerId, "a match has a customer");
    const bool comesIn = isMatch || payment.kind == PaymentKind::Payment;
    const std::int64_t amount = comesIn ? payment.amount.minor : -payment.amount.minor;
    std::string from = isMatch ? std::string(kSuspense) : moneyAccount(payment.method);
    return {.kind = entryKindOf(payment),
            .currency = payment.amount.currency.code,
            .postings = {moneyLeg(payment, std::move(from), amount), ownerLeg(payment, -amount)}};
}

}  // namespace gardu::billing
