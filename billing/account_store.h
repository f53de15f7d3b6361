#pragma once
// SQL of accounts: reads one whole, writes what AccountBook changed. All writes of an account happen under
// the lock of its customer's row.

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "billing/account.h"
#include "billing/invoice_store.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// Packages with their taxes, by id: read once for many accounts.
using PricedPackages = std::map<std::string, PricedPackagePtr>;
[[nodiscard]] PricedPackages loadPricedPackages(core::Tx& tx);

/// Locks the customer's row until the transaction ends (FOR UPDATE; SQLite has one writer), as the first
/// thing of it. False: there is none.
[[nodiscard]] bool lockAccount(core::Tx& tx, const std::string& customerId);
/// A subscription has, or will have, a package that is newer than the packages that were read.
class UnknownPackage : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};
/// Nothing where there is no such customer. `today`: charged lines are those of periods that end later.
/// Throws UnknownPackage, and core::DbError naming a row that no program of ours wrote.
[[nodiscard]] std::optional<Account> loadAccount(core::Tx& tx, const std::string& customerId,
                                                 const PricedPackages& packages, core::Date today);

/// Of the account as it is after the changes; once for each time that it was loaded, in the transaction that
/// did so. Numbers what was issued (in `changes` too), announces changed
/// subscriptions, writes ledger, events and outbox rows.
struct AccountWrite {
    const Account& account;
    AccountChanges& changes;
    core::Instant now;
    core::Date today{};
};
void storeAccount(core::Tx& tx, const AccountWrite& write);

/// Customers with a subscription whose bill_at has come, in the order of (bill_at, subscription id) after
/// that pair; parked ones left out. A customer may come twice.
struct DueAccount {
    std::string customerId;
    std::string subscriptionId;
    core::Instant billAt;
};
[[nodiscard]] std::vector<DueAccount> dueAccounts(core::Tx& tx, core::Instant now,
                                                  const std::optional<DueAccount>& after, int most);
/// All customers with a subscription, by id, after that one.
[[nodiscard]] std::vector<std::string> customersAfter(core::Tx& tx, const std::string& after, int most);

/// The run must not look again until an operator has.
void parkAccount(core::Tx& tx, const std::string& customerId, const std::string& reason, core::Instant now);

struct ParkedSubscription {
    std::string subscriptionId;
    std::string username;
    std::string customerName;
    std::string reason;
};
[[nodiscard]] std::vector<ParkedSubscription> parkedSubscriptions(core::Tx& tx);

}  // namespace gardu::billing
