// subscription discount add, list, end.

#include "app/account_work.h"
#include "app/billing_views.h"
#include "app/subscription_verbs.h"
#include "billing/catalog_service.h"
#include "billing/discount_store.h"
#include "billing/terms_text.h"

namespace gardu::app {

namespace {

struct DiscountOptions {
    std::string subscription;
    std::string id;
    std::string name;
    std::optional<std::string> rate;
    std::optional<std::string> amount;
    std::optional<std::string> from;
    std::optional<std::string> until;
};

Result add(BillingDesk& desk, const DiscountOptions& options) {
    billing::Discount discount;
    discount.name = options.name;
    if (options.rate) {
        discount.ratePpm = desk.options().word({"rate", *options.rate, "write a rate such as 10%"},
                                               billing::parsePercent, 1);
    }
    if (options.amount) {
        discount.amount = desk.money("amount", *options.amount).minor;
    }
    const auto from = desk.day("from", options.from);
    discount.endsOn = desk.day("until", options.until);
    const std::string id = desk.subscriptionId(options.subscription).value();
    discount.startsOn = from.value_or(desk.today());
    const Json document =
        toJson(billing::addDiscount(desk.db(), id, std::move(discount), desk.act()), desk.currency());
    return {document, lines(document)};
}

Result list(BillingDesk& desk, const DiscountOptions& options) {
    const std::string id = desk.subscriptionId(options.subscription).value();
    Json all = Json::array();
    for (const billing::Discount& discount :
         desk.db().read([&](core::Tx& tx) { return billing::discountsOf(tx, id); })) {
        all.push_back(toJson(discount, desk.currency()));
    }
    return {all, table(all, {{"ID", "id"},
                             {"NAME", "name"},
                             {"RATE", "rate"},
                             {"AMOUNT", "amount"},
                             {"FROM", "starts_on"},
                             {"TO", "ends_on"}})};
}

Result end(BillingDesk& desk, const DiscountOptions& options) {
    const auto lastDay = desk.day("on", options.until);
    desk.checkOptions();
    const Json document =
        toJson(billing::endDiscount(desk.db(), options.id, lastDay.value_or(desk.today()), desk.act()),
               desk.currency());
    return {document, lines(document)};
}

}  // namespace

void addDiscountCommands(BillingGroup group) {
    const auto options = std::make_shared<DiscountOptions>();
    CLI::App& addCommand =
        group.command("add", "a new one", [options](BillingDesk& desk) { return add(desk, *options); });
    addCommand.add_option("SUBSCRIPTION", options->subscription, "user name or id")->required();
    addCommand.add_option("--name", options->name, "as invoices name it")->required();
    addCommand.add_option("--rate", options->rate, "of the price: 10%");
    addCommand.add_option("--amount", options->amount, "or so much of each period: 25000");
    addCommand.add_option("--from", options->from, "periods that begin on this day or later (today)");
    addCommand.add_option("--until", options->until, "and up to and with this one (for good)");

    CLI::App& listCommand = group.command("list", "show all, those that ended too",
                                          [options](BillingDesk& desk) { return list(desk, *options); });
    listCommand.add_option("SUBSCRIPTION", options->subscription, "user name or id")->required();

    CLI::App& endCommand = group.command("end", "no period that begins later has it",
                                         [options](BillingDesk& desk) { return end(desk, *options); });
    endCommand.add_option("DISCOUNT", options->id, "id, as list shows it")->required();
    endCommand.add_option("--on", options->until, "its last day (today)");
}

}  // namespace gardu::app
