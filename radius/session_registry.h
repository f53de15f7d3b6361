#pragma once
// The open sessions in memory: for the limit of simultaneous sessions and for the Enforcer. Access workers
// claim places in it, the accounting threads tell it what they hear (after it is durable, before it is
// applied), the applier what it stored. Sharded by user name key; any thread. Texts are as in
// AccountingEvent.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "billing/package.h"
#include "core/address.h"
#include "core/calendar.h"
#include "core/guarded.h"
#include "core/ids.h"
#include "radius/accounting_event.h"
#include "radius/session.h"

namespace gardu::radius {

/// An open session as far as the network can be told something about it.
struct LiveSession {
    /// Number of the stored row; 0: not applied yet.
    std::int64_t id = 0;
    std::string nasId;
    std::string nasKey;
    core::IpAddress source;
    std::string username;
    std::string usernameKey;
    std::string acctSessionId;
    /// "": none.
    std::string loginId;
    std::string callingStationId;
    std::string nasPortId;
    std::optional<core::IpAddress> framedIp;
    std::optional<core::IpAddress> nasIp;
    core::Instant startedAt;
    /// Latest time of a packet, and its latest arrival.
    core::Instant lastSeenAt;
    core::Instant heardAt;
    /// Longest pause between its packets so far, seconds; 0: none seen.
    std::int64_t intervalSeconds = 0;
    std::optional<Told> told;
};

/// A login that is about to be accepted.
struct SessionClaim {
    std::string usernameKey;
    core::Uuid loginId;
    /// "": unknown; then it is a device of its own.
    std::string callingStationId;
    /// None: no limit. The claim is kept all the same.
    std::optional<int> limit;
    billing::SimultaneousPolicy policy = billing::SimultaneousPolicy::RejectNew;
    int interimSeconds = 300;
    core::Instant now;
};

enum class Claimed {
    Granted,
    /// Granted, and an older session has to go: tell the Enforcer.
    GrantedReplacing,
    Refused,
};

class SessionRegistry {
public:
    /// A claim that no Start binds ends after this.
    static constexpr std::chrono::seconds kClaimTime{30};

    /// Counts open sessions and claims of the user, without those of the same device (Calling-Station-Id) and
    /// without sessions that have been silent too long, and takes a place: one step, so that of two at the
    /// same time with one place left exactly one is granted.
    [[nodiscard]] Claimed claim(const SessionClaim& claim);
    /// The Accept could not be sent.
    void release(std::string_view usernameKey, const core::Uuid& loginId);

    /// A durable packet: opens, refreshes or closes the session; binds the claim with its loginId.
    /// Accounting-On and -Off close those of the NAS. True where a session was opened.
    bool hear(const AccountingEvent& event);
    /// As it is in the database, after a load or a batch: sets the number, and closes what is closed there
    /// and was not heard of since.
    void put(const Session& session);
    /// What the NAS was told now.
    void setTold(const LiveSession& session, const Told& told);
    /// It is not there any more.
    void erase(const LiveSession& session);

    [[nodiscard]] std::vector<LiveSession> sessionsOf(std::string_view usernameKey) const;
    /// The users with open sessions, a shard at a time (0 to kShards - 1).
    [[nodiscard]] std::vector<std::string> usersOf(std::size_t shard) const;
    [[nodiscard]] std::size_t size() const;
    /// When anything was heard of this NAS last; accounting, or a login.
    [[nodiscard]] std::optional<core::Instant> nasHeardAt(const std::string& nasKey) const;

    static constexpr std::size_t kShards = 64;

private:
    struct Claim {
        core::Uuid loginId;
        std::string callingStationId;
        core::Instant until;
    };
    struct User {
        std::vector<LiveSession> sessions;
        std::vector<Claim> claims;
    };
    struct KeyHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    using Users = std::unordered_map<std::string, User, KeyHash, std::equal_to<>>;

    std::array<core::Guarded<Users>, kShards> shards_;
    core::Guarded<std::map<std::string, core::Instant>> nasHeardAt_;
};

/// Those that have to go so that the limit holds: the oldest ones beyond it. Sessions that were silent too
/// long go first.
[[nodiscard]] std::vector<LiveSession> beyondLimit(std::vector<LiveSession> sessions, int limit);

}  // namespace gardu::radius
