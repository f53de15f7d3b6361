#include "radius/user_sessions.h"

#include <algorithm>
#include <string_view>

#include "radius/nas_port.h"
#include "radius/session_book.h"

namespace gardu::radius {

namespace {

constexpr core::Milliseconds kLeastTolerance = core::Seconds(30);
constexpr int kToleranceDivisor = 500;
constexpr std::int64_t kLongestInterval = 3600;

/// A router's clock and its count of seconds part a little over a long session.
core::Milliseconds startTolerance(core::Milliseconds length) {
    return std::max(kLeastTolerance, length / kToleranceDivisor);
}

/// In force at `now`. The threads' times are not in order, by as long as a batch takes to become durable; a
/// clock that was set back further ends it.
bool isCurrent(core::Instant until, core::Instant now, core::Milliseconds lasts) {
    constexpr core::Milliseconds kDisorder = std::chrono::minutes(2);
    return now < until && until - now <= lasts + kDisorder;
}

std::string loginOf(const AccountingEvent& event) {
    return event.loginClass ? core::toText(event.loginClass->login) : std::string();
}

bool isSameDevice(const std::string& a, const std::string& b) {
    return !a.empty() && a == b;
}

template <class Placed>
bool isSamePlace(const LiveSession& session, const Placed& other) {
    return session.nasKey == other.nasKey && isSameDevice(session.callingStationId, other.callingStationId) &&
           NasPort::of(session).same(NasPort::of(other));
}

/// A login that names no port may be anywhere on its NAS.
bool isSamePortOrUnknown(const NasPort& login, const NasPort& port) {
    return !login.isKnown() || login.same(port);
}

/// The device that wants to come in is there already.
template <class Placed>
bool isOfDevice(const Placed& there, const SessionClaim& claim) {
    return there.nasKey == claim.nasKey && isSameDevice(there.callingStationId, claim.callingStationId) &&
           isSamePortOrUnknown(NasPort::of(claim), NasPort::of(there));
}

bool isSilent(const LiveSession& session, core::Instant now, int interimSeconds) {
    return now - session.heardAt > staleAfter(session.intervalSeconds, interimSeconds);
}

/// Another start, not the same one told inexactly.
bool isLater(core::Instant began, core::Instant than, core::Milliseconds length) {
    return began > than + startTolerance(length);
}

template <class T>
void fill(std::optional<T>& field, const std::optional<T>& value) {
    if (!field) {
        field = value;
    }
}

void fill(std::string& field, const std::string& value) {
    if (field.empty()) {
        field = value;
    }
}

/// Closed, and nothing that was heard since opens it again: a Stop is final, and what is late says nothing.
bool isOver(const Session& stored, const LiveSession& session) {
    return stored.closedBy == ClosedBy::Stop || stored.heardAt >= session.heardAt ||
           stored.lastSeenAt >= session.lastSeenAt;
}

LiveSession sessionOf(const AccountingEvent& event, const std::string& owner) {
    LiveSession session;
    session.nasId = event.arrival.nasId;
    session.nasKey = event.arrival.nasKey;
    session.source = event.arrival.source;
    session.username = event.username;
    session.usernameKey = owner;
    session.acctSessionId = event.acctSessionId;
    session.loginId = loginOf(event);
    session.callingStationId = event.callingStationId;
    session.nasPort = event.nasPort;
    session.nasPortId = event.nasPortId;
    session.framedIp = event.framedIp;
    session.nasIp = event.nasIp;
    session.startedAt = event.startEstimate().value_or(event.happenedAt);
    session.lastSeenAt = event.happenedAt;
    session.heardAt = event.arrival.receivedAt;
    if (event.loginClass) {
        session.told = event.loginClass->told;
    }
    return session;
}

void refreshStart(LiveSession& session, bool& startKnown, const AccountingEvent& event) {
    const auto began = event.startEstimate();
    if (began && (!startKnown || event.status == AcctStatus::Start)) {
        session.startedAt = *began;
        startKnown = true;
    }
}

template <class T>
void take(std::optional<T>& field, const std::optional<T>& value) {
    if (value) {
        field = value;
    }
}

/// By what the NAS knows it now, from a later packet or row: one login's Acct-Session-Id may change.
template <class Newer>
void takeNames(LiveSession& session, const Newer& newer) {
    session.username = newer.username;
    session.acctSessionId = newer.acctSessionId;
    take(session.framedIp, newer.framedIp);
    take(session.nasIp, newer.nasIp);
}

template <class From>
void takeNas(LiveSession& session, const From& from) {
    session.nasId = from.nasId;
    session.nasKey = from.nasKey;
    session.source = from.source;
}

/// As the book takes it: a silence of the whole NAS says something only while nothing else does.
void takePause(LiveSession& session, core::Instant arrival, core::Instant nasReturnedAt) {
    if (nasReturnedAt <= session.heardAt || session.intervalSeconds == 0) {
        const auto pause = std::chrono::floor<core::Seconds>(arrival - session.heardAt).count();
        session.intervalSeconds =
            std::max(session.intervalSeconds, std::min<std::int64_t>(pause, kLongestInterval));
    }
}

void refresh(LiveSession& session, const AccountingEvent& event, core::Instant nasReturnedAt) {
    if (event.happenedAt > session.lastSeenAt) {
        takePause(session, event.arrival.receivedAt, nasReturnedAt);
        session.lastSeenAt = event.happenedAt;
        takeNames(session, event);
        takeNas(session, event.arrival);
    }
    if (event.arrival.receivedAt >= session.heardAt) {
        session.heardAt = event.arrival.receivedAt;
    }
    fill(session.framedIp, event.framedIp);
    fill(session.nasIp, event.nasIp);
    fill(session.loginId, loginOf(event));
    fill(session.callingStationId, event.callingStationId);
    fill(session.nasPort, event.nasPort);
    fill(session.nasPortId, event.nasPortId);
    if (!session.told && event.loginClass) {
        session.told = event.loginClass->told;
    }
}

}  // namespace

struct UserSessions::Names {
    std::string_view nasKey;
    std::string_view acctSessionId;
    std::string_view loginId;

