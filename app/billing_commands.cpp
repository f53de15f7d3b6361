// billing run, runs, parked, unpark, log.

#include <algorithm>

#include "app/account_work.h"
#include "app/billing_loop.h"
#include "app/billing_views.h"
#include "app/dry_run.h"
#include "app/json_values.h"
#include "billing/billing_run.h"
#include "billing/billing_run_store.h"
#include "core/alarm_store.h"
#include "core/clock.h"

namespace gardu::app {

namespace {

constexpr int kShownByDefault = 100;
constexpr int kRunsByDefault = 20;
constexpr int kMostWorkers = 64;

struct RunArguments {
    bool all = false;
    bool dryRun = false;
    std::optional<std::string> workers;
    ListOptions list;
};

std::string summaryText(const Json& summary) {
    Json numbers = summary;
    numbers.erase("troubles");
    numbers.erase("accounts");
    std::string text = lines(numbers);
    for (const Json& trouble : summary.at("troubles")) {
        text.append(plain(trouble)).append("\n");
    }
    return text;
}

billing::RunOptions optionsOf(BillingDesk& desk, const RunArguments& arguments) {
    const auto parse = [](const std::string& text) {
        const auto number = parseWhole(text);
        return number && *number >= 1 && *number <= kMostWorkers ? number : std::nullopt;
    };
    const int workers =
        arguments.workers
            ? desk.options().word({"workers", *arguments.workers, "write a number from 1 to 64"}, parse, 1)
            : 1;
    billing::RunOptions options;
    options.holder = billingHolder();
    options.all = arguments.all;
    options.dryRun = arguments.dryRun;
    options.workers = desk.db().dialect() == core::Dialect::Sqlite ? 1 : workers;
    options.parallel = runSideBySide;
    options.clock = core::wallNow;
    return options;
}

/// As the run of gardu serve does.
void raiseParked(BillingDesk& desk) {
    const core::Instant now = desk.now();
    desk.db().transact([&](core::Tx& tx) {
        std::vector<core::Alarm> alarms;
        for (const billing::ParkedSubscription& parked : billing::parkedSubscriptions(tx)) {
            alarms.push_back({"billing_parked", parked.username,
                              "not billed until an operator has looked: " + parked.reason, now, now});
        }
        core::addAlarms(tx, alarms);
    });
}

Result run(BillingDesk& desk, const RunArguments& arguments) {
    billing::RunOptions options = optionsOf(desk, arguments);
    const int limit = limitOf(desk, arguments.list, kShownByDefault);
    DryRun found(momentOf(desk), limit);
    if (arguments.dryRun) {
        options.report = [&](const billing::AccountResult& result) { found.add(result); };
    }
    const billing::RunSummary summary = billing::runBilling(desk.db(), desk.settings(), desk.act(), options);
    if (summary.isOthers) {
        throw core::Refused("another billing run is at work; gardu billing runs shows it");
    }
    if (!arguments.dryRun && summary.parked != 0) {
        raiseParked(desk);
    }
    Json document = toJson(summary);
    document.erase("is_others");
    const int exitCode = summary.failed == 0 && summary.parked == 0 ? 0 : 1;
    if (!arguments.dryRun) {
        return {document, summaryText(document), exitCode};
    }
    document.erase("id");
    document["dry_run"] = true;
    document.update(found.document());
    return {document, summaryText(document) + "\n" + found.text(), exitCode};
}

Json runJson(const billing::BillingRunRow& run) {
    return {{"id", run.id},
            {"as_of", core::formatInstant(run.asOf)},
            {"holder", run.holder},
            {"started_at", core::formatInstant(run.startedAt)},
            {"finished_at", orNull(run.finishedAt)},
            {"seen", run.seen},
            {"invoiced", run.invoiced},
            {"renewed", run.renewed},
            {"isolated", run.isolated},
            {"failed", run.failed},
            {"parked", run.parked}};
}

Result runs(BillingDesk& desk, const RunArguments& arguments) {
    const int limit = limitOf(desk, arguments.list, kRunsByDefault);
    desk.checkOptions();
    Json rows = Json::array();
    auto found = desk.db().read([&](core::Tx& tx) { return billing::listBillingRuns(tx, "", limit + 1); });
    const std::string more = cutTo(limit, found);
    for (const billing::BillingRunRow& each : found) {
        rows.push_back(runJson(each));
    }
    return {rows, table(localTimes(rows, desk.zone()), {{"STARTED", "started_at"},
                                                        {"FINISHED", "finished_at"},
                                                        {"AS OF", "as_of"},
                                                        {"SEEN", "seen"},
                                                        {"INVOICED", "invoiced"},
                                                        {"RENEWED", "renewed"},
                                                        {"ISOLATED", "isolated"},
                                                        {"FAILED", "failed"},
                                                        {"PARKED", "parked"},
                                                        {"BY", "holder"}}) +
                      more};
}

Result parked(BillingDesk& desk) {
    desk.checkOptions();
    Json rows = Json::array();
    for (const billing::ParkedSubscription& each : desk.db().read(billing::parkedSubscriptions)) {
        rows.push_back({{"subscription_id", each.subscriptionId},
                        {"username", each.username},
                        {"customer", each.customerName},
                        {"reason", each.reason}});
    }
    return {rows, table(rows, {{"USERNAME", "username"}, {"CUSTOMER", "customer"}, {"WHY", "reason"}})};
}

Result log(BillingDesk& desk, const ListOptions& options) {
    const int limit = limitOf(desk, options, kShownByDefault);
    const auto subscriptionId = desk.subscriptionId(options.subscription);
    Json rows = Json::array();
    auto found = desk.db().read(
        [&](core::Tx& tx) { return billing::listBillingLogs(tx, subscriptionId, "", limit + 1); });
    const std::string more = cutTo(limit, found);
    for (const billing::BillingLogRow& row : found) {
        rows.push_back(toJson(row));
    }
    return {rows, table(localTimes(rows, desk.zone()),
                        {{"WHEN", "at"}, {"WHAT", "action"}, {"IN WORDS", "message"}}) +
                      more};
}

void addParked(BillingGroup& group) {
    group.command("parked", "subscriptions that are not billed until somebody has looked", parked);
    const auto which = std::make_shared<std::string>();
    CLI::App& unparkCommand =
        group.command("unpark", "billing goes on after somebody has looked", [which](BillingDesk& desk) {
            return onSubscription(desk, {"subscription unpark", *which,
                                         [](core::Tx&, billing::AccountBook& book, const std::string& id) {
                                             book.unpark(id);
                                         }});
        });
    unparkCommand.add_option("SUBSCRIPTION", *which, "user name or id")->required();
}

}  // namespace

void addBillingCommands(CommandLine& line) {
    BillingGroup group(line, line.group("billing", "what the clock brings: invoices, renewals, cuts"));
    const auto arguments = std::make_shared<RunArguments>();
    CLI::App& runCommand = group.command("run", "bring every account that is due to what it has to be now",
                                         [arguments](BillingDesk& desk) { return run(desk, *arguments); });
    runCommand.add_flag("--all", arguments->all, "all accounts, not only those whose time has come");
    runCommand.add_flag("--dry-run", arguments->dryRun, "only say what would happen; nothing is stored");
    runCommand.add_option("--workers", arguments->workers, "accounts at the same time, on MariaDB (1)");
    runCommand.add_option("--limit", arguments->list.limit, "accounts that a dry run lists (100)");

    CLI::App& runsCommand = group.command("runs", "those that were, newest first",
                                          [arguments](BillingDesk& desk) { return runs(desk, *arguments); });
    addLimit(runsCommand, arguments->list, std::to_string(kRunsByDefault));
    addParked(group);

    const auto options = std::make_shared<ListOptions>();
    CLI::App& logCommand = group.command("log", "what happened to accounts, newest first",
                                         [options](BillingDesk& desk) { return log(desk, *options); });
    logCommand.add_option("--subscription", options->subscription, "only of this user name or id");
    addLimit(logCommand, *options, std::to_string(kShownByDefault));
}

}  // namespace gardu::app
