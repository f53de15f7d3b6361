#pragma once
// SQL of the table customers.

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
/// Removes a customer that no subscription, router's secret or money refers to; others stay.
void deleteCustomerWithoutSubscriptions(core::Tx& tx, const std::string& id);

}  // namespace gardu::billing
