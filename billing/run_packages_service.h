#pragma once
// The packages that a billing run works with: read once for many accounts, and anew when they may have
// changed. Shared by the threads of the run.

#include <functional>
#include <memory>
#include <optional>

#include "billing/account_store.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/guarded.h"

namespace gardu::billing {

class RunPackages {
public:
    using Shared = std::shared_ptr<const PricedPackages>;
    using Clock = std::function<core::Instant()>;

    RunPackages(core::Db& db, Clock clock);

    /// At most half a minute old.
    [[nodiscard]] Shared get();
    /// As they are stored now, unless another thread has read them since `known`.
    [[nodiscard]] Shared getAnew(const Shared& known);
    /// Subscriptions of packages that were changed while the run used them as they were before have a time at
    /// which to look next that is not right any more: the next run looks at them.
    void wakeChanged();

private:
    struct Held {
        Shared packages;
        /// As they were first.
        Shared first;
        core::Instant readAt;
    };
    [[nodiscard]] Shared read();

    core::Db& db_;
    Clock clock_;
    core::Guarded<Held> held_;
};

}  // namespace gardu::billing
