// package add, list, show, update, remove.

#include <memory>

#include "app/billing_desk.h"
#include "app/json_views.h"
#include "app/package_terms_options.h"
#include "billing/package_service.h"
#include "billing/package_store.h"
#include "core/clock.h"

namespace gardu::app {

namespace {

/// What the options of add and update were set to; text, so that "none" can take a field away.
struct PackageOptions {
    std::string name;
    std::optional<std::string> newName;
    std::optional<std::string> bandwidth;
    std::optional<std::string> burst;
    std::optional<std::string> priority;
    std::optional<std::string> price;
    std::optional<std::string> type;
    std::optional<std::string> validity;
    std::optional<std::string> onExpiry;
    std::optional<std::string> pool;
    std::optional<std::string> addressList;
    std::optional<std::string> mikrotikGroup;
    std::optional<std::string> simultaneousUse;
    std::optional<std::string> simultaneousPolicy;
    std::optional<std::string> interimInterval;
    std::optional<std::string> idleTimeout;
    std::optional<std::string> ipv6Pool;
    std::optional<std::string> delegatedIpv6Pool;
    TermsOptions terms;
};

/// The options whose words are a closed list.
void applyWords(const PackageOptions& options, OptionReader& reader, billing::Package& package) {
    if (options.type) {
        package.type = reader.word({"type", *options.type, "write pppoe, hotspot or static"},
                                   billing::parsePackageType, package.type);
    }
    if (options.onExpiry) {
        package.onExpiry = reader.word({"on_expiry", *options.onExpiry, "write isolate or reject"},
                                       billing::parseOnExpiry, package.onExpiry);
    }
    if (options.simultaneousPolicy) {
        package.simultaneousPolicy = reader.word(
            {"simultaneous_policy", *options.simultaneousPolicy, "write reject-new or replace-old"},
            billing::parseSimultaneousPolicy, package.simultaneousPolicy);
    }
    if (options.validity) {
        package.validity =
            reader.word({"validity", *options.validity, "write for example \"1 month\" or \"30 days\""},
                        billing::parseValidity, package.validity);
    }
}

void applyTexts(const PackageOptions& options, billing::Package& package) {
    package.name = options.newName.value_or(package.name);
    package.bandwidth = options.bandwidth.value_or(package.bandwidth);
    const auto text = [](const std::optional<std::string>& option, std::optional<std::string>& field) {
        field = option ? orNothing(*option) : field;
    };
    text(options.burst, package.burst);
    text(options.pool, package.pool);
    text(options.addressList, package.addressList);
    text(options.mikrotikGroup, package.mikrotikGroup);
    text(options.ipv6Pool, package.ipv6Pool);
    text(options.delegatedIpv6Pool, package.delegatedIpv6Pool);
}

void applyNumbers(const PackageOptions& options, OptionReader& reader, billing::Package& package) {
    const auto number = [&](const char* name, const std::optional<std::string>& option,
                            std::optional<int>& field) {
        field = option ? reader.number(name, *option) : field;
    };
    number("priority", options.priority, package.priority);
    number("simultaneous_use", options.simultaneousUse, package.simultaneousUse);
    number("interim_interval", options.interimInterval, package.interimInterval);
    number("idle_timeout", options.idleTimeout, package.idleTimeout);
}

/// Throws core::Refused with whatever else is wrong too.
void applyPrice(const PackageOptions& options, billing::Package& package) {
    if (!options.price) {
        return;
    }
    const auto price = core::parseMoney(*options.price, package.price.currency);
    if (!price) {
        std::vector<core::FieldError> errors = billing::packageProblems(package);
        errors.push_back({"price", "\"" + *options.price + "\" is not an amount in " +
                                       package.price.currency.code + ", with at most " +
                                       std::to_string(package.price.currency.exponent) +
                                       " digits after the point and no grouping"});
        throw core::Refused(std::move(errors));
    }
    package.price = *price;
}

void apply(OptionReader reader, const PackageOptions& options, billing::Package& package) {
    applyWords(options, reader, package);
    applyNumbers(options, reader, package);
    applyTerms(options.terms, reader, package);
    applyQuota(options.terms, reader, package);
    reader.finish();
    applyTexts(options, package);
    applyPrice(options, package);
}

/// Terms and quota as lines of their own.
std::string packageText(Json document) {
    const Json terms = document.at("terms");
    const Json quota = document.at("quota");
    document.erase("terms");
    document["quota"] = quota.is_null() ? quota : quota.at("text");
    document.update(terms);
    for (const auto& [member, value] : quota.items()) {
        if (member != "tiers" && member != "text") {
            document["quota_" + member] = value;
        }
    }
    return lines(document);
}

Result shown(const billing::Package& package) {
    const Json document = toJson(package);
    return {document, packageText(document)};
}

Result add(BillingDesk& desk, const PackageOptions& options) {
    billing::Package package;
    package.name = options.name;
    package.price.currency = desk.currency();
    apply(desk.options(), options, package);
    return shown(billing::addPackage(desk.db(), package, desk.act()));
}

Result update(BillingDesk& desk, const PackageOptions& options) {
    const auto change = [&](billing::Package& package) { apply(desk.options(), options, package); };
    return shown(billing::updatePackage(desk.db(), options.name, change, desk.act()));
}

Result list(BillingDesk& desk) {
    desk.checkOptions();
    Json all = Json::array();
    for (const billing::Package& package :
         desk.db().read([](core::Tx& tx) { return billing::listPackages(tx); })) {
        all.push_back(toJson(package));
    }
    Json rows = all;
    for (Json& row : rows) {
        row["billing"] = row.at("terms").at("billing");
        row["quota"] = row.at("quota").is_null() ? Json(nullptr) : row.at("quota").at("text");
    }
    return {all, table(rows, {{"NAME", "name"},
                              {"TYPE", "type"},
                              {"RATE LIMIT", "rate_limit"},
                              {"PRICE", "price"},
                              {"VALIDITY", "validity"},
                              {"BILLING", "billing"},
                              {"QUOTA", "quota"},
                              {"ON EXPIRY", "on_expiry"},
                              {"POOL", "pool"}})};
}

Result show(BillingDesk& desk, const std::string& name) {
    desk.checkOptions();
    const auto package = desk.db().read([&](core::Tx& tx) { return billing::findPackageByName(tx, name); });
    if (!package) {
        throw core::Refused("there is no package \"" + name + "\"; gardu package list shows all");
    }
    return shown(*package);
}

Result remove(BillingDesk& desk, const std::string& name) {
    billing::removePackage(desk.db(), name, desk.act());
    return {{{"removed", name}}, "removed\n"};
}

void addSettings(CLI::App& command, PackageOptions& options) {
    command.add_option("--burst", options.burst,
                       "burst rate, threshold, time [, priority, minimum rate]: "
                       "\"20M/20M 10M/10M 10/10\"");
    command.add_option("--priority", options.priority, "1 (highest) to 8; wins over the one in --burst");
    command.add_option("--type", options.type, "pppoe, hotspot or static");
    command.add_option("--validity", options.validity, "how long a payment lasts: \"1 month\", \"30 days\"");
    command.add_option("--on-expiry", options.onExpiry, "isolate (walled garden) or reject");
    command.add_option("--pool", options.pool, "name of an /ip/pool on the router");
    command.add_option("--address-list", options.addressList, "firewall address list while access is full");
    command.add_option("--mikrotik-group", options.mikrotikGroup, "PPP or hotspot profile on the router");
    command.add_option("--simultaneous-use", options.simultaneousUse,
                       "sessions at the same time; of a hotspot, devices");
    command.add_option("--simultaneous-policy", options.simultaneousPolicy,
                       "where all are taken: reject-new (refuse the login) or replace-old (end the oldest)");
    command.add_option("--interim-interval", options.interimInterval, "seconds between interim updates");
    command.add_option("--idle-timeout", options.idleTimeout, "seconds");
    command.add_option("--ipv6-pool", options.ipv6Pool, "Framed-IPv6-Pool");
    command.add_option("--delegated-ipv6-pool", options.delegatedIpv6Pool, "Mikrotik-Delegated-IPv6-Pool");
    addTermsOptions(command, options.terms);
    addQuotaOptions(command, options.terms);
}

}  // namespace

void addPackageCommands(CommandLine& line) {
    BillingGroup package(line, line.group("package", "what you sell"));
    const auto options = std::make_shared<PackageOptions>();
    CLI::App& addCommand =
        package.command("add", "a new one", [options](BillingDesk& desk) { return add(desk, *options); });
    addCommand.add_option("--name", options->name, "its name")->required();
    addCommand.add_option("--bandwidth", options->bandwidth, "upload/download: 10M/20M")->required();
    addCommand.add_option("--price", options->price, "for one validity: 150000")->required();
    addSettings(addCommand, *options);

    package.command("list", "show all", list);

    CLI::App& showCommand = package.command(
        "show", "one with its terms", [options](BillingDesk& desk) { return show(desk, options->name); });
    showCommand.add_option("NAME", options->name, "which")->required();

    CLI::App& updateCommand =
        package.command("update", "change one; \"none\" takes a field away",
                        [options](BillingDesk& desk) { return update(desk, *options); });
    updateCommand.add_option("NAME", options->name, "which")->required();
    updateCommand.add_option("--name", options->newName, "its new name");
    updateCommand.add_option("--bandwidth", options->bandwidth, "upload/download: 10M/20M");
    updateCommand.add_option("--price", options->price, "for one validity");
    addSettings(updateCommand, *options);

    CLI::App& removeCommand =
        package.command("remove", "one that no subscriber has",
                        [options](BillingDesk& desk) { return remove(desk, options->name); });
    removeCommand.add_option("NAME", options->name, "which")->required();
}

}  // namespace gardu::app
