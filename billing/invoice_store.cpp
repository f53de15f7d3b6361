#include "billing/invoice_store.h"

#include <map>
#include <string_view>
#include <tuple>

#include "billing/invoice_row_store.h"
#include "billing/where_store.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

/// By the series first: all transactions lock their rows in one order.
using SeriesYear = std::pair<std::string, int>;

SeriesYear seriesOf(const Invoice& invoice) {
    return {invoice.kind == DocumentKind::Invoice ? "INV" : "CN", static_cast<int>(invoice.issueDate.year())};
}

std::optional<std::int64_t> lockLastNumber(core::Tx& tx, const SeriesYear& series) {
    constexpr const char* kFind = "SELECT last_number FROM document_numbers WHERE series = ? AND year = ?";
    const auto row =
        tx.queryOne(std::string(kFind).append(tx.forUpdate()), {series.first, std::int64_t{series.second}});
    return row ? std::optional(row->integer(0)) : std::nullopt;
}

/// The last number that was given; nobody else gives one before this transaction ends.
std::int64_t lastNumber(core::Tx& tx, const SeriesYear& series) {
    if (const auto last = lockLastNumber(tx, series)) {
        return *last;
    }
    try {
        tx.insertRows("INSERT INTO document_numbers(series, year, last_number)",
                      {{series.first, std::int64_t{series.second}, std::int64_t{0}}});
    } catch (const core::DuplicateKey&) {
        // Another transaction was first to need it this year; it has ended by now.
    }
    const auto last = lockLastNumber(tx, series);
    core::check(last.has_value(), "a row of document_numbers that was just made is not there");
    return *last;
}

void giveNumbers(core::Tx& tx, const SeriesYear& series, const std::vector<Invoice*>& invoices) {
    std::int64_t number = lastNumber(tx, series);
    for (Invoice* invoice : invoices) {
        invoice->number = documentNumber(series.first, series.second, ++number);
    }
    tx.execute("UPDATE document_numbers SET last_number = ? WHERE series = ? AND year = ?",
               {number, series.first, std::int64_t{series.second}});
}

void insertLines(core::Tx& tx, const std::vector<Invoice>& invoices) {
    std::vector<core::Values> rows;
    for (const Invoice& invoice : invoices) {
        for (std::size_t position = 0; position < invoice.lines.size(); ++position) {
            core::Values row = valuesOf(invoice.lines[position]);
            row.insert(row.begin(), {invoice.id, static_cast<std::int64_t>(position + 1)});
            rows.push_back(std::move(row));
        }
    }
    tx.insertRows(
        "INSERT INTO invoice_lines(invoice_id, position, kind, description, subscription_id, period_start, "
        "period_end, amount, net, tax, tax_code, tax_rate_ppm)",
        rows);
}

std::string selectInvoices() {
    return std::string("SELECT ").append(kInvoiceColumns).append(" FROM invoices i");
}

/// With lines; those of one invoice have to follow each other.
std::string selectWithLines() {
    return std::string("SELECT ")
        .append(kInvoiceColumns)
        .append(", ")
        .append(kLineColumns)
        .append(" FROM invoices i LEFT JOIN invoice_lines l ON l.invoice_id = i.id");
}

/// What credit notes about them gave back.
void readCredited(core::Tx& tx, std::vector<Invoice>& invoices) {
    constexpr std::size_t kAtOnce = 200;
    std::map<std::string, std::int64_t> credited;
    for (std::size_t first = 0; first < invoices.size(); first += kAtOnce) {
        const std::size_t end = std::min(first + kAtOnce, invoices.size());
        core::Values ids;
        ids.reserve(end - first);
        for (std::size_t i = first; i < end; ++i) {
            ids.emplace_back(invoices[i].id);
        }
        for (const core::Row& row :
             tx.query("SELECT i.credits_invoice_id, CAST(SUM(l.amount) AS SIGNED) FROM invoices i "
                      "JOIN invoice_lines l ON l.invoice_id = i.id WHERE i.status <> 'void' AND "
                      "i.credits_invoice_id IN " +
                          core::placeholders(ids.size()) + " GROUP BY i.credits_invoice_id",
                      ids)) {
            credited[row.text(0)] = row.integer(1);
        }
    }
    for (Invoice& invoice : invoices) {
        const auto found = credited.find(invoice.id);
        invoice.credited = found == credited.end() ? 0 : found->second;
    }
}

std::vector<Invoice> readInvoices(core::Tx& tx, const char* which, const core::Values& parameters) {
    std::vector<Invoice> invoices =
        toInvoicesWithLines(tx.query(selectWithLines().append(which), parameters));
    readCredited(tx, invoices);
    return invoices;
}

