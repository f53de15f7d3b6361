#include "billing/customer_store.h"

#include "core/check.h"

namespace gardu::billing {

namespace {

Customer toCustomer(const core::Row& row) {
    const auto status = parseCustomerStatus(row.text(5));
    core::check(status.has_value(), "the table customers holds a status that its CHECK forbids");
    return {row.text(0),         row.text(1), row.optionalText(2), row.optionalText(3),
            row.optionalText(4), *status,     row.optionalText(6)};
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
