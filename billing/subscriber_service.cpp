#include "billing/subscriber_service.h"

#include "billing/customer_store.h"
#include "billing/package_store.h"
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
    if (known.size() > 1) {
        errors.push_back({"customer", "several customers are named \"" + input.customerName + "\""});
    }
    return known.empty() ? customer : std::move(known.front());
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

SubscriberRecord existingLocked(core::Tx& tx, const std::string& username) {
    (void)lockSubscriber(tx, usernameKey(username));
    return existing(tx, username);
}

/// Where another node took the name or the address between the look-up and the write, the second run sees it,
/// and refuses with words.
template <class Function>
auto transactTwice(core::Db& db, Function&& function) {
    try {
        return db.transact(function);
    } catch (const core::DuplicateKey&) {
        return db.transact(function);
    }
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
    append(errors, dateProblems(after.startDate, after.endDate));
    return errors;
}

}  // namespace

core::CellAddress passwordCell(const std::string& subscriptionId) {
    return {"subscriptions", "mikrotik_password", subscriptionId};
}

SubscriberRecord addSubscriber(core::Db& db, const core::Vault& vault, const SubscriberInput& input,
                               core::Instant now) {
    Errors fieldErrors = subscriberProblems(input);
    return transactTwice(db, [&](core::Tx& tx) {
        Errors errors = fieldErrors;
        Subscription subscription;
        subscription.id = core::newId(now);
        subscription.username = input.username;
        subscription.startDate = input.startDate;
        subscription.endDate = input.endDate;
        subscription.addresses = input.addresses;
        const auto package =
            input.packageName.empty() ? std::nullopt : packageNamed(tx, errors, input.packageName);
        Customer customer = customerFor(tx, errors, input);
        checkTaken(tx, errors, subscription);
        refuse(std::move(errors));
        if (customer.id.empty()) {
            customer.id = core::newId(now);
            insertCustomers(tx, {customer}, now);
        }
        subscription.customerId = customer.id;
        subscription.packageId = package->id;
        subscription.sealedPassword = vault.seal(passwordCell(subscription.id), input.password);
        insertSubscriptions(tx, {subscription}, now);
        return existing(tx, input.username);
    });
}

SubscriberRecord updateSubscriber(core::Db& db, const core::Vault& vault, const SubscriberChange& change,
                                  core::Instant now) {
    return transactTwice(db, [&](core::Tx& tx) {
        SubscriberRecord record = existingLocked(tx, change.username);
        Subscription& subscription = record.subscription;
        const StaticAddresses formerAddresses = subscription.addresses;
        applyChange(change, vault, subscription);
        Errors errors = changeProblems(change, vault, subscription);
        if (change.packageName) {
            const auto package = packageNamed(tx, errors, *change.packageName);
            subscription.packageId = package ? package->id : subscription.packageId;
        }
        Subscription wanted = subscription;
        if (wanted.addresses.ipv4 == formerAddresses.ipv4) {
            wanted.addresses.ipv4.reset();  // it is its own
        }
        checkTaken(tx, errors, wanted);
        refuse(std::move(errors));
        updateSubscription(tx, subscription, record.usernameKey, now);
        if (change.endDate) {
            forgetExactEnd(tx, subscription.id);
        }
        return existing(tx, subscription.username);
    });
}

void removeSubscriber(core::Db& db, const std::string& username) {
    db.transact([&](core::Tx& tx) {
        const SubscriberRecord record = existingLocked(tx, username);
        if (subscriptionHasMoney(tx, record.subscription.id)) {
            throw core::Refused("subscriber \"" + username +
                                "\" has invoices, payments or billing records, which stay; cancel it instead "
                                "(gardu subscriber cancel)");
        }
        deleteSubscription(tx, record);
        deleteCustomerWithoutSubscriptions(tx, record.subscription.customerId);
    });
}

SubscriberRecord getSubscriber(core::Db& db, const std::string& username) {
    return db.read([&](core::Tx& tx) { return existing(tx, username); });
}

}  // namespace gardu::billing
