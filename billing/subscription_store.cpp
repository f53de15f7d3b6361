#include "billing/subscription_store.h"

#include <algorithm>
#include <array>

#include "billing/username.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

/// bill_at of what the next run has to look at.
constexpr std::int64_t kAtOnce = 0;

constexpr const char* kSelect =
    "SELECT s.id, s.customer_id, s.package_id, s.mikrotik_username, s.username_key, s.mikrotik_password, "
    "s.start_date, s.end_date, s.auto_renew, s.status, s.static_ip, s.framed_routes, s.framed_ipv6_prefix, "
    "s.delegated_ipv6_prefix, s.access_until, s.held_until, s.dunning_stage, c.status, c.name, p.name, "
    "q.period_end, q.used, q.bonus FROM subscriptions s "
    "JOIN customers c ON c.id = s.customer_id JOIN packages p ON p.id = s.package_id "
    "LEFT JOIN quota_states q ON q.subscription_id = s.id";

/// Notes the first thing that no program of ours writes: somebody changed the row by hand.
template <class T>
T stored(SubscriberRecord& record, const char* column, const std::string& text,
         const std::optional<T>& value) {
    if (!value && record.problem.empty()) {
        record.problem = std::string(column) + " of \"" + record.subscription.username + "\" is \"" + text +
                         "\" in the database, which it cannot be: correct it there";
    }
    return value.value_or(T{});
}

core::Date storedDate(SubscriberRecord& record, const char* column, const std::string& text) {
    return stored(record, column, text, core::parseDate(text));
}

SubscriberRecord toRecord(const core::Row& row) {
    SubscriberRecord record;
    Subscription& subscription = record.subscription;
    subscription.id = row.text(0);
    subscription.customerId = row.text(1);
    subscription.packageId = row.text(2);
    subscription.username = row.text(3);
    record.usernameKey = row.text(4);
    subscription.sealedPassword = row.text(5);
    subscription.startDate = storedDate(record, "start_date", row.text(6));
    if (!row.isNull(7)) {
        subscription.endDate = storedDate(record, "end_date", row.text(7));
    }
    subscription.autoRenew = row.boolean(8);
    subscription.status = stored(record, "status", row.text(9), parseSubscriptionStatus(row.text(9)));
    subscription.addresses.ipv4 = row.optionalText(10);
    subscription.addresses.framedRoutes = splitRoutes(row.optionalText(11));
    subscription.addresses.framedIpv6Prefix = row.optionalText(12);
    subscription.addresses.delegatedIpv6Prefix = row.optionalText(13);
    subscription.accessUntil = row.optionalInstant(14);
    subscription.heldUntil = row.optionalInstant(15);
    subscription.stage = stored(record, "dunning_stage", row.text(16), parseDunningStage(row.text(16)));
    record.customerStatus =
        stored(record, "the customer's status", row.text(17), parseCustomerStatus(row.text(17)));
    record.customerName = row.text(18);
    record.packageName = row.text(19);
    if (!row.isNull(20)) {
        record.quota = {row.instant(20), row.integer(21), row.integer(22)};
    }
    return record;
}

std::vector<SubscriberRecord> toRecords(const core::Rows& rows) {
    std::vector<SubscriberRecord> records;
    records.reserve(rows.size());
    for (const core::Row& row : rows) {
        records.push_back(toRecord(row));
    }
    return records;
}

/// From `customer_id` to `dunning_stage`, in the order of the columns.
core::Values fieldsOf(const Subscription& subscription) {
    return {subscription.customerId,
            subscription.packageId,
            subscription.username,
            usernameKey(subscription.username),
            subscription.sealedPassword,
            core::formatDate(subscription.startDate),
            core::toValue(subscription.endDate),
            std::int64_t{subscription.autoRenew ? 1 : 0},
            std::string(name(subscription.status)),
            core::toValue(subscription.addresses.ipv4),
            core::toValue(joinRoutes(subscription.addresses.framedRoutes)),
            core::toValue(subscription.addresses.framedIpv6Prefix),
            core::toValue(subscription.addresses.delegatedIpv6Prefix),
            core::toValue(subscription.accessUntil),
            core::toValue(subscription.heldUntil),
            std::string(name(subscription.stage))};
}

}  // namespace

void insertSubscriptions(core::Tx& tx, const std::vector<Subscription>& subscriptions, core::Instant now) {
    std::vector<core::Values> rows;
    rows.reserve(subscriptions.size());
    std::vector<core::Values> states;
    states.reserve(subscriptions.size());
    for (const Subscription& subscription : subscriptions) {
        core::Values row = fieldsOf(subscription);
        row.insert(row.begin(), subscription.id);
        row.emplace_back(core::toEpochMs(now));
        row.emplace_back(core::toEpochMs(now));
        rows.push_back(std::move(row));
        states.push_back({subscription.id, kAtOnce});
        tx.announce(core::ChangeKind::Subscriber, usernameKey(subscription.username));
    }
    tx.insertRows(
        "INSERT INTO subscriptions(id, customer_id, package_id, mikrotik_username, username_key, "
        "mikrotik_password, "
        "start_date, end_date, auto_renew, status, static_ip, framed_routes, framed_ipv6_prefix, "
        "delegated_ipv6_prefix, access_until, held_until, dunning_stage, created_at, updated_at)",
        rows);
    tx.insertRows("INSERT INTO subscription_billing(subscription_id, bill_at)", states);
}

