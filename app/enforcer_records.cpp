#include "app/enforcer_records.h"

#include <iterator>
#include <utility>

namespace gardu::app {

namespace {

constexpr std::chrono::minutes kPrunePause{1};
constexpr int kPruneRows = 20'000;
/// Numbers of requests grow, so the smallest are those that ended long ago.
constexpr std::size_t kMostTaken = 100'000;

}  // namespace

EnforcerRecords::EnforcerRecords(core::Db& db, std::string node, core::Metrics& metrics)
    : db_(db),
      node_(std::move(node)),
      dropped_(metrics.counter("gardu_enforcement_rows_dropped_total",
                               "Results of CoA and Disconnect that the database could not take in time")) {}

void EnforcerRecords::addRow(radius::DynauthRow row) {
    shared_.with([&](Shared& shared) {
        shared.outbox.rows.push_back(std::move(row));
        boundRows(shared);
    });
}

void EnforcerRecords::boundRows(Shared& shared) {
    auto& rows = shared.outbox.rows;
    // A tenth more than the limit before any go, so that not every row moves all others.
    if (rows.size() > kMostRows + kMostRows / 10) {
        const std::size_t excess = rows.size() - kMostRows;
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(excess));
        dropped_.add(static_cast<double>(excess));
    }
}

void EnforcerRecords::setPending(std::vector<radius::PendingEnforcement> pending) {
    shared_.with([&](Shared& shared) { shared.outbox.pending = std::move(pending); });
}

void EnforcerRecords::finish(std::int64_t requestId, const std::string& status, const std::string& words) {
    shared_.with([&](Shared& shared) { shared.outbox.finished[requestId] = {status, words}; });
}

std::vector<radius::DisconnectRequest> EnforcerRecords::takeRequests() {
    return shared_.with([](Shared& shared) {
        for (const radius::DisconnectRequest& request : shared.requests) {
            shared.taken.insert(request.id);
        }
        while (shared.taken.size() > kMostTaken) {
            shared.taken.erase(shared.taken.begin());
        }
        return std::exchange(shared.requests, {});
    });
}

void EnforcerRecords::pause(core::Instant since) {
    shared_.with([&](Shared& shared) { shared.outbox.pause = since; });
}

bool EnforcerRecords::isPaused() const {
    return shared_.with([](const Shared& shared) { return shared.paused || shared.outbox.pause; });
}

std::optional<std::chrono::seconds> EnforcerRecords::takeClockStep() {
    return shared_.with([](Shared& shared) { return std::exchange(shared.clockStep, std::nullopt); });
}

/// Of the time before the start; while it runs, the Enforcer sees steps itself.
void EnforcerRecords::checkClock(core::Instant now) {
    if (clockIsChecked_) {
        return;
    }
    const auto last = db_.read([&](core::Tx& tx) { return radius::lastWall(tx, node_); });
    clockIsChecked_ = true;
    const auto passed = now - last.value_or(now);
    if (passed < -kMostBack || passed > kMostAhead) {
        shared_.with([&](Shared& shared) {
            shared.outbox.pause = now;
            shared.clockStep = std::chrono::duration_cast<std::chrono::seconds>(passed);
        });
    }
}

void EnforcerRecords::turn(core::Instant now) {
    checkClock(now);
    Outbox outbox = shared_.with([](Shared& shared) {
        if (shared.outbox.pause) {
            shared.paused = true;  // while the outbox is being written
        }
        return std::exchange(shared.outbox, {});
    });
    try {
        writeAll(outbox, now);
    } catch (...) {
        giveBack(std::move(outbox));
        throw;
    }
    if (outbox.pending) {
        written_ = std::move(outbox.pending);
    }
    read();
    prune(now);
}

void EnforcerRecords::writeAll(const Outbox& outbox, core::Instant now) {
    const bool samePending = !outbox.pending || outbox.pending == written_;
    if (samePending && outbox.rows.empty() && outbox.finished.empty() && !outbox.pause) {
        return;
    }
    db_.transact([&](core::Tx& tx) { write(tx, outbox, now); });
}

void EnforcerRecords::write(core::Tx& tx, const Outbox& outbox, core::Instant now) const {
    radius::addDynauthRows(tx, outbox.rows);
    if (outbox.pending && outbox.pending != written_) {
        radius::replacePending(tx, node_, *outbox.pending);
    }
    for (const auto& [id, outcome] : outbox.finished) {
        radius::finishDisconnectRequest(tx, id, outcome, now);
    }
    if (outbox.pause) {
        radius::pauseCutting(tx, *outbox.pause);
    }
}

/// What came meanwhile is newer and stays.
void EnforcerRecords::giveBack(Outbox outbox) {
    shared_.with([&](Shared& shared) {
        Outbox& current = shared.outbox;
        outbox.rows.insert(outbox.rows.end(), std::make_move_iterator(current.rows.begin()),
                           std::make_move_iterator(current.rows.end()));
        current.rows = std::move(outbox.rows);
        boundRows(shared);
        if (!current.pending) {
            current.pending = std::move(outbox.pending);
        }
        current.finished.merge(outbox.finished);
        if (outbox.pause) {
            current.pause = outbox.pause;
        }
    });
}

void EnforcerRecords::read() {
    std::vector<radius::DisconnectRequest> requests;
    bool paused = true;
    db_.read([&](core::Tx& tx) {
        requests = radius::waitingDisconnectRequests(tx);
        paused = radius::cuttingPausedSince(tx).has_value();
    });
    shared_.with([&](Shared& shared) {
        shared.paused = paused;
        std::erase_if(requests, [&](const radius::DisconnectRequest& request) {
            return shared.taken.contains(request.id);
        });
        shared.requests = std::move(requests);
    });
}

void EnforcerRecords::prune(core::Instant now) {
    if (now - prunedAt_ < kPrunePause && now >= prunedAt_) {
        return;
    }
    db_.transact([&](core::Tx& tx) {
        radius::pruneDynauthRows(tx, now - kRowRetention, kPruneRows);
        radius::noteWall(tx, node_, now);
    });
    prunedAt_ = now;
}

}  // namespace gardu::app
