#include "radius/session_update.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <tuple>

#include "radius/session_match.h"

namespace gardu::radius {

namespace {

constexpr std::int64_t kLongestInterval = 3600;

template <class Value>
void take(std::optional<Value>& field, const std::optional<Value>& value, bool isNewer) {
    if (value && (isNewer || !field)) {
        field = value;
    }
}

void take(std::string& field, const std::string& value, bool isNewer) {
    if (!value.empty() && (isNewer || field.empty())) {
        field = value;
    }
}

void takeStart(Session& session, const AccountingEvent& event) {
    const auto start = event.startEstimate();
    const bool isStart = event.status == AcctStatus::Start;
    if (!start) {
        return;
    }
    // What tells the earlier start was delayed less.
    if (isStart ? !session.startSeen || *start < session.startedAt
                : !session.startSeen && *start < session.startedAt) {
        session.startedAt = *start;
    }
    session.startSeen = session.startSeen || isStart;
}

void takeLogin(Session& session, const AccountingEvent& event) {
    if (!event.loginClass) {
        return;
    }
    take(session.loginId, loginIdOf(event), false);
    take(session.told, event.loginClass->told, false);
}

/// A pause in which the whole NAS was silent says something about the session only while nothing else does.
void takePause(Session& session, core::Instant arrival, const NasBoot& boot) {
    const bool wasNasSilent = boot.returnedAt > session.heardAt;
    const auto pause = std::chrono::floor<core::Seconds>(arrival - session.heardAt).count();
    if (!wasNasSilent || session.intervalSeconds == 0) {
        session.intervalSeconds =
            std::max(session.intervalSeconds, std::min<std::int64_t>(pause, kLongestInterval));
    }
    session.heardAt = std::max(session.heardAt, arrival);
}

bool saysSomethingNew(const Session& session, const AccountingEvent& event) {
    const bool isFirstStop = event.status == AcctStatus::Stop && session.closedBy != ClosedBy::Stop;
    return isFirstStop || isLater(session, event) || event.sessionTime.value_or(0) > session.sessionTime;
}

}  // namespace

Session sessionOf(const AccountingEvent& event) {
    Session session;
    session.nasId = event.arrival.nasId;
    session.nasKey = event.arrival.nasKey;
    session.source = event.arrival.source;
    session.username = event.username;
    session.usernameKey = event.usernameKey;
    session.acctSessionId = event.acctSessionId;
    session.startedAt = event.startEstimate().value_or(event.happenedAt);
    session.lastSeenAt = session.startedAt;
    session.heardAt = event.arrival.receivedAt;
    session.countedAt = session.startedAt;
    return session;
}

void takeIdentity(Session& session, const AccountingEvent& event) {
    const bool isNewer = isLater(session, event);
    if (isNewer) {
        session.nasId = event.arrival.nasId;
        session.nasKey = event.arrival.nasKey;
        session.source = event.arrival.source;
        session.acctSessionId = event.acctSessionId;
    }
    takeLogin(session, event);
    takeStart(session, event);
    take(session.framedIp, event.framedIp, isNewer);
    take(session.framedIpv6Prefix, event.framedIpv6Prefix, isNewer);
    take(session.delegatedIpv6Prefix, event.delegatedIpv6Prefix, isNewer);
    take(session.nasIp, event.nasIp, isNewer);
    take(session.nasIdentifier, event.nasIdentifier, isNewer);
    take(session.nasPort, event.nasPort, isNewer);
    take(session.nasPortId, event.nasPortId, isNewer);
    take(session.callingStationId, event.callingStationId, isNewer);
    take(session.calledStationId, event.calledStationId, isNewer);
}

void takeTimes(Session& session, const AccountingEvent& event, const NasBoot& boot) {
    if (saysSomethingNew(session, event)) {
        takePause(session, event.arrival.receivedAt, boot);
    }
    if (isLater(session, event)) {
        session.lastSeenAt = event.happenedAt;
    }
    session.sessionTime = std::max<std::int64_t>(session.sessionTime, event.sessionTime.value_or(0));
}

void reopen(Session& session) {
    session.state = SessionState::Live;
    session.closedBy = ClosedBy::Nothing;
    session.terminateCause.reset();
    session.stoppedAt.reset();
}

void setClosed(Session& session, ClosedBy closedBy, core::Instant stoppedAt) {
    session.state = SessionState::Closed;
    session.closedBy = closedBy;
    session.stoppedAt = stoppedAt;
    session.terminateCause.reset();
    if (const std::string_view cause = causeOf(closedBy); !cause.empty()) {
        session.terminateCause = cause;
    }
}

std::string_view causeOf(ClosedBy closedBy) {
    switch (closedBy) {
        case ClosedBy::NasReboot:
            return "NAS-Reboot";
        case ClosedBy::Superseded:
            return "Lost-Stop";
        case ClosedBy::Stale:
            return "Stale";
        case ClosedBy::Gone:
            return "Gone";
        case ClosedBy::Nothing:
        case ClosedBy::Stop:
            break;
    }
    return "";
}

bool hasSameIdentity(const Session& a, const Session& b) {
    const auto names = [](const Session& session) {
        return std::tie(session.id, session.nasId, session.nasKey, session.source, session.username,
                        session.usernameKey, session.subscriptionId, session.acctSessionId, session.loginId,
                        session.startedAt, session.startSeen);
    };
    const auto place = [](const Session& session) {
        return std::tie(session.framedIp, session.framedIpv6Prefix, session.delegatedIpv6Prefix,
                        session.nasIp, session.nasIdentifier, session.nasPort, session.nasPortId,
                        session.callingStationId, session.calledStationId);
    };
    const auto state = [](const Session& session) {
        return std::tie(session.state, session.closedBy, session.terminateCause, session.stoppedAt,
                        session.told);
    };
    return names(a) == names(b) && place(a) == place(b) && state(a) == state(b);
}

}  // namespace gardu::radius
