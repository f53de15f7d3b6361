#include "radius/session_book.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "core/check.h"
#include "radius/nas_boot.h"
#include "radius/session_counters.h"
#include "radius/session_match.h"
#include "radius/session_update.h"

namespace gardu::radius {

namespace {

constexpr core::Milliseconds kShortestSilence = std::chrono::minutes(10);
/// However long its NAS is silent too.
constexpr core::Milliseconds kLongestSilence = std::chrono::days(7);

Octets difference(const Octets& a, const Octets& b) {
    return {a.input - b.input, a.output - b.output};
}

void addTo(Octets& sum, const Octets& octets) {
    sum.input += octets.input;
    sum.output += octets.output;
}

bool hasCounters(const AccountingEvent& event) {
    return event.input.octets || event.output.octets;
}

/// Of the time that the NAS was heard.
core::Milliseconds silenceOf(const Session& session, const NasBoot& boot) {
    return boot.heardAt - std::max(session.heardAt, boot.returnedAt);
}

}  // namespace

SessionBook::SessionBook(core::Zone zone, std::function<std::int64_t()> nextId)
    : zone_(std::move(zone)), nextId_(std::move(nextId)) {}

// The working set.

void SessionBook::load(Session session) {
    if (!holds(session.id)) {
        hold(std::move(session));
    }
}

void SessionBook::loadBoot(NasBoot boot) {
    std::string key = boot.nasKey;
    boots_.try_emplace(std::move(key), HeldBoot{std::move(boot)});
}

bool SessionBook::holds(std::int64_t sessionId) const {
    return sessions_.contains(sessionId);
}

void SessionBook::forget() {
    sessions_.clear();
    byAcctId_.clear();
    byLogin_.clear();
    byUser_.clear();
    boots_.clear();
    usage_.clear();
    usageAt_.clear();
}

SessionBook::Held& SessionBook::hold(Session session) {
    const std::int64_t id = session.id;
    byAcctId_[session.acctSessionId].push_back(id);
    byUser_[session.usernameKey].push_back(id);
    if (!session.loginId.empty()) {
        byLogin_[session.loginId].push_back(id);
    }
    return sessions_.insert_or_assign(id, Held{std::move(session)}).first->second;
}

NasBoot& SessionBook::bootOf(const std::string& nasKey) {
    HeldBoot& held = boots_[nasKey];
    held.boot.nasKey = nasKey;
    held.changed = true;
    return held.boot;
}

std::vector<const Session*> SessionBook::changedSessions() const {
    std::vector<const Session*> changed;
    for (const auto& [id, held] : sessions_) {
        if (held.changed) {
            changed.push_back(&held.session);
        }
    }
    return changed;
}

std::vector<const Session*> SessionBook::touchedSessions() const {
    std::vector<const Session*> touched;
    for (const auto& [id, held] : sessions_) {
        if (held.changed || held.touched) {
            touched.push_back(&held.session);
        }
    }
    return touched;
}

std::vector<std::string> SessionBook::touchedSubscriptions() const {
    std::vector<std::string> ids;
    for (const Session* session : touchedSessions()) {
        if (!session->subscriptionId.empty()) {
            ids.push_back(session->subscriptionId);
        }
    }
    return ids;
}

bool SessionBook::identityChanged(std::int64_t sessionId) const {
    const auto found = sessions_.find(sessionId);
    return found != sessions_.end() && found->second.identityChanged;
}

std::vector<const NasBoot*> SessionBook::changedBoots() const {
    std::vector<const NasBoot*> changed;
    for (const auto& [key, held] : boots_) {
        if (held.changed) {
            changed.push_back(&held.boot);
        }
    }
    return changed;
}

std::vector<const Session*> SessionBook::sessionsIn(const Index& index, const std::string& text) const {
    std::vector<const Session*> sessions;
    if (const auto found = index.find(text); found != index.end()) {
        for (const std::int64_t id : found->second) {
            sessions.push_back(&sessions_.at(id).session);
        }
    }
    return sessions;
}

SessionBook::Held* SessionBook::find(const AccountingEvent& event) {
    std::vector<const Session*> candidates = sessionsIn(byLogin_, loginIdOf(event));
    const std::vector<const Session*> named = sessionsIn(byAcctId_, event.acctSessionId);
    candidates.insert(candidates.end(), named.begin(), named.end());
    const Session* session = matchSession(candidates, event);
    return session == nullptr ? nullptr : &sessions_.at(session->id);
}

SessionBook::Held* SessionBook::findNamed(const std::string& nasKey, const std::string& acctSessionId,
                                          const std::string& loginId) {
    const Session* last = nullptr;
    const auto rank = [&](const Session* session) {
        return std::tuple(session->acctSessionId == acctSessionId, session->isOpen(), session->startedAt);
    };
    for (const Session* session : sessionsIn(byLogin_, loginId)) {
        if (last == nullptr || rank(last) < rank(session)) {
            last = session;
        }
    }
    if (last != nullptr) {
        return &sessions_.at(last->id);
    }
    for (const Session* session : sessionsIn(byAcctId_, acctSessionId)) {
        const bool canBe = session->nasKey == nasKey && session->acctSessionId == acctSessionId &&
                           (loginId.empty() || session->loginId.empty());
        if (canBe && (last == nullptr || rank(last) < rank(session))) {
            last = session;
        }
    }
    return last == nullptr ? nullptr : &sessions_.at(last->id);
}

template <class Change>
bool SessionBook::edit(Held& held, const Change& change) {
    const Session before = held.session;
    change(held.session);
    const bool isChanged = held.session != before;
    held.changed = held.changed || isChanged;
    held.identityChanged = held.identityChanged || (isChanged && !hasSameIdentity(before, held.session));
    // A session that is known by its login may get another Acct-Session-Id.
    if (held.session.acctSessionId != before.acctSessionId) {
        byAcctId_[held.session.acctSessionId].push_back(before.id);
    }
    if (held.session.loginId != before.loginId) {
        byLogin_[held.session.loginId].push_back(before.id);
    }
    return isChanged;
}

// A packet.

bool SessionBook::mayEndSessions(const AccountingEvent& event, const std::optional<NasBoot>& boot) {
    return event.isOfNas() || (boot && beginsNextBoot(*boot, event));
}

Applied SessionBook::apply(const AccountingEvent& event, const EventFacts& facts) {
    noteArrival(bootOf(event.arrival.nasKey), event.arrival.receivedAt);
    return event.isOfNas() ? applyToNas(event) : applyToSession(event, facts);
}

Applied SessionBook::applyToNas(const AccountingEvent& event) {
    NasBoot& boot = bootOf(event.arrival.nasKey);
    const NasBoot before = boot;
    noteServiceChange(boot, event.happenedAt);
    bool isChanged = boot != before;
    for (auto& [id, held] : sessions_) {
        const Session& session = held.session;
        if (session.isOpen() && session.nasKey == boot.nasKey && isEndedAt(event.happenedAt, session)) {
            closeAtLastSeen(held, ClosedBy::NasReboot);
            isChanged = true;
        }
    }
    return isChanged ? Applied::Yes : Applied::Nothing;
}

Applied SessionBook::applyToSession(const AccountingEvent& event, const EventFacts& facts) {
    NasBoot& boot = bootOf(event.arrival.nasKey);
    const bool isNextBoot = beginsNextBoot(boot, event);
    noteDigit(boot, event);
    Held* found = find(event);
    Held& held = found == nullptr ? begin(event) : *found;
    held.touched = true;
    bool isTrue = true;
    const bool isChanged = edit(held, [&](Session& session) { isTrue = take(session, event, facts); });
    settle(held);
    if (isNextBoot) {
        settleAllOf(boot.nasKey);
    }
    if (!isTrue) {
        return Applied::AbsurdCounters;
    }
    return found == nullptr || isChanged ? Applied::Yes : Applied::Nothing;
}

SessionBook::Held& SessionBook::begin(const AccountingEvent& event) {
    Session session = sessionOf(event);
    session.id = nextId_();
    session.hourStart = zone_.startOfHour(session.startedAt);
    Held& held = hold(std::move(session));
    held.changed = true;
    held.identityChanged = true;
    return held;
}

bool SessionBook::take(Session& session, const AccountingEvent& event, const EventFacts& facts) {
    if (isLater(session, event) && session.closedBy != ClosedBy::Stop) {
        reopen(session);
    }
    const bool isStop = event.status == AcctStatus::Stop && session.closedBy != ClosedBy::Stop;
    takeSubscription(session, facts.subscriptionId);
    const bool isTrue = takeCounters(session, event, facts);
    takeIdentity(session, event);
    takeTimes(session, event, bootOf(event.arrival.nasKey));
    if (isStop) {
        setClosed(session, ClosedBy::Stop, event.happenedAt);
        session.terminateCause = event.terminateCause;
        flushHour(session);
    }
    return isTrue;
}

void SessionBook::closeAtLastSeen(Held& held, ClosedBy closedBy) {
    edit(held, [&](Session& session) {
        setClosed(session, closedBy, session.lastSeenAt);
        flushHour(session);
    });
}

void SessionBook::settle(Held& held) {
    const Session& session = held.session;
    const auto boot = boots_.find(session.nasKey);
    if (session.isOpen() && boot != boots_.end() && isEndedBy(boot->second.boot, session)) {
        closeAtLastSeen(held, ClosedBy::NasReboot);
    }
    std::vector<const Session*> others = sessionsIn(byAcctId_, session.acctSessionId);
    const std::vector<const Session*> ofUser = sessionsIn(byUser_, session.usernameKey);
    others.insert(others.end(), ofUser.begin(), ofUser.end());
    for (const Session* other : others) {
        if (other->isOpen() && supersedes(session, *other)) {
            closeAtLastSeen(sessions_.at(other->id), ClosedBy::Superseded);
        }
        if (session.isOpen() && supersedes(*other, session)) {
            closeAtLastSeen(held, ClosedBy::Superseded);
        }
    }
}

void SessionBook::settleAllOf(const std::string& nasKey) {
    for (auto& [id, held] : sessions_) {
        if (held.session.isOpen() && held.session.nasKey == nasKey) {
            settle(held);
        }
    }
}

// Counters and usage.

void SessionBook::takeSubscription(Session& session, const std::string& subscriptionId) {
    if (!session.subscriptionId.empty() || subscriptionId.empty()) {
        return;
    }
    session.subscriptionId = subscriptionId;
    session.hourStart = zone_.startOfHour(session.startedAt);
    attribute(session, session.startedAt, session.countedAt, session.octets);
}

bool SessionBook::takeCounters(Session& session, const AccountingEvent& event, const EventFacts& facts) {
    if (!hasCounters(event)) {
        return true;
    }
    const SessionCounters counters = mergeCounters(session, event);
    if (isAbsurd(session, event, counters, facts.bitsPerSecond)) {
        return false;
    }
    const Octets delta = difference(counters.octets, session.octets);
    session.octets = counters.octets;
    session.inputTrail = counters.input;
    session.outputTrail = counters.output;
    attribute(session, session.countedAt, event.happenedAt, delta);
    if (delta != Octets{} || isLater(session, event)) {
        session.countedAt = std::max(session.countedAt, event.happenedAt);
    }
    return true;
}

void SessionBook::attribute(Session& session, core::Instant from, core::Instant to, const Octets& delta) {
    if (session.subscriptionId.empty()) {
        return;
    }
    for (const HourPart& part : splitByHour(zone_, from, to, delta)) {
        enterHour(session, part.hourStart);
        if (session.isOpen() && part.hourStart == session.hourStart) {
            addTo(session.hourOctets, part.octets);
        } else {
            emit(session, part.hourStart, part.octets);
        }
    }
    enterHour(session, zone_.startOfHour(to));
}

void SessionBook::enterHour(Session& session, core::Instant hourStart) {
    if (session.isOpen() && hourStart > session.hourStart) {
        flushHour(session);
        session.hourStart = hourStart;
    }
}

void SessionBook::flushHour(Session& session) {
    emit(session, session.hourStart, session.hourOctets);
    session.hourOctets = {};
}

void SessionBook::emit(const Session& session, core::Instant hourStart, const Octets& octets) {
    core::check(octets.input >= 0 && octets.output >= 0, "usage is not negative");
    if (session.subscriptionId.empty() || octets == Octets{}) {
        return;
    }
    const auto [at, isNew] = usageAt_.try_emplace({session.id, hourStart}, usage_.size());
    if (isNew) {
        usage_.push_back({session.subscriptionId, session.id, hourStart, octets});
    } else {
        addTo(usage_.at(at->second).octets, octets);
    }
}

// Besides packets.

void SessionBook::markGone(const std::string& nasKey, const std::string& acctSessionId,
                           const std::string& loginId, core::Instant askedAt) {
    Held* held = findNamed(nasKey, acctSessionId, loginId);
    if (held != nullptr && held->session.isOpen() && held->session.heardAt <= askedAt) {
        closeAtLastSeen(*held, ClosedBy::Gone);
    }
}

void SessionBook::markTold(const std::string& nasKey, const std::string& acctSessionId,
                           const std::string& loginId, const Told& told) {
    if (Held* held = findNamed(nasKey, acctSessionId, loginId)) {
        edit(*held, [&](Session& session) { session.told = told; });
    }
}

void SessionBook::age(core::Instant now, const StaleLimits& limits) {
    for (auto& [id, held] : sessions_) {
        const Session& session = held.session;
        if (!session.isOpen()) {
            continue;
        }
        const auto boot = boots_.find(session.nasKey);
        const auto silence =
            boot == boots_.end() ? core::Milliseconds(0) : silenceOf(session, boot->second.boot);
        const auto limit = staleAfter(session.intervalSeconds, limits.interimSeconds);
        if (silence > 2 * limit || now - session.heardAt > kLongestSilence) {
            closeAtLastSeen(held, ClosedBy::Stale);
        } else if (silence > limit) {
            edit(held, [](Session& silent) { silent.state = SessionState::Unknown; });
        }
    }
}

core::Milliseconds staleAfter(std::int64_t intervalSeconds, int interimSeconds) {
    const std::int64_t expected = intervalSeconds > 0 ? intervalSeconds : interimSeconds;
    return std::max<core::Milliseconds>(core::Milliseconds(expected * 2500), kShortestSilence);
}

}  // namespace gardu::radius
