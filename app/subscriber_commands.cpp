// subscriber add, list, show, update, suspend, activate, disable, cancel, remove.

#include <iostream>
#include <map>
#include <memory>

#include "app/billing_desk.h"
#include "app/json_views.h"
#include "billing/package_store.h"
#include "billing/subscriber_change_service.h"

namespace gardu::app {

namespace {

constexpr int kPage = 2'000;

struct SubscriberOptions {
    std::string username;
    std::optional<std::string> newUsername;
    std::optional<std::string> password;
    std::optional<std::string> package;
    std::optional<std::string> startDate;
    std::optional<std::string> endDate;
    std::optional<std::string> customer;
    std::optional<std::string> phone;
    std::optional<std::string> email;
    std::optional<std::string> address;
    std::optional<std::string> staticIp;
    std::optional<std::string> ipv6Prefix;
    std::optional<std::string> delegatedPrefix;
    std::vector<std::string> routes;
};

using Policies = std::map<std::string, std::shared_ptr<const billing::PackagePolicy>>;

Policies loadPolicies(Workplace& workplace) {
    Policies policies;
    const billing::PolicyDefaults defaults = workplace.policyDefaults();
    for (const billing::Package& package :
         workplace.db().read([](core::Tx& tx) { return billing::listPackages(tx); })) {
        policies.emplace(package.id, std::make_shared<const billing::PackagePolicy>(
                                         billing::packagePolicy(package, defaults)));
    }
    return policies;
}

Json view(BillingDesk& desk, const Policies& policies, const billing::SubscriberRecord& record) {
    const auto facts =
        billing::subscriberFacts(record, policies.at(record.subscription.packageId), desk.zone());
    return toJson(record, billing::entitlement(facts, desk.now()));
}

Result show(BillingDesk& desk, const billing::SubscriberRecord& record) {
    const Json document = view(desk, loadPolicies(desk.workplace()), record);
    return {document, lines(document)};
}

/// Sets what an option names; "none" takes it away.
void applyAddresses(const SubscriberOptions& options, billing::StaticAddresses& addresses) {
    if (options.staticIp) {
        addresses.ipv4 = orNothing(*options.staticIp);
    }
    if (options.ipv6Prefix) {
        addresses.framedIpv6Prefix = orNothing(*options.ipv6Prefix);
    }
    if (options.delegatedPrefix) {
        addresses.delegatedIpv6Prefix = orNothing(*options.delegatedPrefix);
    }
    if (!options.routes.empty()) {
        addresses.framedRoutes = options.routes;
        std::erase(addresses.framedRoutes, "none");
    }
}

Result add(BillingDesk& desk, const SubscriberOptions& options) {
    billing::SubscriberInput input;
    input.username = options.username;
    input.packageName = options.package.value_or("");
    input.endDate = desk.options().date("end_date", options.endDate.value_or("none"));
    const auto start = desk.options().date("start_date", options.startDate.value_or("none"));
    const core::Date today = desk.today();
    // A subscriber taken over from elsewhere may have ended already.
    input.startDate = start.value_or(input.endDate ? std::min(today, *input.endDate) : today);
    input.password = readSecretArgument(options.password.value_or(""));
    input.customerName = options.customer.value_or("");
    input.phone = orNothing(options.phone.value_or(""));
    input.email = orNothing(options.email.value_or(""));
    input.address = orNothing(options.address.value_or(""));
    applyAddresses(options, input.addresses);
    const auto added = billing::addSubscriber(desk.db(), desk.workplace().vault(), input, desk.act());
    Result result = show(desk, added);
    result.document["customer_is_new"] = added.customerIsNew;
    Json shown = result.document;
    shown.erase("customer_is_new");
    shown["customer"] = added.customerName + (added.customerIsNew ? " (new)" : "");
    result.text = lines(shown);
    return result;
}

Result change(BillingDesk& desk, const billing::SubscriberChange& change) {
    return show(desk, billing::changeSubscriber(desk.db(), {desk.workplace().vault(), desk.settings()},
                                                change, desk.act()));
}

Result update(BillingDesk& desk, const SubscriberOptions& options) {
    billing::SubscriberChange wanted;
    wanted.username = options.username;
    wanted.newUsername = options.newUsername;
    wanted.packageName = options.package;
    if (options.endDate) {
        wanted.endDate = desk.options().date("end_date", *options.endDate);
    }
    if (options.startDate) {
        wanted.startDate = desk.options().date("start_date", *options.startDate);
    }
    desk.checkOptions();
    if (options.password) {
        wanted.password = readSecretArgument(*options.password);
    }
    billing::StaticAddresses addresses =
        billing::getSubscriber(desk.db(), options.username).subscription.addresses;
    applyAddresses(options, addresses);
    wanted.addresses = addresses;
    return change(desk, wanted);
}

Result setStatus(BillingDesk& desk, const std::string& username, billing::SubscriptionStatus status) {
    billing::SubscriberChange wanted;
    wanted.username = username;
    wanted.status = status;
    return change(desk, wanted);
}

Json viewAll(BillingDesk& desk, const std::vector<billing::SubscriberRecord>& page) {
    const Policies policies = loadPolicies(desk.workplace());
    Json views = Json::array();
    for (const billing::SubscriberRecord& record : page) {
        views.push_back(view(desk, policies, record));
    }
    return views;
}

/// Printed page by page: a million of them must not have to fit into memory.
Result list(BillingDesk& desk, bool json) {
    desk.checkOptions();
    const std::vector<Column> columns = {
        {"USERNAME", "username"}, {"PACKAGE", "package"},   {"STATUS", "status"},    {"END DATE", "end_date"},
        {"ACCESS", "access"},     {"WHY", "access_reason"}, {"CUSTOMER", "customer"}};
    ListPrinter printer(std::cout, json, columns);
    std::string after;
    for (bool isLast = false; !isLast;) {
        const auto page =
            desk.db().read([&](core::Tx& tx) { return billing::subscriberPage(tx, after, kPage); });
        printer.print(viewAll(desk, page));
        isLast = page.size() < kPage;
        after = isLast ? after : page.back().usernameKey;
    }
    printer.finish();
    return {};
}

void addSettings(CLI::App& command, SubscriberOptions& options) {
    command.add_option("--end-date", options.endDate, "last day of access, YYYY-MM-DD; none: no end");
    command.add_option("--start-date", options.startDate, "first day of access, YYYY-MM-DD (today)");
    command.add_option("--static-ip", options.staticIp, "IPv4 address; none: from the pool");
    command.add_option("--ipv6-prefix", options.ipv6Prefix, "Framed-IPv6-Prefix");
    command.add_option("--delegated-ipv6-prefix", options.delegatedPrefix, "Delegated-IPv6-Prefix");
    command.add_option("--framed-route", options.routes, "\"192.168.9.0/24 10.0.0.2 1\"; may be given again");
}

struct StatusVerb {
    const char* verb;
    billing::SubscriptionStatus status;
    const char* help;
};

void addStatusCommand(BillingGroup& group, const StatusVerb& verb) {
    const auto username = std::make_shared<std::string>();
    CLI::App& command = group.command(
        verb.verb, verb.help,
        [username, status = verb.status](BillingDesk& desk) { return setStatus(desk, *username, status); });
    command.add_option("USERNAME", *username, "who")->required();
}

void addAdd(BillingGroup& group) {
    const auto options = std::make_shared<SubscriberOptions>();
    CLI::App& command =
        group.command("add", "a new one", [options](BillingDesk& desk) { return add(desk, *options); });
    command.add_option("--username", options->username, "user name, or a MAC address")->required();
    command.add_option("--password", options->password, "password; - reads it from standard input")
        ->required();
    command.add_option("--package", options->package, "name of a package")->required();
    command.add_option("--customer", options->customer, "who pays: the customer of this name, or a new one");
    command.add_option("--phone", options->phone, "of a new customer, or the one of that name and phone");
    command.add_option("--email", options->email, "of a new customer");
    command.add_option("--address", options->address, "of a new customer");
    addSettings(command, *options);
}

void addUpdate(BillingGroup& group) {
    const auto options = std::make_shared<SubscriberOptions>();
    CLI::App& command = group.command("update", "change one; \"none\" takes a field away",
                                      [options](BillingDesk& desk) { return update(desk, *options); });
    command.add_option("USERNAME", options->username, "who")->required();
    command.add_option("--username", options->newUsername, "the new user name");
    command.add_option("--password", options->password, "the new password; - reads it from standard input");
    command.add_option("--package", options->package, "name of a package");
    addSettings(command, *options);
}

}  // namespace

void addSubscriberCommands(CommandLine& line) {
    BillingGroup group(line, line.group("subscriber", "who uses it"));
    addAdd(group);
    group.command("list", "show all, by user name",
                  [&line](BillingDesk& desk) { return list(desk, line.wantsJson()); });
    const auto username = std::make_shared<std::string>();
    CLI::App& showCommand = group.command("show", "show one", [username](BillingDesk& desk) {
        desk.checkOptions();
        return show(desk, billing::getSubscriber(desk.db(), *username));
    });
    showCommand.add_option("USERNAME", *username, "who")->required();
    addUpdate(group);
    using Status = billing::SubscriptionStatus;
    for (const StatusVerb& verb :
         {StatusVerb{"suspend", Status::Suspended, "isolate or reject, as the package says"},
          StatusVerb{"activate", Status::Active,
                     "undo suspend, disable, and cancel of one that was never billed"},
          StatusVerb{"disable", Status::Disabled, "reject, whatever is paid"},
          StatusVerb{"cancel", Status::Cancelled,
                     "reject for good; its records stay; who is billed gets credit for what is not used"}}) {
        addStatusCommand(group, verb);
    }
    CLI::App& removeCommand =
        group.command("remove", "delete one that no money refers to", [username](BillingDesk& desk) {
            billing::removeSubscriber(desk.db(), *username, desk.act());
            return Result{{{"removed", *username}}, "removed\n"};
        });
    removeCommand.add_option("USERNAME", *username, "who")->required();
}

}  // namespace gardu::app
