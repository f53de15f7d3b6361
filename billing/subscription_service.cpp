// Subscriptions that are billed from their first day on: addSubscription() and changePackage() of
// billing/account_service.h.

#include "billing/account_service.h"
#include "billing/audit_service.h"
#include "billing/open_account_service.h"
#include "billing/record_json.h"
#include "billing/subscriber_service.h"
#include "billing/transact_service.h"

namespace gardu::billing {

namespace {

PricedPackagePtr pricedPackageNamed(core::Tx& tx, const std::string& name) {
    for (const auto& [id, package] : loadPricedPackages(tx)) {
        if (package->package.name == name) {
            return package;
        }
    }
    throw core::Refused({{"package", "there is no package \"" + name + "\"; gardu package list shows all"}});
}

void refuseWrongAnchor(const std::optional<int>& anchorDay) {
    if (anchorDay && (*anchorDay < 1 || *anchorDay > 31)) {
        throw core::Refused(
            std::vector<core::FieldError>{{"anchor_day", "write a day of the month, 1 to 31"}});
    }
}

/// A customer has one currency.
void refuseAnotherCurrency(const Account& account, const Package& package) {
    if (!account.currency.code.empty() && account.currency != package.price.currency) {
        throw core::Refused(
            {{"package", "is sold in " + package.price.currency.code +
                             ", and this customer's invoices are in " + account.currency.code}});
    }
}

}  // namespace

AccountResult addSubscription(core::Db& db, const BillingSettings& settings, const Act& act,
                              const NewSubscription& wanted) {
    refuseWrongAnchor(wanted.anchorDay);
    const auto customerId = wanted.customerId
                                ? wanted.customerId
                                : db.read([&](core::Tx& tx) { return customerMeant(tx, wanted.input); });
    return transactTwice(db, [&](core::Tx& tx) {
        if (customerId) {
            lockExistingAccount(tx, *customerId);
        }
        const SubscriberRecord record =
            insertSubscriber(tx, wanted.vault, {wanted.input, customerId}, act.now);
        const Subscription& added = record.subscription;
        OpenAccount open(tx, settings, act, {added.customerId});
        open.book().begin(added.id, wanted.anchorDay, wanted.setup);
        AccountResult result = open.store();
        result.customerIsNew = record.customerIsNew;
        audit(tx, act,
              {"subscription add", "subscription", added.id, std::nullopt,
               recordJson(subscriptionOf(result.account, added.id))});
        return result;
    });
}

AccountResult changePackage(core::Db& db, const BillingSettings& settings, const Act& act,
                            const PackageChange& change) {
    const Subscription named =
        db.read([&](core::Tx& tx) { return subscriptionNamed(tx, change.subscription).subscription; });
    AccountTask task;
    task.customerId = named.customerId;
    task.action = "subscription change-package";
    task.entity = "subscription";
    task.entityId = named.id;
    task.work = [&](core::Tx& tx, AccountBook& book) {
        const PricedPackagePtr package = pricedPackageNamed(tx, change.packageName);
        refuseAnotherCurrency(book.account(), package->package);
        if (change.isNow.value_or(!book.changesWithNextPeriod(named.id, *package))) {
            book.changePackageNow(named.id, package);
        } else {
            book.changePackageNext(named.id, package);
        }
    };
    return onAccount(db, settings, act, task);
}

}  // namespace gardu::billing
