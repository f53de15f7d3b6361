#pragma once
// What the accounting journal keeps, as octets: packets as they came, and what the NASes answered to us.
// Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/address.h"
#include "core/bytes.h"
#include "core/calendar.h"
#include "radius/told.h"

namespace gardu::radius {

/// An Accounting-Request whose authenticator was right, whole.
struct JournaledPacket {
    std::string nasId;
    std::string nasKey;
    core::IpAddress source;
    core::Instant receivedAt;
    bool swapOctets = false;
    core::Bytes octets;
    bool operator==(const JournaledPacket&) const = default;
};

/// Which session, as the NAS names it (escaped as in AccountingEvent).
struct JournaledSession {
    std::string nasKey;
    std::string acctSessionId;
    /// "": none.
    std::string loginId;
    bool operator==(const JournaledSession&) const = default;
};

/// The NAS said that it does not have the session.
struct JournaledGone {
    JournaledSession session;
    core::Instant askedAt;
    bool operator==(const JournaledGone&) const = default;
};

/// The NAS took a CoA.
struct JournaledTold {
    JournaledSession session;
    Told told;
    bool operator==(const JournaledTold&) const = default;
};

using JournalRecord = std::variant<JournaledPacket, JournaledGone, JournaledTold>;

[[nodiscard]] core::Bytes encodeRecord(const JournalRecord& record);
/// Nothing where the octets are of no version that this program knows, end too soon, or go on after the end.
[[nodiscard]] std::optional<JournalRecord> decodeRecord(core::ByteView octets);

}  // namespace gardu::radius
