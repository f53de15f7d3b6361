#include "billing/subscription_store.h"

#include <algorithm>
#include <array>

#include "billing/subscription_row_store.h"
#include "billing/username.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

/// bill_at of what the next run has to look at.
constexpr std::int64_t kAtOnce = 0;
constexpr int kWakePage = 500;

std::string selectRecords() {
    return std::string("SELECT ")
        .append(kSubscriptionColumns)
        .append(
            ", c.status, c.name, p.name, q.period_end, q.used, q.bonus FROM subscriptions s "
            "JOIN customers c ON c.id = s.customer_id JOIN packages p ON p.id = s.package_id "
            "LEFT JOIN quota_states q ON q.subscription_id = s.id");
}

SubscriberRecord toRecord(const core::Row& row) {
    SubscriberRecord record;
    record.subscription = toSubscription(row, 0, record.problem);
    record.usernameKey = row.text(kUsernameKeyColumn);
    const std::string& status = row.text(kSubscriptionWidth);
    const auto customerStatus = parseCustomerStatus(status);
    if (!customerStatus && record.problem.empty()) {
        record.problem = "the customer's status of \"" + record.subscription.username + "\" is \"" + status +
                         "\" in the database, which it cannot be: correct it there";
    }
    record.customerStatus = customerStatus.value_or(CustomerStatus{});
    record.customerName = row.text(kSubscriptionWidth + 1);
    record.packageName = row.text(kSubscriptionWidth + 2);
    if (!row.isNull(kSubscriptionWidth + 3)) {
        record.quota = {row.instant(kSubscriptionWidth + 3), row.integer(kSubscriptionWidth + 4),
                        row.integer(kSubscriptionWidth + 5)};
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

/// The next billing run looks at those whose id is in the first column.
void wake(core::Tx& tx, const core::Rows& rows) {
    core::Values values{kAtOnce};
    values.reserve(rows.size() + 1);
    for (const core::Row& row : rows) {
        values.emplace_back(row.text(0));
    }
    tx.execute("UPDATE subscription_billing SET bill_at = ? WHERE subscription_id IN " +
                   core::placeholders(rows.size()),
               values);
}

/// One of the queries finds a row of that subscription.
template <std::size_t kSize>
bool findsAny(core::Tx& tx, const std::array<const char*, kSize>& queries, const std::string& id) {
    return std::any_of(queries.begin(), queries.end(),
                       [&](const char* sql) { return tx.queryOne(sql, {id}).has_value(); });
}

}  // namespace

void insertSubscriptions(core::Tx& tx, const std::vector<Subscription>& subscriptions, core::Instant now) {
    std::vector<core::Values> rows;
    rows.reserve(subscriptions.size());
    std::vector<core::Values> states;
    states.reserve(subscriptions.size());
    for (const Subscription& subscription : subscriptions) {
        core::Values row = valuesOf(subscription);
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
    core::Values row = valuesOf(subscription);
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
    const auto row = tx.queryOne(selectRecords().append(" WHERE s.username_key = ?"), {usernameKey});
    return row ? std::optional(toRecord(*row)) : std::nullopt;
}

std::optional<SubscriberRecord> findSubscriberById(core::Tx& tx, const std::string& id) {
    const auto row = tx.queryOne(selectRecords().append(" WHERE s.id = ?"), {id});
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
        tx.query(selectRecords().append(" WHERE s.username_key IN ").append(core::placeholders(keys.size())),
                 core::Values(keys.begin(), keys.end())));
}

std::vector<SubscriberRecord> subscriberPage(core::Tx& tx, const std::string& afterKey, int limit) {
    return toRecords(
        tx.query(selectRecords().append(" WHERE s.username_key > ? ORDER BY s.username_key LIMIT ?"),
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

void wakeSubscription(core::Tx& tx, const std::string& id) {
    tx.execute("UPDATE subscription_billing SET bill_at = ? WHERE subscription_id = ?", {kAtOnce, id});
}

void wakeSubscriptionsOf(core::Tx& tx, const std::string& packageId) {
    tx.execute("UPDATE subscription_billing SET bill_at = ? WHERE next_package_id = ?", {kAtOnce, packageId});
    // By their ids: MariaDB would look at every row for a subquery in an UPDATE.
    std::string after;
    for (bool isMore = true; isMore;) {
        const core::Rows page =
            tx.query("SELECT id FROM subscriptions WHERE package_id = ? AND id > ? ORDER BY id LIMIT ?",
                     {packageId, after, std::int64_t{kWakePage}});
        isMore = !page.empty();
        if (isMore) {
            after = page.back().text(0);
            wake(tx, page);
        }
    }
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
    constexpr std::array kFind{"SELECT 1 FROM discounts WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM quota_topups WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM billing_logs WHERE subscription_id = ? LIMIT 1"};
    return subscriptionIsBilled(tx, id) || findsAny(tx, kFind, id);
}

bool subscriptionIsBilled(core::Tx& tx, const std::string& id) {
    constexpr std::array kFind{"SELECT 1 FROM invoices WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM invoice_lines WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM payments WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM pending_charges WHERE subscription_id = ? LIMIT 1",
                               "SELECT 1 FROM subscription_billing WHERE subscription_id = ? AND "
                               "(billed_until IS NOT NULL OR cancel_on IS NOT NULL)"};
    return findsAny(tx, kFind, id) || subscriptionIsPaused(tx, id);
}

bool subscriptionIsPaused(core::Tx& tx, const std::string& id) {
    return tx
        .queryOne("SELECT 1 FROM subscription_billing WHERE subscription_id = ? AND paused_on IS NOT NULL",
                  {id})
        .has_value();
}

}  // namespace gardu::billing
