#include "app/daemon.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/background.h"
#include "app/network.h"
#include "app/office.h"
#include "core/clock.h"
#include "core/log.h"
#include "radius/access_server.h"
#include "radius/digest.h"
#include "radius/wire.h"
#include "webadmin/http_server.h"

namespace gardu::app {

namespace {

/// Memory holds passwords: no core dumps, and no looking in from the same user's other processes.
void keepMemoryPrivate() {
    const rlimit none{0, 0};
    static_cast<void>(setrlimit(RLIMIT_CORE, &none));
    static_cast<void>(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

sigset_t endingSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

/// For every thread that is started from here on; the main thread waits for them.
void blockEndingSignals() {
    const sigset_t signals = endingSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int waitForEndingSignal() {
    const sigset_t signals = endingSignals();
    int signal = 0;
    sigwait(&signals, &signal);
    return signal;
}

core::LogLevel logLevel(const std::string& name) {
    if (name == "debug") {
        return core::LogLevel::Debug;
    }
    if (name == "warning") {
        return core::LogLevel::Warning;
    }
    return name == "error" ? core::LogLevel::Error : core::LogLevel::Info;
}

unsigned workerCount(const core::Config& config) {
    const auto configured = static_cast<unsigned>(config.integer("radius.workers", 0, 64));
    return configured != 0 ? configured : std::max(std::thread::hardware_concurrency(), 1U);
}

/// Everything that is checked before anything is opened.
void selfTest(const Workplace& workplace) {
    if (const std::string wrong = radius::digestSelfTest(); !wrong.empty()) {
        throw std::runtime_error("self-test failed: " + wrong +
                                 " gives a wrong answer, so passwords could not be checked");
    }
    workplace.startWire();
}

std::unique_ptr<radius::AccessServer> bindAccess(radius::AccessService& service, const core::Config& config,
                                                 core::Metrics& metrics) {
    try {
        return std::make_unique<radius::AccessServer>(service, config.listen("radius.auth.listen"), metrics);
    } catch (const std::runtime_error& error) {
        throw config.wrong("radius.auth.listen", error.what());
    }
}

webadmin::HttpReply health(const radius::Directory& directory, const Network& network, bool loopsFail) {
    const bool unreachable = loopsFail || network.loopsFail();
    const bool degraded = unreachable || network.journalFails();
    const nlohmann::json body = {{"status", degraded ? "degraded" : "ok"},
                                 {"database", unreachable ? "unreachable" : "ok"},
                                 {"journal", network.journalFails() ? "failing" : "ok"},
                                 {"subscribers", directory.size()},
                                 {"sessions", network.openSessions()},
                                 {"journal_waiting", network.waitingRecords()}};
    return {degraded ? 503 : 200, "application/json", body.dump() + "\n"};
}

webadmin::HttpRoute metricsRoute(const core::Metrics& metrics) {
    return {"/metrics", [&metrics] {
                return webadmin::HttpReply{200, "text/plain; version=0.0.4", metrics.text()};
            }};
}

RecordWriter::Limits writerLimits(const core::Config& config) {
    return {config.integer("auth_log.rows_per_second", 1, 1'000'000),
            config.integer("auth_log.retention_days", 1, 36'500),
            config.integer("notify.retention_days", 60, 36'500)};
}

/// What workers decided last goes to the log too.
void drain(RecordWriter& writer) {
    try {
        writer.drain();
    } catch (const core::DbError& error) {
        core::logError("auth_log_lost", {{"error", error.what()}});
    }
}

}  // namespace

void serve(Workplace& workplace) {
    const core::Config& config = workplace.config();
    core::setLogDescriptor(1);
    keepMemoryPrivate();
    blockEndingSignals();
    selfTest(workplace);

    core::Db& db = workplace.db();
    const core::Vault& vault = workplace.vault();
    core::Metrics metrics;
    core::AlarmBoard alarms;
    radius::AuthLog authLog;
    radius::Directory directory(config.zone(), workplace.policyDefaults());
    radius::SharedNasTable nasTable;
    radius::DirectoryService directoryService(db, vault, directory, nasTable);
    directoryService.load(core::wallNow());

    Network network({workplace, directory, nasTable, alarms, metrics});
    directoryService.listen([&](const auto& users, bool everybody) { network.wake(users, everybody); });
    radius::AccessService access({directory, nasTable, vault, authLog, alarms, metrics, network.registry(),
                                  [&](const std::string& user) { network.wake({user}, false); }});
    const auto accessServer = bindAccess(access, config, metrics);

    Follower follower(directoryService, directory, metrics);
    Loop followLoop(
        "follower", kFollowPause, [&] { follower.turn(); }, failingGauge(metrics, "follower"));
    RecordWriter writer({db, authLog, alarms, metrics}, writerLimits(config));
    Loop writeLoop(
        "writer", kWritePause, [&] { writer.turn(); }, failingGauge(metrics, "writer"));
    Office office({workplace, alarms, metrics, [&] { return network.isCuttingPaused(); }});
    const auto answerHealth = [&] {
        return health(directory, network, followLoop.failing() || writeLoop.failing() || office.loopsFail());
    };
    webadmin::HttpServer http(config.listen("web.listen"),
                              {{"/healthz", answerHealth}, metricsRoute(metrics)});

    network.start();
    accessServer->start(workerCount(config));
    followLoop.start();
    writeLoop.start();
    office.start();
    http.start();
    core::logInfo("ready", {{"auth", accessServer->boundTo()},
                            {"web", http.boundTo()},
                            {"acct", network.boundTo()},
                            {"database", db.safeUrl()},
                            {"subscribers", directory.size()}});
    core::setLogLevel(logLevel(config.text("log.level")));
    core::logInfo("stopping", {{"signal", waitForEndingSignal()}});
    http.stop();
    office.stop();
    accessServer->stop();
    followLoop.stop();
    network.stop();
    writeLoop.stop();
    drain(writer);
    core::logInfo("stopped");
}

}  // namespace gardu::app
