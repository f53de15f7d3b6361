#include "billing/account_service.h"

#include <algorithm>
#include <utility>

#include "billing/audit_service.h"
#include "billing/customer_store.h"
#include "billing/invoice_store.h"
#include "billing/open_account_service.h"
#include "billing/package_terms_store.h"
#include "billing/record_json.h"
#include "billing/transact_service.h"
#include "billing/username.h"

namespace gardu::billing {

namespace {

/// The thing that the audit row is about, as it is now.
std::optional<std::string> entityJson(core::Tx& tx, const AccountTask& task, const Account& account) {
    if (task.entity == "customer") {
        return customerJson(account);
    }
    if (task.entity == "invoice") {
        const auto invoice = findInvoice(tx, task.entityId);
        return invoice ? std::optional(recordJson(*invoice)) : std::nullopt;
    }
    const auto& all = account.subscriptions;
    const auto found = std::find_if(all.begin(), all.end(), [&](const AccountSubscription& each) {
        return each.subscription.id == task.entityId;
    });
    return found != all.end() ? std::optional(recordJson(*found)) : std::nullopt;
}

/// Of a task about an invoice: where its first line begins.
std::optional<core::Date> firstChargedDay(core::Tx& tx, const AccountTask& task) {
    const auto invoice = task.entity == "invoice" ? findInvoice(tx, task.entityId) : std::nullopt;
    std::optional<core::Date> first;
    for (const InvoiceLine& line : invoice ? invoice->lines : std::vector<InvoiceLine>()) {
        if (line.period && (!first || line.period->first < *first)) {
            first = line.period->first;
        }
    }
    return first;
}

}  // namespace

BillingRules loadRules(core::Tx& tx, const BillingSettings& settings) {
    BillingRules rules{{settings.zone, {}}, settings.mostInvoices};
    for (const Holiday& holiday : listHolidays(tx)) {
        rules.cuts.holidays.insert(holiday.day);
    }
    return rules;
}

std::string customerIdOf(core::Tx& tx, const std::string& customer) {
    if (const auto found = findCustomer(tx, customer)) {
        return found->id;
    }
    const auto named = findCustomersByName(tx, customer);
    if (named.empty()) {
        throw core::Refused("there is no customer \"" + customer + "\"");
    }
    if (named.size() > 1) {
        throw core::Refused("several customers are named \"" + customer +
                            "\"; write the id of one, such as " + named.front().id);
    }
    return named.front().id;
}

SubscriberRecord subscriptionNamed(core::Tx& tx, const std::string& subscription) {
    auto record = findSubscriber(tx, usernameKey(subscription));
    if (!record) {
        record = findSubscriberById(tx, subscription);
    }
    if (!record) {
        throw core::Refused("there is no subscription \"" + subscription + "\"");
    }
    if (!record->problem.empty()) {
        throw core::Refused(record->problem);
    }
    return std::move(*record);
}

Invoice invoiceNamed(core::Tx& tx, const std::string& invoice) {
    auto found = findInvoiceByNumber(tx, invoice);
    if (!found) {
        found = findInvoice(tx, invoice);
    }
    if (!found) {
        throw core::Refused("there is no invoice \"" + invoice + "\"");
    }
    return std::move(*found);
}

AccountResult onAccount(core::Db& db, const BillingSettings& settings, const Act& act,
                        const AccountTask& task) {
    return transactTwice(db, [&](core::Tx& tx) {
        lockExistingAccount(tx, task.customerId);
        OpenAccount open(tx, settings, act, {task.customerId, firstChargedDay(tx, task)});
        auto before = entityJson(tx, task, open.account());
        task.work(tx, open.book());
        AccountResult result = open.store();
        auto after = entityJson(tx, task, result.account);
        audit(tx, act, {task.action, task.entity, task.entityId, std::move(before), std::move(after)});
        return result;
    });
}

}  // namespace gardu::billing