std::optional<Invoice> onlyOne(std::vector<Invoice> found) {
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

void issueInvoices(core::Tx& tx, std::vector<Invoice>& invoices) {
    std::map<SeriesYear, std::vector<Invoice*>> bySeries;
    for (Invoice& invoice : invoices) {
        bySeries[seriesOf(invoice)].push_back(&invoice);
    }
    for (const auto& [series, documents] : bySeries) {
        giveNumbers(tx, series, documents);
    }
    std::vector<core::Values> rows;
    rows.reserve(invoices.size());
    for (const Invoice& invoice : invoices) {
        rows.push_back(valuesOf(invoice));
    }
    tx.insertRows(
        "INSERT INTO invoices(id, kind, number, customer_id, subscription_id, period_key, period_start, "
        "period_end, issued_at, issue_date, due_date, currency, net, tax, total, outstanding, status, "
        "credits_invoice_id, void_reason)",
        rows);
    insertLines(tx, invoices);
}

void updateInvoices(core::Tx& tx, const std::vector<Invoice>& invoices, core::Instant now) {
    for (const Invoice& invoice : invoices) {
        const bool isVoid = invoice.status == InvoiceStatus::Void;
        tx.execute(
            "UPDATE invoices SET status = ?, outstanding = ?, period_key = ?, void_reason = ?, "
            "voided_at = COALESCE(voided_at, ?) WHERE id = ?",
            {std::string(name(invoice.status)), invoice.outstanding, core::toValue(invoice.periodKey),
             core::toValue(invoice.voidReason), core::toValue(isVoid ? std::optional(now) : std::nullopt),
             invoice.id});
    }
}

std::optional<Invoice> findInvoice(core::Tx& tx, const std::string& id) {
    return onlyOne(readInvoices(tx, " WHERE i.id = ? ORDER BY l.position", {id}));
}

std::optional<Invoice> findInvoiceByNumber(core::Tx& tx, const std::string& number) {
    return onlyOne(readInvoices(tx, " WHERE i.number = ? ORDER BY l.position", {number}));
}

std::vector<Invoice> openInvoicesOf(core::Tx& tx, const std::string& customerId) {
    return readInvoices(tx,
                        " WHERE i.customer_id = ? AND i.status = 'unpaid' "
                        "AND i.outstanding > 0 ORDER BY i.due_date, i.id, l.position",
                        {customerId});
}

std::vector<Invoice> paidInvoicesOf(core::Tx& tx, const std::string& customerId) {
    return readInvoices(tx,
                        " WHERE i.customer_id = ? AND i.kind = 'invoice' "
                        "AND i.status <> 'void' AND i.outstanding < i.total "
                        "ORDER BY i.issued_at DESC, i.id DESC, l.position",
                        {customerId});
}

std::vector<Invoice> listInvoices(core::Tx& tx, const InvoiceFilter& filter, const std::string& beforeId,
                                  int limit) {
    Where where;
    where.addIf("i.customer_id = ?", filter.customerId);
    where.addIf("i.subscription_id = ?", filter.subscriptionId);
    if (filter.status) {
        where.add("i.status = ?", {std::string(name(*filter.status))});
    }
    if (filter.overdueOn) {
        where.add("i.status = 'unpaid' AND i.due_date < ?", {core::formatDate(*filter.overdueOn)});
    }
    where.addIf("i.issue_date >= ?", filter.from);
    where.addIf("i.issue_date < ?", filter.to);
    if (!beforeId.empty()) {
        where.add("i.id < ?", {beforeId});
    }
    return toInvoices(
        where.query(tx, selectInvoices(), " ORDER BY i.id DESC LIMIT ?", {std::int64_t{limit}}));
}

void insertDiscount(core::Tx& tx, const std::string& subscriptionId, const Discount& discount,
                    core::Instant now) {
    tx.insertRows(
        "INSERT INTO discounts(id, subscription_id, name, rate_ppm, amount, starts_on, ends_on, created_at)",
        {{discount.id, subscriptionId, discount.name, core::toValue(discount.ratePpm),
          core::toValue(discount.amount), core::formatDate(discount.startsOn), core::toValue(discount.endsOn),
          core::toEpochMs(now)}});
}

void endDiscount(core::Tx& tx, const std::string& discountId, core::Date lastDay) {
    tx.execute("UPDATE discounts SET ends_on = ? WHERE id = ?", {core::formatDate(lastDay), discountId});
}

}  // namespace gardu::billing
