#include "app/office.h"

namespace gardu::app {

namespace {

constexpr std::chrono::seconds kNotifyPause{1};

BillingLoop::Settings loopSettings(const core::Config& config) {
    return {billingSettings(config), std::chrono::seconds(config.integer("billing.run_seconds", 0, 86'400)),
            static_cast<int>(config.integer("billing.workers", 1, 64))};
}

}  // namespace

Office::Office(const Parts& parts)
    : billing_({parts.workplace.db(), parts.alarms, parts.metrics, parts.isPaused},
               loopSettings(parts.workplace.config())),
      notifier_({parts.workplace.db(), parts.alarms, parts.metrics},
                notifySettings(parts.workplace.config(), [this] { return stopping_.load(); })),
      notifyLoop_(
          "notifier", kNotifyPause, [this] { notifier_.turn(); }, failingGauge(parts.metrics, "notifier")) {}

void Office::start() {
    billing_.start();
    // It can wait; the threads that answer routers cannot.
    notifyLoop_.start(5);
}

void Office::stop() {
    stopping_.store(true);
    notifier_.stop();
    billing_.stop();
    notifyLoop_.stop();
}

}  // namespace gardu::app
