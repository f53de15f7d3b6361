// ledger balances, list, audit; audit list.

#include <algorithm>
#include <iterator>

#include "app/billing_desk.h"
#include "app/billing_views.h"
#include "billing/customer_store.h"
#include "billing/invoice_store.h"
#include "billing/ledger_store.h"
#include "billing/package_store.h"
#include "billing/payment_store.h"
#include "billing/username.h"

namespace gardu::app {

namespace {

constexpr int kShownByDefault = 100;
/// The newest of a customer, whose audit rows are his too.
constexpr int kMostPayments = 200;

Result balances(BillingDesk& desk, const ListOptions& options) {
    const bool isAll = !options.from && !options.to;
    const core::Period ever{core::parseDate("1970-01-01").value(), core::parseDate("9999-01-01").value()};
    const core::Period days = desk.days(options.from, options.to, ever);
    Json rows = Json::array();
    for (const billing::AccountBalance& balance : desk.db().read([&](core::Tx& tx) {
             return billing::ledgerBalances(tx, isAll ? std::nullopt : std::optional(days));
         })) {
        const auto currency = core::findCurrency(balance.currency);
        rows.push_back({{"account", balance.account},
                        {"balance", moneyJson(balance.balance,
                                              currency.value_or(core::Currency{balance.currency, 0}))}});
    }
    return {rows, table(rows, {{"ACCOUNT", "account"}, {"BALANCE", "balance"}})};
}

Result list(BillingDesk& desk, const ListOptions& options) {
    const int limit = limitOf(desk, options, kShownByDefault);
    const auto customerId = desk.customerId(options.customer);
    Json rows = Json::array();
    auto found =
        desk.db().read([&](core::Tx& tx) { return billing::listPostings(tx, customerId, 0, limit + 1); });
    const std::string more = cutTo(limit, found);
    for (const billing::LedgerRow& row : found) {
        rows.push_back(toJson(row));
    }
    return {rows, table(rows, {{"ID", "id"},
                               {"DAY", "day"},
                               {"ENTRY", "kind"},
                               {"ACCOUNT", "account"},
                               {"AMOUNT", "amount"},
                               {"TRANSACTION", "transaction_id"}}) +
                      more};
}

Result audit(BillingDesk& desk) {
    desk.checkOptions();
    const std::vector<std::string> findings = desk.db().read(billing::auditLedger);
    std::string text = findings.empty() ? "the books are right\n" : "";
    for (const std::string& finding : findings) {
        text.append(finding).append("\n");
    }
    return {{{"right", findings.empty()}, {"findings", findings}}, text, findings.empty() ? 0 : 1};
}

struct AuditOptions {
    std::optional<std::string> entity;
    ListOptions list;
};

/// As people call the thing of a row: the first of its names that it has, or had.
Json nameIn(const Json& row) {
    for (const char* side : {"after", "before"}) {
        for (const char* member : {"username", "number", "reference", "name"}) {
            const Json& thing = row.at(side);
            if (thing.is_object() && thing.contains(member) && thing.at(member).is_string()) {
                return thing.at(member);
            }
        }
    }
    return nullptr;
}

/// The ids that a user name, a number or a name stands for; else the text itself, as an id.
std::vector<std::string> idsOf(core::Tx& tx, const std::string& entity) {
    std::vector<std::string> ids = {entity};
    if (const auto record = billing::findSubscriber(tx, billing::usernameKey(entity))) {
        ids.push_back(record->subscription.id);
    }
    if (const auto package = billing::findPackageByName(tx, entity)) {
        ids.push_back(package->id);
    }
    if (const auto invoice = billing::findInvoiceByNumber(tx, entity)) {
        ids.push_back(invoice->id);
    }
    for (const billing::Customer& customer : billing::findCustomersByName(tx, entity)) {
        ids.push_back(customer.id);
        for (const billing::Payment& payment : billing::listPayments(tx, {customer.id}, "", kMostPayments)) {
            ids.push_back(payment.id);
        }
    }
    return ids;
}

/// Newest first, one more than `limit`.
std::vector<billing::AuditRow> auditRows(core::Tx& tx, const std::optional<std::string>& entity, int limit) {
    if (!entity) {
        return billing::listAudit(tx, std::nullopt, 0, limit + 1);
    }
    std::vector<billing::AuditRow> rows;
    for (const std::string& id : idsOf(tx, *entity)) {
        auto more = billing::listAudit(tx, id, 0, limit + 1);
        rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    std::sort(rows.begin(), rows.end(),
              [](const billing::AuditRow& a, const billing::AuditRow& b) { return a.id > b.id; });
    return rows;
}

Result auditList(BillingDesk& desk, const AuditOptions& options) {
    const int limit = limitOf(desk, options.list, kShownByDefault);
    desk.checkOptions();
    Json rows = Json::array();
    auto found = desk.db().read([&](core::Tx& tx) { return auditRows(tx, options.entity, limit); });
    const std::string more = cutTo(limit, found);
    for (const billing::AuditRow& row : found) {
        rows.push_back(toJson(row));
        rows.back()["name"] = nameIn(rows.back());
    }
    return {rows, table(localTimes(rows, desk.zone()), {{"WHEN", "at"},
                                                        {"WHO", "actor"},
                                                        {"DID", "action"},
                                                        {"TO", "entity"},
                                                        {"NAME", "name"},
                                                        {"ID", "entity_id"}}) +
                      more};
}

}  // namespace

void addLedgerCommands(CommandLine& line) {
    BillingGroup ledger(line, line.group("ledger", "the books: double entry, only ever added to"));
    const auto options = std::make_shared<ListOptions>();
    CLI::App& balancesCommand =
        ledger.command("balances", "of all accounts; debit is positive",
                       [options](BillingDesk& desk) { return balances(desk, *options); });
    addDays(balancesCommand, *options, " of postings (all)");

    CLI::App& listCommand = ledger.command("list", "postings, newest first",
                                           [options](BillingDesk& desk) { return list(desk, *options); });
    listCommand.add_option("--customer", options->customer, "only of this customer (name or id)");
    addLimit(listCommand, *options, std::to_string(kShownByDefault));
    ledger.command("audit", "prove that the books are right; exit 1 where they are not", audit);

    BillingGroup log(line, line.group("audit", "who did what"));
    const auto auditOptions = std::make_shared<AuditOptions>();
    CLI::App& auditCommand =
        log.command("list", "operators' actions with what was before and after, newest first",
                    [auditOptions](BillingDesk& desk) { return auditList(desk, *auditOptions); });
    auditCommand.add_option("--entity", auditOptions->entity,
                            "only about this id, user name, customer, package or invoice number");
    addLimit(auditCommand, auditOptions->list, std::to_string(kShownByDefault));
}

}  // namespace gardu::app
