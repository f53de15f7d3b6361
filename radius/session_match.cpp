#include "radius/session_match.h"

#include <algorithm>
#include <tuple>

#include "core/ids.h"
#include "radius/nas_port.h"

namespace gardu::radius {

namespace {

constexpr int kDriftDivisor = 500;

bool canBeSame(const Session& session, const AccountingEvent& event, const std::string& loginId) {
    const bool logins = session.loginId.empty() || loginId.empty();
    return logins && session.nasKey == event.arrival.nasKey && session.acctSessionId == event.acctSessionId &&
           session.usernameKey == event.usernameKey;
}

/// The only thing that is known of its start is that it was not later.
bool isStartUnknown(const Session& session) {
    return !session.startSeen && session.sessionTime == 0;
}

std::int64_t totalOf(const ReportedOctets& reported) {
    return static_cast<std::int64_t>(reported.gigawords.value_or(0)) << 32 | reported.octets.value_or(0);
}

/// Less was counted than is known from before. Without gigawords it may have wrapped.
bool hasFallen(const ReportedOctets& reported, std::int64_t known) {
    return reported.octets && reported.gigawords && totalOf(reported) < known;
}

/// Whether the later of both tells less than the earlier one: the later is of another session.
bool countsAnew(const Session& session, const AccountingEvent& event) {
    if (event.happenedAt < session.lastSeenAt) {
        return session.sessionTime < event.sessionTime.value_or(0);
    }
    return event.happenedAt > session.lastSeenAt &&
           (event.sessionTime.value_or(0) < session.sessionTime ||
            hasFallen(event.input, session.octets.input) || hasFallen(event.output, session.octets.output));
}

core::Instant endOf(const Session& session) {
    return session.closedBy == ClosedBy::Stop ? session.stoppedAt.value_or(session.lastSeenAt)
                                              : session.lastSeenAt;
}

/// Whether both were there at one time. An id is of one session at a time, so a start that seems later is of
/// a packet that was delayed without a word. What begins or ends by its NAS's word does so at that time.
bool isAtOnce(const Session& session, const AccountingEvent& event, core::Instant start) {
    const bool isAfter = event.status == AcctStatus::Start || session.closedBy == ClosedBy::Stop;
    const bool isBefore = event.status == AcctStatus::Stop || session.startSeen;
    const core::Milliseconds none(0);
    return start <= endOf(session) + (isAfter ? none : kStartTolerance) &&
           session.startedAt <= event.happenedAt + (isBefore ? none : kStartTolerance);
}

/// A login that comes with another Acct-Session-Id is of the same session, unless one was over when the other
/// began: a NAS that keeps the keys of a device counts anew without asking again.
bool isOtherOfLogin(const Session& session, const AccountingEvent& event) {
    const auto start = event.startEstimate();
    if (!start || session.acctSessionId == event.acctSessionId) {
        return false;
    }
    return *start > endOf(session) + kStartTolerance ||
           session.startedAt > event.happenedAt + kStartTolerance;
}

/// Of sessions with one login the event is of the highest.
auto loginRank(const Session& session, const AccountingEvent& event) {
    return std::tuple(session.acctSessionId == event.acctSessionId, session.isOpen(), session.startedAt);
}

core::Milliseconds apart(const Session& session, core::Instant start) {
    return std::chrono::abs(session.startedAt - start);
}

const Session* atOnce(const std::vector<const Session*>& candidates, const AccountingEvent& event,
                      core::Instant start) {
    const Session* nearest = nullptr;
    for (const Session* session : candidates) {
        const bool isNearer = nearest == nullptr || apart(*session, start) < apart(*nearest, start);
        if (isNearer && isAtOnce(*session, event, start) && !countsAnew(*session, event)) {
            nearest = session;
        }
    }
    return nearest;
}

const Session* withStart(const std::vector<const Session*>& candidates, const AccountingEvent& event,
                         core::Instant start) {
    const Session* nearest = nullptr;
    const Session* unknown = nullptr;
    for (const Session* session : candidates) {
        const std::int64_t length =
            std::max<std::int64_t>(session->sessionTime, event.sessionTime.value_or(0));
        const bool isNearer = nearest == nullptr || apart(*session, start) < apart(*nearest, start);
        if (apart(*session, start) <= startTolerance(length) && isNearer) {
            nearest = session;
        }
        if (isStartUnknown(*session) && start <= session->startedAt &&
            (unknown == nullptr || session->startedAt < unknown->startedAt)) {
            unknown = session;
        }
    }
    if (nearest == nullptr) {
        nearest = atOnce(candidates, event, start);
    }
    return nearest != nullptr ? nearest : unknown;
}

const Session* lastBefore(const std::vector<const Session*>& candidates, core::Instant happenedAt) {
    const Session* last = nullptr;
    const auto rank = [](const Session* session) {
        return std::tuple(session->isOpen(), session->startedAt);
    };
    for (const Session* session : candidates) {
        const bool beganBefore = session->startedAt <= happenedAt + kStartTolerance;
        if (beganBefore && (last == nullptr || rank(last) < rank(session))) {
            last = session;
        }
    }
    return last;
}

}  // namespace

core::Milliseconds startTolerance(std::int64_t sessionSeconds) {
    return std::max<core::Milliseconds>(kStartTolerance,
                                        core::Milliseconds(core::Seconds(sessionSeconds)) / kDriftDivisor);
}

std::string loginIdOf(const AccountingEvent& event) {
    return event.loginClass ? core::toText(event.loginClass->login) : "";
}

const Session* matchSession(const std::vector<const Session*>& candidates, const AccountingEvent& event) {
    const std::string loginId = loginIdOf(event);
    std::vector<const Session*> possible;
    const Session* ofLogin = nullptr;
    for (const Session* session : candidates) {
        if (!loginId.empty() && session->loginId == loginId && !isOtherOfLogin(*session, event) &&
            (ofLogin == nullptr || loginRank(*ofLogin, event) < loginRank(*session, event))) {
            ofLogin = session;
        }
        if (canBeSame(*session, event, loginId)) {
            possible.push_back(session);
        }
    }
    if (ofLogin != nullptr) {
        return ofLogin;
    }
    const auto start = event.startEstimate();
    return start ? withStart(possible, event, *start) : lastBefore(possible, event.happenedAt);
}

bool supersedes(const Session& newer, const Session& older) {
    const bool sameId = newer.acctSessionId == older.acctSessionId;
    const bool sameDevice = newer.usernameKey == older.usernameKey && !newer.callingStationId.empty() &&
                            newer.callingStationId == older.callingStationId &&
                            NasPort::of(newer).same(NasPort::of(older));
    const auto tolerance = startTolerance(std::max(newer.sessionTime, older.sessionTime));
    return newer.nasKey == older.nasKey && (sameId || sameDevice) &&
           newer.startedAt > older.startedAt + tolerance &&
           older.lastSeenAt <= newer.startedAt + kStartTolerance;
}

bool isLater(const Session& session, const AccountingEvent& event) {
    if (event.happenedAt <= session.lastSeenAt) {
        return false;
    }
    const bool isFurther =
        !event.sessionTime || session.sessionTime == 0 || *event.sessionTime > session.sessionTime;
    return isFurther || event.happenedAt > session.lastSeenAt + kStartTolerance;
}

}  // namespace gardu::radius
