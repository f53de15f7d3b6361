#include "app/billing_loop.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <thread>
#include <utility>

#include "billing/account_store.h"
#include "core/clock.h"
#include "core/entropy.h"
#include "core/log.h"

namespace gardu::app {

namespace {

/// How soon a pause that ended, or a run's time, is seen.
constexpr std::chrono::seconds kLook{1};
/// As leases.holder has room for.
constexpr std::size_t kLongestHost = 50;
/// Of names of accounts; the log has all.
constexpr std::size_t kLongestAlarm = 400;

}  // namespace

billing::BillingSettings billingSettings(const core::Config& config) {
    return {config.zone(), static_cast<int>(config.integer("billing.most_invoices", 1, 1'000))};
}

void runSideBySide(std::vector<std::function<void()>> pieces) {
    std::vector<std::exception_ptr> failures(pieces.size());
    std::vector<std::thread> threads;
    threads.reserve(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        threads.emplace_back([&pieces, &failures, i] {
            try {
                pieces[i]();
            } catch (...) {
                failures[i] = std::current_exception();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const std::exception_ptr& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

std::string billingHolder() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) {
        host[0] = '?';
    }
    std::string holder(host.data());
    holder.resize(std::min(holder.size(), kLongestHost));
    return holder.append(":")
        .append(std::to_string(getpid()))
        .append(":")
        .append(core::newId(core::wallNow()));
}

BillingLoop::BillingLoop(const Parts& parts, Settings settings)
    : parts_(parts),
      settings_(std::move(settings)),
      holder_(billingHolder()),
      runs_(parts.metrics.counter("gardu_billing_runs_total", "Billing runs of this node")),
      broken_(parts.metrics.counter("gardu_invariant_broken_total", "Faults of the program; must stay 0")),
      seconds_(parts.metrics.gauge("gardu_billing_run_seconds", "How long the last billing run took")),
      loop_(
          "billing", kLook, [this] { turn(); }, failingGauge(parts.metrics, "billing")) {}

void BillingLoop::start() {
    if (settings_.pause.count() != 0) {
        // It can wait; the threads that answer routers cannot.
        loop_.start(5);
    }
}

void BillingLoop::stop() {
    stopping_.store(true);
    loop_.stop();
}

void BillingLoop::turn() {
    const auto monotonic = std::chrono::steady_clock::now();
    if (monotonic < nextRun_ || !mayRun()) {
        return;
    }
    nextRun_ = monotonic + settings_.pause;
    run(core::wallNow());
}

bool BillingLoop::mayRun() {
    const bool isPaused = parts_.isPaused();
    if (isPaused && !wasPaused_) {
        core::logWarning(
            "billing_paused",
            {{"reason",
              "the clock stepped (gardu enforce resume, when it is right), or was not compared yet"}});
    } else if (!isPaused && wasPaused_) {
        core::logInfo("billing_resumed");
    }
    wasPaused_ = isPaused;
    return !isPaused;
}

void BillingLoop::run(core::Instant now) {
    billing::RunOptions options;
    options.holder = holder_;
    options.workers = parts_.db.dialect() == core::Dialect::Sqlite ? 1 : settings_.workers;
    options.parallel = runSideBySide;
    options.clock = core::wallNow;
    // A clock that steps within a run is seen before the next account.
    options.stop = [this] { return stopping_.load() || parts_.isPaused(); };
    const auto begun = std::chrono::steady_clock::now();
    const billing::RunSummary summary =
        billing::runBilling(parts_.db, settings_.billing, {"run", now}, options);
    if (!summary.isOthers) {
        tell(summary,
             std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun));
    }
}

void BillingLoop::tell(const billing::RunSummary& summary, std::chrono::milliseconds took) {
    runs_.add();
    broken_.add(static_cast<double>(summary.broken));
    seconds_.set(static_cast<double>(took.count()) / 1000);
    for (const auto& [what, count] :
         std::initializer_list<std::pair<const char*, std::int64_t>>{{"seen", summary.seen},
                                                                     {"invoiced", summary.invoiced},
                                                                     {"renewed", summary.renewed},
                                                                     {"isolated", summary.isolated},
                                                                     {"restored", summary.restored},
                                                                     {"failed", summary.failed},
                                                                     {"parked", summary.parked}}) {
        parts_.metrics
            .counter("gardu_billing_accounts_total", "What billing runs did, by accounts", {{"what", what}})
            .add(static_cast<double>(count));
    }
    if (summary.seen != 0) {
        core::logInfo("billing_run", {{"run", summary.id},
                                      {"seen", summary.seen},
                                      {"invoiced", summary.invoiced},
                                      {"renewed", summary.renewed},
                                      {"isolated", summary.isolated},
                                      {"restored", summary.restored},
                                      {"failed", summary.failed},
                                      {"parked", summary.parked},
                                      {"ms", took.count()}});
    }
    if (summary.parked != 0) {
        raiseParked();
    }
    if (summary.failed != 0) {
        raiseFailed(summary);
    }
}

void BillingLoop::raiseParked() {
    for (const billing::ParkedSubscription& parked :
         parts_.db.read([](core::Tx& tx) { return billing::parkedSubscriptions(tx); })) {
        parts_.alarms.raise("billing_parked", parked.username,
                            "not billed until an operator has looked: " + parked.reason, core::wallNow());
    }
}

void BillingLoop::raiseFailed(const billing::RunSummary& summary) {
    std::string names = std::to_string(summary.failed) +
                        " accounts could not be billed; those that are not parked are tried again: ";
    for (const std::string& trouble : summary.troubles) {
        if (names.size() + trouble.size() > kLongestAlarm) {
            names.append("...");
            break;
        }
        names.append(trouble).append("; ");
    }
    parts_.alarms.raise("billing_failed", "billing run", names, core::wallNow());
}

}  // namespace gardu::app
