#pragma once
// A registry of the sessions of "bob", fed with packets of one line.

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "radius/session_registry.h"

namespace gardu::radius::test {

/// 2026-11-22T12:00:00Z; all times below are seconds after it.
inline constexpr core::Instant kNoon{core::Seconds(1'795'348'800)};

inline core::Instant at(int seconds) {
    return kNoon + core::Seconds(seconds);
}

inline core::Uuid login(std::uint8_t number) {
    core::Uuid id;
    id.octets[0] = 1;
    id.octets[15] = number;
    return id;
}

/// A packet of the session "s1" of bob on the NAS "nas".
struct Packet {
    AcctStatus status = AcctStatus::Start;
    int happened = 0;
    /// -1: none.
    int sessionTime = -1;
    std::string session = "s1";
    /// 0: no Class.
    std::uint8_t login = 0;
    std::string device{};
    std::string port = "ether1";
    std::string nas = "nas";
    /// Seconds on the way.
    int delay = 0;
    std::string user = "bob";
    std::optional<std::uint32_t> number = std::nullopt;
};

inline AccountingEvent eventOf(const Packet& packet) {
    AccountingEvent event;
    event.arrival.nasId = packet.nas;
    event.arrival.nasKey = packet.nas;
    event.arrival.receivedAt = at(packet.happened + packet.delay);
    event.status = packet.status;
    event.happenedAt = at(packet.happened);
    event.username = packet.user;
    event.usernameKey = packet.user;
    event.acctSessionId = packet.session;
    event.callingStationId = packet.device;
    event.nasPortId = packet.port;
    event.nasPort = packet.number;
    if (packet.sessionTime >= 0) {
        event.sessionTime = static_cast<std::uint32_t>(packet.sessionTime);
    }
    if (packet.login != 0) {
        event.loginClass = LoginClass{login(packet.login), {}, Told{billing::Access::Full, 7, 0, {}}};
    }
    return event;
}

inline constexpr auto kStart = AcctStatus::Start;
inline constexpr auto kInterim = AcctStatus::Interim;
inline constexpr auto kStop = AcctStatus::Stop;

inline int secondsOf(core::Instant instant) {
    return static_cast<int>(std::chrono::floor<core::Seconds>(instant - kNoon).count());
}

inline SessionClaim claimOf(std::uint8_t number, std::optional<int> limit, int now,
                            const std::string& device = "") {
    SessionClaim claim;
    claim.usernameKey = "bob";
    claim.loginId = login(number);
    claim.callingStationId = device;
    claim.nasKey = "nas";
    claim.limit = limit;
    claim.now = at(now);
    return claim;
}

inline std::string inWords(Claimed claimed) {
    constexpr std::array<std::string_view, 3> names = {"granted", "replacing", "refused"};
    return std::string(names.at(static_cast<std::size_t>(claimed)));
}

struct Registry : SessionRegistry {
    bool hear(const Packet& packet) { return SessionRegistry::hear(eventOf(packet)); }
    void hearAll(const std::vector<Packet>& packets) {
        for (const Packet& packet : packets) {
            hear(packet);
        }
    }
    std::string claim(std::uint8_t number, std::optional<int> limit, int now,
                      const std::string& device = "") {
        return inWords(SessionRegistry::claim(claimOf(number, limit, now, device)));
    }
    std::string claimReplacing(std::uint8_t number, int limit, int now) {
        SessionClaim wanted = claimOf(number, limit, now);
        wanted.policy = billing::SimultaneousPolicy::ReplaceOld;
        return inWords(SessionRegistry::claim(wanted));
    }
    /// "s1@0 s2@60": the sessions of bob and when they began, by name.
    [[nodiscard]] std::string open() const {
        std::vector<std::string> texts;
        for (const LiveSession& session : sessionsOf("bob")) {
            texts.push_back(session.acctSessionId + "@" + std::to_string(secondsOf(session.startedAt)));
        }
        std::sort(texts.begin(), texts.end());
        std::string all;
        for (const std::string& text : texts) {
            all += (all.empty() ? "" : " ") + text;
        }
        return all;
    }
    [[nodiscard]] LiveSession only() const {
        const auto sessions = sessionsOf("bob");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sessions.size());
        return sessions.front();
    }
};

}  // namespace gardu::radius::test
