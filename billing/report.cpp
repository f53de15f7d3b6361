#include "billing/report.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "billing/billing_period.h"

namespace gardu::billing {

namespace {

using Key = std::pair<std::string, std::string>;

template <class T>
Receivable& rowOf(std::map<Key, Receivable>& rows, const T& item) {
    Receivable& row = rows[{item.customerId, item.currency}];
    row.customerId = item.customerId;
    row.customerName = item.customerName;
    row.currency = item.currency;
    return row;
}

}  // namespace

std::int64_t asIncome(const std::string& account, std::int64_t balance) {
    return account.rfind("money:", 0) == 0 ? balance : -balance;
}

Takings& Takings::operator+=(const Takings& more) {
    payments += more.payments;
    received += more.received;
    givenBack += more.givenBack;
    return *this;
}

std::size_t ageOf(core::Date dueDate, core::Date on) {
    const int days = daysBetween(dueDate, on);
    return days <= 0 ? 0 : std::min<std::size_t>(static_cast<std::size_t>((days - 1) / 30) + 1, kAges - 1);
}

std::int64_t Receivable::total() const {
    return std::accumulate(outstanding.begin(), outstanding.end(), std::int64_t{0});
}

std::vector<Receivable> receivables(const std::vector<OpenItem>& items,
                                    const std::vector<CustomerCredit>& credits, core::Date on) {
    std::map<Key, Receivable> rows;
    for (const OpenItem& item : items) {
        rowOf(rows, item).outstanding.at(ageOf(item.dueDate, on)) += item.outstanding;
    }
    for (const CustomerCredit& credit : credits) {
        rowOf(rows, credit).credit += credit.credit;
    }
    std::vector<Receivable> sorted;
    sorted.reserve(rows.size());
    for (auto& [key, row] : rows) {
        sorted.push_back(std::move(row));
    }
    std::sort(sorted.begin(), sorted.end(), [](const Receivable& a, const Receivable& b) {
        return std::tie(a.customerName, a.customerId, a.currency) <
               std::tie(b.customerName, b.customerId, b.currency);
    });
    return sorted;
}

void countLife(const SubscriptionLife& life, const core::Period& days, Churn& churn) {
    if (life.endedOn && *life.endedOn <= life.startsOn) {
        return;
    }
    const auto isThereBefore = [&](core::Date day) {
        return life.startsOn < day && (!life.endedOn || *life.endedOn >= day);
    };
    churn.atStart += isThereBefore(days.first) ? 1 : 0;
    churn.atEnd += isThereBefore(days.next) ? 1 : 0;
    churn.added += days.contains(life.startsOn) ? 1 : 0;
    if (life.endedOn && days.contains(*life.endedOn)) {
        ++(life.isTerminated ? churn.terminated : churn.cancelled);
    }
}

}  // namespace gardu::billing
