#pragma once
// SQL of the table customers.

#include <optional>
#include <string>
#include <vector>

#include "billing/customer.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

void insertCustomers(core::Tx& tx, const std::vector<Customer>& customers, core::Instant now);
/// Several customers may have one name.
[[nodiscard]] std::vector<Customer> findCustomersByName(core::Tx& tx, const std::string& name);
/// At most 500 names.
[[nodiscard]] std::vector<Customer> findCustomersByNames(core::Tx& tx, const std::vector<std::string>& names);
[[nodiscard]] std::optional<Customer> findCustomer(core::Tx& tx, const std::string& id);
/// The same, for a change: nobody else changes it before the transaction ends.
[[nodiscard]] std::optional<Customer> lockCustomer(core::Tx& tx, const std::string& id);
/// The user name of one of his subscriptions that is not cancelled; nothing where there is none.
[[nodiscard]] std::optional<std::string> liveSubscriptionOf(core::Tx& tx, const std::string& id);
/// By name, then id, after that one (none: from the start), at most `limit`.
[[nodiscard]] std::vector<Customer> customerPage(core::Tx& tx, const std::optional<Customer>& after,
                                                 int limit);
/// Announces his subscriptions, since his status is part of their access.
void updateCustomer(core::Tx& tx, const Customer& customer, core::Instant now);
/// Removes a customer that no subscription, router's secret or money refers to; others stay.
void deleteCustomerWithoutSubscriptions(core::Tx& tx, const std::string& id);

}  // namespace gardu::billing
