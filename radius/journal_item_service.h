#pragma once
// A record of the journal as the applier takes it: decoded, with what the directory knows of it. One
// thread's.

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "radius/accounting_event.h"
#include "radius/accounting_store.h"
#include "radius/directory.h"
#include "radius/journal.h"
#include "radius/journal_record.h"
#include "radius/session_book.h"

namespace gardu::radius {

/// A record that is nothing to us, and why in words.
struct Undecodable {
    std::string why;
};

struct JournalItem {
    std::int64_t sequence = 0;
    /// None: the record does not say.
    std::optional<core::Instant> receivedAt;
    std::variant<Undecodable, AccountingEvent, JournaledGone, JournaledTold> what;
    /// Of an event.
    EventFacts facts;
    /// The packet as it came; of other records, the record.
    core::Bytes octets;
};

/// Without its facts. Never throws for what the octets are.
[[nodiscard]] JournalItem decodeEntry(const JournalEntry& entry);

/// How the item is set aside; `detail` in words.
[[nodiscard]] QuarantinedPacket quarantined(const JournalItem& item, const std::string& journalId,
                                            const std::string& reason, const std::string& detail);

/// What the directory says of an event. Remembers what each rate limit is in bits a second.
class EventFactsReader {
public:
    explicit EventFactsReader(const Directory& directory) : directory_(directory) {}
    [[nodiscard]] EventFacts read(const AccountingEvent& event);

private:
    [[nodiscard]] std::int64_t bitsPerSecond(const std::string& rateLimit);

    const Directory& directory_;
    std::unordered_map<std::string, std::int64_t> bitsOfLimit_;
};

}  // namespace gardu::radius
