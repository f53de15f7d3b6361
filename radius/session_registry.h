#pragma once
// The open sessions in memory: for the limit of simultaneous sessions and for the Enforcer. Access workers
// claim places in it, the accounting threads tell it what they hear (after it is durable, before it is
// applied), the applier what it stored. Sharded by user name key; any thread. Texts are as in
// AccountingEvent. About 800 octets a session.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/calendar.h"
#include "core/guarded.h"
#include "core/ids.h"
#include "radius/accounting_event.h"
#include "radius/live_session.h"
#include "radius/session.h"
#include "radius/user_sessions.h"

namespace gardu::radius {

class SessionRegistry {
public:
    /// `subscriberKey` gives the key of the subscriber for that of an accounted name with a backslash in it:
    /// a login with a domain counts as the subscriber's. Any thread calls it.
    explicit SessionRegistry(std::function<std::string(const std::string&)> subscriberKey = {});

    /// Counts open sessions and claims of the user, without those of the same device (Calling-Station-Id, and
    /// where on which NAS it is) and without sessions that have been silent too long, and takes a place: one
    /// step, so that of two at the same time with one place left exactly one is granted.
    [[nodiscard]] Claimed claim(const SessionClaim& claim);
    /// The Accept could not be sent.
    void release(std::string_view usernameKey, const core::Uuid& loginId);

    /// A durable packet: opens, refreshes or closes the session; binds the claim with its loginId.
    /// Accounting-On and -Off close those of the NAS. True where a session was opened.
    bool hear(const AccountingEvent& event);
    /// As it is in the database, after a load or a batch: sets the number, and closes what is closed there,
    /// by a Stop or without anything later heard since.
    void put(const Session& session);
    /// What the NAS was told now.
    void setTold(const LiveSession& session, const Told& told);
    /// It is not there any more.
    void erase(const LiveSession& session);

    /// The key under which the sessions of an accounted name are: the subscriber's.
    [[nodiscard]] std::string ownerOf(const std::string& usernameKey) const;
    [[nodiscard]] std::vector<LiveSession> sessionsOf(std::string_view usernameKey) const;
    /// The users with open sessions, a shard at a time (0 to kShards - 1).
    [[nodiscard]] std::vector<std::string> usersOf(std::size_t shard) const;
    [[nodiscard]] std::size_t size() const;
    /// A valid packet came from this NAS. Cheap: a second is exact enough.
    void noteHeard(std::string_view nasKey, core::Instant now);
    /// When anything was heard of this NAS last: what hear() and noteHeard() were told.
    [[nodiscard]] std::optional<core::Instant> nasHeardAt(std::string_view nasKey) const;

    static constexpr std::size_t kShards = 64;
    /// What is heard of more sessions, or of more NASes, changes nothing.
    static constexpr std::size_t kMostSessions = 2'000'000;
    static constexpr std::size_t kMostNases = 100'000;

private:
    struct KeyHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    using Users = std::unordered_map<std::string, UserSessions, KeyHash, std::equal_to<>>;
    /// Its last packet, and when it came back from its last silence, or was heard of first.
    struct HeardNas {
        std::int64_t heardMs = 0;
        std::int64_t returnedMs = 0;
    };
    struct Shard {
        Users users;
        /// Since the last look for users of whom nothing is left.
        std::size_t touched = 0;
    };

    [[nodiscard]] core::Guarded<Shard>& shardOf(std::string_view usernameKey);
    [[nodiscard]] const core::Guarded<Shard>& shardOf(std::string_view usernameKey) const;
    /// The user's sessions under their lock. With `now` the shard is swept from time to time.
    template <class Function>
    auto change(std::string_view usernameKey, std::optional<core::Instant> now, Function&& function);
    template <class Function>
    void changeKnown(std::string_view usernameKey, Function&& function);
    static void sweep(Shard& shard, std::optional<core::Instant> now);
    [[nodiscard]] core::Instant nasReturnedAt(std::string_view nasKey) const;
    [[nodiscard]] bool mayOpen() const { return size() < kMostSessions; }
    void endBefore(const std::string& nasKey, core::Instant bootedAt);

    std::function<std::string(const std::string&)> subscriberKey_;
    std::array<core::Guarded<Shard>, kShards> shards_;
    std::atomic<std::size_t> size_{0};
    core::SharedGuarded<std::map<std::string, HeardNas, std::less<>>> nasHeardAt_;
};

}  // namespace gardu::radius
