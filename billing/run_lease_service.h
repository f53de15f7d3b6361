#pragma once
// The lease of a billing run: one run at a time on all nodes. Shared by the threads of the run.

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "billing/lease_store.h"
#include "core/db.h"
#include "core/guarded.h"

namespace gardu::billing {

/// Another run has it now: whoever hears this stores nothing more.
class LeaseLost : public std::runtime_error {
public:
    LeaseLost() : std::runtime_error("another billing run has taken over") {}
};

class RunLease {
public:
    using Clock = std::function<core::Instant()>;

    RunLease(core::Db& db, std::string holder, Clock clock);

    /// False: another run has it.
    [[nodiscard]] bool take();
    /// Extends it once a third of its time has gone. Throws LeaseLost.
    void keep();
    /// Within the transaction that it protects. Throws LeaseLost.
    void check(core::Tx& tx) const;
    /// For the next run; never throws, since an expired one is free too.
    void release() noexcept;
    [[nodiscard]] std::int64_t epoch() const { return lease_.epoch; }
    [[nodiscard]] const std::string& holder() const { return lease_.holder; }

private:
    [[nodiscard]] bool isTimeToKeep();

    core::Db& db_;
    Clock clock_;
    Lease lease_;
    core::Guarded<core::Instant> keptAt_;
};

}  // namespace gardu::billing
