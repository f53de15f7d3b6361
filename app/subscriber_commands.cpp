// subscriber add, list, show, update, suspend, activate, disable, cancel, remove.

#include <iostream>
#include <map>
#include <memory>

#include "app/command_line.h"
#include "app/json_views.h"
#include "billing/package_store.h"
#include "billing/subscriber_service.h"
#include "core/clock.h"

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

Json view(Workplace& workplace, const Policies& policies, const billing::SubscriberRecord& record) {
    const auto facts = billing::subscriberFacts(record, policies.at(record.subscription.packageId),
                                                workplace.config().zone());
    return toJson(record, billing::entitlement(facts, core::wallNow()));
}

Result show(Workplace& workplace, const billing::SubscriberRecord& record) {
    const Json document = view(workplace, loadPolicies(workplace), record);
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

Result add(Workplace& workplace, const SubscriberOptions& options) {
    OptionReader reader;
    billing::SubscriberInput input;
    input.username = options.username;
    input.packageName = options.package.value_or("");
    input.endDate = reader.date("end_date", options.endDate.value_or("none"));
    const core::Date today = workplace.today();
    // A subscriber taken over from elsewhere may have ended already.
    input.startDate = reader.date("start_date", options.startDate.value_or("none"))
                          .value_or(input.endDate ? std::min(today, *input.endDate) : today);
    reader.finish();
    input.password = readSecretArgument(options.password.value_or(""));
    input.customerName = options.customer.value_or("");
    input.phone = orNothing(options.phone.value_or(""));
    input.email = orNothing(options.email.value_or(""));
    input.address = orNothing(options.address.value_or(""));
    applyAddresses(options, input.addresses);
    return show(workplace, billing::addSubscriber(workplace.db(), workplace.vault(), input, workplace.act()));
}

Result update(Workplace& workplace, const SubscriberOptions& options) {
    OptionReader reader;
    billing::SubscriberChange change;
    change.username = options.username;
    change.newUsername = options.newUsername;
    change.packageName = options.package;
    if (options.endDate) {
        change.endDate = reader.date("end_date", *options.endDate);
    }
    if (options.startDate) {
        change.startDate = reader.date("start_date", *options.startDate);
    }
    reader.finish();
    if (options.password) {
        change.password = readSecretArgument(*options.password);
    }
    billing::StaticAddresses addresses =
        billing::getSubscriber(workplace.db(), options.username).subscription.addresses;
    applyAddresses(options, addresses);
    change.addresses = addresses;
    return show(workplace,
                billing::updateSubscriber(workplace.db(), workplace.vault(), change, workplace.act()));
}

Result setStatus(Workplace& workplace, const std::string& username, billing::SubscriptionStatus status) {
    billing::SubscriberChange change;
    change.username = username;
    change.status = status;
    return show(workplace,
                billing::updateSubscriber(workplace.db(), workplace.vault(), change, workplace.act()));
}

Json viewAll(Workplace& workplace, const std::vector<billing::SubscriberRecord>& page) {
    const Policies policies = loadPolicies(workplace);
    Json views = Json::array();
    for (const billing::SubscriberRecord& record : page) {
        views.push_back(view(workplace, policies, record));
    }
    return views;
}

/// Printed page by page: a million of them must not have to fit into memory.
Result list(Workplace& workplace, bool json) {
    const std::vector<Column> columns = {
        {"USERNAME", "username"}, {"PACKAGE", "package"},   {"STATUS", "status"},    {"END DATE", "end_date"},
        {"ACCESS", "access"},     {"WHY", "access_reason"}, {"CUSTOMER", "customer"}};
    ListPrinter printer(std::cout, json, columns);
    std::string after;
    for (bool isLast = false; !isLast;) {
        const auto page =
            workplace.db().read([&](core::Tx& tx) { return billing::subscriberPage(tx, after, kPage); });
        printer.print(viewAll(workplace, page));
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

void addStatusCommand(CommandLine& line, CLI::App& group, const StatusVerb& verb) {
    const auto username = std::make_shared<std::string>();
    CLI::App& command =
        line.command(group, verb.verb, verb.help, [username, status = verb.status](Workplace& workplace) {
            return setStatus(workplace, *username, status);
        });
    command.add_option("USERNAME", *username, "who")->required();
}

void addAdd(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<SubscriberOptions>();
    CLI::App& command = line.command(group, "add", "a new one",
                                     [options](Workplace& workplace) { return add(workplace, *options); });
    command.add_option("--username", options->username, "user name, or a MAC address")->required();
    command.add_option("--password", options->password, "password; - reads it from standard input")
        ->required();
    command.add_option("--package", options->package, "name of a package")->required();
    command.add_option("--customer", options->customer, "who pays: the customer of this name, or a new one");
    command.add_option("--phone", options->phone, "of a new customer");
    command.add_option("--email", options->email, "of a new customer");
    command.add_option("--address", options->address, "of a new customer");
    addSettings(command, *options);
}

void addUpdate(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<SubscriberOptions>();
    CLI::App& command = line.command(group, "update", "change one; \"none\" takes a field away",
                                     [options](Workplace& workplace) { return update(workplace, *options); });
    command.add_option("USERNAME", options->username, "who")->required();
    command.add_option("--username", options->newUsername, "the new user name");
    command.add_option("--password", options->password, "the new password; - reads it from standard input");
    command.add_option("--package", options->package, "name of a package");
    addSettings(command, *options);
}

}  // namespace

void addSubscriberCommands(CommandLine& line) {
    CLI::App& group = line.group("subscriber", "who uses it");
    addAdd(line, group);
    line.command(group, "list", "show all, by user name",
                 [&line](Workplace& workplace) { return list(workplace, line.wantsJson()); });
    const auto username = std::make_shared<std::string>();
    CLI::App& showCommand = line.command(group, "show", "show one", [username](Workplace& workplace) {
        return show(workplace, billing::getSubscriber(workplace.db(), *username));
    });
    showCommand.add_option("USERNAME", *username, "who")->required();
    addUpdate(line, group);
    using Status = billing::SubscriptionStatus;
    for (const StatusVerb& verb :
         {StatusVerb{"suspend", Status::Suspended, "isolate or reject, as the package says"},
          StatusVerb{"activate", Status::Active, "undo suspend, disable and cancel"},
          StatusVerb{"disable", Status::Disabled, "reject, whatever is paid"},
          StatusVerb{"cancel", Status::Cancelled, "reject for good; its records stay"}}) {
        addStatusCommand(line, group, verb);
    }
    CLI::App& removeCommand =
        line.command(group, "remove", "delete one that no money refers to", [username](Workplace& workplace) {
            billing::removeSubscriber(workplace.db(), *username, workplace.act());
            return Result{{{"removed", *username}}, "removed\n"};
        });
    removeCommand.add_option("USERNAME", *username, "who")->required();
}

}  // namespace gardu::app
