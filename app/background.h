#pragma once
// The daemon's threads besides the access workers: the follower keeps the directory as the database is, the
// writer takes the authentication log and the alarms to the database. Both go on while the database is down.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/alarms.h"
#include "core/db.h"
#include "core/metrics.h"
#include "radius/auth_log.h"
#include "radius/directory_service.h"

namespace gardu::app {

/// Calls a function again and again with a pause in between, until it is stopped. A failure is logged when it
/// begins and when it ends, not at each turn.
class Loop {
public:
    Loop(std::string name, std::chrono::milliseconds pause, std::function<void()> turn, core::Gauge failing);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// `niceness` as setpriority(2) has it: a loop that can wait gives way to the threads that answer
    /// routers.
    void start(int niceness = 0);
    /// Waits for the turn being made.
    void stop();
    [[nodiscard]] bool failing() const { return failing_.load(); }

private:
    void run(int niceness);
    void makeTurn();

    std::string name_;
    std::chrono::milliseconds pause_;
    std::function<void()> turn_;
    core::Gauge failingGauge_;
    std::atomic<bool> failing_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

/// What Loop sets while it fails.
[[nodiscard]] core::Gauge failingGauge(core::Metrics& metrics, const std::string& loop);

/// Pause of the follower: a change is in force within two of them and the time to read it.
inline constexpr std::chrono::milliseconds kFollowPause{500};
inline constexpr std::chrono::milliseconds kWritePause{500};

/// One turn of the follower.
class Follower {
public:
    Follower(radius::DirectoryService& service, const radius::Directory& directory, core::Metrics& metrics);
    void turn();

private:
    radius::DirectoryService& service_;
    const radius::Directory& directory_;
    core::Gauge subscribers_;
    core::Counter applied_;
    core::Counter repaired_;
};

/// One turn of the writer.
class RecordWriter {
public:
    struct Parts {
        core::Db& db;
        radius::AuthLog& authLog;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
    };
    struct Limits {
        std::int64_t rowsPerSecond = 10'000;
        std::int64_t retentionDays = 90;
        /// Of notifications.
        std::int64_t outboxDays = 400;
    };
    RecordWriter(const Parts& parts, Limits limits);
    void turn();
    /// At the end, after the loop has stopped: all that waits, for ten seconds at most. Throws core::DbError.
    void drain();

private:
    void showWaiting();
    void writeAuthLog(std::int64_t room);
    /// How many rows it wrote.
    std::size_t writeBatch(std::size_t most);
    void writeAlarms();
    void logAlarms(const std::vector<core::Alarm>& alarms);
    void prune();

    Parts parts_;
    Limits limits_;
    core::Counter written_;
    core::Gauge dropped_;
    core::Gauge waiting_;
    std::chrono::steady_clock::time_point nextPrune_{};
    /// By kind, then by subject.
    std::map<std::string, std::map<std::string, std::chrono::steady_clock::time_point>> loggedAt_;
};

}  // namespace gardu::app
