#pragma once
// Invoices and credit notes. Issued ones never change; what is wrong is corrected by another document. Plain
// values; pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/rating.h"
#include "core/calendar.h"
#include "core/money.h"

namespace gardu::billing {

enum class DocumentKind { Invoice, CreditNote };
/// Recurring: a period or a part of one. Credit: the unused part of a charge. Charge: once. Discount:
/// negative, of a recurring line.
enum class LineKind { Recurring, Credit, Charge, Discount };
enum class InvoiceStatus { Unpaid, Paid, Void };

[[nodiscard]] std::string_view name(DocumentKind kind);     // "invoice", "credit_note"
[[nodiscard]] std::string_view name(LineKind kind);         // "recurring", "credit", "charge", "discount"
[[nodiscard]] std::string_view name(InvoiceStatus status);  // "unpaid", "paid", "void"
[[nodiscard]] std::optional<DocumentKind> parseDocumentKind(std::string_view text);
[[nodiscard]] std::optional<LineKind> parseLineKind(std::string_view text);
[[nodiscard]] std::optional<InvoiceStatus> parseInvoiceStatus(std::string_view text);

struct InvoiceLine {
    LineKind kind = LineKind::Recurring;
    std::string description;
    std::optional<std::string> subscriptionId;
    std::optional<core::Period> period;
    /// Minor units before tax is added or taken out: what `taxed` was given.
    std::int64_t amount = 0;
    Taxed taxed;
    std::optional<std::string> taxCode;
    int taxRatePpm = 0;
    bool operator==(const InvoiceLine&) const = default;
};

[[nodiscard]] Taxed sumOf(const std::vector<InvoiceLine>& lines);

struct Invoice {
    std::string id;
    DocumentKind kind = DocumentKind::Invoice;
    /// "INV-2027-000001"; empty: not issued yet, the store gives it within the issuing transaction.
    std::string number;
    std::string customerId;
    /// None: of no single subscription.
    std::optional<std::string> subscriptionId;
    /// Unique in its subscription: the first day, or the instant of plans by the hour. None: of no period.
    std::optional<std::string> periodKey;
    std::optional<core::Period> period;
    core::Instant issuedAt;
    core::Date issueDate{};
    core::Date dueDate{};
    core::Currency currency;
    std::vector<InvoiceLine> lines;
    /// Of the lines; of a credit note positive, and so are its lines: what it gives back.
    Taxed sum;
    std::int64_t outstanding = 0;
    /// What credit notes about it gave back already, before tax, as its lines' amounts; of open invoices of
    /// an account.
    std::int64_t credited = 0;
    InvoiceStatus status = InvoiceStatus::Unpaid;
    std::optional<std::string> creditsInvoiceId;
    std::optional<std::string> voidReason;
};

/// "unpaid", "overdue" (past its due date), "paid", "void".
[[nodiscard]] std::string_view statusOn(const Invoice& invoice, core::Date today);

/// "INV-2027-000001": series, year, at least six digits.
[[nodiscard]] std::string documentNumber(std::string_view series, int year, std::int64_t number);

}  // namespace gardu::billing