void updateSubscription(core::Tx& tx, const Subscription& subscription, const std::string& formerKey,
                        core::Instant now) {
    core::Values row = fieldsOf(subscription);
    row.emplace_back(core::toEpochMs(now));
    row.emplace_back(subscription.id);
    tx.execute(
        "UPDATE subscriptions SET customer_id = ?, package_id = ?, mikrotik_username = ?, username_key = ?, "
        "mikrotik_password = ?, start_date = ?, end_date = ?, auto_renew = ?, status = ?, static_ip = ?, "
        "framed_routes = ?, framed_ipv6_prefix = ?, delegated_ipv6_prefix = ?, access_until = ?, "
        "held_until = ?, dunning_stage = ?, updated_at = ? WHERE id = ?",
        row);
    tx.execute("UPDATE subscription_billing SET bill_at = ? WHERE subscription_id = ?",
               {kAtOnce, subscription.id});
    const std::string key = usernameKey(subscription.username);
    tx.announce(core::ChangeKind::Subscriber, key);
    if (formerKey != key) {
        tx.announce(core::ChangeKind::Subscriber, formerKey);
    }
}

void forgetExactEnd(core::Tx& tx, const std::string& subscriptionId) {
    tx.execute("UPDATE subscription_billing SET paid_until_at = NULL WHERE subscription_id = ?",
               {subscriptionId});
}

void deleteSubscription(core::Tx& tx, const SubscriberRecord& record) {
    tx.execute("DELETE FROM subscriptions WHERE id = ?", {record.subscription.id});
    tx.announce(core::ChangeKind::Subscriber, record.usernameKey);
}

std::optional<SubscriberRecord> findSubscriber(core::Tx& tx, const std::string& usernameKey) {
    const auto row = tx.queryOne(std::string(kSelect) + " WHERE s.username_key = ?", {usernameKey});
    return row ? std::optional(toRecord(*row)) : std::nullopt;
}

std::optional<SubscriberRecord> findSubscriberById(core::Tx& tx, const std::string& id) {
    const auto row = tx.queryOne(std::string(kSelect) + " WHERE s.id = ?", {id});
    return row ? std::optional(toRecord(*row)) : std::nullopt;
}

std::optional<SubscriberRecord> lockSubscriber(core::Tx& tx, const std::string& usernameKey) {
    // SQLite has one writer at a time.
    if (tx.dialect() == core::Dialect::Mysql) {
        (void)tx.queryOne("SELECT id FROM subscriptions WHERE username_key = ? FOR UPDATE", {usernameKey});
    }
    return findSubscriber(tx, usernameKey);
}

std::vector<SubscriberRecord> findSubscribers(core::Tx& tx, const std::vector<std::string>& keys) {
    if (keys.empty()) {
        return {};
    }
    return toRecords(
        tx.query(std::string(kSelect) + " WHERE s.username_key IN " + core::placeholders(keys.size()),
                 core::Values(keys.begin(), keys.end())));
}

std::vector<SubscriberRecord> subscriberPage(core::Tx& tx, const std::string& afterKey, int limit) {
    return toRecords(
        tx.query(std::string(kSelect) + " WHERE s.username_key > ? ORDER BY s.username_key LIMIT ?",
                 {afterKey, std::int64_t{limit}}));
}

std::optional<std::string> currencyOfOthers(core::Tx& tx, const std::string& customerId,
                                            const std::string& exceptSubscriptionId) {
    const auto row = tx.queryOne(
        "SELECT p.currency FROM subscriptions s JOIN packages p ON p.id = s.package_id "
        "WHERE s.customer_id = ? AND s.id <> ? LIMIT 1",
        {customerId, exceptSubscriptionId});
    return row ? std::optional(row->text(0)) : std::nullopt;
}

void wakeSubscriptionsOf(core::Tx& tx, const std::string& packageId) {
    tx.execute(
        "UPDATE subscription_billing SET bill_at = ? WHERE next_package_id = ? OR subscription_id IN "
        "(SELECT id FROM subscriptions WHERE package_id = ?)",
        {kAtOnce, packageId, packageId});
}

std::vector<std::string> takenStaticAddresses(core::Tx& tx, const std::vector<std::string>& addresses) {
    std::vector<std::string> taken;
    if (addresses.empty()) {
        return taken;
    }
    for (const core::Row& row : tx.query(
             "SELECT static_ip FROM subscriptions WHERE static_ip IN " + core::placeholders(addresses.size()),
             core::Values(addresses.begin(), addresses.end()))) {
        taken.push_back(row.text(0));
    }
    return taken;
}

bool subscriptionHasMoney(core::Tx& tx, const std::string& id) {
    constexpr std::array kFind{"SELECT 1 FROM invoices WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM invoice_lines WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM payments WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM pending_charges WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM discounts WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM quota_topups WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM billing_logs WHERE subscription_id = ? LIMIT 1"};
    return std::any_of(kFind.begin(), kFind.end(),
                       [&](const char* sql) { return tx.queryOne(sql, {id}).has_value(); });
}

}  // namespace gardu::billing
