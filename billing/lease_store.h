#pragma once
// SQL of the table leases: who may run something alone, with an epoch that his writes check.

#include <optional>
#include <string>

#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

struct Lease {
    std::string name;
    std::string holder;
    std::int64_t epoch = 0;
    core::Instant expiresAt;
};

/// `wanted` with a new epoch, whatever its own is, where nobody has it, it has expired, or the same holder
/// has it; nothing where another has it. `expiresAt` is by the database's users' clocks, which may differ by
/// seconds: the epoch is what protects.
[[nodiscard]] std::optional<Lease> takeLease(core::Tx& tx, const Lease& wanted, core::Instant now);
/// False: it is another's by now.
[[nodiscard]] bool extendLease(core::Tx& tx, const Lease& lease, core::Instant expiresAt);
void releaseLease(core::Tx& tx, const Lease& lease);
/// Within the transaction that it protects: false where the epoch is another. Holds off a new holder until
/// the transaction ends (LOCK IN SHARE MODE on MariaDB).
[[nodiscard]] bool leaseHolds(core::Tx& tx, const Lease& lease);

}  // namespace gardu::billing
