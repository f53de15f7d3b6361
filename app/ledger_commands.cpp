// ledger balances, list, audit; audit list.

#include "app/billing_desk.h"
#include "app/billing_views.h"
#include "billing/ledger_store.h"

namespace gardu::app {

namespace {

constexpr int kShownByDefault = 100;

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

Result auditList(BillingDesk& desk, const AuditOptions& options) {
    const int limit = limitOf(desk, options.list, kShownByDefault);
    desk.checkOptions();
    Json rows = Json::array();
    for (const billing::AuditRow& row :
         desk.db().read([&](core::Tx& tx) { return billing::listAudit(tx, options.entity, 0, limit); })) {
        rows.push_back(toJson(row));
    }
    return {
        rows,
        table(rows,
              {{"WHEN", "at"}, {"WHO", "actor"}, {"DID", "action"}, {"TO", "entity"}, {"ID", "entity_id"}})};
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
    auditCommand.add_option("--entity", auditOptions->entity, "only about this id");
    addLimit(auditCommand, auditOptions->list, std::to_string(kShownByDefault));
}

}  // namespace gardu::app
