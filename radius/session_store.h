#pragma once
// SQL of the sessions that are open or were closed not long ago (tables sessions and session_counters). The
// applier of the node that hears a NAS writes its sessions; all may read.

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/db.h"
#include "radius/session.h"

namespace gardu::radius {

/// What a NAS calls one of its sessions; it may use the same again after a reboot.
struct AcctName {
    std::string nasKey;
    std::string acctSessionId;
    bool operator==(const AcctName&) const = default;
    bool operator<(const AcctName& other) const {
        return std::tie(nasKey, acctSessionId) < std::tie(other.nasKey, other.acctSessionId);
    }
};

/// For a batch of packets, locked until the transaction ends. Each list at most 500; empty ones match
/// nothing.
[[nodiscard]] std::vector<Session> lockSessionsByAcctId(core::Tx& tx, const std::vector<AcctName>& names);
[[nodiscard]] std::vector<Session> lockSessionsByLogin(core::Tx& tx,
                                                       const std::vector<std::string>& loginIds);
[[nodiscard]] std::vector<Session> lockOpenSessionsOfUsers(core::Tx& tx,
                                                           const std::vector<std::string>& keys);
[[nodiscard]] std::vector<Session> lockOpenSessionsOfNas(core::Tx& tx, const std::string& nasKey);
[[nodiscard]] std::vector<Session> lockSessions(core::Tx& tx, const std::vector<std::int64_t>& ids);
/// Open ones, in the order of the id, for the sweep of stale ones and the registry at start.
[[nodiscard]] std::vector<Session> openSessionsAfter(core::Tx& tx, std::int64_t afterId, int limit);
/// Closed before that time; for moving them to the history.
[[nodiscard]] std::vector<Session> closedSessionsBefore(core::Tx& tx, core::Instant before, int limit);

/// New ones or old ones, whole, into both tables.
void putSessions(core::Tx& tx, const std::vector<const Session*>& sessions);
/// Of rows that are there: only what every packet changes.
void putCounters(core::Tx& tx, const std::vector<const Session*>& sessions);
void deleteSessions(core::Tx& tx, const std::vector<std::int64_t>& ids);

/// What of the sessions a list shows.
struct SessionFilter {
    std::optional<std::string> usernameKey = std::nullopt;
    /// Of that name or of this subscription, where the name is a subscriber's: he may log in with a domain.
    std::optional<std::string> subscriptionId = std::nullopt;
    std::optional<std::string> nasId = std::nullopt;
    /// Only live and unknown ones.
    bool openOnly = true;
};
/// A page of a list: ids below `beforeId`, at most `limit`.
struct SessionPage {
    SessionFilter filter;
    std::int64_t beforeId = 0;
    int limit = 0;
};
/// Newest first (by id, below `beforeId`), at most `limit`; of these two tables only.
[[nodiscard]] std::vector<Session> listSessions(core::Tx& tx, const SessionFilter& filter,
                                                std::int64_t beforeId, int limit);
[[nodiscard]] std::optional<Session> findSession(core::Tx& tx, std::int64_t id);
/// Who had one of these networks (an address and its prefixes) at that time.
[[nodiscard]] std::vector<Session> sessionsWithAddress(core::Tx& tx, const std::vector<std::string>& networks,
                                                       core::Instant at);
/// Live and unknown sessions.
[[nodiscard]] std::int64_t countOpenSessions(core::Tx& tx);

}  // namespace gardu::radius
