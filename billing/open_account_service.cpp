#include "billing/open_account_service.h"

#include <algorithm>
#include <utility>

#include "core/entropy.h"

namespace gardu::billing {

namespace {

Account loadedAccount(core::Tx& tx, const AccountWanted& wanted, core::Date today) {
    const core::Date since = std::min(today, wanted.chargedSince.value_or(today));
    auto account = loadAccount(tx, wanted.customerId, loadPricedPackages(tx), since);
    if (!account) {
        throw core::Refused("there is no customer \"" + wanted.customerId + "\"");
    }
    account->chargedSince = wanted.chargedSince;
    return std::move(*account);
}

/// Numbers are given as documents are stored; the account gets them too.
void takeNumbers(const std::vector<Invoice>& issued, std::vector<Invoice>& open) {
    for (const Invoice& document : issued) {
        const auto found = std::find_if(open.begin(), open.end(),
                                        [&](const Invoice& invoice) { return invoice.id == document.id; });
        if (found != open.end()) {
            found->number = document.number;
        }
    }
}

}  // namespace

void lockExistingAccount(core::Tx& tx, const std::string& customerId) {
    if (!lockAccount(tx, customerId)) {
        throw core::Refused("there is no customer \"" + customerId + "\"");
    }
}

OpenAccount::OpenAccount(core::Tx& tx, const BillingSettings& settings, const Act& act,
                         const AccountWanted& wanted)
    : tx_(tx),
      now_(act.now),
      today_(settings.zone.localDate(act.now)),
      rules_(loadRules(tx, settings)),
      book_(
          loadedAccount(tx, wanted, today_), rules_, [now = act.now] { return core::newId(now); }, act.now) {}

AccountResult OpenAccount::store() {
    return storeBook(tx_, book_, now_, today_);
}

AccountResult storeBook(core::Tx& tx, AccountBook& book, core::Instant now, core::Date today) {
    AccountResult result{book.account(), book.take(), false};
    if (!result.changes.empty()) {
        storeAccount(tx, {result.account, result.changes, now, today});
        takeNumbers(result.changes.issued, result.account.open);
    }
    return result;
}

}  // namespace gardu::billing
