#include "billing/lease_store.h"

namespace gardu::billing {

namespace {

/// Locked until the transaction ends.
std::optional<Lease> lockLease(core::Tx& tx, const std::string& name) {
    constexpr const char* kFind = "SELECT holder, epoch, expires_at FROM leases WHERE name = ?";
    const auto row = tx.queryOne(std::string(kFind).append(tx.forUpdate()), {name});
    return row ? std::optional(Lease{name, row->text(0), row->integer(1), row->instant(2)}) : std::nullopt;
}

bool isSame(const std::optional<Lease>& stored, const Lease& lease) {
    return stored && stored->holder == lease.holder && stored->epoch == lease.epoch;
}

void update(core::Tx& tx, const Lease& lease) {
    tx.execute("UPDATE leases SET holder = ?, epoch = ?, expires_at = ? WHERE name = ?",
               {lease.holder, lease.epoch, core::toEpochMs(lease.expiresAt), lease.name});
}

}  // namespace

std::optional<Lease> takeLease(core::Tx& tx, const Lease& wanted, core::Instant now) {
    const auto stored = lockLease(tx, wanted.name);
    const bool isFree =
        !stored || stored->holder.empty() || stored->holder == wanted.holder || stored->expiresAt <= now;
    if (!isFree) {
        return std::nullopt;
    }
    if (!stored) {
        tx.insertRows("INSERT INTO leases(name, holder, epoch, expires_at)",
                      {{wanted.name, "", std::int64_t{0}, std::int64_t{0}}});
    }
    Lease lease = wanted;
    lease.epoch = stored ? stored->epoch + 1 : 1;
    update(tx, lease);
    return lease;
}

bool extendLease(core::Tx& tx, const Lease& lease, core::Instant expiresAt) {
    if (!isSame(lockLease(tx, lease.name), lease)) {
        return false;
    }
    update(tx, {lease.name, lease.holder, lease.epoch, expiresAt});
    return true;
}

void releaseLease(core::Tx& tx, const Lease& lease) {
    if (isSame(lockLease(tx, lease.name), lease)) {
        update(tx, {lease.name, "", lease.epoch, core::Instant{}});
    }
}

bool leaseHolds(core::Tx& tx, const Lease& lease) {
    constexpr const char* kFind = "SELECT 1 FROM leases WHERE name = ? AND holder = ? AND epoch = ?";
    const char* const shared = tx.dialect() == core::Dialect::Mysql ? " LOCK IN SHARE MODE" : "";
    return tx.queryOne(std::string(kFind).append(shared), {lease.name, lease.holder, lease.epoch})
        .has_value();
}

}  // namespace gardu::billing
