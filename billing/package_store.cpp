#include "billing/package_store.h"

#include "billing/package_terms_store.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr const char* kSelect =
    "SELECT id, name, bandwidth, burst, priority, price, currency, type, pool, address_list, mikrotik_group, "
    "simultaneous_use, interim_interval, idle_timeout, ipv6_pool, delegated_ipv6_pool, validity_count, "
    "validity_unit, on_expiry, simultaneous_policy FROM packages";

template <class T>
T stored(const std::optional<T>& value) {
    core::check(value.has_value(), "the table packages holds a word that its CHECK forbids");
    return *value;
}

Package toPackage(const core::Row& row) {
    Package package;
    package.id = row.text(0);
    package.name = row.text(1);
    package.bandwidth = row.text(2);
    package.burst = row.optionalText(3);
    package.priority = row.optionalInt(4);
    package.price = {row.integer(5), stored(core::findCurrency(row.text(6)))};
    package.type = stored(parsePackageType(row.text(7)));
    package.pool = row.optionalText(8);
    package.addressList = row.optionalText(9);
    package.mikrotikGroup = row.optionalText(10);
    package.simultaneousUse = row.optionalInt(11);
    package.interimInterval = row.optionalInt(12);
    package.idleTimeout = row.optionalInt(13);
    package.ipv6Pool = row.optionalText(14);
    package.delegatedIpv6Pool = row.optionalText(15);
    package.validity = {static_cast<int>(row.integer(16)), stored(parseValidityUnit(row.text(17)))};
    package.onExpiry = stored(parseOnExpiry(row.text(18)));
    package.simultaneousPolicy = stored(parseSimultaneousPolicy(row.text(19)));
    return package;
}

/// From `name` to `simultaneous_policy`, in the order of the columns.
core::Values fieldsOf(const Package& package) {
    return {package.name,
            package.bandwidth,
            core::toValue(package.burst),
            core::toValue(package.priority),
            package.price.minor,
            package.price.currency.code,
            std::string(name(package.type)),
            core::toValue(package.pool),
            core::toValue(package.addressList),
            core::toValue(package.mikrotikGroup),
            core::toValue(package.simultaneousUse),
            core::toValue(package.interimInterval),
            core::toValue(package.idleTimeout),
            core::toValue(package.ipv6Pool),
            core::toValue(package.delegatedIpv6Pool),
            std::int64_t{package.validity.count},
            std::string(name(package.validity.unit)),
            std::string(name(package.onExpiry)),
            std::string(name(package.simultaneousPolicy))};
}

std::vector<Package> withTerms(core::Tx& tx, const core::Rows& rows) {
    std::vector<Package> packages;
    packages.reserve(rows.size());
    for (const core::Row& row : rows) {
        packages.push_back(toPackage(row));
    }
    readPackageTerms(tx, packages);
    return packages;
}

}  // namespace

void insertPackage(core::Tx& tx, const Package& package, core::Instant now) {
    core::Values row = fieldsOf(package);
    row.insert(row.begin(), package.id);
    row.emplace_back(core::toEpochMs(now));
    row.emplace_back(core::toEpochMs(now));
    tx.insertRows(
        "INSERT INTO packages(id, name, bandwidth, burst, priority, price, currency, type, pool, "
        "address_list, "
        "mikrotik_group, simultaneous_use, interim_interval, idle_timeout, ipv6_pool, delegated_ipv6_pool, "
        "validity_count, validity_unit, on_expiry, simultaneous_policy, created_at, updated_at)",
        {row});
    putPackageTerms(tx, package);
    tx.announce(core::ChangeKind::Package, package.id);
}

void updatePackage(core::Tx& tx, const Package& package, core::Instant now) {
    core::Values row = fieldsOf(package);
    row.emplace_back(core::toEpochMs(now));
    row.emplace_back(package.id);
    tx.execute(
        "UPDATE packages SET name = ?, bandwidth = ?, burst = ?, priority = ?, price = ?, currency = ?, type "
        "= ?, "
        "pool = ?, address_list = ?, mikrotik_group = ?, simultaneous_use = ?, interim_interval = ?, "
        "idle_timeout = ?, ipv6_pool = ?, delegated_ipv6_pool = ?, validity_count = ?, validity_unit = ?, "
        "on_expiry = ?, simultaneous_policy = ?, updated_at = ? WHERE id = ?",
        row);
    putPackageTerms(tx, package);
    tx.announce(core::ChangeKind::Package, package.id);
}

void deletePackage(core::Tx& tx, const std::string& id) {
    tx.execute("DELETE FROM packages WHERE id = ?", {id});
    tx.announce(core::ChangeKind::Package, id);
}

std::optional<Package> findPackageByName(core::Tx& tx, const std::string& name) {
    std::vector<Package> found = withTerms(tx, tx.query(std::string(kSelect) + " WHERE name = ?", {name}));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<Package> lockPackageByName(core::Tx& tx, const std::string& name) {
    // SQLite has one writer at a time.
    if (tx.dialect() == core::Dialect::Mysql) {
        (void)tx.queryOne("SELECT id FROM packages WHERE name = ? FOR UPDATE", {name});
    }
    return findPackageByName(tx, name);
}

std::vector<Package> listPackages(core::Tx& tx) {
    return withTerms(tx, tx.query(std::string(kSelect) + " ORDER BY name"));
}

std::int64_t countSubscriptionsOfPackage(core::Tx& tx, const std::string& id) {
    return tx
        .queryOne(
            "SELECT (SELECT COUNT(*) FROM subscriptions WHERE package_id = ?) + "
            "(SELECT COUNT(*) FROM subscription_billing WHERE next_package_id = ?)",
            {id, id})
        ->integer(0);
}

std::int64_t countLiveSubscriptionsOfPackage(core::Tx& tx, const std::string& id) {
    return tx
        .queryOne(
            "SELECT (SELECT COUNT(*) FROM subscriptions WHERE package_id = ? AND status <> 'cancelled') + "
            "(SELECT COUNT(*) FROM subscription_billing b JOIN subscriptions s ON s.id = b.subscription_id "
            "WHERE b.next_package_id = ? AND s.status <> 'cancelled')",
            {id, id})
        ->integer(0);
}

}  // namespace gardu::billing
