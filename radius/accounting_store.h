#pragma once
// SQL of what the applier keeps besides sessions: how far it is, the reboots of NASes, and what it set aside.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"
#include "radius/session.h"

namespace gardu::radius {

/// The last sequence number of that journal that is in the database; 0: none.
[[nodiscard]] std::int64_t lockHighWaterMark(core::Tx& tx, const std::string& journalId);
[[nodiscard]] std::int64_t highWaterMark(core::Tx& tx, const std::string& journalId);
void setHighWaterMark(core::Tx& tx, const std::string& journalId, std::int64_t sequence, core::Instant now);

[[nodiscard]] std::vector<NasBoot> findBoots(core::Tx& tx, const std::vector<std::string>& nasKeys);
void putBoots(core::Tx& tx, const std::vector<const NasBoot*>& boots);

/// A packet that was set aside, with its octets in hexadecimal.
struct QuarantinedPacket {
    std::int64_t id = 0;
    std::string journalId;
    std::int64_t sequence = 0;
    core::Instant receivedAt;
    std::string nasKey;
    std::string username;
    /// "absurd_counters", "undecodable", "refused"
    std::string reason;
    std::string detail;
    std::string packet;
};
/// Those that are there already (of a journal that is applied again) are left as they are. `detail` is cut to
/// 1,000 characters, `packet` to 8,200.
void addQuarantined(core::Tx& tx, const std::vector<QuarantinedPacket>& packets);
/// Newest first.
[[nodiscard]] std::vector<QuarantinedPacket> listQuarantined(core::Tx& tx, int limit);
[[nodiscard]] std::int64_t countQuarantined(core::Tx& tx);
/// Forgets all but the newest, about so many.
void pruneQuarantined(core::Tx& tx, std::int64_t most);

}  // namespace gardu::radius
