#pragma once
// THE rules of accounting: which session a packet belongs to and what it changes. Holds a working set of
// sessions that its owner loads and stores; has no memory, time or SQL of its own. Pure; one thread's.
//
// The result does not depend on the order, repetition or loss of a session's packets, as far as what arrived
// tells it.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/calendar.h"
#include "radius/accounting_event.h"
#include "radius/session.h"
#include "radius/usage_split.h"

namespace gardu::radius {

/// What the event's packet does not say.
struct EventFacts {
    /// Of the user name or of the Class; "": nobody's.
    std::string subscriptionId;
    /// The most that this session can move, bits a second in one direction; 0: unknown. More than ten times
    /// as much is absurd.
    std::int64_t bitsPerSecond = 0;
};

enum class Applied {
    Yes,
    /// Says nothing new: a repetition, or late.
    Nothing,
    /// The counters cannot be true, so they were left out; the rest was applied.
    AbsurdCounters,
};

/// Where the silence of a session ends.
struct StaleLimits {
    /// Packets are expected this often where no pause was seen yet.
    int interimSeconds = 300;
};

class SessionBook {
public:
    /// `nextId` gives a new session its number.
    SessionBook(core::Zone zone, std::function<std::int64_t()> nextId);

    // The working set. For each event it has to hold, where they are stored: the sessions of its nasKey and
    // acctSessionId, those of its loginId, the open ones of its user on its NAS, and the NAS's boot; and all
    // open ones of the NAS where mayEndSessions() says so.
    void load(Session session);
    void loadBoot(NasBoot boot);
    [[nodiscard]] bool holds(std::int64_t sessionId) const;
    /// Whether this event may close other sessions of its NAS: Accounting-On, -Off, a new boot digit.
    [[nodiscard]] static bool mayEndSessions(const AccountingEvent& event,
                                             const std::optional<NasBoot>& boot);

    Applied apply(const AccountingEvent& event, const EventFacts& facts);
    /// The NAS says that it does not have this session (406 or 503 to a Disconnect or CoA sent at `askedAt`).
    /// Nothing happens where it was heard of later.
    void markGone(const std::string& nasKey, const std::string& acctSessionId, const std::string& loginId,
                  core::Instant askedAt);
    /// A CoA was acknowledged.
    void markTold(const std::string& nasKey, const std::string& acctSessionId, const std::string& loginId,
                  const Told& told);
    /// Unknown after max(2.5 intervals, 10 minutes) of silence while its NAS was heard, closed after twice
    /// that; the silence of a whole NAS does not count, up to seven days. For every loaded session.
    void age(core::Instant now, const StaleLimits& limits);

    // What is to be stored.
    [[nodiscard]] std::vector<const Session*> changedSessions() const;
    /// Those, and all that a packet was of.
    [[nodiscard]] std::vector<const Session*> touchedSessions() const;
    /// Those whose packets were applied.
    [[nodiscard]] std::vector<std::string> touchedSubscriptions() const;
    /// Of whose row in the table of the cold columns something changed (a subset of the changed ones).
    [[nodiscard]] bool identityChanged(std::int64_t sessionId) const;
    [[nodiscard]] std::vector<const NasBoot*> changedBoots() const;
    /// To be added to what is stored of the same session and hour; no part is negative, and there is at most
    /// one of a session and hour.
    [[nodiscard]] const std::vector<UsagePart>& usage() const { return usage_; }
    /// Empties the working set, once all of the above is stored.
    void forget();

private:
    struct Held {
        Session session;
        bool changed = false;
        bool identityChanged = false;
        bool touched = false;
    };
    struct HeldBoot {
        NasBoot boot;
        bool changed = false;
    };
    /// The numbers of the held sessions with a text: their Acct-Session-Id, login, user name key.
    using Index = std::unordered_map<std::string, std::vector<std::int64_t>>;

    Held& hold(Session session);
    NasBoot& bootOf(const std::string& nasKey);
    [[nodiscard]] std::vector<const Session*> sessionsIn(const Index& index, const std::string& text) const;
    [[nodiscard]] Held* find(const AccountingEvent& event);
    [[nodiscard]] Held* findNamed(const std::string& nasKey, const std::string& acctSessionId,
                                  const std::string& loginId);
    /// Calls `change(session)`; true where anything is not as before.
    template <class Change>
    bool edit(Held& held, const Change& change);

    Applied applyToNas(const AccountingEvent& event);
    Applied applyToSession(const AccountingEvent& event, const EventFacts& facts);
    Held& begin(const AccountingEvent& event);
    /// False where the counters cannot be true.
    bool take(Session& session, const AccountingEvent& event, const EventFacts& facts);
    void closeAtLastSeen(Held& held, ClosedBy closedBy);
    /// Closes it, and the others, as the rules say that cannot all be open.
    void settle(Held& held);
    void settleAllOf(const std::string& nasKey);

    void takeSubscription(Session& session, const std::string& subscriptionId);
    bool takeCounters(Session& session, const AccountingEvent& event, const EventFacts& facts);
    void attribute(Session& session, core::Instant from, core::Instant to, const Octets& delta);
    void enterHour(Session& session, core::Instant hourStart);
    void flushHour(Session& session);
    void emit(const Session& session, core::Instant hourStart, const Octets& octets);

    core::Zone zone_;
    std::function<std::int64_t()> nextId_;
    std::map<std::int64_t, Held> sessions_;
    Index byAcctId_;
    Index byLogin_;
    Index byUser_;
    std::map<std::string, HeldBoot> boots_;
    std::vector<UsagePart> usage_;
    /// Where in usage_ the part of a session and hour is.
    std::map<std::pair<std::int64_t, core::Instant>, std::size_t> usageAt_;
};

/// How long a session may be silent before its state is unknown: max(2.5 intervals, 10 minutes).
[[nodiscard]] core::Milliseconds staleAfter(std::int64_t intervalSeconds, int interimSeconds);

}  // namespace gardu::radius
