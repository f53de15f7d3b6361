#pragma once
// The daemon's half that bills and tells customers: the billing loop and the notifier, each on a thread of
// its own. Made and destroyed on the main thread.

#include <atomic>
#include <functional>

#include "app/background.h"
#include "app/billing_loop.h"
#include "app/notifier.h"
#include "app/workplace.h"

namespace gardu::app {

class Office {
public:
    struct Parts {
        Workplace& workplace;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
        /// See BillingLoop.
        std::function<bool()> isPaused;
    };
    /// Throws core::ConfigError.
    explicit Office(const Parts& parts);

    void start();
    /// Waits for the account that is billed and the message that is sent.
    void stop();
    [[nodiscard]] bool loopsFail() const { return billing_.failing() || notifyLoop_.failing(); }

private:
    std::atomic<bool> stopping_{false};
    BillingLoop billing_;
    Notifier notifier_;
    Loop notifyLoop_;
};

}  // namespace gardu::app
