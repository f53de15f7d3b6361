#include "billing/invoice.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr std::size_t kNumberDigits = 6;
constexpr std::size_t kYearDigits = 4;

std::string padded(std::int64_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    digits.insert(0, width - std::min(width, digits.size()), '0');
    return digits;
}

void addTo(std::int64_t& sum, std::int64_t amount) {
    if (__builtin_add_overflow(sum, amount, &sum)) {
        throw std::overflow_error("the sum of an invoice does not fit in 64 bits");
    }
}

}  // namespace

std::string_view name(DocumentKind kind) {
    return kind == DocumentKind::Invoice ? "invoice" : "credit_note";
}

std::string_view name(LineKind kind) {
    constexpr std::array<std::string_view, 4> names = {"recurring", "credit", "charge", "discount"};
    return names.at(static_cast<std::size_t>(kind));
}

std::string_view name(InvoiceStatus status) {
    constexpr std::array<std::string_view, 3> names = {"unpaid", "paid", "void"};
    return names.at(static_cast<std::size_t>(status));
}

std::optional<DocumentKind> parseDocumentKind(std::string_view text) {
    for (const DocumentKind kind : {DocumentKind::Invoice, DocumentKind::CreditNote}) {
        if (name(kind) == text) {
            return kind;
        }
    }
    return std::nullopt;
}

std::optional<LineKind> parseLineKind(std::string_view text) {
    for (const LineKind kind :
         {LineKind::Recurring, LineKind::Credit, LineKind::Charge, LineKind::Discount}) {
        if (name(kind) == text) {
            return kind;
        }
    }
    return std::nullopt;
}

std::optional<InvoiceStatus> parseInvoiceStatus(std::string_view text) {
    for (const auto status : {InvoiceStatus::Unpaid, InvoiceStatus::Paid, InvoiceStatus::Void}) {
        if (name(status) == text) {
            return status;
        }
    }
    return std::nullopt;
}

Taxed sumOf(const std::vector<InvoiceLine>& lines) {
    Taxed sum;
    std::int64_t total = 0;
    for (const InvoiceLine& line : lines) {
        addTo(sum.net, line.taxed.net);
        addTo(sum.tax, line.taxed.tax);
        addTo(total, line.taxed.net);
        addTo(total, line.taxed.tax);
    }
    return sum;
}

std::string_view statusOn(const Invoice& invoice, core::Date today) {
    const bool isLate = invoice.status == InvoiceStatus::Unpaid && today > invoice.dueDate;
    return isLate ? "overdue" : name(invoice.status);
}

std::string documentNumber(std::string_view series, int year, std::int64_t number) {
    core::check(year > 0 && number > 0, "documents are numbered from one");
    std::string text(series);
    text.append("-").append(padded(year, kYearDigits));
    text.append("-").append(padded(number, kNumberDigits));
    return text;
}

}  // namespace gardu::billing
