#include "billing/package_service.h"

#include <algorithm>

#include "billing/audit_service.h"
#include "billing/package_store.h"
#include "billing/package_terms_store.h"
#include "billing/record_json.h"
#include "billing/subscription_store.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

void refuseProblems(const Package& package) {
    auto problems = packageProblems(package);
    if (!problems.empty()) {
        throw core::Refused(std::move(problems));
    }
}

[[noreturn]] void refuseTakenName(const std::string& name) {
    throw core::Refused({{"name", "there is a package \"" + name + "\" already"}});
}

Package existing(core::Tx& tx, const std::string& name) {
    auto package = lockPackageByName(tx, name);
    if (!package) {
        throw core::Refused("there is no package \"" + name + "\"; gardu package list shows all");
    }
    return *package;
}

void refuseUnknownTax(core::Tx& tx, const Package& package) {
    const auto& code = package.terms.taxCode;
    const std::vector<Tax> taxes = listTaxes(tx);
    const bool isKnown =
        std::any_of(taxes.begin(), taxes.end(), [&](const Tax& tax) { return tax.code == code; });
    if (code && !isKnown) {
        throw core::Refused({{"tax", "there is no tax \"" + *code + "\"; gardu tax list shows all"}});
    }
}

/// What subscribers owe is in the currency of what they have.
void refuseAnotherCurrency(core::Tx& tx, const Package& before, const Package& after) {
    if (before.price.currency != after.price.currency && countSubscriptionsOfPackage(tx, before.id) != 0) {
        throw core::Refused(
            {{"price", "package \"" + before.name + "\" has subscribers, so its currency stays " +
                           before.price.currency.code + "; add another package"}});
    }
}

/// Days that were sold are not hours, and hours are exactly those that were sold.
void refuseOtherHours(core::Tx& tx, const Package& before, const Package& after) {
    const bool isByHour =
        before.validity.unit == ValidityUnit::Hour || after.validity.unit == ValidityUnit::Hour;
    if (isByHour && before.validity != after.validity &&
        countLiveSubscriptionsOfPackage(tx, before.id) != 0) {
        throw core::Refused({{"validity", "package \"" + before.name +
                                              "\" has subscribers, and hours that were sold stay as they "
                                              "are; add another package and change them to it (gardu "
                                              "subscription change-package --at period-end)"}});
    }
}

/// What was sold in advance and what is owed afterwards is each subscription's own: it changes with it.
void refuseOtherMode(core::Tx& tx, const Package& before, const Package& after) {
    if (before.terms.mode != after.terms.mode && countLiveSubscriptionsOfPackage(tx, before.id) != 0) {
        throw core::Refused({{"billing", "package \"" + before.name + "\" has subscribers and stays " +
                                             std::string(name(before.terms.mode)) +
                                             "; add another package and change them to it (gardu "
                                             "subscription change-package --at period-end)"}});
    }
}

/// Whether billing has to look at its subscriptions anew.
bool isBilledOtherwise(const Package& before, const Package& after) {
    return before.price != after.price || before.validity != after.validity || before.terms != after.terms;
}

}  // namespace

Package addPackage(core::Db& db, Package package, const Act& act) {
    refuseProblems(package);
    package.id = core::newId(act.now);
    try {
        db.transact([&](core::Tx& tx) {
            refuseUnknownTax(tx, package);
            insertPackage(tx, package, act.now);
            audit(tx, act, {"package add", "package", package.id, std::nullopt, recordJson(package)});
        });
    } catch (const core::DuplicateKey&) {
        refuseTakenName(package.name);
    }
    return package;
}

Package updatePackage(core::Db& db, const std::string& name, const std::function<void(Package&)>& change,
                      const Act& act) {
    Package package;
    try {
        db.transact([&](core::Tx& tx) {
            const Package before = existing(tx, name);
            package = before;
            change(package);
            refuseProblems(package);
            refuseAnotherCurrency(tx, before, package);
            refuseOtherHours(tx, before, package);
            refuseOtherMode(tx, before, package);
            refuseUnknownTax(tx, package);
            billing::updatePackage(tx, package, act.now);
            if (isBilledOtherwise(before, package)) {
                wakeSubscriptionsOf(tx, package.id);
            }
            audit(tx, act,
                  {"package update", "package", package.id, recordJson(before), recordJson(package)});
        });
    } catch (const core::DuplicateKey&) {
        refuseTakenName(package.name);
    }
    return package;
}

void removePackage(core::Db& db, const std::string& name, const Act& act) {
    db.transact([&](core::Tx& tx) {
        const Package package = existing(tx, name);
        const std::int64_t count = countSubscriptionsOfPackage(tx, package.id);
        if (count != 0) {
            throw core::Refused(
                "package \"" + name + "\" has " + std::to_string(count) +
                " subscribers; move them first (gardu subscription change-package NAME --package OTHER)");
        }
        deletePackage(tx, package.id);
        audit(tx, act, {"package remove", "package", package.id, recordJson(package), std::nullopt});
    });
}

}  // namespace gardu::billing
