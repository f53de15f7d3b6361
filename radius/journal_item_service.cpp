#include "radius/journal_item_service.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "billing/rate_limit.h"
#include "radius/preparse.h"
#include "radius/wire.h"

namespace gardu::radius {

namespace {

/// Packages that change for years must not fill the memory.
constexpr std::size_t kMostLimits = 10'000;

std::variant<AccountingEvent, Undecodable> decodePacket(const JournaledPacket& packet) {
    // Nothing in accounting is hidden with the secret, and the packet's authenticator was right when it came.
    static const SharedSecret noSecret("none");
    const auto parsed = preparse(packet.octets, PortKind::Accounting);
    if (const auto* error = std::get_if<PreparseError>(&parsed)) {
        return Undecodable{std::string(name(*error))};
    }
    const auto attributes = decode(std::get<PacketView>(parsed), noSecret);
    if (!attributes) {
        return Undecodable{"no well-formed attributes"};
    }
    const AccountingArrival arrival{packet.nasId, packet.nasKey, packet.source, packet.receivedAt,
                                    packet.swapOctets};
    auto read = readAccountingEvent(*attributes, arrival);
    if (const auto* error = std::get_if<BadAccounting>(&read)) {
        return Undecodable{std::string(name(*error))};
    }
    return std::get<AccountingEvent>(std::move(read));
}

void takePacket(JournalItem& item, JournaledPacket&& packet) {
    item.receivedAt = packet.receivedAt;
    auto decoded = decodePacket(packet);
    if (auto* event = std::get_if<AccountingEvent>(&decoded)) {
        item.what = std::move(*event);
    } else {
        item.what = std::get<Undecodable>(std::move(decoded));
    }
    item.octets = std::move(packet.octets);
}

}  // namespace

JournalItem decodeEntry(const JournalEntry& entry) {
    JournalItem item;
    item.sequence = entry.sequence;
    auto record = decodeRecord(entry.octets);
    if (record && std::holds_alternative<JournaledPacket>(*record)) {
        takePacket(item, std::get<JournaledPacket>(std::move(*record)));
        return item;
    }
    item.octets = entry.octets;
    if (!record) {
        item.what = Undecodable{"a record of no version that this program knows"};
    } else if (auto* gone = std::get_if<JournaledGone>(&*record)) {
        item.receivedAt = gone->askedAt;
        item.what = std::move(*gone);
    } else {
        item.what = std::get<JournaledTold>(std::move(*record));
    }
    return item;
}

QuarantinedPacket quarantined(const JournalItem& item, const std::string& journalId,
                              const std::string& reason, const std::string& detail) {
    QuarantinedPacket packet;
    packet.journalId = journalId;
    packet.sequence = item.sequence;
    packet.receivedAt = item.receivedAt.value_or(core::Instant{});
    if (const auto* event = std::get_if<AccountingEvent>(&item.what)) {
        packet.nasKey = event->arrival.nasKey;
        packet.username = event->username;
    }
    packet.reason = reason;
    packet.detail = detail;
    packet.packet = core::toHex(item.octets);
    return packet;
}

EventFacts EventFactsReader::read(const AccountingEvent& event) {
    EventFacts facts;
    if (const auto hit = directory_.find(directory_.subscriberKey(event.usernameKey))) {
        facts.subscriptionId = core::toText(hit->subscriptionId);
        facts.bitsPerSecond = bitsPerSecond(hit->facts.package->rateLimit);
    } else if (event.loginClass) {
        // He was let in under a name that is no more.
        facts.subscriptionId = core::toText(event.loginClass->subscription);
    }
    return facts;
}

std::int64_t EventFactsReader::bitsPerSecond(const std::string& rateLimit) {
    if (const auto known = bitsOfLimit_.find(rateLimit); known != bitsOfLimit_.end()) {
        return known->second;
    }
    std::uint64_t most = 0;
    const auto parsed = billing::parseRateLimit(rateLimit);
    if (const auto* limit = std::get_if<billing::RateLimit>(&parsed)) {
        for (const auto& pair : {std::optional(limit->rate), limit->burstRate, limit->minRate}) {
            most = std::max({most, pair ? pair->rx : 0, pair ? pair->tx : 0});
        }
    }
    if (bitsOfLimit_.size() >= kMostLimits) {
        bitsOfLimit_.clear();
    }
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    return bitsOfLimit_[rateLimit] = static_cast<std::int64_t>(std::min(most, kMax));
}

}  // namespace gardu::radius
