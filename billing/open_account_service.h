#pragma once
// An account while a transaction changes it: loaded under its customer's lock, stored with all that became of
// it. Lives within the transaction.

#include <string>

#include "billing/account_service.h"

namespace gardu::billing {

/// As the first thing of a transaction. Throws core::Refused where there is no such customer.
void lockExistingAccount(core::Tx& tx, const std::string& customerId);

/// Which account. Taking back a document needs what was charged since its first day: see
/// Account::chargedSince.
struct AccountWanted {
    std::string customerId;
    std::optional<core::Date> chargedSince = {};
};

class OpenAccount {
public:
    /// Of a customer whose row is locked. Throws core::Refused where there is none.
    OpenAccount(core::Tx& tx, const BillingSettings& settings, const Act& act, const AccountWanted& wanted);
    ~OpenAccount() = default;
    OpenAccount(const OpenAccount&) = delete;
    OpenAccount& operator=(const OpenAccount&) = delete;

    [[nodiscard]] AccountBook& book() { return book_; }
    [[nodiscard]] const Account& account() const { return book_.account(); }
    /// Writes what changed; the account as it is now, with numbers.
    AccountResult store();

private:
    core::Tx& tx_;
    core::Instant now_;
    core::Date today_;
    BillingRules rules_;
    AccountBook book_;
};

/// Writes what `book` changed; the account as it is then, with numbers.
AccountResult storeBook(core::Tx& tx, AccountBook& book, core::Instant now, core::Date today);

}  // namespace gardu::billing
