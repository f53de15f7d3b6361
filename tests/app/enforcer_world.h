#pragma once
// An Enforcer with all that it works on but the daemon: a SQLite database, a directory that follows it, the
// registry, the journal, NASes on loopback addresses. The wall's clock begins where the test says and can be
// moved; the monotonic one is real.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/enforcer.h"
#include "radius/journal_record.h"
#include "tests/support/database_suite.h"
#include "tests/support/loopback_nas.h"
#include "tests/support/subscribers.h"

namespace gardu::test {

inline constexpr int kDisconnect = 40;
inline constexpr int kCoa = 43;
inline constexpr int kAcctSessionId = 44;
inline constexpr int kSessionTimeout = 27;
inline constexpr int kRateLimit = kMikrotikAttributes + 8;

class EnforcerWorld {
public:
    using Clock = std::chrono::steady_clock;

    explicit EnforcerWorld(core::Instant wallBegan = kDatabaseMadeAt, app::Enforcer::Settings settings = {});

    // Time.

    [[nodiscard]] core::Instant wall() const {
        return wallBegan_ + offset_ + std::chrono::duration_cast<core::Milliseconds>(Clock::now() - began_);
    }
    void moveWall(std::chrono::milliseconds by) { offset_ += by; }
    /// Turns until it is true, at most that long; whether it is.
    template <class Condition>
    bool runUntil(std::chrono::milliseconds most, Condition&& condition) {
        for (const auto end = Clock::now() + most; Clock::now() < end;) {
            turn();
            if (condition()) {
                return true;
            }
        }
        return condition();
    }
    void run(std::chrono::milliseconds time) {
        static_cast<void>(runUntil(time, [] { return false; }));
    }
    /// One turn of the daemon's threads.
    void turn();
    void stopDatabase() { databaseIsUp_ = false; }

    // The network.

    /// Acknowledges, and sends the Stop of what it disconnects.
    LoopbackNas& addNas(const std::string& name, const std::string& address = "127.0.0.1");
    /// From now on the NAS does as it should.
    void answerAll(const std::string& name);
    void hearOf(const std::string& nasName) { registry_.noteHeard(nases_.at(nasName).id, wall()); }

    // Subscribers and sessions.

    void addSubscriber(const std::string& user) {
        static_cast<void>(billing::addSubscriber(db_, vault_, subscriberOf(user), actAt(wallBegan_)));
        follow();
    }
    template <class Change>
    void changeSubscriber(const std::string& user, Change&& fill) {
        billing::SubscriberChange change;
        change.username = user;
        fill(change);
        static_cast<void>(billing::updateSubscriber(db_, vault_, change, actAt(wallBegan_)));
        follow();
        enforcer_->wake({user});
    }
    void setStatus(const std::string& user, billing::SubscriptionStatus status) {
        changeSubscriber(user, [&](auto& change) { change.status = status; });
    }
    template <class Change>
    void changePackage(Change&& change) {
        static_cast<void>(billing::updatePackage(db_, "Home 10", change, actAt(wallBegan_)));
        follow();
        enforcer_->wakeAll();
    }
    void setBandwidth(const std::string& bandwidth) {
        changePackage([&](billing::Package& package) { package.bandwidth = bandwidth; });
    }
    /// What the directory says now, as an Accept would have told it.
    [[nodiscard]] std::optional<radius::Told> toldNow(const std::string& user) const {
        const auto hit = directory_.find(user);
        return hit ? std::optional(radius::toldOf(billing::entitlement(hit->facts, wall()))) : std::nullopt;
    }
    radius::Session session(const std::string& user, const std::string& nasName);
    /// A session as an Accept of now would begin it; its number.
    std::int64_t begin(const std::string& user, const std::string& nasName = "tower") {
        return begin(session(user, nasName));
    }
    std::int64_t begin(const radius::Session& session);
    [[nodiscard]] std::optional<radius::LiveSession> live(const std::string& user) const {
        const auto sessions = registry_.sessionsOf(user);
        return sessions.empty() ? std::nullopt : std::optional(sessions.back());
    }

    // What came of it.

    [[nodiscard]] std::vector<radius::PendingEnforcement> pending() {
        return db_.read([](core::Tx& tx) { return radius::listPending(tx, 1'000); });
    }
    /// "coa rate_changed ack, ...", the oldest first.
    [[nodiscard]] std::string rows();
    [[nodiscard]] std::vector<radius::JournalRecord> journaled();
    /// "kind subject " of each since the last call.
    [[nodiscard]] std::string alarms();
    std::int64_t request(std::int64_t sessionId) {
        return db_.transact(
            [&](core::Tx& tx) { return radius::addDisconnectRequest(tx, sessionId, wall()); });
    }
    [[nodiscard]] radius::DisconnectRequest requested(std::int64_t id) {
        return db_.read([&](core::Tx& tx) { return radius::findDisconnectRequest(tx, id).value(); });
    }

    void follow() { static_cast<void>(directoryService_.follow(Clock::now())); }
    core::Db& db() { return db_; }
    core::Vault& vault() { return vault_; }
    radius::SessionRegistry& registry() { return registry_; }
    app::Enforcer& enforcer() { return *enforcer_; }
    core::Metrics& metrics() { return metrics_; }

private:
    struct KnownNas {
        std::string id;
        std::string address;
        std::unique_ptr<LoopbackNas> nas;
    };

    /// The Stops of what was disconnected.
    void endSessions();
    void endSession(const std::string& acctSessionId);

    Clock::time_point began_;
    core::Instant wallBegan_;
    std::chrono::milliseconds offset_{0};
    TempFolder folder_;
    core::Db db_{"sqlite:" + folder_.file("gardu.db")};
    core::Vault vault_ = testVault();
    core::Metrics metrics_;
    core::AlarmBoard alarms_;
    radius::Directory directory_{core::Zone("Asia/Jakarta"), {300, {"isolir", "64k/64k", 600}}};
    radius::SharedNasTable nasTable_;
    radius::DirectoryService directoryService_{db_, vault_, directory_, nasTable_};
    radius::SessionRegistry registry_{
        [this](const std::string& key) { return directory_.subscriberKey(key); }};
    radius::Journal journal_{folder_.file("accounting.journal"), "018f9d2e-0000-7000-8000-000000000001", {}};
    app::EnforcerRecords records_{db_, journal_.id(), metrics_};
    std::unique_ptr<app::Enforcer> enforcer_;
    bool databaseIsUp_ = true;
    Clock::time_point recordsAt_{};
    std::int64_t lastSession_ = 0;
    std::mutex mutex_;
    /// Acct-Session-Ids.
    std::vector<std::string> stops_;
    /// Last, so that their threads end before what they write to.
    std::map<std::string, KnownNas> nases_;
};

}  // namespace gardu::test
