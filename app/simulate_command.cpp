// simulate --from DAY --to DAY.

#include "app/account_work.h"
#include "app/dry_run.h"
#include "billing/account_store.h"
#include "core/entropy.h"

namespace gardu::app {

namespace {

/// Accounts that are read in one transaction.
constexpr int kPage = 200;
constexpr int kShownByDefault = 100;

/// What all accounts share.
struct World {
    billing::BillingRules rules;
    billing::PricedPackages packages;
    core::Instant from;
    core::Instant to;
    core::Date today{};
};

/// Now where today is meant, since the morning is over.
core::Instant beginOf(BillingDesk& desk, const std::optional<core::Date>& from) {
    const core::Date first = from.value_or(desk.today());
    if (first < desk.today()) {
        throw WrongUsage({{"from", "\"" + core::formatDate(first) +
                                       "\" is in the past: accounts are as they are today, so write today "
                                       "or a later day"}});
    }
    return std::max(desk.zone().startOfDay(first), desk.now());
}

World worldOf(BillingDesk& desk, const ListOptions& options) {
    const auto from = desk.day("from", options.from);
    const auto to = desk.day("to", options.to);
    desk.checkOptions();
    World world = desk.db().read([&](core::Tx& tx) {
        return World{billing::loadRules(tx, desk.settings()), billing::loadPricedPackages(tx), {}, {}, {}};
    });
    world.today = desk.today();
    world.from = beginOf(desk, from);
    world.to = desk.zone().endOfDay(to.value()) - core::Milliseconds(1);
    if (world.to <= world.from) {
        throw WrongUsage(
            {{"to", "\"" + core::formatDate(*to) + "\" is before the first day: write a later one"}});
    }
    return world;
}

void simulateOne(core::Tx& tx, const World& world, const std::string& customerId, Simulation& simulation) {
    const auto account = billing::loadAccount(tx, customerId, world.packages, world.today);
    if (account) {
        const auto ids = [&] { return core::newId(world.from); };
        simulation.add(*account,
                       billing::simulateAccount(*account, world.rules, ids, {world.from, world.to}));
    }
}

/// One account after the other: all of them need not fit into memory.
void simulateAll(BillingDesk& desk, const World& world, Simulation& simulation) {
    std::string after;
    for (bool isLast = false; !isLast;) {
        desk.db().read([&](core::Tx& tx) {
            const auto page = billing::customersAfter(tx, after, kPage);
            for (const std::string& customerId : page) {
                simulateOne(tx, world, customerId, simulation);
            }
            isLast = page.size() < kPage;
            after = isLast ? after : page.back();
        });
    }
}

Result simulate(BillingDesk& desk, const ListOptions& options) {
    const int limit = limitOf(desk, options, kShownByDefault);
    const World world = worldOf(desk, options);
    Simulation simulation(desk.zone(), limit);
    auto customerId = desk.customerId(options.customer);
    if (options.subscription) {
        customerId = desk.db().read([&](core::Tx& tx) {
            return billing::subscriptionNamed(tx, *options.subscription).subscription.customerId;
        });
    }
    if (customerId) {
        desk.db().read([&](core::Tx& tx) { simulateOne(tx, world, *customerId, simulation); });
    } else {
        simulateAll(desk, world, simulation);
    }
    Json document = {{"from", core::formatInstant(world.from)}, {"to", core::formatInstant(world.to)}};
    document.update(simulation.document());
    return {document, "From " + desk.zone().format(world.from) + " to " + desk.zone().format(world.to) +
                          ", if nobody pays but from credit:\n\n" + simulation.text()};
}

}  // namespace

void addSimulateCommand(CommandLine& line) {
    BillingGroup group(line, line.root());
    const auto options = std::make_shared<ListOptions>();
    CLI::App& command =
        group.command("simulate", "what billing would do until a day, in money and access; stores nothing",
                      [options](BillingDesk& desk) { return simulate(desk, *options); });
    command.add_option("--from", options->from, "first day, YYYY-MM-DD (today)");
    command.add_option("--to", options->to, "last day, YYYY-MM-DD")->required();
    command.add_option("--customer", options->customer, "only this customer (name or id)");
    command.add_option("--subscription", options->subscription, "only the customer of this user name or id");
    command.add_option("--limit", options->limit, "accounts and changes of access that are listed (100)");
}

}  // namespace gardu::app
