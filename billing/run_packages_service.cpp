#include "billing/run_packages_service.h"

#include <utility>

#include "billing/subscription_store.h"

namespace gardu::billing {

namespace {

constexpr core::Seconds kOldest{30};

bool isBilledAlike(const PricedPackage& a, const PricedPackage& b) {
    return a.package.price == b.package.price && a.package.validity == b.package.validity &&
           a.package.terms == b.package.terms && a.tax == b.tax;
}

}  // namespace

RunPackages::RunPackages(core::Db& db, Clock clock) : db_(db), clock_(std::move(clock)) {}

RunPackages::Shared RunPackages::read() {
    const core::Instant now = clock_();
    auto packages =
        std::make_shared<const PricedPackages>(db_.read([](core::Tx& tx) { return loadPricedPackages(tx); }));
    held_.with([&](Held& held) {
        held.first = held.first ? held.first : packages;
        held.packages = packages;
        held.readAt = now;
    });
    return packages;
}

RunPackages::Shared RunPackages::get() {
    const core::Instant now = clock_();
    const Shared fresh = held_.with([&](const Held& held) {
        return held.packages && now - held.readAt < kOldest ? held.packages : nullptr;
    });
    return fresh ? fresh : read();
}

RunPackages::Shared RunPackages::getAnew(const Shared& known) {
    const Shared held = held_.with([](const Held& each) { return each.packages; });
    return held != known ? held : read();
}

void RunPackages::wakeChanged() {
    const Shared first = held_.with([](const Held& held) { return held.first; });
    if (!first) {
        return;
    }
    const Shared last = read();
    for (const auto& [id, package] : *last) {
        const auto before = first->find(id);
        if (before != first->end() && !isBilledAlike(*before->second, *package)) {
            db_.transact([&, &packageId = id](core::Tx& tx) { wakeSubscriptionsOf(tx, packageId); });
        }
    }
}

}  // namespace gardu::billing
