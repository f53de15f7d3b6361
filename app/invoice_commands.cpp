// invoice list, show, void, credit.

#include <algorithm>
#include <iostream>
#include <limits>

#include "app/account_work.h"
#include "app/billing_views.h"
#include "billing/customer_store.h"
#include "billing/invoice_store.h"
#include "billing/ledger_store.h"

namespace gardu::app {

namespace {

constexpr int kPage = 1'000;
constexpr int kShownByDefault = 100;

struct InvoiceOptions {
    std::string invoice;
    std::string reason;
    std::string amount;
    std::optional<std::string> status;
    ListOptions list;
};

void applyStatus(BillingDesk& desk, const std::string& status, billing::InvoiceFilter& filter) {
    if (status == "overdue") {
        filter.overdueOn = desk.today();
        filter.status = billing::InvoiceStatus::Unpaid;
        return;
    }
    filter.status = desk.options().word({"status", status, "write unpaid, paid, void or overdue"},
                                        billing::parseInvoiceStatus, billing::InvoiceStatus::Unpaid);
}

billing::InvoiceFilter filterOf(BillingDesk& desk, const InvoiceOptions& options) {
    billing::InvoiceFilter filter;
    if (options.status) {
        applyStatus(desk, *options.status, filter);
    }
    filter.from = desk.day("from", options.list.from);
    const auto last = desk.day("to", options.list.to);
    filter.to = last ? std::optional(core::addDays(*last, 1)) : std::nullopt;
    desk.checkOptions();
    filter.customerId = desk.customerId(options.list.customer);
    filter.subscriptionId = desk.subscriptionId(options.list.subscription);
    return filter;
}

/// Of one page: those of a day by their numbers. Ids of one millisecond are in no order.
bool isNewer(const billing::Invoice& a, const billing::Invoice& b) {
    return a.issueDate != b.issueDate ? a.issueDate > b.issueDate : a.number > b.number;
}

/// As a table shows it: what a credit note gives back is below zero, so that a column has a sum.
Json shownRow(const billing::Invoice& invoice, Json row) {
    if (invoice.kind == billing::DocumentKind::CreditNote) {
        row["total"] = moneyJson(-invoice.sum.total(), invoice.currency);
    }
    return row;
}

/// Printed page by page: all of them need not fit into memory.
Result list(BillingDesk& desk, const InvoiceOptions& options, bool json) {
    const int limit = limitOf(desk, options.list, json ? std::numeric_limits<int>::max() : kShownByDefault);
    const billing::InvoiceFilter filter = filterOf(desk, options);
    std::vector<Column> columns = invoiceColumns();
    columns.push_back({"KIND", "kind"});
    ListPrinter printer(std::cout, json, columns);
    std::string before;
    int left = limit;
    bool isCut = false;
    for (bool isLast = false; !isLast;) {
        // One more than is wanted tells whether there are more.
        const int wanted = std::min(left, kPage);
        auto invoices = desk.db().read(
            [&](core::Tx& tx) { return billing::listInvoices(tx, filter, before, wanted + 1); });
        isCut = !cutTo(wanted, invoices).empty();
        before = invoices.empty() ? before : invoices.back().id;
        std::stable_sort(invoices.begin(), invoices.end(), isNewer);
        Json rows = Json::array();
        for (const billing::Invoice& invoice : invoices) {
            Json row = toJson(invoice, desk.today());
            row.erase("lines");
            rows.push_back(json ? row : shownRow(invoice, std::move(row)));
        }
        printer.print(rows);
        left -= wanted;
        isLast = left == 0 || !isCut;
    }
    printer.finish();
    return {nullptr, isCut ? moreThan(limit) : ""};
}

std::string invoiceText(const Json& document) {
    return page(document,
                {{"Lines",
                  "lines",
                  {{"WHAT", "description"},
                   {"FROM", "period_start"},
                   {"UNTIL", "period_end"},
                   {"TAX", "tax_code"},
                   {"RATE", "tax_rate"},
                   {"TOTAL", "text"}}},
                 {"Entries",
                  "entries",
                  {{"DAY", "day"}, {"WHAT", "kind"}, {"AMOUNT", "amount"}, {"OUTSTANDING", "outstanding"}}},
                 {"Issued", "issued", invoiceColumns()}});
}

/// How the ledger came to what is outstanding.
Json entriesOf(core::Tx& tx, const billing::Invoice& invoice) {
    Json entries = Json::array();
    std::int64_t outstanding = 0;
    for (const billing::LedgerRow& row : billing::receivableOf(tx, invoice.id)) {
        outstanding += row.posting.amount;
        entries.push_back({{"day", core::formatDate(row.day)},
                           {"at", core::formatInstant(row.postedAt)},
                           {"kind", row.kind},
                           {"transaction_id", row.transactionId},
                           {"amount", moneyJson(row.posting.amount, invoice.currency)},
                           {"outstanding", moneyJson(outstanding, invoice.currency)}});
    }
    return entries;
}

Result show(BillingDesk& desk, const InvoiceOptions& options) {
    const core::Date today = desk.today();
    const Json document = desk.db().read([&](core::Tx& tx) {
        const billing::Invoice invoice = billing::invoiceNamed(tx, options.invoice);
        Json json = toJson(invoice, today);
        const auto customer = billing::findCustomer(tx, invoice.customerId);
        const auto sold =
            invoice.subscriptionId ? billing::findSubscriberById(tx, *invoice.subscriptionId) : std::nullopt;
        json["customer"] = customer ? Json(customer->name) : Json(nullptr);
        json["username"] = sold ? Json(sold->subscription.username) : Json(nullptr);
        json["entries"] = entriesOf(tx, invoice);
        return json;
    });
    return {document, invoiceText(localTimes(document, desk.zone()))};
}

using Work = std::function<void(core::Tx&, billing::AccountBook&, const billing::Invoice&)>;

/// The invoice after the operation, with what was issued by it.
Result onInvoice(BillingDesk& desk, const InvoiceOptions& options, const std::string& action,
                 const Work& work) {
    desk.checkOptions();
    const billing::Invoice found =
        desk.db().read([&](core::Tx& tx) { return billing::invoiceNamed(tx, options.invoice); });
    const auto result = billing::onAccount(
        desk.db(), desk.settings(), desk.act(),
        {found.customerId, action, "invoice", found.id, [&](core::Tx& tx, billing::AccountBook& book) {
             work(tx, book, billing::invoiceNamed(tx, found.id));
         }});
    Json document = toJson(desk.db().read([&](core::Tx& tx) { return billing::invoiceNamed(tx, found.id); }),
                           desk.today());
    document.update(changesJson(result, momentOf(desk)));
    Json shown = document;
    shown.erase("events");
    return {document, eventLines(result.changes.events) + "\n" + invoiceText(localTimes(shown, desk.zone()))};
}

Result voidInvoice(BillingDesk& desk, const InvoiceOptions& options) {
    return onInvoice(desk, options, "invoice void",
                     [&](core::Tx&, billing::AccountBook& book, const billing::Invoice& invoice) {
                         book.voidInvoice(invoice, options.reason);
                     });
}

Result credit(BillingDesk& desk, const InvoiceOptions& options) {
    const std::int64_t amount = desk.money("amount", options.amount).minor;
    return onInvoice(desk, options, "invoice credit",
                     [&](core::Tx&, billing::AccountBook& book, const billing::Invoice& invoice) {
                         book.creditInvoice(invoice, amount, options.reason);
                     });
}

}  // namespace

void addInvoiceCommands(CommandLine& line) {
    BillingGroup group(line, line.group("invoice", "what customers are asked for"));
    const auto options = std::make_shared<InvoiceOptions>();
    CLI::App& listCommand =
        group.command("list", "newest first, credit notes too",
                      [&line, options](BillingDesk& desk) { return list(desk, *options, line.wantsJson()); });
    listCommand.add_option("--customer", options->list.customer, "only of this customer (name or id)");
    listCommand.add_option("--subscription", options->list.subscription, "only of this user name or id");
    listCommand.add_option("--status", options->status, "only unpaid, paid, void or overdue");
    addDays(listCommand, options->list, " of issue");
    addLimit(listCommand, options->list, std::to_string(kShownByDefault) + "; with --json all");

    CLI::App& showCommand = group.command("show", "one with its lines and what was settled of it",
                                          [options](BillingDesk& desk) { return show(desk, *options); });
    showCommand.add_option("INVOICE", options->invoice, "number or id")->required();

    CLI::App& voidCommand =
        group.command("void", "take it back; its number stays, what was paid becomes credit",
                      [options](BillingDesk& desk) { return voidInvoice(desk, *options); });
    voidCommand.add_option("INVOICE", options->invoice, "number or id")->required();
    voidCommand.add_option("--reason", options->reason, "why")->required();

    CLI::App& creditCommand = group.command("credit", "give a part of it back by a credit note",
                                            [options](BillingDesk& desk) { return credit(desk, *options); });
    creditCommand.add_option("INVOICE", options->invoice, "number or id")->required();
    creditCommand.add_option("--amount", options->amount, "before tax: 50000")->required();
    creditCommand.add_option("--reason", options->reason, "why; the credit note says it")->required();
}

}  // namespace gardu::app
