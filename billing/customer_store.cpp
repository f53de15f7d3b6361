#include "billing/customer_store.h"

#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr const char* kFind =
    "SELECT id, name, email, phone, address, status, language FROM customers WHERE id = ?";

Customer toCustomer(const core::Row& row) {
    const auto status = parseCustomerStatus(row.text(5));
    core::check(status.has_value(), "the table customers holds a status that its CHECK forbids");
    return {row.text(0),         row.text(1), row.optionalText(2), row.optionalText(3),
            row.optionalText(4), *status,     row.optionalText(6)};
}

std::optional<Customer> optionalCustomer(const std::optional<core::Row>& row) {
    return row ? std::optional(toCustomer(*row)) : std::nullopt;
}

}  // namespace

void insertCustomers(core::Tx& tx, const std::vector<Customer>& customers, core::Instant now) {
    std::vector<core::Values> rows;
    rows.reserve(customers.size());
    for (const Customer& customer : customers) {
        rows.push_back({customer.id, customer.name, core::toValue(customer.email),
                        core::toValue(customer.phone), core::toValue(customer.address),
                        std::string(name(customer.status)), core::toValue(customer.language),
                        core::toEpochMs(now), core::toEpochMs(now)});
    }
    tx.insertRows(
        "INSERT INTO customers(id, name, email, phone, address, status, language, created_at, updated_at)",
        rows);
}

std::vector<Customer> findCustomersByName(core::Tx& tx, const std::string& name) {
    return findCustomersByNames(tx, {name});
}

std::vector<Customer> findCustomersByNames(core::Tx& tx, const std::vector<std::string>& names) {
    std::vector<Customer> customers;
    if (names.empty()) {
        return customers;
    }
    for (const core::Row& row :
         tx.query("SELECT id, name, email, phone, address, status, language FROM customers WHERE name IN " +
                      core::placeholders(names.size()) + " ORDER BY id",
                  core::Values(names.begin(), names.end()))) {
        customers.push_back(toCustomer(row));
    }
    return customers;
}

std::optional<Customer> findCustomer(core::Tx& tx, const std::string& id) {
    return optionalCustomer(tx.queryOne(kFind, {id}));
}

std::optional<Customer> lockCustomer(core::Tx& tx, const std::string& id) {
    return optionalCustomer(tx.queryOne(std::string(kFind).append(tx.forUpdate()), {id}));
}

std::optional<std::string> liveSubscriptionOf(core::Tx& tx, const std::string& id) {
    const auto row = tx.queryOne(
        "SELECT mikrotik_username FROM subscriptions WHERE customer_id = ? AND status <> 'cancelled' "
        "ORDER BY id LIMIT 1",
        {id});
    return row ? std::optional(row->text(0)) : std::nullopt;
}

std::vector<Customer> customerPage(core::Tx& tx, const std::optional<Customer>& after, int limit) {
    const std::string name = after ? after->name : "";
    std::vector<Customer> customers;
    for (const core::Row& row :
         tx.query("SELECT id, name, email, phone, address, status, language FROM customers WHERE name > ? OR "
                  "(name = ? AND id > ?) ORDER BY name, id LIMIT ?",
                  {name, name, after ? after->id : "", std::int64_t{limit}})) {
        customers.push_back(toCustomer(row));
    }
    return customers;
}

void updateCustomer(core::Tx& tx, const Customer& customer, core::Instant now) {
    tx.execute(
        "UPDATE customers SET name = ?, email = ?, phone = ?, address = ?, status = ?, language = ?, "
        "updated_at = ? WHERE id = ?",
        {customer.name, core::toValue(customer.email), core::toValue(customer.phone),
         core::toValue(customer.address), std::string(name(customer.status)),
         core::toValue(customer.language), core::toEpochMs(now), customer.id});
    for (const core::Row& row :
         tx.query("SELECT username_key FROM subscriptions WHERE customer_id = ?", {customer.id})) {
        tx.announce(core::ChangeKind::Subscriber, row.text(0));
    }
}

void deleteCustomerWithoutSubscriptions(core::Tx& tx, const std::string& id) {
    tx.execute(
        "DELETE FROM customers WHERE id = ? AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE customer_id = "
        "?) AND NOT EXISTS (SELECT 1 FROM mikrotik_secrets WHERE customer_id = ?) "
        "AND NOT EXISTS (SELECT 1 FROM invoices WHERE customer_id = ?) "
        "AND NOT EXISTS (SELECT 1 FROM payments WHERE customer_id = ?) "
        "AND NOT EXISTS (SELECT 1 FROM ledger_postings WHERE customer_id = ?)",
        {id, id, id, id, id, id});
}

}  // namespace gardu::billing
