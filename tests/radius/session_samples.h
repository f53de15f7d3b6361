#pragma once
// Sessions of tests, and all of a session as text.

#include <sstream>
#include <string>
#include <string_view>

#include "core/address.h"
#include "radius/session.h"
#include "tests/support/database_suite.h"

namespace gardu::radius::test {

inline constexpr const char* kSubscription = "018f9d2e-0000-7000-8000-000000000001";

[[nodiscard]] inline core::IpAddress ip(std::string_view text) {
    return core::parseIpAddress(text).value();
}

[[nodiscard]] inline core::IpNetwork net(std::string_view text) {
    return core::parseIpNetwork(text).value();
}

/// An open one of "bob" on NAS "nas-1", with as little as there can be.
[[nodiscard]] inline Session sampleSession(std::int64_t id) {
    Session session;
    session.id = id;
    session.nasId = "nas-1";
    session.nasKey = "nas-1";
    session.source = ip("192.0.2.1");
    session.username = "bob";
    session.usernameKey = "bob";
    session.acctSessionId = "81" + std::to_string(id);
    session.startedAt = gardu::test::kDatabaseMadeAt;
    session.lastSeenAt = session.heardAt = session.countedAt = session.startedAt;
    session.hourStart = session.startedAt;
    return session;
}

/// With everything that a session can have.
[[nodiscard]] inline Session fullSession(std::int64_t id) {
    Session session = sampleSession(id);
    session.nasKey = "nas-1@192.0.2.1";
    session.username = "Bob \xE2\x98\x95";
    session.subscriptionId = kSubscription;
    session.loginId = "018f9d2e-0000-7000-8000-0000000000ff";
    session.startSeen = true;
    session.framedIp = ip("10.1.2.3");
    session.framedIpv6Prefix = net("2001:db8:1:2::/64");
    session.delegatedIpv6Prefix = net("2001:db8:ff00::/56");
    session.nasIp = ip("fe80::1");
    session.nasIdentifier = "core";
    session.nasPort = 4'294'967'295U;
    session.nasPortId = "ether1";
    session.callingStationId = "AA:BB";
    session.calledStationId = "pppoe";
    session.state = SessionState::Unknown;
    session.closedBy = ClosedBy::Stale;
    session.terminateCause = "User-Request";
    session.stoppedAt = session.startedAt + core::Milliseconds(123'456);
    session.told = Told{billing::Access::Walled, 4'000'000'000U, 7, session.startedAt + core::Seconds(60)};
    session.lastSeenAt += core::Milliseconds(1);
    session.heardAt += core::Milliseconds(2);
    session.sessionTime = 86'400;
    session.octets = {std::int64_t{1} << 62, 9};
    session.countedAt += core::Milliseconds(3);
    session.intervalSeconds = 300;
    session.hourStart += core::Milliseconds(4);
    session.hourOctets = {5, std::int64_t{1} << 60};
    for (CounterTrail* trail : {&session.inputTrail, &session.outputTrail}) {
        trail->baseTotal = std::int64_t{1} << 62;
        trail->baseTime = 4'294'967'295U;
        trail->points.assign(kMostPoints, {4'294'967'295U, 4'294'967'294U});
    }
    return session;
}

template <class T>
[[nodiscard]] std::string textOf(const std::optional<T>& value, std::string (*format)(const T&)) {
    return value ? format(*value) : "none";
}

[[nodiscard]] inline std::string instantText(const core::Instant& instant) {
    return core::formatInstant(instant);
}

/// Every field.
[[nodiscard]] inline std::string textOf(const Session& s) {
    std::ostringstream text;
    text << s.id << '|' << s.nasId << '|' << s.nasKey << '|' << core::formatIpAddress(s.source) << '|'
         << s.username << '|' << s.usernameKey << '|' << s.subscriptionId << '|' << s.acctSessionId << '|'
         << s.loginId << '|' << instantText(s.startedAt) << '|' << s.startSeen << '|'
         << textOf(s.framedIp, core::formatIpAddress) << '|'
         << textOf(s.framedIpv6Prefix, core::formatIpNetwork) << '|'
         << textOf(s.delegatedIpv6Prefix, core::formatIpNetwork) << '|'
         << textOf(s.nasIp, core::formatIpAddress) << '|' << s.nasIdentifier << '|'
         << (s.nasPort ? std::to_string(*s.nasPort) : "none") << '|' << s.nasPortId << '|'
         << s.callingStationId << '|' << s.calledStationId << '|' << name(s.state) << '|' << name(s.closedBy)
         << '|' << s.terminateCause.value_or("none") << '|' << textOf(s.stoppedAt, instantText) << '|';
    if (s.told) {
        text << billing::name(s.told->access) << ' ' << s.told->rate << ' ' << s.told->place << ' '
             << textOf(s.told->until, instantText);
    }
    text << '|' << instantText(s.lastSeenAt) << '|' << instantText(s.heardAt) << '|' << s.sessionTime << '|'
         << s.octets.input << '/' << s.octets.output << '|' << instantText(s.countedAt) << '|'
         << s.intervalSeconds << '|' << instantText(s.hourStart) << '|' << s.hourOctets.input << '/'
         << s.hourOctets.output << '|';
    for (const CounterTrail* trail : {&s.inputTrail, &s.outputTrail}) {
        text << trail->baseTotal << ' ' << trail->baseTime;
        for (const CounterPoint& point : trail->points) {
            text << ' ' << point.sessionTime << ' ' << point.octets;
        }
        text << ';';
    }
    return text.str();
}

/// The ids, in order, each followed by a blank.
[[nodiscard]] inline std::string idsOf(const std::vector<Session>& sessions) {
    std::string text;
    for (const Session& session : sessions) {
        text += std::to_string(session.id) + " ";
    }
    return text;
}

/// All networks that contain the address, as who-had asks for them.
[[nodiscard]] inline std::vector<std::string> networksOf(std::string_view text) {
    const core::IpAddress asked = ip(text);
    std::vector<std::string> networks;
    for (int length = 0; length <= asked.bits(); ++length) {
        networks.push_back(core::formatIpNetwork({core::maskAddress(asked, length), length}));
    }
    return networks;
}

}  // namespace gardu::radius::test
