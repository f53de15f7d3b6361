#pragma once
// The open sessions and claims of one user name: which packet belongs to which session, and who may still
// come in. Pure; its owner locks it.

#include <cstddef>
#include <string>
#include <vector>

#include "radius/accounting_event.h"
#include "radius/live_session.h"

namespace gardu::radius {

class UserSessions {
public:
    /// A claim that no Start binds ends after this.
    static constexpr core::Seconds kClaimTime{30};
    /// How long an Interim that comes after its Stop is known to be late.
    static constexpr core::Seconds kStopTime{60};
    /// Stops that are remembered; claims where no limit is set.
    static constexpr std::size_t kMostStops = 4;
    static constexpr std::size_t kMostClaims = 16;
    /// More are not taken in: one name that thousands use is possible, a packet a session is not.
    static constexpr std::size_t kMostSessions = 10'000;

    [[nodiscard]] Claimed claim(const SessionClaim& claim);
    void release(const core::Uuid& loginId);
    /// What a packet does not say.
    struct Surroundings {
        bool mayOpen = true;
        /// When its NAS came back from its last silence.
        core::Instant nasReturnedAt = {};
    };
    /// A Start, Interim or Stop of this user. True where a session was opened; it belongs to `owner`.
    bool hear(const AccountingEvent& event, const std::string& owner, const Surroundings& around);
    void put(const Session& stored, const std::string& owner, bool mayOpen);
    void setTold(const LiveSession& session, const Told& told);
    void erase(const LiveSession& session);
    /// The NAS began anew: what began before it and was not seen since is over.
    void endBefore(const std::string& nasKey, core::Instant bootedAt);

    [[nodiscard]] std::vector<LiveSession> sessions() const;
    [[nodiscard]] std::size_t size() const { return sessions_.size(); }
    /// Nothing in it is of use any more.
    [[nodiscard]] bool isSpent(core::Instant now) const;

private:
    struct Claim {
        core::Uuid loginId;
        std::string callingStationId;
        std::string nasKey;
        std::optional<std::uint32_t> nasPort;
        std::string nasPortId;
        std::optional<Told> told;
        core::Instant until;
    };
    struct Held {
        LiveSession session;
        /// Otherwise startedAt is only the time of the first packet.
        bool startKnown = false;
        /// told is later than what the Class says.
        bool toldSince = false;
    };
    struct Stop {
        std::string nasKey;
        std::string acctSessionId;
        std::string loginId;
        core::Instant stoppedAt;
        core::Instant until;
    };
    enum class Which { Same, Former, Next };
    /// What names a session, as views on an event or on a session.
    struct Names;

    void forgetOld(core::Instant now);
    [[nodiscard]] std::size_t countAgainst(const SessionClaim& claim) const;
    /// The claim that it was, if any.
    std::optional<Claim> bindClaim(const AccountingEvent& event);
    [[nodiscard]] static Held begun(const AccountingEvent& event, const std::string& owner,
                                    const std::optional<Claim>& claim);
    [[nodiscard]] Held* find(const Names& names);
    [[nodiscard]] Held* findThis(const LiveSession& session);
    [[nodiscard]] static Which compare(const Held& held, const AccountingEvent& event, const Names& names);
    void hearStop(const AccountingEvent& event, const Names& names);
    [[nodiscard]] bool hasStopped(const Names& names, core::Instant start) const;
    [[nodiscard]] bool isSuperseded(const LiveSession& session) const;
    bool add(Held held, bool mayOpen);
    void remove(const Held* held);
    static void merge(Held& held, const Session& stored);

    std::vector<Held> sessions_;
    std::vector<Claim> claims_;
    std::vector<Stop> stops_;
};

}  // namespace gardu::radius
