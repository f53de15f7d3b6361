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

const Session* withStart(const std::vector<const Session*>& candidates, const AccountingEvent& event,
                         core::Instant start) {
    const Session* nearest = nullptr;
    const Session* unknown = nullptr;
    for (const Session* session : candidates) {
        const auto apart = std::chrono::abs(session->startedAt - start);
        const std::int64_t length =
            std::max<std::int64_t>(session->sessionTime, event.sessionTime.value_or(0));
        const bool isNearer = nearest == nullptr || apart < std::chrono::abs(nearest->startedAt - start);
        if (apart <= startTolerance(length) && isNearer) {
            nearest = session;
        }
        if (isStartUnknown(*session) && start <= session->startedAt &&
            (unknown == nullptr || session->startedAt < unknown->startedAt)) {
            unknown = session;
        }
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
    for (const Session* session : candidates) {
        if (!loginId.empty() && session->loginId == loginId) {
            return session;
        }
        if (canBeSame(*session, event, loginId)) {
            possible.push_back(session);
        }
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
