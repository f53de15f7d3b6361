#pragma once
// Figures for the owner: revenue, takings, receivables by age, churn. Values and their arithmetic; pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/calendar.h"

namespace gardu::billing {

/// Of one month and account: "revenue", "tax:PPN", "money:cash". What was earned, is owed to the state, or
/// came in (less what went back) is positive.
struct RevenueRow {
    /// "2027-02"
    std::string month;
    std::string account;
    std::string currency;
    std::int64_t amount = 0;
};
/// From the balance of its postings, where debit is positive.
[[nodiscard]] std::int64_t asIncome(const std::string& account, std::int64_t balance);

struct Takings {
    std::int64_t payments = 0;
    std::int64_t received = 0;
    /// By refunds and reversals.
    std::int64_t givenBack = 0;
    Takings& operator+=(const Takings& more);
};
/// Money of one day of the ledger, by who entered it, and how and through whom it came.
struct TakingsRow {
    core::Date day{};
    std::string enteredBy;
    std::string method;
    std::string source;
    std::string currency;
    Takings sums;
};

/// What is left to pay of one invoice.
struct OpenItem {
    std::string customerId;
    std::string customerName;
    std::string currency;
    core::Date dueDate{};
    std::int64_t outstanding = 0;
};
struct CustomerCredit {
    std::string customerId;
    std::string customerName;
    std::string currency;
    std::int64_t credit = 0;
};

/// Days past the due date: none, 1 to 30, 31 to 60, 61 to 90, more.
inline constexpr std::size_t kAges = 5;
[[nodiscard]] std::size_t ageOf(core::Date dueDate, core::Date on);

struct Receivable {
    std::string customerId;
    std::string customerName;
    std::string currency;
    /// By ageOf().
    std::array<std::int64_t, kAges> outstanding{};
    std::int64_t credit = 0;
    [[nodiscard]] std::int64_t total() const;
};
/// One a customer and currency, by name.
[[nodiscard]] std::vector<Receivable> receivables(const std::vector<OpenItem>& items,
                                                  const std::vector<CustomerCredit>& credits, core::Date on);

/// From when to when there was a subscription, half-open.
struct SubscriptionLife {
    core::Date startsOn{};
    std::optional<core::Date> endedOn;
    bool isTerminated = false;
};
/// atStart + added = cancelled + terminated + atEnd. A subscription that ended before it began never was.
struct Churn {
    std::int64_t atStart = 0;
    std::int64_t added = 0;
    std::int64_t cancelled = 0;
    std::int64_t terminated = 0;
    std::int64_t atEnd = 0;
    bool operator==(const Churn&) const = default;
};
void countLife(const SubscriptionLife& life, const core::Period& days, Churn& churn);

}  // namespace gardu::billing
