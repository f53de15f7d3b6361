#include "billing/invoice_row_store.h"

#include "core/check.h"

namespace gardu::billing {

namespace {

template <class T>
T stored(const std::optional<T>& value) {
    core::check(value.has_value(), "a document holds a word that no program of ours writes");
    return *value;
}

/// The two columns from `first` on.
std::optional<core::Period> toPeriod(const core::Row& row, std::size_t first) {
    if (row.isNull(first) || row.isNull(first + 1)) {
        return std::nullopt;
    }
    return core::Period{row.day(first), row.day(first + 1)};
}

void append(core::Values& values, const std::optional<core::Period>& period) {
    values.push_back(period ? core::toValue(std::optional(period->first)) : nullptr);
    values.push_back(period ? core::toValue(std::optional(period->next)) : nullptr);
}

}  // namespace

Invoice toInvoice(const core::Row& row) {
    Invoice invoice;
    invoice.id = row.text(0);
    invoice.kind = stored(parseDocumentKind(row.text(1)));
    invoice.number = row.text(2);
    invoice.customerId = row.text(3);
    invoice.subscriptionId = row.optionalText(4);
    invoice.periodKey = row.optionalText(5);
    invoice.period = toPeriod(row, 6);
    invoice.issuedAt = row.instant(8);
    invoice.issueDate = row.day(9);
    invoice.dueDate = row.day(10);
    invoice.currency = stored(core::findCurrency(row.text(11)));
    invoice.sum = {row.integer(12), row.integer(13)};
    // 14 is the total, which the database's CHECK holds to be the sum of both.
    invoice.outstanding = row.integer(15);
    invoice.status = stored(parseInvoiceStatus(row.text(16)));
    invoice.creditsInvoiceId = row.optionalText(17);
    invoice.voidReason = row.optionalText(18);
    return invoice;
}

std::vector<Invoice> toInvoices(const core::Rows& rows) {
    std::vector<Invoice> invoices;
    invoices.reserve(rows.size());
    for (const core::Row& row : rows) {
        invoices.push_back(toInvoice(row));
    }
    return invoices;
}

std::vector<Invoice> toInvoicesWithLines(const core::Rows& rows) {
    std::vector<Invoice> invoices;
    for (const core::Row& row : rows) {
        if (invoices.empty() || invoices.back().id != row.text(0)) {
            invoices.push_back(toInvoice(row));
        }
        if (!row.isNull(kInvoiceWidth)) {
            invoices.back().lines.push_back(toInvoiceLine(row, kInvoiceWidth));
        }
    }
    return invoices;
}

InvoiceLine toInvoiceLine(const core::Row& row, std::size_t first) {
    InvoiceLine line;
    line.kind = stored(parseLineKind(row.text(first)));
    line.description = row.text(first + 1);
    line.subscriptionId = row.optionalText(first + 2);
    line.period = toPeriod(row, first + 3);
    line.amount = row.integer(first + 5);
    line.taxed = {row.integer(first + 6), row.integer(first + 7)};
    line.taxCode = row.optionalText(first + 8);
    line.taxRatePpm = static_cast<int>(row.integer(first + 9));
    return line;
}

core::Values valuesOf(const Invoice& invoice) {
    core::Values values{
        invoice.id,         std::string(name(invoice.kind)),       invoice.number,
        invoice.customerId, core::toValue(invoice.subscriptionId), core::toValue(invoice.periodKey)};
    append(values, invoice.period);
    values.insert(values.end(),
                  {core::toEpochMs(invoice.issuedAt), core::formatDate(invoice.issueDate),
                   core::formatDate(invoice.dueDate), invoice.currency.code, invoice.sum.net, invoice.sum.tax,
                   invoice.sum.total(), invoice.outstanding, std::string(name(invoice.status)),
                   core::toValue(invoice.creditsInvoiceId), core::toValue(invoice.voidReason)});
    return values;
}

core::Values valuesOf(const InvoiceLine& line) {
    core::Values values{std::string(name(line.kind)), line.description, core::toValue(line.subscriptionId)};
    append(values, line.period);
    values.insert(values.end(), {line.amount, line.taxed.net, line.taxed.tax, core::toValue(line.taxCode),
                                 std::int64_t{line.taxRatePpm}});
    return values;
}

}  // namespace gardu::billing
