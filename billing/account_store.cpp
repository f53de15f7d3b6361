#include "billing/account_store.h"

#include <cstdint>
#include <map>
#include <memory>

#include "billing/billing_period.h"
#include "billing/ledger_store.h"
#include "billing/outbox_store.h"
#include "billing/package_store.h"
#include "billing/package_terms_store.h"
#include "billing/quota_store.h"
#include "billing/records_store.h"
#include "billing/subscription_row_store.h"
#include "core/bytes.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

/// What the column holds.
constexpr std::size_t kLongestReason = 500;

void storeSubscription(core::Tx& tx, const AccountSubscription& each, core::Instant now) {
    if (billedColumnsAsText(each.subscription) == each.asRead) {
        return;
    }
    core::Values values = billedColumns(each.subscription);
    values.emplace_back(core::toEpochMs(now));
    values.emplace_back(each.subscription.id);
    tx.execute(
        "UPDATE subscriptions SET package_id = ?, start_date = ?, end_date = ?, auto_renew = ?, status = ?, "
        "access_until = ?, held_until = ?, dunning_stage = ?, updated_at = ? WHERE id = ?",
        values);
    tx.announce(core::ChangeKind::Subscriber, each.usernameKey);
}

void storeState(core::Tx& tx, const AccountSubscription& each, core::Instant now) {
    core::Values values = valuesOf(each.state);
    // When it was parked first; nothing where it is not.
    values.emplace_back(std::int64_t{each.state.parkedReason ? 1 : 0});
    values.emplace_back(core::toEpochMs(now));
    values.emplace_back(each.subscription.id);
    tx.execute(
        "UPDATE subscription_billing SET bill_at = ?, anchor_day = ?, billed_until = ?, rated_from = ?, "
        "paid_until_at = ?, next_package_id = ?, next_package_at = ?, cancel_on = ?, cancelled_on = ?, "
        "paused_on = ?, pause_until = ?, never_cut_until = ?, never_cut_reason = ?, promise_until = ?, "
        "notice_until = ?, held_from = ?, stage_since = ?, stopped_on = ?, parked_reason = ?, "
        "parked_at = CASE ? WHEN 1 THEN COALESCE(parked_at, ?) ELSE NULL END WHERE subscription_id = ?",
        values);
}

/// A pause that is over moved the end of what is paid, and so of the quota's period.
int pausedDays(const AccountSubscription& each, core::Date today) {
    const bool isMoved = each.pausedAsRead && !each.state.pausedOn && each.endAsRead &&
                         *each.endAsRead >= *each.pausedAsRead && each.subscription.endDate &&
                         *each.subscription.endDate > *each.endAsRead;
    return isMoved ? daysBetween(*each.pausedAsRead, today) : 0;
}

void storeChange(core::Tx& tx, const AccountSubscription& each, const AccountWrite& write) {
    const int days = pausedDays(each, write.today);
    const auto quota = days > 0 ? quotaPeriodOn(tx, each.subscription.id, *each.pausedAsRead) : std::nullopt;
    storeSubscription(tx, each, write.now);
    storeState(tx, each, write.now);
    if (quota) {
        keepQuotaPeriod(tx, each.subscription.id, *quota, core::addDays(quota->days.next, days));
    }
}

/// New ones, with the invoice that they are on already, if they are; the rest of those that went onto one,
/// and those that are gone.
void storePending(core::Tx& tx, const AccountChanges& changes, core::Instant now) {
    std::map<std::string, std::string> invoiceOf(changes.pendingInvoiced.begin(),
                                                 changes.pendingInvoiced.end());
    std::vector<core::Values> rows;
    rows.reserve(changes.pendingAdded.size());
    for (const auto& [subscriptionId, charge] : changes.pendingAdded) {
        const auto invoiced = invoiceOf.extract(charge.id);
        const auto period = charge.period;
        rows.push_back({charge.id, subscriptionId, std::string(name(charge.kind)), charge.description,
                        charge.amount, period ? core::Value(core::formatDate(period->first)) : nullptr,
                        period ? core::Value(core::formatDate(period->next)) : nullptr,
                        invoiced ? core::Value(invoiced.mapped()) : nullptr, core::toEpochMs(now)});
    }
    tx.insertRows(
        "INSERT INTO pending_charges(id, subscription_id, kind, description, amount, period_start, "
        "period_end, invoice_id, created_at)",
        rows);
    for (const auto& [chargeId, invoiceId] : invoiceOf) {
        tx.execute("UPDATE pending_charges SET invoice_id = ? WHERE id = ?", {invoiceId, chargeId});
    }
    for (const std::string& chargeId : changes.pendingDropped) {
        tx.execute("DELETE FROM pending_charges WHERE id = ?", {chargeId});
    }
}

void storeEntries(core::Tx& tx, const AccountWrite& write) {
    std::vector<std::string> ids;
    ids.reserve(write.changes.entries.size());
    while (ids.size() < write.changes.entries.size()) {
        ids.push_back(core::newId(write.now));
    }
    appendEntries(tx, {write.changes.entries, ids, write.now, write.today});
}

