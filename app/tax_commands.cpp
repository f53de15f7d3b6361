// tax add, list; holiday add, list, remove.

#include "app/billing_desk.h"
#include "app/billing_views.h"
#include "billing/catalog_service.h"
#include "billing/terms_text.h"

namespace gardu::app {

namespace {

struct TaxOptions {
    std::string code;
    std::string name;
    std::string rate;
    bool inclusive = false;
};

struct HolidayOptions {
    std::string day;
    std::string name;
};

Result addTax(BillingDesk& desk, const TaxOptions& options) {
    billing::Tax tax;
    tax.code = options.code;
    tax.name = options.name;
    tax.inclusive = options.inclusive;
    tax.ratePpm =
        desk.options().word({"rate", options.rate, "write a rate such as 11%"}, billing::parsePercent, 0);
    billing::addTax(desk.db(), tax, desk.act());
    const Json document = toJson(tax);
    return {document, lines(document)};
}

Result listTaxes(BillingDesk& desk) {
    desk.checkOptions();
    Json all = Json::array();
    for (const billing::Tax& tax : desk.db().read([](core::Tx& tx) { return billing::listTaxes(tx); })) {
        all.push_back(toJson(tax));
    }
    return {all,
            table(all, {{"CODE", "code"}, {"NAME", "name"}, {"RATE", "rate"}, {"INCLUSIVE", "inclusive"}})};
}

Result addHoliday(BillingDesk& desk, const HolidayOptions& options) {
    const auto day = desk.day("day", options.day);
    desk.checkOptions();
    const billing::Holiday holiday{day.value(), options.name};
    billing::addHoliday(desk.db(), holiday, desk.act());
    const Json document = toJson(holiday);
    return {document, lines(document)};
}

Result listHolidays(BillingDesk& desk) {
    desk.checkOptions();
    Json all = Json::array();
    for (const billing::Holiday& holiday :
         desk.db().read([](core::Tx& tx) { return billing::listHolidays(tx); })) {
        all.push_back(toJson(holiday));
    }
    return {all, table(all, {{"DAY", "day"}, {"NAME", "name"}})};
}

Result removeHoliday(BillingDesk& desk, const HolidayOptions& options) {
    const auto day = desk.day("day", options.day);
    desk.checkOptions();
    billing::removeHoliday(desk.db(), day.value(), desk.act());
    return {{{"removed", options.day}}, "removed\n"};
}

void addHolidayCommands(BillingGroup holiday) {
    const auto options = std::make_shared<HolidayOptions>();
    CLI::App& addCommand = holiday.command(
        "add", "a new one", [options](BillingDesk& desk) { return addHoliday(desk, *options); });
    addCommand.add_option("DAY", options->day, "YYYY-MM-DD")->required();
    addCommand.add_option("--name", options->name, "what it is called")->required();
    holiday.command("list", "show all", listHolidays);
    CLI::App& removeCommand = holiday.command(
        "remove", "one that is none", [options](BillingDesk& desk) { return removeHoliday(desk, *options); });
    removeCommand.add_option("DAY", options->day, "YYYY-MM-DD")->required();
}

}  // namespace

void addTaxCommands(CommandLine& line) {
    BillingGroup tax(line, line.group("tax", "taxes of packages"));
    const auto options = std::make_shared<TaxOptions>();
    CLI::App& addCommand = tax.command("add", "a new one; a new rate is a new code",
                                       [options](BillingDesk& desk) { return addTax(desk, *options); });
    addCommand.add_option("--code", options->code, "short, for packages: PPN11")->required();
    addCommand.add_option("--name", options->name, "as invoices name it: PPN 11%")->required();
    addCommand.add_option("--rate", options->rate, "11%")->required();
    addCommand.add_flag("--inclusive", options->inclusive, "prices hold it already");
    tax.command("list", "show all", listTaxes);
    addHolidayCommands({line, line.group("holiday", "days on which nobody is cut off")});
}

}  // namespace gardu::app
