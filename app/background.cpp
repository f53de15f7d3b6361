#include "app/background.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "billing/outbox_store.h"
#include "core/alarm_store.h"
#include "core/change_store.h"
#include "core/clock.h"
#include "core/log.h"
#include "radius/auth_log_store.h"

namespace gardu::app {

namespace {

/// A loop without a pause must not turn at full speed while it fails.
constexpr std::chrono::milliseconds kLeastPauseAfterFailure{500};
constexpr std::size_t kLogBatch = 2'000;
constexpr std::chrono::minutes kPrunePause{1};
/// One line a kind and subject in this time, and so many lines of a kind.
constexpr std::chrono::minutes kAlarmLogPause{1};
constexpr std::size_t kMaxAlarmLines = 20;
constexpr int kPruneRows = 20'000;
constexpr int kPruneNotifications = 500;
/// In a minute at most this many times kPruneRows go: more than a minute can write.
constexpr int kPrunePieces = 31;
constexpr std::chrono::seconds kDrainTime{10};
constexpr std::chrono::hours kChangeRetention{24};

}  // namespace

Loop::Loop(std::string name, std::chrono::milliseconds pause, std::function<void()> turn, core::Gauge failing)
    : name_(std::move(name)), pause_(pause), turn_(std::move(turn)), failingGauge_(failing) {}

Loop::~Loop() {
    stop();
}

void Loop::start(int niceness) {
    thread_ = std::thread([this, niceness] { run(niceness); });
}

void Loop::stop() {
    if (!thread_.joinable()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Loop::run(int niceness) {
    // Of this thread alone: on Linux each has its own. Raising it is always allowed.
    static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness));
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        makeTurn();
        lock.lock();
        wake_.wait_for(lock, failing_ ? std::max(pause_, kLeastPauseAfterFailure) : pause_,
                       [this] { return stopping_; });
    }
}

void Loop::makeTurn() {
    try {
        turn_();
        if (failing_.exchange(false)) {
            failingGauge_.set(0);
            core::logInfo("loop_recovered", {{"loop", name_}});
        }
    } catch (const std::exception& error) {
        if (!failing_.exchange(true)) {
            failingGauge_.set(1);
            core::logError("loop_failing", {{"loop", name_}, {"error", error.what()}});
        }
    }
}

core::Gauge failingGauge(core::Metrics& metrics, const std::string& loop) {
    return metrics.gauge("gardu_loop_failing", "1 while this background loop fails", {{"loop", loop}});
}

Follower::Follower(radius::DirectoryService& service, const radius::Directory& directory,
                   core::Metrics& metrics)
    : service_(service),
      directory_(directory),
      subscribers_(metrics.gauge("gardu_directory_subscribers", "Subscribers in memory")),
      applied_(
          metrics.counter("gardu_directory_changes_total", "Announced changes applied to the directory")),
      repaired_(metrics.counter("gardu_directory_repaired_total",
                                "Entries that the repair walk found other than the database")) {}

void Follower::turn() {
    const auto monotonic = std::chrono::steady_clock::now();
    applied_.add(static_cast<double>(service_.follow(monotonic)));
    service_.rememberMessageAuthenticators(core::wallNow());
    if (const std::size_t wrong = service_.repair(monotonic, kFollowPause); wrong != 0) {
        repaired_.add(static_cast<double>(wrong));
        core::logWarning("directory_repaired", {{"entries", wrong}});
    }
    subscribers_.set(static_cast<double>(directory_.size()));
}

RecordWriter::RecordWriter(const Parts& parts, Limits limits)
    : parts_(parts),
      limits_(limits),
      written_(parts.metrics.counter("gardu_auth_log_rows_total", "Rows of the authentication log written")),
      dropped_(parts.metrics.gauge("gardu_auth_log_dropped", "Decisions that the log had no room for")),
      waiting_(parts.metrics.gauge("gardu_auth_log_waiting", "Decisions that wait to be written")) {}

void RecordWriter::turn() {
    showWaiting();  // also where the database fails below
    writeAlarms();
    writeAuthLog(limits_.rowsPerSecond * kWritePause.count() / 1000);
    showWaiting();
    prune();
}

void RecordWriter::showWaiting() {
    dropped_.set(static_cast<double>(parts_.authLog.dropped()));
    waiting_.set(static_cast<double>(parts_.authLog.size()));
}

void RecordWriter::drain() {
    const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
    writeAlarms();
    while (parts_.authLog.size() != 0 && std::chrono::steady_clock::now() < deadline) {
        static_cast<void>(writeBatch(kLogBatch));
    }
    if (const std::size_t left = parts_.authLog.size(); left != 0) {
        core::logWarning("auth_log_lost", {{"decisions", left}});
    }
}

void RecordWriter::writeAuthLog(std::int64_t room) {
    while (room > 0) {
        const auto wanted = std::min(kLogBatch, static_cast<std::size_t>(room));
        if (writeBatch(wanted) == 0) {
            return;
        }
        room -= static_cast<std::int64_t>(wanted);
    }
}

std::size_t RecordWriter::writeBatch(std::size_t most) {
    std::vector<radius::AuthLogEntry> batch = parts_.authLog.take(most);
    if (batch.empty()) {
        return 0;
    }
    try {
        parts_.db.transact([&](core::Tx& tx) { radius::insertAuthLog(tx, batch); });
    } catch (...) {
        parts_.authLog.giveBack(std::move(batch));
        throw;
    }
    written_.add(static_cast<double>(batch.size()));
    return batch.size();
}

void RecordWriter::writeAlarms() {
    const std::vector<core::Alarm> alarms = parts_.alarms.take();
    if (alarms.empty()) {
        return;
    }
    try {
        parts_.db.transact([&](core::Tx& tx) { core::addAlarms(tx, alarms); });
    } catch (...) {
        parts_.alarms.giveBack(alarms);
        throw;
    }
    logAlarms(alarms);
}

void RecordWriter::logAlarms(const std::vector<core::Alarm>& alarms) {
    const auto monotonic = std::chrono::steady_clock::now();
    for (const core::Alarm& alarm : alarms) {
        auto& loggedAt = loggedAt_[alarm.kind];
        std::erase_if(loggedAt, [&](const auto& item) { return monotonic - item.second >= kAlarmLogPause; });
        // Anybody can raise alarms from any number of addresses; the log must not fill the disk with them.
        if (loggedAt.size() >= kMaxAlarmLines || !loggedAt.try_emplace(alarm.subject, monotonic).second) {
            continue;
        }
        core::logWarning("alarm", {{"kind", alarm.kind},
                                   {"subject", alarm.subject},
                                   {"occurrences", alarm.occurrences},
                                   {"message", alarm.message}});
    }
}

void RecordWriter::prune() {
    const auto monotonic = std::chrono::steady_clock::now();
    if (monotonic < nextPrune_) {
        return;
    }
    nextPrune_ = monotonic + kPrunePause;
    const core::Instant now = core::wallNow();
    parts_.db.transact([&](core::Tx& tx) {
        billing::pruneOutbox(tx, now - std::chrono::hours(24 * limits_.outboxDays), kPruneNotifications);
    });
    // In pieces: one long delete would hold the write lock as long.
    for (int piece = 0; piece < kPrunePieces; ++piece) {
        parts_.db.transact([&](core::Tx& tx) {
            core::pruneChanges(tx, now - kChangeRetention, kPruneRows);
            radius::pruneAuthLog(tx, now - std::chrono::hours(24 * limits_.retentionDays), kPruneRows);
        });
    }
}

}  // namespace gardu::app
