#pragma once
// What makes billing happen in the daemon: a run every billing.run_seconds on a thread of its own, with its
// summary in the log, the metrics and the alarms.

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "app/background.h"
#include "billing/billing_run.h"
#include "core/alarms.h"
#include "core/config.h"
#include "core/db.h"
#include "core/metrics.h"

namespace gardu::app {

/// The keys billing.* as the services take them.
[[nodiscard]] billing::BillingSettings billingSettings(const core::Config& config);

/// What stands for RunOptions::parallel: each piece on a thread of its own. Throws what the first one threw,
/// after all have ended.
void runSideBySide(std::vector<std::function<void()>> pieces);

/// This process, for the lease: host, process and a number that no other process has.
[[nodiscard]] std::string billingHolder();

class BillingLoop {
public:
    struct Parts {
        core::Db& db;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
        /// The clock stepped and nobody said yet that it is right: nobody may be declared late by it.
        std::function<bool()> isPaused;
    };
    struct Settings {
        billing::BillingSettings billing;
        /// 0: no run at all.
        std::chrono::seconds pause{60};
        int workers = 2;
    };
    BillingLoop(const Parts& parts, Settings settings);

    void start();
    /// After the account that is being worked on.
    void stop();
    [[nodiscard]] bool failing() const { return loop_.failing(); }

private:
    void turn();
    [[nodiscard]] bool mayRun();
    void run(core::Instant now);
    void tell(const billing::RunSummary& summary, std::chrono::milliseconds took);
    void raiseParked();
    void raiseFailed(const billing::RunSummary& summary);

    Parts parts_;
    Settings settings_;
    std::string holder_;
    std::atomic<bool> stopping_{false};
    std::chrono::steady_clock::time_point nextRun_{};
    bool wasPaused_ = false;
    core::Counter runs_;
    core::Counter broken_;
    core::Gauge seconds_;
    Loop loop_;
};

}  // namespace gardu::app
