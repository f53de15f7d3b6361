#include "app/dry_run.h"

#include <set>

#include "app/billing_views.h"
#include "app/json_values.h"
#include "app/json_views.h"

namespace gardu::app {

namespace {

constexpr std::size_t kMonthSize = 7;

/// Credit notes count against it.
std::int64_t signedTotal(const billing::Invoice& invoice) {
    return invoice.kind == billing::DocumentKind::Invoice ? invoice.sum.total() : -invoice.sum.total();
}

/// User names of the account's subscriptions to which one of these happened.
Json namesOf(const billing::AccountResult& result, const std::set<std::string>& actions) {
    Json names = Json::array();
    for (const billing::BillingEvent& event : result.changes.events) {
        if (actions.count(event.action) != 0 && event.subscriptionId) {
            names.push_back(
                billing::subscriptionOf(result.account, *event.subscriptionId).subscription.username);
        }
    }
    return names;
}

std::string amountsOf(const Json& sums) {
    return sums.empty() ? "nothing" : plain(sums);
}

/// "full active": the first word is what counts.
bool isFull(const std::string& access) {
    return access.starts_with("full");
}

std::string leftOut(std::size_t all, std::size_t shown) {
    return all > shown ? std::to_string(all - shown) + " more; --limit N shows more of them\n" : "";
}

}  // namespace

void MoneySums::add(std::int64_t minor, const core::Currency& currency) {
    const auto [at, isNew] = sums_.try_emplace(currency.code, core::Money{0, currency});
    at->second.minor += minor;
}

Json MoneySums::document() const {
    Json list = Json::array();
    for (const auto& [code, sum] : sums_) {
        list.push_back(toJson(sum));
    }
    return list;
}

void DryRun::add(const billing::AccountResult& result) {
    MoneySums own;
    Json documents = Json::array();
    for (const billing::Invoice& invoice : result.changes.issued) {
        own.add(signedTotal(invoice), invoice.currency);
        invoiced_.add(signedTotal(invoice), invoice.currency);
        documents.push_back(toJson(invoice, moment_.today()));
        documents.back().erase("lines");
    }
    ++changed_;
    if (accounts_.size() < most_) {
        accounts_.push_back({{"customer", result.account.customer.name},
                             {"customer_id", result.account.customer.id},
                             {"invoiced", own.document()},
                             {"renewed", namesOf(result, {"renewed"})},
                             {"isolated", namesOf(result, {"isolated", "suspended", "terminated"})},
                             {"restored", namesOf(result, {"restored"})},
                             {"issued", documents}});
    }
}

Json DryRun::document() const {
    return {
        {"invoiced_total", invoiced_.document()}, {"accounts_changed", changed_}, {"accounts", accounts_}};
}

std::string DryRun::text() const {
    return "Would be invoiced: " + amountsOf(invoiced_.document()) + "\n\n" +
           table(accounts_, {{"CUSTOMER", "customer"},
                             {"INVOICED", "invoiced"},
                             {"RENEWED", "renewed"},
                             {"CUT OFF", "isolated"},
                             {"RESTORED", "restored"}}) +
           leftOut(changed_, accounts_.size());
}

void Simulation::add(const billing::Account& account, const billing::SimulatedAccount& result) {
    ++seen_;
    before_.add(result.balanceBefore, account.currency);
    after_.add(result.balanceAfter, account.currency);
    parked_ += result.parked.empty() ? 0 : 1;
    documents_ += static_cast<std::int64_t>(result.issued.size());
    MoneySums own;
    for (const billing::Invoice& invoice : result.issued) {
        own.add(signedTotal(invoice), invoice.currency);
        invoiced_.add(signedTotal(invoice), invoice.currency);
        months_[core::formatDate(invoice.issueDate).substr(0, kMonthSize)].add(signedTotal(invoice),
                                                                               invoice.currency);
    }
    addAccess(result.access);
    if (!result.issued.empty() || !result.access.empty() || !result.parked.empty()) {
        ++changed_;
        addRow(account, result, own);
    }
}

void Simulation::addAccess(const std::vector<billing::AccessChange>& changes) {
    for (const billing::AccessChange& change : changes) {
        ++accessChanges_;
        cut_ += isFull(change.from) && !isFull(change.to) ? 1 : 0;
        restored_ += !isFull(change.from) && isFull(change.to) ? 1 : 0;
        if (access_.size() < most_) {
            access_.push_back({{"username", change.username},
                               {"at", core::formatInstant(change.at)},
                               {"from", change.from},
                               {"to", change.to}});
        }
    }
}

void Simulation::addRow(const billing::Account& account, const billing::SimulatedAccount& result,
                        const MoneySums& invoiced) {
    if (accounts_.size() >= most_) {
        return;
    }
    accounts_.push_back({{"customer", account.customer.name},
                         {"customer_id", account.customer.id},
                         {"invoiced", invoiced.document()},
                         {"balance_before", moneyJson(result.balanceBefore, account.currency)},
                         {"balance_after", moneyJson(result.balanceAfter, account.currency)},
                         {"parked", result.parked.empty() ? Json(nullptr) : Json(result.parked)}});
}

Json Simulation::document() const {
    Json months = Json::array();
    for (const auto& [month, sums] : months_) {
        months.push_back({{"month", month}, {"invoiced", sums.document()}});
    }
    return {{"accounts_seen", seen_},
            {"accounts_changed", changed_},
            {"documents", documents_},
            {"invoiced_total", invoiced_.document()},
            {"balance_before", before_.document()},
            {"balance_after", after_.document()},
            {"cut_off", cut_},
            {"restored", restored_},
            {"access_changes", accessChanges_},
            {"parked", parked_},
            {"months", months},
            {"access", access_},
            {"accounts", accounts_}};
}

std::string Simulation::text() const {
    const auto changes = static_cast<std::size_t>(accessChanges_);
    return page(localTimes(document(), zone_),
                {{"By month", "months", {{"MONTH", "month"}, {"INVOICED", "invoiced"}}},
                 {"Access",
                  "access",
                  {{"USERNAME", "username"}, {"AT", "at"}, {"FROM", "from"}, {"TO", "to"}}},
                 {"By customer",
                  "accounts",
                  {{"CUSTOMER", "customer"},
                   {"INVOICED", "invoiced"},
                   {"BALANCE BEFORE", "balance_before"},
                   {"AFTER", "balance_after"},
                   {"PARKED", "parked"}}}}) +
           leftOut(std::max(changes, static_cast<std::size_t>(changed_)),
                   std::max(access_.size(), accounts_.size()));
}

}  // namespace gardu::app
