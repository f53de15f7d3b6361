#include "billing/run_lease_service.h"

#include <utility>

#include "core/log.h"

namespace gardu::billing {

namespace {

constexpr core::Seconds kLeaseTime{60};

}  // namespace

RunLease::RunLease(core::Db& db, std::string holder, Clock clock) : db_(db), clock_(std::move(clock)) {
    lease_.name = "billing";
    lease_.holder = std::move(holder);
}

bool RunLease::take() {
    const core::Instant now = clock_();
    const auto taken = db_.transact([&](core::Tx& tx) {
        return takeLease(tx, {lease_.name, lease_.holder, 0, now + kLeaseTime}, now);
    });
    lease_ = taken.value_or(lease_);
    keptAt_.with([&](core::Instant& at) { at = now; });
    return taken.has_value();
}

bool RunLease::isTimeToKeep() {
    const core::Instant now = clock_();
    return keptAt_.with([&](core::Instant& at) {
        if (now - at < kLeaseTime / 3) {
            return false;
        }
        at = now;
        return true;
    });
}

void RunLease::keep() {
    if (!isTimeToKeep()) {
        return;
    }
    const core::Instant until = clock_() + kLeaseTime;
    if (!db_.transact([&](core::Tx& tx) { return extendLease(tx, lease_, until); })) {
        throw LeaseLost();
    }
}

void RunLease::check(core::Tx& tx) const {
    if (!leaseHolds(tx, lease_)) {
        throw LeaseLost();
    }
}

void RunLease::release() noexcept {
    try {
        db_.transact([&](core::Tx& tx) { releaseLease(tx, lease_); });
    } catch (const std::exception& error) {
        core::logWarning("billing_lease_kept", {{"error", error.what()}});
    }
}

}  // namespace gardu::billing
