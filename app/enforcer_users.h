#pragma once
// Whose sessions the Enforcer looks at next: who was named, whose access changes by itself at a time, and all
// in turn, a piece at a time, once in a round. wake() and wakeAll() from any thread, the rest is the
// Enforcer's thread's.

#include <functional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "app/enforcer_nas.h"
#include "core/guarded.h"
#include "radius/session_registry.h"

namespace gardu::app {

class EnforcerUsers {
public:
    static constexpr std::chrono::seconds kRound{30};
    /// How far ahead a time has to be noted, so that no round misses it.
    static constexpr std::chrono::seconds kHorizon{90};
    /// Users of one piece: some ten milliseconds of work.
    static constexpr std::size_t kPiece = 1'000;
    /// More named ones are everybody.
    static constexpr std::size_t kMostWoken = 100'000;

    /// Users in order, after that one, at most so many.
    using Page = std::function<std::vector<std::string>(const std::string& after, std::size_t most)>;

    /// `others`: whom a round has to look at although they may have no session any more.
    EnforcerUsers(const radius::SessionRegistry& registry, Page others);

    void wake(const std::vector<std::string>& usernameKeys);
    /// A whole round at once.
    void wakeAll();

    /// Nothing happens where that is past, or beyond the horizon.
    void noteChangeAt(core::Instant at, core::Instant now, const std::string& usernameKey);
    /// At most kPiece; a user may come twice.
    [[nodiscard]] std::vector<std::string> take(const Moment& now);
    /// Until take() has something; 0: now.
    [[nodiscard]] std::chrono::milliseconds untilNext(const Moment& now);

private:
    struct Woken {
        std::unordered_set<std::string> users;
        bool all = false;
    };
    void takeWoken(std::vector<std::string>& taken);
    void takeDue(core::Instant now, std::vector<std::string>& taken);
    void takeOfRound(NasLane::TimePoint now, std::vector<std::string>& taken);
    /// When the next shard of the round is to be looked at.
    [[nodiscard]] NasLane::TimePoint nextShardAt() const;
    void loadShard(NasLane::TimePoint now);
    void loadOthers();

    const radius::SessionRegistry& registry_;
    Page others_;
    core::Guarded<Woken> woken_;
    std::set<std::pair<core::Instant, std::string>> due_;
    NasLane::TimePoint roundBegan_{};
    /// Shards of this round that were loaded; the one after the registry's is `others_`.
    std::size_t loaded_ = 0;
    /// How far `others_` were taken in this round.
    std::string othersTo_;
    bool urgent_ = false;
    std::vector<std::string> shard_;
};

}  // namespace gardu::app
