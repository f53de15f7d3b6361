#pragma once
// The sessions that are not as they should be, and how far the Enforcer is with each: a case. Memory only,
// times are arguments. Owned by the Enforcer; one thread's.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/enforcer_nas.h"
#include "radius/enforcement.h"
#include "radius/enforcement_store.h"
#include "radius/live_session.h"

namespace gardu::app {

enum class EnforcerAction { Coa, Disconnect };

/// "coa", "disconnect"
[[nodiscard]] std::string_view name(EnforcerAction action);

/// What a session needs, as far as two of them can differ.
struct EnforcerWish {
    EnforcerAction action = EnforcerAction::Disconnect;
    std::string_view reason;
    /// Of a CoA: what the session knows after it.
    radius::Told told;
    bool operator==(const EnforcerWish&) const = default;
};

/// What of it a CoA without an answer may have changed all the same.
struct EnforcerDoubt {
    bool rate = false;
    bool until = false;
};

struct EnforcerCase {
    enum class State {
        Queued,        ///< in the queue of its NAS
        Sent,          ///< a request is under way
        BackedOff,     ///< refused; tried again at `nextAttemptAt`
        AwaitingStop,  ///< the Disconnect was acknowledged; its Stop will come
        Parked,        ///< cutting is paused
        GivenUp,       ///< the NAS refuses, and nothing else may be done
    };
    std::uint64_t number = 0;
    std::string usernameKey;
    std::string nasKey;
    std::string acctSessionId;
    std::string loginId;
    /// 0: not known yet.
    std::int64_t sessionId = 0;
    std::string username;
    core::IpAddress source;
    std::string nasName;

    State state = State::Queued;
    EnforcerWish wish;
    core::Instant since;
    int attempts = 0;
    /// NAKs one after another.
    int refusals = 0;
    std::string lastResult;
    std::optional<core::Instant> nextAttemptAt;
    core::Instant acknowledgedAt;
    /// The NAS refused a CoA that tells this.
    std::optional<radius::Told> refusedTold;
    /// Until a CoA is acknowledged.
    EnforcerDoubt doubt;
    /// The NAS denied this session before, and then it was heard again.
    bool cameBack = false;
    /// Operators' requests that wait for it.
    std::vector<std::int64_t> requests;

    /// The session's heir: the NAS gave the id to another one.
    [[nodiscard]] bool isOf(const radius::LiveSession& session) const;
};

class EnforcerCases {
public:
    /// After this a session that acknowledged its Disconnect should have sent its Stop.
    static constexpr std::chrono::seconds kStopGrace{10};

    [[nodiscard]] EnforcerCase* find(std::uint64_t number);
    [[nodiscard]] EnforcerCase* find(const radius::LiveSession& session);
    EnforcerCase& open(const radius::LiveSession& session, core::Instant now);
    void erase(std::uint64_t number);
    /// Cases of this user of which no session is in the list.
    [[nodiscard]] std::vector<std::uint64_t> without(const std::string& usernameKey,
                                                     const std::vector<radius::LiveSession>& sessions) const;
    /// Users with cases, in order, after that one; at most so many.
    [[nodiscard]] std::vector<std::string> usersAfter(const std::string& usernameKey, std::size_t most) const;
    [[nodiscard]] std::vector<std::uint64_t> inState(EnforcerCase::State state) const;
    [[nodiscard]] std::size_t size() const { return cases_.size(); }
    /// For the operator, the oldest first: cases of sessions with a number, but for those whose Stop is on
    /// its way.
    [[nodiscard]] std::vector<radius::PendingEnforcement> pending(core::Instant now, std::size_t most) const;

    /// The NAS says that it does not have it; should it be heard again, its case will know. Bounded.
    void noteDenied(const EnforcerCase& denied);

    /// What a session that we did not let in was told; forgotten with a restart, and told once more then.
    void noteAdopted(const EnforcerCase& adopted, const radius::Told& told);
    [[nodiscard]] bool isAdopted(const radius::LiveSession& session, const radius::Told& told) const;
    /// Forgets those of this user that are not in the list.
    void keepAdopted(const std::string& usernameKey, const std::vector<radius::LiveSession>& sessions);

private:
    /// NAS key and Acct-Session-Id.
    using SessionName = std::pair<std::string, std::string>;

    std::uint64_t lastNumber_ = 0;
    /// In the order of their beginning.
    std::map<std::uint64_t, EnforcerCase> cases_;
    /// A tree: a table of a million that grows would stand still meanwhile.
    std::map<std::string, std::map<SessionName, std::uint64_t>> byUser_;
    std::map<SessionName, std::string> denied_;
    std::map<std::string, std::map<SessionName, radius::Told>> adopted_;
};

/// 5 s, doubling to 5 minutes.
[[nodiscard]] std::chrono::seconds refusalPause(int refusals);
/// Of a Disconnect that only money or the directory asks for: what is paused while the clock is in doubt.
[[nodiscard]] bool isCut(const EnforcerWish& wish);
/// What is in doubt becomes unlike `wanted`, so that it is told again.
[[nodiscard]] radius::Told withDoubt(radius::Told told, const EnforcerDoubt& doubt,
                                     const radius::Told& wanted);
/// None: nothing is to be done. `refused`: the case so far, of which a refused CoA becomes a Disconnect.
[[nodiscard]] std::optional<EnforcerWish> wishOf(const radius::EnforcementStep& step,
                                                 const EnforcerCase* refused);

}  // namespace gardu::app
