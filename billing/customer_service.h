#pragma once
// What operators do with customers. Each call is one transaction; core::Refused tells every wrong field.

#include <functional>
#include <string>
#include <vector>

#include "billing/act.h"
#include "billing/customer.h"
#include "core/db.h"
#include "core/refused.h"

namespace gardu::billing {

/// Every field that is wrong in itself, named as on the command line.
[[nodiscard]] std::vector<core::FieldError> customerProblems(const Customer& customer);

/// `customer.id` is made here. Returns him as stored. Several may have one name.
Customer addCustomer(core::Db& db, Customer customer, const Act& act);
/// `change` gets the stored customer and alters it; it may throw core::Refused.
Customer updateCustomer(core::Db& db, const std::string& id, const std::function<void(Customer&)>& change,
                        const Act& act);

}  // namespace gardu::billing
