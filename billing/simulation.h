#pragma once
// What would happen: one account alone with a virtual clock, in memory. Accounts do not touch each other, so
// that all of them, one after the other, are the whole. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "billing/account_book.h"

namespace gardu::billing {

/// Of one subscription: access before and after, in the words of billing/entitlement.h and dunning.h.
struct AccessChange {
    std::string username;
    core::Instant at;
    std::string from;
    std::string to;
};

struct SimulatedAccount {
    /// What was issued, with the day; numbers are empty.
    std::vector<Invoice> issued;
    std::vector<BillingEvent> events;
    std::vector<AccessChange> access;
    /// Minor units: owed at the start and at the end.
    std::int64_t balanceBefore = 0;
    std::int64_t balanceAfter = 0;
    /// Not empty: a bound of safety was passed, and when.
    std::string parked;
};

struct SimulatedTime {
    core::Instant from;
    core::Instant to;
};

/// From the one to the other, nobody paying but from credit. Throws nothing but what breaks an invariant.
[[nodiscard]] SimulatedAccount simulateAccount(const Account& account, const BillingRules& rules,
                                               const IdSource& ids, const SimulatedTime& time);

}  // namespace gardu::billing
