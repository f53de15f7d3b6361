// subscription add, list, show; the verbs are in subscription_verbs.cpp.

#include <iostream>

#include "app/account_work.h"
#include "app/billing_views.h"
#include "app/json_values.h"
#include "app/subscription_verbs.h"
#include "billing/customer_store.h"
#include "billing/package_store.h"
#include "billing/simulation.h"
#include "core/entropy.h"

namespace gardu::app {

namespace {

constexpr int kPage = 2'000;
constexpr int kOutlookDays = 400;
constexpr std::size_t kIdSize = 36;

struct AddOptions {
    std::string username;
    std::string password;
    std::string package;
    std::optional<std::string> customer;
    std::optional<std::string> phone;
    std::optional<std::string> email;
    std::optional<std::string> address;
    std::optional<std::string> startDate;
    std::optional<std::string> anchorDay;
    std::optional<std::string> setupFee;
    std::string setupText = "Installation";
    std::optional<std::string> staticIp;
    std::optional<std::string> ipv6Prefix;
    std::optional<std::string> delegatedPrefix;
    std::vector<std::string> routes;
};

void applyTexts(const AddOptions& options, billing::SubscriberInput& input) {
    const auto text = [](const std::optional<std::string>& option) { return orNothing(option.value_or("")); };
    input.username = options.username;
    input.packageName = options.package;
    input.phone = text(options.phone);
    input.email = text(options.email);
    input.address = text(options.address);
    input.addresses.ipv4 = text(options.staticIp);
    input.addresses.framedIpv6Prefix = text(options.ipv6Prefix);
    input.addresses.delegatedIpv6Prefix = text(options.delegatedPrefix);
    input.addresses.framedRoutes = options.routes;
}

/// An id is of one that must be there; a name may be of a new one.
void applyCustomer(BillingDesk& desk, const AddOptions& options, billing::NewSubscription& wanted) {
    const std::string customer = options.customer.value_or("");
    const bool isId = customer.size() == kIdSize && desk.db().read([&](core::Tx& tx) {
        return billing::findCustomer(tx, customer).has_value();
    });
    if (isId) {
        wanted.customerId = customer;
    } else {
        wanted.input.customerName = customer;
    }
}

Result add(BillingDesk& desk, const AddOptions& options) {
    billing::NewSubscription wanted{desk.workplace().vault()};
    applyTexts(options, wanted.input);
    if (options.anchorDay) {
        const auto parse = [](const std::string& text) {
            const auto day = parseWhole(text);
            return day && *day >= 1 && *day <= 31 ? day : std::nullopt;
        };
        wanted.anchorDay = desk.options().word(
            {"anchor_day", *options.anchorDay, "write a day of the month, 1 to 31"}, parse, 1);
    }
    if (options.setupFee) {
        const std::int64_t amount = desk.money("setup_fee", *options.setupFee).minor;
        if (amount != 0) {
            wanted.setup = {amount, options.setupText};
        }
    }
    const auto start = desk.day("start_date", options.startDate);
    desk.checkOptions();
    wanted.input.startDate = start.value_or(desk.today());
    wanted.input.password = readSecretArgument(options.password);
    applyCustomer(desk, options, wanted);
    const auto result = billing::addSubscription(desk.db(), desk.settings(), desk.act(), wanted);
    const std::string id = desk.subscriptionId(options.username).value();
    Result answer = shown(desk, result, id);
    answer.document["customer_is_new"] = result.customerIsNew;
    if (result.customerIsNew) {
        answer.text.insert(0, "customer: " + result.account.customer.name + " (new)\n");
    }
    return answer;
}

struct ListFilter {
    std::optional<std::string> customer;
    std::optional<std::string> stage;
};

/// Without the account: a million of them are listed.
Json rowJson(const billing::SubscriberRecord& record) {
    const billing::Subscription& sold = record.subscription;
    return {{"id", sold.id},
            {"username", sold.username},
            {"customer", record.customerName},
            {"customer_id", sold.customerId},
            {"package", record.packageName},
            {"status", name(sold.status)},
            {"stage", name(sold.stage)},
            {"auto_renew", sold.autoRenew},
            {"start_date", core::formatDate(sold.startDate)},
            {"end_date", orNull(sold.endDate)},
            {"access_until", orNull(sold.accessUntil)},
            {"held_until", orNull(sold.heldUntil)}};
}

/// Printed page by page: a million of them must not have to fit into memory.
Result list(BillingDesk& desk, const ListFilter& filter, bool json) {
    const auto stage =
        filter.stage
            ? std::optional(desk.options().word(
                  {"stage", *filter.stage, "write active, due, grace, isolated, suspended or terminated"},
                  billing::parseDunningStage, billing::DunningStage::Active))
            : std::nullopt;
    const auto customerId = desk.customerId(filter.customer);
    ListPrinter printer(std::cout, json,
                        {{"USERNAME", "username"},
                         {"PACKAGE", "package"},
                         {"STATUS", "status"},
                         {"STAGE", "stage"},
                         {"END DATE", "end_date"},
                         {"AUTO RENEW", "auto_renew"},
                         {"CUSTOMER", "customer"}});
    std::string after;
    for (bool isLast = false; !isLast;) {
        const auto records =
            desk.db().read([&](core::Tx& tx) { return billing::subscriberPage(tx, after, kPage); });
        Json rows = Json::array();
        for (const billing::SubscriberRecord& record : records) {
            const bool isWanted = (!stage || record.subscription.stage == *stage) &&
                                  (!customerId || record.subscription.customerId == *customerId);
            if (isWanted && record.problem.empty()) {
                rows.push_back(rowJson(record));
            }
        }
        printer.print(rows);
        isLast = records.size() < kPage;
        after = isLast ? after : records.back().usernameKey;
    }
    printer.finish();
    return {};
}

/// What comes next if nobody pays: the account alone, with a virtual clock.
void addOutlook(BillingDesk& desk, const billing::Account& account, const billing::Subscription& sold,
                Json& document) {
    const billing::BillingRules rules =
        desk.db().read([&](core::Tx& tx) { return billing::loadRules(tx, desk.settings()); });
    const auto ids = [&] { return core::newId(desk.now()); };
    const auto simulated = billing::simulateAccount(
        account, rules, ids, {desk.now(), desk.now() + std::chrono::days(kOutlookDays)});
    document["next_invoice"] = nullptr;
    for (const billing::Invoice& invoice : simulated.issued) {
        if (invoice.subscriptionId == sold.id && document.at("next_invoice").is_null()) {
            document["next_invoice"] = {{"issue_date", core::formatDate(invoice.issueDate)},
                                        {"due_date", core::formatDate(invoice.dueDate)},
                                        {"period_start", periodStart(invoice.period)},
                                        {"period_end", periodEnd(invoice.period)},
                                        {"total", moneyJson(invoice.sum.total(), invoice.currency)}};
        }
    }
    document["next_access_change"] = nullptr;
    for (const billing::AccessChange& change : simulated.access) {
        if (change.username == sold.username && document.at("next_access_change").is_null()) {
            document["next_access_change"] = {
                {"at", core::formatInstant(change.at)}, {"from", change.from}, {"to", change.to}};
        }
    }
}

/// What a payment would have to be now, and what it would bring.
void addToPay(BillingDesk& desk, const billing::Account& account, const std::string& id, Json& document) {
    const auto& terms = billing::subscriptionOf(account, id).package->package.terms;
    const auto wanted = toPay(desk, account, id);
    document["late_renewal"] = name(terms.lateRenewal);
    document["to_pay_minor"] = wanted ? wanted->amount : 0;
    document["payment_brings"] = nullptr;
    if (wanted && wanted->brings) {
        document["payment_brings"] = {{"period_start", periodStart(wanted->brings)},
                                      {"period_end", periodEnd(wanted->brings)}};
    }
}

/// "150000 IDR brings 2027-02-09 to 2027-03-08"
std::string toPayText(const Json& document, const core::Currency& currency) {
    const auto amount = document.at("to_pay_minor").get<std::int64_t>();
    std::string text = amount == 0 ? "nothing" : plain(moneyJson(amount, currency));
    const Json& brings = document.at("payment_brings");
    if (!brings.is_null()) {
        const auto next = core::parseDate(brings.at("period_end").get<std::string>());
        text.append(" brings ").append(plain(brings.at("period_start"))).append(" to ");
        text.append(core::formatDate(core::addDays(next.value(), -1)));
    }
    return text;
}

std::string showText(const Json& document, const core::Zone& zone) {
    Json shown = localTimes(document, zone);
    const Json& invoice = document.at("next_invoice");
    if (!invoice.is_null()) {
        shown["next_invoice"] = plain(invoice.at("total")) + " on " + plain(invoice.at("issue_date")) +
                                ", due " + plain(invoice.at("due_date"));
    }
    const Json& change = shown.at("next_access_change");
    if (!change.is_null()) {
        shown["next_access_change"] = "from " + plain(change.at("from")) + " to " + plain(change.at("to")) +
                                      " on " + plain(change.at("at")) + ", if nobody pays";
    }
    return subscriptionText(shown);
}

Result show(BillingDesk& desk, const std::string& which) {
    desk.checkOptions();
    const billing::Subscription sold =
        desk.db().read([&](core::Tx& tx) { return billing::subscriptionNamed(tx, which).subscription; });
    const billing::Account account = loadAccount(desk, sold.customerId);
    Json document = subscriptionJson(account, billing::subscriptionOf(account, sold.id), momentOf(desk));
    addOutlook(desk, account, sold, document);
    addToPay(desk, account, sold.id, document);
    Json shown = document;
    shown.erase("payment_brings");
    shown["to_pay_minor"] = toPayText(document, account.currency);
    shown["to_pay"] = shown.at("to_pay_minor");
    shown.erase("to_pay_minor");
    return {document, showText(shown, desk.zone())};
}

void addAdd(BillingGroup& group) {
    const auto options = std::make_shared<AddOptions>();
    CLI::App& command = group.command("add", "a new one, billed from its first day on",
                                      [options](BillingDesk& desk) { return add(desk, *options); });
    command.add_option("--username", options->username, "user name, or a MAC address")->required();
    command.add_option("--password", options->password, "password; - reads it from standard input")
        ->required();
    command.add_option("--package", options->package, "name of a package")->required();
    command.add_option("--customer", options->customer,
                       "who pays: name or id of a customer, or the name of a new one");
    command.add_option("--phone", options->phone, "of a new customer, or the one of that name and phone");
    command.add_option("--email", options->email, "of a new customer");
    command.add_option("--address", options->address, "of a new customer");
    command.add_option("--start-date", options->startDate, "first day, YYYY-MM-DD (today)");
    command.add_option("--anchor-day", options->anchorDay,
                       "day of the month on which periods begin, 1 to 31 (that of the first day)");
    command.add_option("--setup-fee", options->setupFee,
                       "once, on the first invoice, before tax: 250000, or below zero a credit");
    command.add_option("--setup-text", options->setupText, "what the invoice calls it (Installation)");
    command.add_option("--static-ip", options->staticIp, "IPv4 address; none: from the pool");
    command.add_option("--ipv6-prefix", options->ipv6Prefix, "Framed-IPv6-Prefix");
    command.add_option("--delegated-ipv6-prefix", options->delegatedPrefix, "Delegated-IPv6-Prefix");
    command.add_option("--framed-route", options->routes,
                       "\"192.168.9.0/24 10.0.0.2 1\"; may be given again");
}

}  // namespace

void addSubscriptionCommands(CommandLine& line) {
    BillingGroup group(line, line.group("subscription", "what customers have"));
    addAdd(group);

    const auto filter = std::make_shared<ListFilter>();
    CLI::App& listCommand =
        group.command("list", "show all, by user name",
                      [&line, filter](BillingDesk& desk) { return list(desk, *filter, line.wantsJson()); });
    listCommand.add_option("--customer", filter->customer, "only of this customer");
    listCommand.add_option("--stage", filter->stage, "only at this stage: isolated, ...");

    const auto which = std::make_shared<std::string>();
    CLI::App& showCommand = group.command("show", "one with its period, what comes next, access and why",
                                          [which](BillingDesk& desk) { return show(desk, *which); });
    showCommand.add_option("SUBSCRIPTION", *which, "user name or id")->required();
    addSubscriptionVerbs(group);
}

}  // namespace gardu::app
