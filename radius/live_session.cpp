#include "radius/live_session.h"

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
    session.told = stored.told;
    return session;
}

}  // namespace gardu::radius
