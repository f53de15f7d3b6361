#pragma once
// Stored things as JSON for the audit log: what they were before and after an operator's action. Never a
// password, shared secret or anything that was sealed. Money is `..._minor` with `currency`, days are
// YYYY-MM-DD, instants RFC 3339. Pure.

#include <string>

#include "billing/account.h"
#include "billing/package.h"

namespace gardu::billing {

[[nodiscard]] std::string recordJson(const Package& package);
/// `passwordIsNew`: adds "password": {"changed": true}, which is all that is ever told of it.
[[nodiscard]] std::string recordJson(const Subscription& subscription, bool passwordIsNew = false);
/// With its billing state and package.
[[nodiscard]] std::string recordJson(const AccountSubscription& subscription);
/// With balance: what he owes, in minor units.
[[nodiscard]] std::string customerJson(const Account& account);
[[nodiscard]] std::string recordJson(const Invoice& invoice);
[[nodiscard]] std::string recordJson(const Payment& payment);

}  // namespace gardu::billing
