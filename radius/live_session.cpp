#include "radius/live_session.h"

#include <algorithm>

#include "radius/session_book.h"

namespace gardu::radius {

LiveSession liveSession(const Session& stored) {
    LiveSession session;
    session.id = stored.id;
    session.nasId = stored.nasId;
    session.nasKey = stored.nasKey;
    session.source = stored.source;
    session.username = stored.username;
    session.usernameKey = stored.usernameKey;
    session.acctSessionId = stored.acctSessionId;
    session.loginId = stored.loginId;
    session.callingStationId = stored.callingStationId;
    session.nasPort = stored.nasPort;
    session.nasPortId = stored.nasPortId;
    session.framedIp = stored.framedIp;
    session.nasIp = stored.nasIp;
    session.startedAt = stored.startedAt;
    session.lastSeenAt = stored.lastSeenAt;
    session.heardAt = stored.heardAt;
    session.intervalSeconds = stored.intervalSeconds;
    session.octets = stored.octets.input + stored.octets.output;
    session.told = stored.told;
    return session;
}

std::vector<LiveSession> beyondLimit(std::vector<LiveSession> sessions, int limit) {
    const auto most = static_cast<std::size_t>(std::max(limit, 0));
    if (sessions.size() <= most) {
        return {};
    }
    core::Instant now{};
    for (const LiveSession& session : sessions) {
        now = std::max(now, session.heardAt);
    }
    constexpr int kUsualInterim = 300;
    const auto isSilent = [&](const LiveSession& session) {
        return now - session.heardAt > staleAfter(session.intervalSeconds, kUsualInterim);
    };
    const auto goesFirst = [&](const LiveSession& a, const LiveSession& b) {
        const bool silentA = isSilent(a);
        const bool silentB = isSilent(b);
        return silentA == silentB ? a.startedAt < b.startedAt : silentA;
    };
    std::stable_sort(sessions.begin(), sessions.end(), goesFirst);
    sessions.resize(sessions.size() - most);
    return sessions;
}

}  // namespace gardu::radius
