#pragma once
// SQL of the table auth_log.

#include <optional>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"
#include "radius/auth_log_entry.h"

namespace gardu::radius {

/// A row as it is read back.
struct AuthLogRow {
    core::Instant decidedAt;
    std::string userName;
    std::string outcome;
    std::string reason;
    std::string method;
    std::string nas;
    std::string sourceAddress;
    std::string callingStationId;
    std::int64_t occurrences = 1;
};

/// Octets that are not printable UTF-8 are stored as \xNN.
void insertAuthLog(core::Tx& tx, const std::vector<AuthLogEntry>& entries);
/// Newest first, of one user name or of all, at most `limit`.
[[nodiscard]] std::vector<AuthLogRow> listAuthLog(core::Tx& tx, const std::optional<std::string>& userName,
                                                  int limit);
/// Deletes at most `most` rows from before that instant.
void pruneAuthLog(core::Tx& tx, core::Instant before, int most);

}  // namespace gardu::radius
