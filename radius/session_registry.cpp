#include "radius/session_registry.h"

namespace gardu::radius {

namespace {

/// A shard is swept after this many changes and one for each of its users.
constexpr std::size_t kSweepEvery = 1024;

/// As SessionBook has it.
constexpr std::int64_t kNasSilenceMs = 600'000;

/// Nothing new: of the same second, or of a thread that is a little behind. A clock that was set back is new.
bool isRecent(std::int64_t notedMs, std::int64_t nowMs) {
    constexpr std::int64_t kGrainMs = 1'000;
    constexpr std::int64_t kDisorderMs = 120'000;
    return nowMs - notedMs < kGrainMs && notedMs - nowMs < kDisorderMs;
}

}  // namespace

SessionRegistry::SessionRegistry(std::function<std::string(const std::string&)> subscriberKey)
    : subscriberKey_(std::move(subscriberKey)) {}

std::string SessionRegistry::ownerOf(const std::string& usernameKey) const {
    const bool mayHaveDomain = usernameKey.find('\\') != std::string::npos;
    return mayHaveDomain && subscriberKey_ ? subscriberKey_(usernameKey) : usernameKey;
}

const core::Guarded<SessionRegistry::Shard>& SessionRegistry::shardOf(std::string_view usernameKey) const {
    // The map in it uses the low bits of the same hash.
    return shards_.at((KeyHash{}(usernameKey) >> 40U) % kShards);
}

core::Guarded<SessionRegistry::Shard>& SessionRegistry::shardOf(std::string_view usernameKey) {
    return shards_.at((KeyHash{}(usernameKey) >> 40U) % kShards);
}

void SessionRegistry::sweep(Shard& shard, std::optional<core::Instant> now) {
    if (now && ++shard.touched > kSweepEvery + shard.users.size()) {
        shard.touched = 0;
        std::erase_if(shard.users, [&](const auto& user) { return user.second.isSpent(*now); });
    }
}

template <class Function>
auto SessionRegistry::change(std::string_view usernameKey, std::optional<core::Instant> now,
                             Function&& function) {
    return shardOf(usernameKey).with([&](Shard& shard) {
        sweep(shard, now);
        auto at = shard.users.find(usernameKey);
        if (at == shard.users.end()) {
            at = shard.users.try_emplace(std::string(usernameKey)).first;
        }
        const std::size_t before = at->second.size();
        const auto result = function(at->second);
        size_ += at->second.size() - before;  // modulo 2^64 where it is less
        return result;
    });
}

template <class Function>
void SessionRegistry::changeKnown(std::string_view usernameKey, Function&& function) {
    shardOf(usernameKey).with([&](Shard& shard) {
        if (const auto at = shard.users.find(usernameKey); at != shard.users.end()) {
            const std::size_t before = at->second.size();
            function(at->second);
            size_ += at->second.size() - before;
        }
    });
}

Claimed SessionRegistry::claim(const SessionClaim& claim) {
    return change(claim.usernameKey, claim.now, [&](UserSessions& user) { return user.claim(claim); });
}

void SessionRegistry::release(std::string_view usernameKey, const core::Uuid& loginId) {
    changeKnown(usernameKey, [&](UserSessions& user) { user.release(loginId); });
}

bool SessionRegistry::hear(const AccountingEvent& event) {
    noteHeard(event.arrival.nasKey, event.arrival.receivedAt);
    if (event.status == AcctStatus::AccountingOn || event.status == AcctStatus::AccountingOff) {
        endBefore(event.arrival.nasKey, event.happenedAt);
        return false;
    }
    const std::string owner = ownerOf(event.usernameKey);
    const core::Instant returnedAt = nasReturnedAt(event.arrival.nasKey);
    return change(owner, event.arrival.receivedAt, [&](UserSessions& user) {
        return user.hear(event, owner, {mayOpen(), returnedAt});
    });
}

void SessionRegistry::put(const Session& session) {
    const std::string owner = ownerOf(session.usernameKey);
    const auto putIt = [&](UserSessions& user) {
        user.put(session, owner, mayOpen());
        return true;
    };
    if (session.isOpen()) {
        change(owner, std::nullopt, putIt);
    } else {
        changeKnown(owner, putIt);
    }
}

void SessionRegistry::setTold(const LiveSession& session, const Told& told) {
    changeKnown(session.usernameKey, [&](UserSessions& user) { user.setTold(session, told); });
}

void SessionRegistry::erase(const LiveSession& session) {
    changeKnown(session.usernameKey, [&](UserSessions& user) { user.erase(session); });
}

void SessionRegistry::endBefore(const std::string& nasKey, core::Instant bootedAt) {
    for (auto& guarded : shards_) {
        guarded.with([&](Shard& shard) {
            for (auto& [key, user] : shard.users) {
                const std::size_t before = user.size();
                user.endBefore(nasKey, bootedAt);
                size_ += user.size() - before;
            }
        });
    }
}

std::vector<LiveSession> SessionRegistry::sessionsOf(std::string_view usernameKey) const {
    return shardOf(usernameKey).with([&](const Shard& shard) {
        const auto at = shard.users.find(usernameKey);
        return at == shard.users.end() ? std::vector<LiveSession>() : at->second.sessions();
    });
}

std::vector<std::string> SessionRegistry::usersOf(std::size_t shard) const {
    return shards_.at(shard).with([](const Shard& held) {
        std::vector<std::string> keys;
        keys.reserve(held.users.size());
        for (const auto& [key, user] : held.users) {
            if (user.size() > 0) {
                keys.push_back(key);
            }
        }
        return keys;
    });
}

std::size_t SessionRegistry::size() const {
    return size_.load();
}

void SessionRegistry::noteHeard(std::string_view nasKey, core::Instant now) {
    const std::int64_t nowMs = core::toEpochMs(now);
    const bool noted = nasHeardAt_.read([&](const auto& heard) {
        const auto at = heard.find(nasKey);
        // Looked at first: all workers would write here at every packet otherwise.
        return at != heard.end() && isRecent(at->second.heardMs, nowMs);
    });
    if (noted) {
        return;
    }
    nasHeardAt_.write([&](auto& heard) {
        auto at = heard.find(nasKey);
        if (at == heard.end() && heard.size() < kMostNases) {
            at = heard.try_emplace(std::string(nasKey), HeardNas{nowMs, nowMs}).first;
        }
        if (at != heard.end() && !isRecent(at->second.heardMs, nowMs)) {
            HeardNas& nas = at->second;
            nas.returnedMs = nowMs - nas.heardMs > kNasSilenceMs ? nowMs : nas.returnedMs;
            nas.heardMs = nowMs;
        }
    });
}

std::optional<core::Instant> SessionRegistry::nasHeardAt(std::string_view nasKey) const {
    return nasHeardAt_.read([&](const auto& heard) {
        const auto at = heard.find(nasKey);
        return at == heard.end() ? std::nullopt : std::optional(core::fromEpochMs(at->second.heardMs));
    });
}

core::Instant SessionRegistry::nasReturnedAt(std::string_view nasKey) const {
    return nasHeardAt_.read([&](const auto& heard) {
        const auto at = heard.find(nasKey);
        return at == heard.end() ? core::Instant() : core::fromEpochMs(at->second.returnedMs);
    });
}

}  // namespace gardu::radius