    [[nodiscard]] bool sameLogin(const Names& other) const {
        return !loginId.empty() && loginId == other.loginId;
    }
    [[nodiscard]] bool sameOnNas(const Names& other) const {
        return nasKey == other.nasKey && acctSessionId == other.acctSessionId;
    }
    [[nodiscard]] bool same(const Names& other) const {
        const bool both = !loginId.empty() && !other.loginId.empty();
        return both ? loginId == other.loginId : sameOnNas(other);
    }
    template <class Named>
    static Names of(const Named& named) {
        return {named.nasKey, named.acctSessionId, named.loginId};
    }
};

void UserSessions::forgetOld(core::Instant now) {
    std::erase_if(claims_, [&](const Claim& claim) { return !isCurrent(claim.until, now, kClaimTime); });
    std::erase_if(stops_, [&](const Stop& stop) { return !isCurrent(stop.until, now, kStopTime); });
}

std::size_t UserSessions::countAgainst(const SessionClaim& claim) const {
    const auto counts = [&](const Held& held) {
        return !isOfDevice(held.session, claim) && !isSilent(held.session, claim.now, claim.interimSeconds);
    };
    return claims_.size() +
           static_cast<std::size_t>(std::count_if(sessions_.begin(), sessions_.end(), counts));
}

Claimed UserSessions::claim(const SessionClaim& claim) {
    forgetOld(claim.now);
    std::erase_if(claims_, [&](const Claim& other) {
        return other.loginId == claim.loginId || isOfDevice(other, claim);
    });
    const std::size_t limit = claim.limit ? static_cast<std::size_t>(std::max(*claim.limit, 0)) : 0;
    const bool isFull = claim.limit && countAgainst(claim) >= limit;
    if (isFull && claim.policy == billing::SimultaneousPolicy::RejectNew) {
        return Claimed::Refused;
    }
    if (claims_.size() >= std::max(kMostClaims, limit)) {
        claims_.erase(claims_.begin());
    }
    claims_.push_back({claim.loginId, claim.callingStationId, claim.nasKey, claim.nasPort, claim.nasPortId,
                       claim.told, claim.now + kClaimTime});
    return isFull ? Claimed::GrantedReplacing : Claimed::Granted;
}

void UserSessions::release(const core::Uuid& loginId) {
    std::erase_if(claims_, [&](const Claim& claim) { return claim.loginId == loginId; });
}

/// A NAS that sends no Class back is known by the device.
std::optional<UserSessions::Claim> UserSessions::bindClaim(const AccountingEvent& event) {
    const auto isOf = [&](const Claim& claim) {
        return event.loginClass ? claim.loginId == event.loginClass->login
                                : claim.nasKey == event.arrival.nasKey &&
                                      isSameDevice(claim.callingStationId, event.callingStationId) &&
                                      isSamePortOrUnknown(NasPort::of(claim), NasPort::of(event));
    };
    const auto found = std::find_if(claims_.begin(), claims_.end(), isOf);
    if (found == claims_.end()) {
        return std::nullopt;
    }
    Claim claim = std::move(*found);
    claims_.erase(found);
    return claim;
}

/// A Start without a Class is of the login whose claim it binds, and was told what that was.
UserSessions::Held UserSessions::begun(const AccountingEvent& event, const std::string& owner,
                                       const std::optional<Claim>& claim) {
    Held held{sessionOf(event, owner), event.startEstimate().has_value(), false};
    if (claim && !event.loginClass && event.status == AcctStatus::Start) {
        held.session.loginId = core::toText(claim->loginId);
        held.session.told = claim->told;
        held.toldSince = claim->told.has_value();
    }
    return held;
}

UserSessions::Held* UserSessions::find(const Names& names) {
    const auto at = std::find_if(sessions_.begin(), sessions_.end(),
                                 [&](const Held& held) { return Names::of(held.session).same(names); });
    return at == sessions_.end() ? nullptr : &*at;
}

bool UserSessions::hear(const AccountingEvent& event, const std::string& owner, const Surroundings& around) {
    const std::string login = loginOf(event);
    const Names names{event.arrival.nasKey, event.acctSessionId, login};
    forgetOld(event.arrival.receivedAt);
    const std::optional<Claim> claim = bindClaim(event);
    if (event.status == AcctStatus::Stop) {
        hearStop(event, names);
        return false;
    }
    if (hasStopped(names, event.startEstimate().value_or(event.happenedAt))) {
        return false;
    }
    Held* held = find(names);
    if (held == nullptr) {
        return add(begun(event, owner, claim), around.mayOpen);
    }
    switch (compare(*held, event, names)) {
        case Which::Same:
            refresh(held->session, event, around.nasReturnedAt);
            refreshStart(held->session, held->startKnown, event);
            return false;
        case Which::Former:
            return false;
        case Which::Next:
            break;
    }
    remove(held);
    return add(begun(event, owner, claim), around.mayOpen);
}

/// Whether an event with the names of a session is its own: a NAS gives its ids again after a reboot.
UserSessions::Which UserSessions::compare(const Held& held, const AccountingEvent& event,
                                          const Names& names) {
    if (Names::of(held.session).sameLogin(names)) {
        return Which::Same;
    }
    const auto began = event.startEstimate();
    const core::Instant start = began.value_or(event.happenedAt);
    const core::Milliseconds length = event.happenedAt - start;
    if (began && isLater(start, held.session.startedAt, length)) {
        return Which::Next;
    }
    const bool isFormer = held.startKnown && isLater(held.session.startedAt, start, length);
    return isFormer ? Which::Former : Which::Same;
}

void UserSessions::hearStop(const AccountingEvent& event, const Names& names) {
    if (const Held* held = find(names)) {
        if (compare(*held, event, names) == Which::Former) {
            return;
        }
        remove(held);
    }
    if (stops_.size() >= kMostStops) {
        stops_.erase(stops_.begin());
    }
    stops_.push_back({std::string(names.nasKey), std::string(names.acctSessionId), std::string(names.loginId),
                      event.happenedAt, event.arrival.receivedAt + kStopTime});
}

bool UserSessions::hasStopped(const Names& names, core::Instant start) const {
    return std::any_of(stops_.begin(), stops_.end(), [&](const Stop& stop) {
        const Names stopped = Names::of(stop);
        return stopped.sameLogin(names) || (stopped.same(names) && start <= stop.stoppedAt);
    });
}

/// The same device began another session on the same port since.
bool UserSessions::isSuperseded(const LiveSession& session) const {
    return std::any_of(sessions_.begin(), sessions_.end(), [&](const Held& held) {
        const LiveSession& other = held.session;
        const bool sameOnNas = Names::of(other).sameOnNas(Names::of(session));
        return (sameOnNas || isSamePlace(other, session)) && other.startedAt > session.startedAt;
    });
}

bool UserSessions::add(Held held, bool mayOpen) {
    if (!mayOpen || sessions_.size() >= kMostSessions || isSuperseded(held.session)) {
        return false;
    }
    std::erase_if(sessions_, [&](const Held& other) {
        return Names::of(other.session).sameOnNas(Names::of(held.session)) ||
               isSamePlace(other.session, held.session);
    });
    sessions_.push_back(std::move(held));
    return true;
}

void UserSessions::remove(const Held* held) {
    sessions_.erase(sessions_.begin() + (held - sessions_.data()));
}

void UserSessions::put(const Session& stored, const std::string& owner, bool mayOpen) {
    const Names names = Names::of(stored);
    Held* held = find(names);
    const core::Milliseconds length = core::Seconds(stored.sessionTime);
    if (held != nullptr && !Names::of(held->session).sameLogin(names)) {
        if (isLater(held->session.startedAt, stored.startedAt, length)) {
            return;  // the NAS gave the id again, and the database does not know it yet
        }
        if (isLater(stored.startedAt, held->session.startedAt, length)) {
            remove(held);
            held = nullptr;
        }
    }
    if (held == nullptr) {
        if (stored.isOpen() && !hasStopped(names, stored.startedAt)) {
            LiveSession session = liveSession(stored);
            session.usernameKey = owner;
            static_cast<void>(add({std::move(session), true, false}, mayOpen));
        }
    } else if (stored.isOpen()) {
        merge(*held, stored);
    } else if (isOver(stored, held->session)) {
        remove(held);
    }
}

void UserSessions::merge(Held& held, const Session& stored) {
    LiveSession& session = held.session;
    session.id = stored.id;
    if (stored.startSeen || !held.startKnown) {
        session.startedAt = stored.startedAt;
        held.startKnown = true;
    }
    if (stored.lastSeenAt >= session.lastSeenAt) {
        session.lastSeenAt = stored.lastSeenAt;
        takeNames(session, stored);
        takeNas(session, stored);
    }
    session.heardAt = std::max(session.heardAt, stored.heardAt);
    session.intervalSeconds = std::max(session.intervalSeconds, stored.intervalSeconds);
    session.octets = std::max(session.octets, stored.octets.input + stored.octets.output);
    if (!held.toldSince && stored.told) {
        session.told = stored.told;
    }
}

/// Not one that began later under the same names.
UserSessions::Held* UserSessions::findThis(const LiveSession& session) {
    Held* held = find(Names::of(session));
    if (held == nullptr) {
        return nullptr;
    }
    const LiveSession& found = held->session;
    if (found.id != 0 && session.id != 0) {
        return found.id == session.id ? held : nullptr;
    }
    return isLater(found.startedAt, session.startedAt, {}) ? nullptr : held;
}

void UserSessions::setTold(const LiveSession& session, const Told& told) {
    if (Held* held = findThis(session)) {
        held->session.told = told;
        held->toldSince = true;
    }
}

void UserSessions::erase(const LiveSession& session) {
    if (const Held* held = findThis(session)) {
        remove(held);
    }
}

void UserSessions::endBefore(const std::string& nasKey, core::Instant bootedAt) {
    std::erase_if(sessions_, [&](const Held& held) {
        return held.session.nasKey == nasKey && held.session.startedAt < bootedAt &&
               held.session.lastSeenAt <= bootedAt;
    });
}

std::vector<LiveSession> UserSessions::sessions() const {
    std::vector<LiveSession> copies;
    copies.reserve(sessions_.size());
    for (const Held& held : sessions_) {
        copies.push_back(held.session);
    }
    return copies;
}

bool UserSessions::isSpent(core::Instant now) const {
    const auto isCurrentClaim = [&](const Claim& claim) { return isCurrent(claim.until, now, kClaimTime); };
    const auto isCurrentStop = [&](const Stop& stop) { return isCurrent(stop.until, now, kStopTime); };
    return sessions_.empty() && std::none_of(claims_.begin(), claims_.end(), isCurrentClaim) &&
           std::none_of(stops_.begin(), stops_.end(), isCurrentStop);
}

}  // namespace gardu::radius
