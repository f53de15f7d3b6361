#pragma once
// Takes notifications from the outbox and sends them: each at least once, in its own time and never in that
// of billing. turn() is one thread's; stop() any thread's.

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/notify_settings.h"
#include "billing/outbox_store.h"
#include "core/alarms.h"
#include "core/db.h"
#include "core/metrics.h"

namespace gardu::app {

class Notifier {
public:
    /// How long one is this sender's alone: longer than any attempt takes, and how soon one goes again after
    /// a crash.
    static constexpr std::chrono::minutes kClaim{5};

    struct Parts {
        core::Db& db;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
    };
    Notifier(const Parts& parts, NotifySettings settings);

    /// Sends what is due, as far as notify.per_minute allows. Throws core::DbError; call again then.
    void turn();
    /// Ends the turn being made soon; nothing is sent any more.
    void stop() { stopping_.store(true); }

private:
    /// Not sent, with why; put off; or to be sent.
    struct Decision {
        enum class Kind { Send, Drop, PutOff };
        Kind kind = Kind::Send;
        std::string why;
        core::Instant until;
    };
    struct Taken {
        std::optional<billing::OutboxItem> item;
        /// Some were dropped or put off instead: there may be more.
        bool madeRoom = false;
    };

    [[nodiscard]] Decision decide(const billing::OutboxItem& item, core::Instant now) const;
    [[nodiscard]] Taken take(core::Instant now);
    [[nodiscard]] Outgoing outgoingOf(const billing::OutboxItem& item) const;
    void send(const billing::OutboxItem& item);
    [[nodiscard]] billing::OutboxResult attempt(const billing::OutboxItem& item);
    void count(const std::string& sender, SendStatus status);
    void raise(const std::string& sender, const std::string& words);
    void writeFinished();
    void showWaiting();
    [[nodiscard]] bool mayGo();

    Parts parts_;
    NotifySettings settings_;
    std::atomic<bool> stopping_{false};
    /// What was sent, or failed, and is not in the database yet.
    std::vector<std::pair<std::string, billing::OutboxResult>> finished_;
    std::chrono::steady_clock::time_point nextSend_{};
    std::chrono::steady_clock::time_point nextCount_{};
    core::Gauge waiting_;
};

}  // namespace gardu::app