constexpr const char* kSelectDue =
    "SELECT s.customer_id, b.subscription_id, b.bill_at FROM subscription_billing b "
    "JOIN subscriptions s ON s.id = b.subscription_id WHERE b.parked_reason IS NULL AND ";
constexpr const char* kOrderDue = " ORDER BY b.bill_at, b.subscription_id LIMIT ?";

void addDue(std::vector<DueAccount>& due, const core::Rows& rows) {
    for (const core::Row& row : rows) {
        due.push_back({row.text(0), row.text(1), row.instant(2)});
    }
}

}  // namespace

PricedPackages loadPricedPackages(core::Tx& tx) {
    std::map<std::string, Tax> taxes;
    for (Tax& tax : listTaxes(tx)) {
        taxes.emplace(tax.code, tax);
    }
    PricedPackages priced;
    for (Package& package : listPackages(tx)) {
        const auto tax = taxes.find(package.terms.taxCode.value_or(""));
        const std::string id = package.id;
        priced.emplace(
            id, std::make_shared<const PricedPackage>(PricedPackage{
                    std::move(package), tax == taxes.end() ? std::nullopt : std::optional(tax->second)}));
    }
    return priced;
}

bool lockAccount(core::Tx& tx, const std::string& customerId) {
    constexpr const char* kLock = "SELECT id FROM customers WHERE id = ?";
    return tx.queryOne(std::string(kLock).append(tx.forUpdate()), {customerId}).has_value();
}

void storeAccount(core::Tx& tx, const AccountWrite& write) {
    for (const std::size_t index : write.changes.subscriptions) {
        storeChange(tx, write.account.subscriptions.at(index), write);
    }
    storePending(tx, write.changes, write.now);
    storeEntries(tx, write);
    // What was made void gives up its period to what is issued.
    updateInvoices(tx, write.changes.updated, write.now);
    insertBillingLogs(tx, write.account.customer.id, write.changes.events, write.now);
    enqueueNotifications(tx, write.account.customer.id, write.changes.events, write.now);
    // The last: numbers are one row, for which all accounts wait.
    issueInvoices(tx, write.changes.issued);
}

std::vector<DueAccount> dueAccounts(core::Tx& tx, core::Instant now, const std::optional<DueAccount>& after,
                                    int most) {
    std::vector<DueAccount> due;
    due.reserve(static_cast<std::size_t>(most));
    // Two statements, since an OR of both would look at all of that time again, and all are of one at first.
    if (after) {
        addDue(due, tx.query(std::string(kSelectDue) + "b.bill_at = ? AND b.subscription_id > ?" + kOrderDue,
                             {core::toEpochMs(after->billAt), after->subscriptionId, std::int64_t{most}}));
    }
    const std::int64_t left = most - static_cast<std::int64_t>(due.size());
    if (left > 0) {
        const std::int64_t from = after ? core::toEpochMs(after->billAt) : INT64_MIN;
        addDue(due, tx.query(std::string(kSelectDue) + "b.bill_at > ? AND b.bill_at <= ?" + kOrderDue,
                             {from, core::toEpochMs(now), left}));
    }
    return due;
}

std::vector<std::string> customersAfter(core::Tx& tx, const std::string& after, int most) {
    const core::Rows rows = tx.query(
        "SELECT DISTINCT customer_id FROM subscriptions WHERE customer_id > ? ORDER BY customer_id "
        "LIMIT ?",
        {after, std::int64_t{most}});
    std::vector<std::string> customers;
    customers.reserve(rows.size());
    for (const core::Row& row : rows) {
        customers.push_back(row.text(0));
    }
    return customers;
}

void parkAccount(core::Tx& tx, const std::string& customerId, const std::string& reason, core::Instant now) {
    // By their ids: MariaDB would look at every row for a subquery in an UPDATE.
    const core::Rows rows = tx.query("SELECT id FROM subscriptions WHERE customer_id = ?", {customerId});
    const std::string words = core::shortened(reason, kLongestReason);
    for (const core::Row& row : rows) {
        tx.execute(
            "UPDATE subscription_billing SET parked_reason = ?, parked_at = ? WHERE subscription_id = ? "
            "AND bill_at IS NOT NULL AND parked_reason IS NULL",
            {words, core::toEpochMs(now), row.text(0)});
    }
}

std::vector<ParkedSubscription> parkedSubscriptions(core::Tx& tx) {
    const core::Rows rows = tx.query(
        "SELECT s.id, s.mikrotik_username, c.name, b.parked_reason FROM subscription_billing b "
        "JOIN subscriptions s ON s.id = b.subscription_id JOIN customers c ON c.id = s.customer_id "
        "WHERE b.parked_reason IS NOT NULL ORDER BY b.parked_at, s.username_key");
    std::vector<ParkedSubscription> parked;
    parked.reserve(rows.size());
    for (const core::Row& row : rows) {
        parked.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
    }
    return parked;
}

}  // namespace gardu::billing
