#pragma once
// SQL of what the Enforcer shows and takes: what is pending, what NASes answered, and operators' requests.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"

namespace gardu::radius {

/// A difference that is not corrected yet; one a session.
struct PendingEnforcement {
    std::int64_t sessionId = 0;
    std::string username;
    std::string nas;
    /// "coa" or "disconnect"
    std::string action;
    std::string reason;
    core::Instant since;
    int attempts = 0;
    /// In words: "no answer", "Session Context Not Found (503)"; "" before the first attempt.
    std::string lastResult;
    std::optional<core::Instant> nextAttemptAt;
    bool operator==(const PendingEnforcement&) const = default;
};
/// All of this node's, replacing what was there. Each session once.
void replacePending(core::Tx& tx, const std::string& node, const std::vector<PendingEnforcement>& pending);
[[nodiscard]] std::vector<PendingEnforcement> listPending(core::Tx& tx, int limit);
[[nodiscard]] std::optional<PendingEnforcement> findPending(core::Tx& tx, std::int64_t sessionId);
[[nodiscard]] std::int64_t countPending(core::Tx& tx);

/// One CoA or Disconnect and how it ended.
struct DynauthRow {
    core::Instant at;
    std::int64_t sessionId = 0;
    std::string username;
    std::string nas;
    std::string action;
    std::string reason;
    /// "ack", "nak", "timeout", "failed"
    std::string outcome;
    std::optional<std::int64_t> errorCause;
    std::string words;
    int sent = 0;
    std::int64_t tookMs = 0;
};
void addDynauthRows(core::Tx& tx, const std::vector<DynauthRow>& rows);
/// Newest first.
[[nodiscard]] std::vector<DynauthRow> listDynauthRows(core::Tx& tx,
                                                      const std::optional<std::int64_t>& sessionId,
                                                      int limit);
void pruneDynauthRows(core::Tx& tx, core::Instant before, int most);

/// An operator's wish to end a session.
struct DisconnectRequest {
    std::int64_t id = 0;
    std::int64_t sessionId = 0;
    /// Of the session; none where the tables of open and lately closed ones do not have it.
    std::optional<std::string> usernameKey;
    core::Instant requestedAt;
    /// "waiting", then how it ended: "ack", "nak", "timeout", "gone", "not_open", ...
    std::string status;
    std::string words;
};
/// Gives its number.
[[nodiscard]] std::int64_t addDisconnectRequest(core::Tx& tx, std::int64_t sessionId, core::Instant now);
[[nodiscard]] std::vector<DisconnectRequest> waitingDisconnectRequests(core::Tx& tx);
[[nodiscard]] std::optional<DisconnectRequest> findDisconnectRequest(core::Tx& tx, std::int64_t id);
/// How a request ended; "waiting" again: only its words change.
struct DisconnectOutcome {
    std::string status;
    std::string words;
};
/// Nothing happens to one that is finished.
void finishDisconnectRequest(core::Tx& tx, std::int64_t id, const DisconnectOutcome& outcome,
                             core::Instant now);

/// Cutting is paused since (the clock stepped); none: it is not.
[[nodiscard]] std::optional<core::Instant> cuttingPausedSince(core::Tx& tx);
/// A pause that is there already stays.
void pauseCutting(core::Tx& tx, core::Instant since);
void resumeCutting(core::Tx& tx);

/// The time that this node noted last; none: it never did.
[[nodiscard]] std::optional<core::Instant> lastWall(core::Tx& tx, const std::string& node);
void noteWall(core::Tx& tx, const std::string& node, core::Instant now);

}  // namespace gardu::radius
