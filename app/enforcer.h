#pragma once
// Makes the network obey: compares what every open session was told with what its subscriber may have now,
// and corrects the difference by CoA or Disconnect, until there is none. Level, not edge: whatever was
// missed, or refused, or lost with a restart, is found again. One thread calls turn(); wake() and wakeAll()
// are for any.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/enforcer_cases.h"
#include "app/enforcer_nas.h"
#include "app/enforcer_records.h"
#include "app/enforcer_users.h"
#include "core/alarms.h"
#include "core/metrics.h"
#include "radius/directory.h"
#include "radius/directory_service.h"
#include "radius/dynauth_client.h"
#include "radius/journal.h"
#include "radius/session_registry.h"

namespace gardu::app {

class Enforcer {
public:
    struct Parts {
        const radius::Directory& directory;
        const radius::SharedNasTable& nasTable;
        radius::SessionRegistry& registry;
        radius::Journal& journal;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
        EnforcerRecords& records;
    };
    struct Settings {
        int perNasPerSecond = 50;
        /// Ends a session in another way after a Disconnect that was not answered; true where it did. None:
        /// there is no other way.
        std::function<bool(const radius::LiveSession&, std::string_view reason)> disconnectOtherwise = {};
    };
    static constexpr std::chrono::milliseconds kMostWait{500};
    /// The clocks part by more than this between two turns: nobody is cut off until an operator says so.
    static constexpr std::chrono::seconds kClockStep{60};

    /// Throws std::runtime_error where no socket can be made.
    Enforcer(const Parts& parts, Settings settings);

    /// These users' sessions, or their subscriptions, changed; by billing::usernameKey.
    void wake(const std::vector<std::string>& usernameKeys);
    /// A package or a NAS changed.
    void wakeAll();

    /// Does what is due, then waits for answers, for what is due next, or for wake(); at most that long.
    void turn(const Moment& now, std::chrono::milliseconds most = kMostWait);

private:
    /// A user as he is now.
    struct View {
        std::vector<radius::LiveSession> sessions;
        std::optional<billing::Entitlement> entitlement;
        /// Of those sessions, beyond the limit.
        std::vector<radius::LiveSession> overLimit;

        [[nodiscard]] const radius::LiveSession* find(const EnforcerCase& of) const;
        [[nodiscard]] bool isOverLimit(const radius::LiveSession& session) const;
    };
    /// After a timeout a case is the last, so that the probes go round.
    enum class QueuePlace { Usual, First, Last };
    struct Sent {
        std::uint64_t number = 0;
        EnforcerWish wish;
        Moment at{};
        core::IpAddress source;
        std::string nasName;
        std::int64_t sessionId = 0;
        std::string username;
        /// Keeps the secret.
        std::shared_ptr<const radius::NasTable> table;
    };

    void noteClock(const Moment& now);
    void noteStepAtStart(core::Instant now);
    void notePause();
    [[nodiscard]] std::chrono::milliseconds untilNext(const Moment& now);
    void show(const Moment& now);
    void flushJournal(const Moment& now);

    // What a session needs.
    [[nodiscard]] View look(const std::string& usernameKey, core::Instant now);
    [[nodiscard]] radius::EnforcementStep planOf(const View& view, const radius::LiveSession& session,
                                                 const EnforcerCase* found, core::Instant now) const;
    void check(const std::string& usernameKey, const Moment& now);
    void settle(const View& view, const radius::LiveSession& session, const Moment& now);
    void reconsider(EnforcerCase& found, const EnforcerWish& wish, const radius::LiveSession& session);
    void takeRequests(const Moment& now);
    void takeRequest(const radius::DisconnectRequest& request, const Moment& now);

    // On its way to the NAS.
    void enqueue(EnforcerCase& found, QueuePlace place = QueuePlace::Usual);
    void requeueDue(NasLane::TimePoint now);
    void sendAll(const Moment& now);
    void sendNext(const core::IpAddress& source, NasLanes::Lane& lane, const Moment& now);
    void send(EnforcerCase& found, const View& view, const radius::LiveSession& session, const Moment& now);
    void backOff(EnforcerCase& found, const std::string& words, const Moment& now);
    void finishRequests(EnforcerCase& found, const std::string& status, const std::string& words);
    void drop(std::uint64_t number, const std::string& status, const std::string& words);

    // What came of it.
    void take(const radius::DynauthAnswer& answer, const Moment& now);
    void noteLane(const Sent& sent, const radius::DynauthAnswer& answer, const Moment& now);
    void record(const Sent& sent, const radius::DynauthAnswer& answer, const std::string& words);
    void acknowledged(EnforcerCase& found, const Sent& sent, const Moment& now);
    void refused(EnforcerCase& found, const Sent& sent, const std::string& words, const Moment& now);
    void unanswered(EnforcerCase& found, const Sent& sent, const std::string& words, const Moment& now);
    void denied(EnforcerCase& found, const Sent& sent, const std::string& words, const Moment& now);
    void gone(EnforcerCase& found, const Sent& sent, const std::string& words);
    [[nodiscard]] std::optional<radius::LiveSession> sessionOf(const EnforcerCase& found) const;

    Parts parts_;
    Settings settings_;
    core::Gauge pending_;
    radius::DynauthClient client_;
    EnforcerCases cases_;
    EnforcerUsers users_;
    NasLanes lanes_;
    std::shared_ptr<const radius::NasTable> table_;
    std::unordered_map<std::uint64_t, Sent> sent_;
    std::vector<radius::DynauthAnswer> answers_;
    std::multimap<NasLane::TimePoint, std::uint64_t> retries_;
    std::optional<Moment> last_;
    bool paused_ = true;
    NasLane::TimePoint shownAt_{};
    /// For the journal, as it keeps them.
    std::vector<core::Bytes> unsaved_;
    NasLane::TimePoint saveAt_{};
};

}  // namespace gardu::app
