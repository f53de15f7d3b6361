#pragma once
// Rows of the tables invoices and invoice_lines as values, for the stores that read or write them. What no
// program of ours writes breaks an invariant: issued rows never change.

#include <string>
#include <vector>

#include "billing/invoice.h"
#include "core/db.h"

namespace gardu::billing {

/// Of the table invoices with the alias i.
inline constexpr const char* kInvoiceColumns =
    "i.id, i.kind, i.number, i.customer_id, i.subscription_id, i.period_key, i.period_start, i.period_end, "
    "i.issued_at, i.issue_date, i.due_date, i.currency, i.net, i.tax, i.total, i.outstanding, i.status, "
    "i.credits_invoice_id, i.void_reason";
inline constexpr std::size_t kInvoiceWidth = 19;
/// Of the table invoice_lines with the alias l.
inline constexpr const char* kLineColumns =
    "l.kind, l.description, l.subscription_id, l.period_start, l.period_end, l.amount, l.net, l.tax, "
    "l.tax_code, l.tax_rate_ppm";

/// Of a row that begins with kInvoiceColumns; without lines.
[[nodiscard]] Invoice toInvoice(const core::Row& row);
[[nodiscard]] std::vector<Invoice> toInvoices(const core::Rows& rows);
/// Of rows of kInvoiceColumns and kLineColumns, those of one invoice together; an invoice without lines is
/// one row with NULL for the line.
[[nodiscard]] std::vector<Invoice> toInvoicesWithLines(const core::Rows& rows);
/// kLineColumns beginning at that column.
[[nodiscard]] InvoiceLine toInvoiceLine(const core::Row& row, std::size_t first);

/// kInvoiceColumns, to be inserted.
[[nodiscard]] core::Values valuesOf(const Invoice& invoice);
/// kLineColumns, to be inserted.
[[nodiscard]] core::Values valuesOf(const InvoiceLine& line);

}  // namespace gardu::billing
