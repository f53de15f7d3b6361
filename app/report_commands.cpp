// report revenue, payments, receivables, churn.

#include <map>

#include "app/billing_desk.h"
#include "app/billing_views.h"
#include "billing/report_store.h"
#include "billing/terms_text.h"

namespace gardu::app {

namespace {

constexpr std::int64_t kPpm = 1'000'000;
constexpr std::array<const char*, billing::kAges> kAgeNames = {"not_due", "days_1_to_30", "days_31_to_60",
                                                               "days_61_to_90", "older"};

core::Currency currencyOf(const std::string& code) {
    return core::findCurrency(code).value_or(core::Currency{code, 0});
}

/// This month so far where nothing is said; both days are in it.
core::Period daysOf(BillingDesk& desk, const ListOptions& options) {
    const auto to = desk.day("to", options.to);
    const core::Date last = to.value_or(desk.today());
    const core::Date first = last.year() / last.month() / std::chrono::day(1);
    return desk.days(options.from, options.to, {first, core::addDays(last, 1)});
}

Json daysJson(const core::Period& days) {
    return {{"from", core::formatDate(days.first)}, {"to", core::formatDate(core::addDays(days.next, -1))}};
}

Result revenue(BillingDesk& desk, const ListOptions& options) {
    const core::Period days = daysOf(desk, options);
    Json document = daysJson(days);
    document["rows"] = Json::array();
    document["totals"] = Json::array();
    std::map<std::pair<std::string, std::string>, std::int64_t> totals;
    for (const billing::RevenueRow& row :
         desk.db().read([&](core::Tx& tx) { return billing::revenueRows(tx, days); })) {
        document["rows"].push_back({{"month", row.month},
                                    {"account", row.account},
                                    {"amount", moneyJson(row.amount, currencyOf(row.currency))}});
        totals[{row.account, row.currency}] += row.amount;
    }
    for (const auto& [key, amount] : totals) {
        document["totals"].push_back(
            {{"account", key.first}, {"amount", moneyJson(amount, currencyOf(key.second))}});
    }
    return {document,
            page(document,
                 {{"In all", "totals", {{"ACCOUNT", "account"}, {"AMOUNT", "amount"}}},
                  {"By month", "rows", {{"MONTH", "month"}, {"ACCOUNT", "account"}, {"AMOUNT", "amount"}}}})};
}

void addTakings(Json& json, const billing::Takings& sums, const std::string& currencyCode) {
    const core::Currency currency = currencyOf(currencyCode);
    json["payments"] = sums.payments;
    json["received"] = moneyJson(sums.received, currency);
    json["given_back"] = moneyJson(sums.givenBack, currency);
    json["net"] = moneyJson(sums.received - sums.givenBack, currency);
}

std::vector<Column> withTakings(std::vector<Column> columns) {
    columns.insert(
        columns.end(),
        {{"PAYMENTS", "payments"}, {"RECEIVED", "received"}, {"GIVEN BACK", "given_back"}, {"NET", "net"}});
    return columns;
}

Result payments(BillingDesk& desk, const ListOptions& options) {
    const core::Date today = desk.day("to", options.to).value_or(desk.today());
    const core::Period days = desk.days(options.from, options.to, {today, core::addDays(today, 1)});
    Json document = daysJson(days);
    document["totals"] = Json::array();
    document["rows"] = Json::array();
    std::map<std::pair<std::string, std::string>, billing::Takings> totals;
    for (const billing::TakingsRow& row :
         desk.db().read([&](core::Tx& tx) { return billing::takings(tx, days); })) {
        Json json = {{"day", core::formatDate(row.day)},
                     {"entered_by", row.enteredBy},
                     {"method", row.method},
                     {"source", row.source}};
        addTakings(json, row.sums, row.currency);
        document["rows"].push_back(json);
        totals[{row.method, row.currency}] += row.sums;
    }
    for (const auto& [key, sums] : totals) {
        Json json = {{"method", key.first}};
        addTakings(json, sums, key.second);
        document["totals"].push_back(json);
    }
    return {
        document,
        page(document,
             {{"In all", "totals", withTakings({{"METHOD", "method"}})},
              {"By day and who entered them", "rows",
               withTakings(
                   {{"DAY", "day"}, {"BY", "entered_by"}, {"METHOD", "method"}, {"SOURCE", "source"}})}})};
}

Json receivableJson(const billing::Receivable& receivable) {
    const core::Currency currency = currencyOf(receivable.currency);
    Json json = {{"customer", receivable.customerName}, {"customer_id", receivable.customerId}};
    for (std::size_t age = 0; age < billing::kAges; ++age) {
        json[kAgeNames.at(age)] = moneyJson(receivable.outstanding.at(age), currency);
    }
    json["credit"] = moneyJson(receivable.credit, currency);
    json["total"] = moneyJson(receivable.total(), currency);
    return json;
}

/// All rows of a currency in one.
Json totalsOf(const std::vector<billing::Receivable>& rows) {
    std::map<std::string, billing::Receivable> sums;
    for (const billing::Receivable& row : rows) {
        billing::Receivable& sum = sums[row.currency];
        sum.currency = row.currency;
        sum.credit += row.credit;
        for (std::size_t age = 0; age < billing::kAges; ++age) {
            sum.outstanding.at(age) += row.outstanding.at(age);
        }
    }
    Json totals = Json::array();
    for (auto& [currency, sum] : sums) {
        sum.customerName = "all";
        totals.push_back(receivableJson(sum));
        totals.back().erase("customer_id");
    }
    return totals;
}

std::vector<Column> ageColumns() {
    return {{"CUSTOMER", "customer"},   {"NOT DUE", "not_due"},     {"1-30", "days_1_to_30"},
            {"31-60", "days_31_to_60"}, {"61-90", "days_61_to_90"}, {"OLDER", "older"},
            {"CREDIT", "credit"},       {"TOTAL", "total"}};
}

Result receivables(BillingDesk& desk, const ListOptions& options) {
    const auto from = desk.day("from", options.from);
    const core::Date on = desk.day("to", options.to).value_or(core::Date{});
    desk.checkOptions();
    const core::Date last = options.to ? on : desk.today();
    const auto rows = desk.db().read([&](core::Tx& tx) {
        auto items = billing::openItems(tx, last);
        std::erase_if(items, [&](const billing::OpenItem& item) { return from && item.dueDate < *from; });
        return billing::receivables(items, billing::customerCredits(tx, last), last);
    });
    Json document = {{"on", core::formatDate(last)}, {"totals", totalsOf(rows)}, {"rows", Json::array()}};
    for (const billing::Receivable& row : rows) {
        document["rows"].push_back(receivableJson(row));
    }
    return {document, page(document, {{"In all, by days past the due date", "totals", ageColumns()},
                                      {"By customer", "rows", ageColumns()}})};
}

Result churn(BillingDesk& desk, const ListOptions& options) {
    const core::Period days = daysOf(desk, options);
    const billing::Churn churn =
        desk.db().read([&](core::Tx& tx) { return billing::countChurn(tx, days, desk.zone()); });
    const std::int64_t lost = churn.cancelled + churn.terminated;
    Json document = daysJson(days);
    document["at_start"] = churn.atStart;
    document["added"] = churn.added;
    document["cancelled"] = churn.cancelled;
    document["terminated"] = churn.terminated;
    document["at_end"] = churn.atEnd;
    document["lost_rate"] = churn.atStart == 0
                                ? Json(nullptr)
                                : Json(billing::formatPercent(static_cast<int>(lost * kPpm / churn.atStart)));
    return {document, lines(document)};
}

}  // namespace

void addReportCommands(CommandLine& line) {
    BillingGroup group(line, line.group("report", "figures for the owner"));
    const auto options = std::make_shared<ListOptions>();
    addDays(group.command("revenue", "earned, taxes and money by month, from the ledger",
                          [options](BillingDesk& desk) { return revenue(desk, *options); }),
            *options, " (this month so far)");
    addDays(group.command("payments", "money of a day, by who entered it: what must be in the till",
                          [options](BillingDesk& desk) { return payments(desk, *options); }),
            *options, " (today)");
    CLI::App& receivablesCommand =
        group.command("receivables", "what is owed, by age and customer",
                      [options](BillingDesk& desk) { return receivables(desk, *options); });
    receivablesCommand.add_option("--from", options->from, "only what is due on this day or later");
    receivablesCommand.add_option("--to", options->to, "as it was at the end of that day (today)");
    addDays(group.command("churn", "subscriptions that came and went",
                          [options](BillingDesk& desk) { return churn(desk, *options); }),
            *options, " (this month so far)");
}

}  // namespace gardu::app
