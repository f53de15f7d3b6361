#include "billing/package_service.h"

#include "billing/package_store.h"
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

}  // namespace

Package addPackage(core::Db& db, Package package, core::Instant now) {
    refuseProblems(package);
    package.id = core::newId(now);
    try {
        db.transact([&](core::Tx& tx) { insertPackage(tx, package, now); });
    } catch (const core::DuplicateKey&) {
        refuseTakenName(package.name);
    }
    return package;
}

Package updatePackage(core::Db& db, const std::string& name, const std::function<void(Package&)>& change,
                      core::Instant now) {
    Package package;
    try {
        db.transact([&](core::Tx& tx) {
            package = existing(tx, name);
            change(package);
            refuseProblems(package);
            billing::updatePackage(tx, package, now);
        });
    } catch (const core::DuplicateKey&) {
        refuseTakenName(package.name);
    }
    return package;
}

void removePackage(core::Db& db, const std::string& name) {
    db.transact([&](core::Tx& tx) {
        const Package package = existing(tx, name);
        const std::int64_t count = countSubscriptionsOfPackage(tx, package.id);
        if (count != 0) {
            throw core::Refused(
                "package \"" + name + "\" has " + std::to_string(count) +
                " subscribers; move them first (gardu subscriber update NAME --package OTHER)");
        }
        deletePackage(tx, package.id);
    });
}

}  // namespace gardu::billing
