#include "billing/subscriber_service.h"

#include "billing/account_store.h"
#include "billing/audit_service.h"
#include "billing/customer_store.h"
#include "billing/package_store.h"
#include "billing/quota_store.h"
#include "billing/record_json.h"
#include "billing/transact_service.h"
#include "billing/username.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

using Errors = std::vector<core::FieldError>;

void refuse(Errors errors) {
    if (!errors.empty()) {
        throw core::Refused(std::move(errors));
    }
}

void append(Errors& errors, Errors more) {
    errors.insert(errors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Adds an error where there is none of that name.
std::optional<Package> packageNamed(core::Tx& tx, Errors& errors, const std::string& name) {
    auto package = findPackageByName(tx, name);
    if (!package) {
        errors.push_back({"package", "there is no package \"" + name + "\"; gardu package list shows all"});
    }
    return package;
}

void checkTaken(core::Tx& tx, Errors& errors, const Subscription& subscription) {
    const auto other = findSubscriber(tx, usernameKey(subscription.username));
    if (other && other->subscription.id != subscription.id) {
        errors.push_back(
            {"username", "there is a subscriber \"" + other->subscription.username + "\" already"});
    }
    if (subscription.addresses.ipv4 && !takenStaticAddresses(tx, {*subscription.addresses.ipv4}).empty()) {
        errors.push_back(
            {"static_ip", *subscription.addresses.ipv4 + " belongs to another subscriber already"});
    }
}

/// Whom the phone leaves of those of one name: of that phone, or where there is none, those without any.
std::vector<Customer> ofPhone(const std::vector<Customer>& named, const std::string& phone) {
    std::vector<Customer> same;
    std::vector<Customer> without;
    for (const Customer& customer : named) {
        if (customer.phone == phone) {
            same.push_back(customer);
        } else if (!customer.phone) {
            without.push_back(customer);
        }
    }
    return same.empty() ? without : same;
}

/// The one customer of that name, or a new one that still has to be stored (empty id).
Customer customerFor(core::Tx& tx, Errors& errors, const SubscriberInput& input) {
    Customer customer;
    customer.name = input.customerName.empty() ? input.username : input.customerName;
    customer.email = input.email;
    customer.phone = input.phone;
    customer.address = input.address;
    if (input.customerName.empty()) {
        return customer;
    }
    auto known = findCustomersByName(tx, input.customerName);
    if (input.phone) {
        known = ofPhone(known, *input.phone);
    }
    if (known.size() > 1) {
        errors.push_back({"customer", "several customers are named \"" + input.customerName +
                                          "\": give the phone or the id of one, as gardu customer list "
                                          "shows them"});
    }
    return known.empty() ? customer : std::move(known.front());
}

/// The phone of a customer who was found by his name and has none yet; nobody's is replaced.
void keepPhone(core::Tx& tx, const std::string& customerId, const SubscriberInput& input, core::Instant now) {
    auto customer = input.phone ? findCustomer(tx, customerId) : std::nullopt;
    if (customer && !customer->phone) {
        customer->phone = input.phone;
        updateCustomer(tx, *customer, now);
    }
}

SubscriberRecord existing(core::Tx& tx, const std::string& username) {
    auto record = findSubscriber(tx, usernameKey(username));
    if (!record) {
        throw core::Refused("there is no subscriber \"" + username + "\"");
    }
    if (!record->problem.empty()) {
        throw core::Refused(record->problem);
    }
    return std::move(*record);
}

/// Under the lock of its customer, as all that bills him, so that neither writes over the other.
SubscriberRecord existingLocked(core::Tx& tx, const std::string& username, const std::string& customerId) {
    (void)lockAccount(tx, customerId);
    (void)lockSubscriber(tx, usernameKey(username));
    return existing(tx, username);
}

/// In a transaction of its own: the lock has to be the first thing of the one that changes.
std::string customerOf(core::Db& db, const std::string& username) {
    return db.read([&](core::Tx& tx) { return existing(tx, username).subscription.customerId; });
}

/// A customer has one currency.
void checkCurrency(core::Tx& tx, Errors& errors, const Subscription& subscription,
                   const std::optional<Package>& package) {
    const auto others = subscription.customerId.empty()
                            ? std::nullopt
                            : currencyOfOthers(tx, subscription.customerId, subscription.id);
    if (package && others && *others != package->price.currency.code) {
        errors.push_back({"package", "is sold in " + package->price.currency.code +
                                         ", and the customer's other subscriptions are in " + *others});
    }
}

/// What is its account's to change, and why.
void refuseBilled(core::Tx& tx, Errors& errors, const SubscriberChange& change, const Subscription& before) {
    const bool hasOtherStatus = change.status && *change.status != before.status;
    const std::string name = "\"" + before.username + "\"";
    if (hasOtherStatus && subscriptionIsPaused(tx, before.id)) {
        errors.push_back(
            {"status", name + " is paused; resume it first: gardu subscription resume " + before.username});
        return;
    }
    const bool asks = hasOtherStatus || change.endDate || change.startDate;
    if (!asks || !subscriptionIsBilled(tx, before.id)) {
        return;
    }
    if (hasOtherStatus && before.status == SubscriptionStatus::Cancelled) {
        errors.push_back({"status", name + " was billed and has ended for good; add a new subscription: "
                                           "gardu subscription add"});
    } else if (hasOtherStatus && *change.status == SubscriptionStatus::Cancelled) {
        errors.push_back({"status", name + " is billed: gardu subscription cancel " + before.username +
                                        " credits what is not used"});
    }
    if (change.startDate && *change.startDate != before.startDate) {
        errors.push_back({"start_date", name + " is billed from its first day on, which stays"});
    }
    if (change.endDate) {
        errors.push_back({"end_date", name + " is billed: its account moves the end"});
    }
}

/// The package that `change` names, for a subscription that is not billed yet.
void applyPackage(core::Tx& tx, Errors& errors, const SubscriberChange& change, Subscription& subscription) {
    if (!change.packageName) {
        return;
    }
    const auto package = packageNamed(tx, errors, *change.packageName);
    if (!package || package->id == subscription.packageId) {
        return;
    }
    if (subscriptionHasMoney(tx, subscription.id)) {
        errors.push_back(
            {"package", "\"" + change.username +
                            "\" is billed for the current one; gardu subscription change-package "
                            "credits what is not used of it and charges the new one"});
        return;
    }
    subscription.packageId = package->id;
    checkCurrency(tx, errors, subscription, package);
}

void applyChange(const SubscriberChange& change, const core::Vault& vault, Subscription& subscription) {
    if (change.newUsername) {
        subscription.username = *change.newUsername;
    }
    if (change.password) {
        subscription.sealedPassword = vault.seal(passwordCell(subscription.id), *change.password);
    }
    if (change.endDate) {
        subscription.endDate = *change.endDate;
        subscription.accessUntil.reset();
    }
    subscription.startDate = change.startDate.value_or(subscription.startDate);
    subscription.status = change.status.value_or(subscription.status);
    subscription.addresses = change.addresses.value_or(subscription.addresses);
}

/// What is wrong with a subscription as it would be after the change.
Errors changeProblems(const SubscriberChange& change, const core::Vault& vault, const Subscription& after) {
    Errors errors;
    if (change.newUsername) {
        if (const auto problem = usernameProblem(*change.newUsername)) {
            errors.push_back({"new_username", *problem});
        }
    }
    if (change.newUsername || change.password) {
        const core::Secret password = vault.open(passwordCell(after.id), after.sealedPassword);
        if (const auto problem = passwordProblem(after.username, password.text())) {
            errors.push_back({"password", *problem});
        }
    }
    append(errors, addressProblems(after.addresses));
    // Who has yet to pay has an end before his start, which is billing's own.
    if (change.startDate || change.endDate) {
        append(errors, dateProblems(after.startDate, after.endDate));
    }
    return errors;
}

}  // namespace

core::CellAddress passwordCell(const std::string& subscriptionId) {
    return {"subscriptions", "mikrotik_password", subscriptionId};
}

std::optional<std::string> customerMeant(core::Tx& tx, const SubscriberInput& input) {
    Errors errors;
    const Customer customer = customerFor(tx, errors, input);
    // Of several it is none: insertSubscriber() says so.
    return customer.id.empty() || !errors.empty() ? std::nullopt : std::optional(customer.id);
}

SubscriberRecord insertSubscriber(core::Tx& tx, const core::Vault& vault, const NewSubscriber& wanted,
                                  core::Instant now) {
    const SubscriberInput& input = wanted.input;
    Errors errors = subscriberProblems(input);
    Subscription subscription;
    subscription.id = core::newId(now);
    subscription.username = input.username;
    subscription.startDate = input.startDate;
    subscription.endDate = input.endDate;
    subscription.addresses = input.addresses;
    const auto package =
        input.packageName.empty() ? std::nullopt : packageNamed(tx, errors, input.packageName);
    Customer customer = wanted.customerId ? Customer{} : customerFor(tx, errors, input);
    subscription.customerId = wanted.customerId.value_or(customer.id);
    checkTaken(tx, errors, subscription);
    checkCurrency(tx, errors, subscription, package);
    refuse(std::move(errors));
    const bool isNew = subscription.customerId.empty();
    if (isNew) {
        customer.id = core::newId(now);
        insertCustomers(tx, {customer}, now);
        subscription.customerId = customer.id;
    } else {
        keepPhone(tx, subscription.customerId, input, now);
    }
    subscription.packageId = package->id;
    subscription.sealedPassword = vault.seal(passwordCell(subscription.id), input.password);
    insertSubscriptions(tx, {subscription}, now);
    SubscriberRecord record = existing(tx, input.username);
    record.customerIsNew = isNew;
    return record;
}

SubscriberRecord addSubscriber(core::Db& db, const core::Vault& vault, const SubscriberInput& input,
                               const Act& act) {
    const auto customerId = db.read([&](core::Tx& tx) { return customerMeant(tx, input); });
    return transactTwice(db, [&](core::Tx& tx) {
        if (customerId) {
            (void)lockAccount(tx, *customerId);
        }
        SubscriberRecord record = insertSubscriber(tx, vault, {input, std::nullopt}, act.now);
        audit(tx, act,
              {"subscriber add", "subscription", record.subscription.id, std::nullopt,
               recordJson(record.subscription)});
        return record;
    });
}

SubscriberRecord updateWithin(core::Tx& tx, const core::Vault& vault, const SubscriberChange& change,
                              const Act& act) {
    (void)lockSubscriber(tx, usernameKey(change.username));
    SubscriberRecord record = existing(tx, change.username);
    const Subscription before = record.subscription;
    Subscription& subscription = record.subscription;
    applyChange(change, vault, subscription);
    Errors errors = changeProblems(change, vault, subscription);
    applyPackage(tx, errors, change, subscription);
    refuseBilled(tx, errors, change, before);
    Subscription wanted = subscription;
    if (wanted.addresses.ipv4 == before.addresses.ipv4) {
        wanted.addresses.ipv4.reset();  // it is its own
    }
    checkTaken(tx, errors, wanted);
    refuse(std::move(errors));
    const bool isLonger = before.endDate && subscription.endDate && *before.endDate < *subscription.endDate;
    const auto quota = isLonger ? quotaPeriodNow(tx, subscription.id, act.now) : std::nullopt;
    updateSubscription(tx, subscription, record.usernameKey, act.now);
    if (quota) {
        keepQuotaPeriod(tx, subscription.id, *quota, quota->days.next);
    }
    if (change.endDate) {
        forgetExactEnd(tx, subscription.id);
    }
    audit(tx, act,
          {"subscriber update", "subscription", subscription.id, recordJson(before),
           recordJson(subscription, change.password.has_value())});
    return existing(tx, subscription.username);
}

SubscriberRecord updateSubscriber(core::Db& db, const core::Vault& vault, const SubscriberChange& change,
                                  const Act& act) {
    const std::string customerId = customerOf(db, change.username);
    return transactTwice(db, [&](core::Tx& tx) {
        (void)lockAccount(tx, customerId);
        return updateWithin(tx, vault, change, act);
    });
}

void removeSubscriber(core::Db& db, const std::string& username, const Act& act) {
    const std::string customerId = customerOf(db, username);
    db.transact([&](core::Tx& tx) {
        const SubscriberRecord record = existingLocked(tx, username, customerId);
        if (subscriptionHasMoney(tx, record.subscription.id)) {
            throw core::Refused("subscriber \"" + username +
                                "\" has invoices, payments or billing records, which stay; cancel it instead "
                                "(gardu subscription cancel " +
                                username + ")");
        }
        deleteSubscription(tx, record);
        deleteCustomerWithoutSubscriptions(tx, record.subscription.customerId);
        audit(tx, act,
              {"subscriber remove", "subscription", record.subscription.id, recordJson(record.subscription),
               std::nullopt});
    });
}

SubscriberRecord getSubscriber(core::Db& db, const std::string& username) {
    return db.read([&](core::Tx& tx) { return existing(tx, username); });
}

}  // namespace gardu::billing
