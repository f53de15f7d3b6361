#include "app/network.h"

#include "core/clock.h"
#include "core/entropy.h"
#include "core/log.h"

namespace gardu::app {

namespace {

constexpr std::chrono::seconds kHousePause{1};
/// A turn ends after this even where more is waiting, so that the loop can be stopped.
constexpr std::chrono::milliseconds kTurnTime{500};
constexpr std::chrono::seconds kDrainTime{10};
/// The journal can wait; a router that asks cannot.
constexpr int kBehindPackets = 10;
/// The Enforcer waits in its turn, for answers.
constexpr std::chrono::milliseconds kEnforcePause{0};
constexpr std::chrono::milliseconds kRecordPause{500};
/// So that who logs in again after his Stop finds what is left.
constexpr std::chrono::milliseconds kQuotaPause{100};
constexpr std::int64_t kOctetsOfMegabyte = 1'000'000;

Enforcer::Settings enforcerSettings(const core::Config& config) {
    return {.perNasPerSecond = static_cast<int>(config.integer("enforce.per_nas_per_second", 1, 10'000))};
}

radius::Journal::Limits journalLimits(const core::Config& config) {
    return {config.integer("accounting.journal_limit_mb", 1, 1'000'000) * kOctetsOfMegabyte};
}

radius::ApplierService::Settings applierSettings(const core::Config& config) {
    return {config.zone(), static_cast<int>(config.integer("radius.interim_interval", 60, 86'400)),
            static_cast<int>(config.integer("accounting.retention_months", 1, 1'200)),
            static_cast<int>(config.integer("accounting.hourly_usage_days", 2, 3'650))};
}

std::unique_ptr<radius::AccountingServer> bindAccounting(radius::AccountingService& service,
                                                         const core::Config& config, core::Metrics& metrics) {
    try {
        return std::make_unique<radius::AccountingServer>(service, config.listen("radius.acct.listen"),
                                                          metrics);
    } catch (const std::runtime_error& error) {
        throw config.wrong("radius.acct.listen", error.what());
    }
}

}  // namespace

Network::Network(const Parts& parts)
    : journal_(parts.workplace.journalPath(), core::newId(core::wallNow()),
               journalLimits(parts.workplace.config())),
      registry_(
          [&directory = parts.directory](const std::string& key) { return directory.subscriberKey(key); }),
      quota_(parts.workplace.db(), parts.workplace.config().zone(), parts.metrics),
      applier_({parts.workplace.db(), journal_, parts.directory, registry_, parts.alarms, parts.metrics,
                [this](const std::vector<std::string>& ids) { quota_.noteUsed(ids); }},
               applierSettings(parts.workplace.config())),
      records_(parts.workplace.db(), journal_.id(), parts.metrics),
      enforcer_({parts.directory, parts.nasTable, registry_, journal_, parts.alarms, parts.metrics, records_},
                enforcerSettings(parts.workplace.config())),
      service_({parts.nasTable, journal_, registry_, parts.alarms, parts.metrics,
                [this](const std::vector<std::string>& users) { enforcer_.wake(users); }}),
      server_(bindAccounting(service_, parts.workplace.config(), parts.metrics)),
      applyLoop_(
          "applier", kApplyPause, [this] { apply(); }, failingGauge(parts.metrics, "applier")),
      enforceLoop_(
          "enforcer", kEnforcePause,
          [this] {
              enforcer_.turn({core::wallNow(), std::chrono::steady_clock::now()});
          },
          failingGauge(parts.metrics, "enforcer")),
      recordLoop_(
          "enforcer_records", kRecordPause, [this] { records_.turn(core::wallNow()); },
          failingGauge(parts.metrics, "enforcer_records")),
      quotaLoop_(
          "quota", kQuotaPause, [this] { evaluateQuotas(); }, failingGauge(parts.metrics, "quota")) {
    applier_.load();
}

void Network::start() {
    recordLoop_.start(kBehindPackets);
    enforceLoop_.start();
    applyLoop_.start(kBehindPackets);
    quotaLoop_.start(kBehindPackets);
    server_->start();
}

void Network::stop() {
    server_->stop();
    enforceLoop_.stop();
    applyLoop_.stop();
    quotaLoop_.stop();
    recordLoop_.stop();
    drain();
}

void Network::wake(const std::vector<std::string>& usernameKeys, bool everybody) {
    enforcer_.wake(usernameKeys);
    quota_.noteChanged(usernameKeys, everybody);
    if (everybody) {
        enforcer_.wakeAll();
    }
}

void Network::apply() {
    const auto end = std::chrono::steady_clock::now() + kTurnTime;
    while (applier_.applyBatch(core::wallNow()) != 0 && std::chrono::steady_clock::now() < end) {
    }
    if (const auto now = std::chrono::steady_clock::now(); now >= nextHouseKeeping_) {
        nextHouseKeeping_ = now + kHousePause;
        applier_.keepHouse(core::wallNow());
    }
}

void Network::evaluateQuotas() {
    const auto end = std::chrono::steady_clock::now() + kTurnTime;
    while (quota_.turn(core::wallNow(), std::chrono::steady_clock::now()) &&
           std::chrono::steady_clock::now() < end) {
    }
}

void Network::drain() {
    const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
    try {
        while (std::chrono::steady_clock::now() < deadline && applier_.applyBatch(core::wallNow()) != 0) {
        }
    } catch (const std::exception& error) {
        core::logWarning("journal_kept", {{"records", journal_.status().records}, {"error", error.what()}});
    }
}

}  // namespace gardu::app
