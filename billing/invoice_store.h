#pragma once
// SQL of the tables invoices, invoice_lines, document_numbers, pending_charges, discounts.

#include <optional>
#include <string>
#include <vector>

#include "billing/account.h"
#include "billing/invoice.h"
#include "core/db.h"

namespace gardu::billing {

/// Gives each its number of its series ("INV", "CN") and issue year, as the last lock that the transaction
/// takes, and inserts them with their lines. Throws core::DuplicateKey where the period is invoiced already.
void issueInvoices(core::Tx& tx, std::vector<Invoice>& invoices);
/// status, outstanding, periodKey, voidReason.
void updateInvoices(core::Tx& tx, const std::vector<Invoice>& invoices, core::Instant now);

/// With lines.
[[nodiscard]] std::optional<Invoice> findInvoice(core::Tx& tx, const std::string& id);
[[nodiscard]] std::optional<Invoice> findInvoiceByNumber(core::Tx& tx, const std::string& number);
/// Not void, with something outstanding, by due date; with lines.
[[nodiscard]] std::vector<Invoice> openInvoicesOf(core::Tx& tx, const std::string& customerId);
/// Not void, with something paid; newest first; with lines.
[[nodiscard]] std::vector<Invoice> paidInvoicesOf(core::Tx& tx, const std::string& customerId);

struct InvoiceFilter {
    std::optional<std::string> customerId = {};
    std::optional<std::string> subscriptionId = {};
    std::optional<InvoiceStatus> status = {};
    /// Only past their due date on that day.
    std::optional<core::Date> overdueOn = {};
    /// Of the day of issue; half-open.
    std::optional<core::Date> from = {};
    std::optional<core::Date> to = {};
};
/// Newest first, before that id ("" is the newest), at most `limit`; without lines.
[[nodiscard]] std::vector<Invoice> listInvoices(core::Tx& tx, const InvoiceFilter& filter,
                                                const std::string& beforeId, int limit);

void insertDiscount(core::Tx& tx, const std::string& subscriptionId, const Discount& discount,
                    core::Instant now);
/// Ends it with that day.
void endDiscount(core::Tx& tx, const std::string& discountId, core::Date lastDay);

}  // namespace gardu::billing
