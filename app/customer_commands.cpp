// customer add, list, show, update, statement.

#include <iostream>
#include <map>

#include "app/account_views.h"
#include "app/account_work.h"
#include "app/billing_views.h"
#include "billing/customer_service.h"
#include "billing/customer_store.h"
#include "billing/ledger_store.h"
#include "billing/payment_store.h"

namespace gardu::app {

namespace {

constexpr int kPage = 1'000;

struct CustomerOptions {
    std::string which;
    std::optional<std::string> name;
    std::optional<std::string> email;
    std::optional<std::string> phone;
    std::optional<std::string> address;
    std::optional<std::string> language;
    std::optional<std::string> status;
};

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

void apply(BillingDesk& desk, const CustomerOptions& options, billing::Customer& customer) {
    if (options.status) {
        customer.status =
            desk.options().word({"status", *options.status, "write active, inactive or suspended"},
                                billing::parseCustomerStatus, customer.status);
    }
    customer.name = trimmed(options.name.value_or(customer.name));
    const auto text = [](const std::optional<std::string>& option, std::optional<std::string>& field) {
        field = option ? orNothing(*option) : field;
    };
    text(options.email, customer.email);
    text(options.phone, customer.phone);
    text(options.address, customer.address);
    text(options.language, customer.language);
    if (!desk.options().isAllRight()) {
        for (core::FieldError& problem : billing::customerProblems(customer)) {
            desk.options().wrong(std::move(problem));
        }
    }
    desk.checkOptions();
}

Result add(BillingDesk& desk, const CustomerOptions& options) {
    billing::Customer customer;
    apply(desk, options, customer);
    const Json document = toJson(billing::addCustomer(desk.db(), customer, desk.act()));
    return {document, lines(document)};
}

Result update(BillingDesk& desk, const CustomerOptions& options) {
    const std::string id = desk.customerId(options.which).value();
    const Json document = toJson(billing::updateCustomer(
        desk.db(), id, [&](billing::Customer& customer) { apply(desk, options, customer); }, desk.act()));
    return {document, lines(document)};
}

/// Printed page by page: all of them need not fit into memory.
Result list(BillingDesk& desk, bool json) {
    desk.checkOptions();
    ListPrinter printer(
        std::cout, json,
        {{"NAME", "name"}, {"PHONE", "phone"}, {"EMAIL", "email"}, {"STATUS", "status"}, {"ID", "id"}});
    std::optional<billing::Customer> after;
    for (bool isLast = false; !isLast;) {
        const auto customers =
            desk.db().read([&](core::Tx& tx) { return billing::customerPage(tx, after, kPage); });
        Json page = Json::array();
        for (const billing::Customer& customer : customers) {
            page.push_back(toJson(customer));
        }
        printer.print(page);
        isLast = customers.size() < kPage;
        after = isLast ? after : customers.back();
    }
    printer.finish();
    return {};
}

Result show(BillingDesk& desk, const CustomerOptions& options) {
    const std::string id = desk.customerId(options.which).value();
    const Json document = accountJson(loadAccount(desk, id), momentOf(desk));
    return {document, accountText(localTimes(document, desk.zone()))};
}

/// One entry of the ledger as the customer sees it.
struct StatementRow {
    core::Instant at;
    core::Date day{};
    std::string kind;
    std::string subject;
    std::int64_t change = 0;
};

/// What concerns what he owes or has.
bool isHis(const billing::Posting& posting) {
    return posting.account == billing::kReceivable || posting.account == billing::kCustomerCredit;
}

std::string subjectOf(core::Tx& tx, const billing::Posting& posting) {
    const auto invoice = posting.invoiceId ? billing::findInvoice(tx, *posting.invoiceId) : std::nullopt;
    if (invoice) {
        return invoice->number;
    }
    const auto payment = posting.paymentId ? billing::findPayment(tx, *posting.paymentId) : std::nullopt;
    return payment ? std::string(name(payment->method)) + " " + payment->reference : "";
}

/// Oldest first, entry by entry; what only moves his money from credit to an invoice is left out.
std::vector<StatementRow> readStatement(core::Tx& tx, const std::string& customerId) {
    std::vector<StatementRow> rows;
    std::string transactionId;
    std::int64_t before = 0;
    for (bool isLast = false; !isLast;) {
        const auto postings = billing::listPostings(tx, customerId, before, kPage);
        for (const billing::LedgerRow& posting : postings) {
            before = posting.id;
            if (!isHis(posting.posting)) {
                continue;
            }
            if (rows.empty() || transactionId != posting.transactionId) {
                rows.push_back({posting.postedAt, posting.day, posting.kind, subjectOf(tx, posting.posting)});
                transactionId = posting.transactionId;
            }
            rows.back().change += posting.posting.amount;
        }
        isLast = postings.size() < kPage;
    }
    std::erase_if(rows, [](const StatementRow& row) { return row.change == 0; });
    std::reverse(rows.begin(), rows.end());
    return rows;
}

struct Statement {
    billing::Account account;
    std::vector<StatementRow> rows;
};

Json statementJson(const Statement& statement, const core::Period& days) {
    const core::Currency& currency = statement.account.currency;
    std::int64_t balance = 0;
    std::int64_t opening = 0;
    Json rows = Json::array();
    for (const StatementRow& row : statement.rows) {
        if (!(row.day < days.next)) {
            break;
        }
        balance += row.change;
        opening = row.day < days.first ? balance : opening;
        if (days.contains(row.day)) {
            rows.push_back({{"day", core::formatDate(row.day)},
                            {"at", core::formatInstant(row.at)},
                            {"kind", row.kind},
                            {"subject", row.subject},
                            {"amount", moneyJson(row.change, currency)},
                            {"balance", moneyJson(balance, currency)}});
        }
    }
    return {{"customer", statement.account.customer.name},
            {"customer_id", statement.account.customer.id},
            {"opening_balance", moneyJson(opening, currency)},
            {"closing_balance", moneyJson(balance, currency)},
            {"rows", rows}};
}

Result statement(BillingDesk& desk, const CustomerOptions& options, const ListOptions& list) {
    const core::Period all{core::addDays(desk.zone().localDate(core::Instant{}), 0),
                           core::addDays(core::parseDate("9998-12-31").value(), 1)};
    const core::Period days = desk.days(list.from, list.to, all);
    const std::string id = desk.customerId(options.which).value();
    Statement statement{loadAccount(desk, id), {}};
    statement.rows = desk.db().read([&](core::Tx& tx) { return readStatement(tx, id); });
    const Json document = statementJson(statement, days);
    return {document, page(document, {{"Entries",
                                       "rows",
                                       {{"DAY", "day"},
                                        {"WHAT", "kind"},
                                        {"ABOUT", "subject"},
                                        {"AMOUNT", "amount"},
                                        {"BALANCE", "balance"}}}})};
}

void addSettings(CLI::App& command, CustomerOptions& options) {
    command.add_option("--email", options.email, "where invoices go");
    command.add_option("--phone", options.phone, "with the country's code: 62812...");
    command.add_option("--address", options.address, "where the line is");
    command.add_option("--language", options.language, "of what is written to him: id or en");
    command.add_option("--status", options.status,
                       "active; suspended: no access, and billing goes on; inactive: has left, once all of "
                       "his subscriptions are cancelled");
}

}  // namespace

void addCustomerCommands(CommandLine& line) {
    BillingGroup group(line, line.group("customer", "who pays"));
    const auto options = std::make_shared<CustomerOptions>();
    const auto listOptions = std::make_shared<ListOptions>();
    CLI::App& addCommand =
        group.command("add", "a new one", [options](BillingDesk& desk) { return add(desk, *options); });
    addCommand.add_option("--name", options->name, "his name")->required();
    addSettings(addCommand, *options);

    group.command("list", "show all, by name",
                  [&line](BillingDesk& desk) { return list(desk, line.wantsJson()); });

    CLI::App& showCommand = group.command("show", "one with his subscriptions, balance and open invoices",
                                          [options](BillingDesk& desk) { return show(desk, *options); });
    showCommand.add_option("CUSTOMER", options->which, "name or id")->required();

    CLI::App& updateCommand = group.command("update", "change one; \"none\" takes a field away",
                                            [options](BillingDesk& desk) { return update(desk, *options); });
    updateCommand.add_option("CUSTOMER", options->which, "name or id")->required();
    updateCommand.add_option("--name", options->name, "his new name");
    addSettings(updateCommand, *options);

    CLI::App& statementCommand = group.command(
        "statement", "invoices, payments and the balance after each",
        [options, listOptions](BillingDesk& desk) { return statement(desk, *options, *listOptions); });
    statementCommand.add_option("CUSTOMER", options->which, "name or id")->required();
    addDays(statementCommand, *listOptions, " (all)");
}

}  // namespace gardu::app
