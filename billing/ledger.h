#pragma once
// Double entry: every entry's postings sum to zero; debit is positive. Entries are only ever added. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/invoice.h"
#include "billing/payment.h"

namespace gardu::billing {

/// Accounts. Of a customer: what he owes on invoices, and what he has paid beyond them (a liability, so its
/// balance is zero or negative). Of the house: money by method, revenue, tax by code, suspense.
inline constexpr std::string_view kReceivable = "receivable";
inline constexpr std::string_view kCustomerCredit = "customer_credit";
inline constexpr std::string_view kRevenue = "revenue";
inline constexpr std::string_view kSuspense = "suspense";
/// "money:cash"
[[nodiscard]] std::string moneyAccount(PaymentMethod method);
/// "tax:PPN"
[[nodiscard]] std::string taxAccount(std::string_view taxCode);

enum class EntryKind {
    Invoice,
    Void,
    CreditNote,
    Payment,
    Allocation,
    Deallocation,
    Suspense,
    Match,
    Refund,
    Reversal
};
[[nodiscard]] std::string_view name(EntryKind kind);  // "invoice", "void", "credit_note", ...

struct Posting {
    std::string account;
    std::optional<std::string> customerId;
    std::optional<std::string> invoiceId;
    std::optional<std::string> paymentId;
    std::int64_t amount = 0;
    bool operator==(const Posting&) const = default;
};

struct LedgerEntry {
    EntryKind kind = EntryKind::Invoice;
    std::string currency;
    std::vector<Posting> postings;
    bool operator==(const LedgerEntry&) const = default;
};

/// Sum zero, two legs at least, none of them zero.
[[nodiscard]] bool isBalanced(const LedgerEntry& entry);

/// Receivable against revenue and tax, line by line; of a credit note the other way, and to the customer's
/// credit.
[[nodiscard]] LedgerEntry postingsOf(const Invoice& document);
/// The exact reverse of postingsOf().
[[nodiscard]] LedgerEntry voidingOf(const Invoice& document);
/// Credit to an invoice; a negative amount takes it back.
[[nodiscard]] LedgerEntry allocationOf(const Invoice& invoice, std::int64_t amount);
/// Money against the customer's credit, or suspense where nobody is known; match: suspense to credit;
/// refund: credit to money; reversal: as a refund, of what is left of the payment.
[[nodiscard]] LedgerEntry postingsOf(const Payment& payment);

}  // namespace gardu::billing
