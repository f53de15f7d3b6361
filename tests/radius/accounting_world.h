#pragma once
// An AccountingService with its journal, its registry and its NASes, and requests as routers make them. Time
// is fixed.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "radius/accounting_service.h"
#include "radius/journal_record.h"
#include "radius/wire.h"
#include "tests/radius/access_world.h"
#include "tests/radius/packets.h"

namespace gardu::radius::test {

/// The attributes of an Accounting-Request of bob's session.
inline Attributes accountingOf(AcctStatus status, std::string_view sessionId = "81a00001") {
    return {integerAttribute(attr::kAcctStatusType, static_cast<std::uint32_t>(status)),
            textAttribute(attr::kUserName, "bob"), textAttribute(attr::kAcctSessionId, sessionId)};
}

/// Its authenticator is right; a Message-Authenticator only where asked for.
inline Bytes accountingRequest(const Attributes& attributes, std::uint8_t identifier = 7,
                               bool messageAuthenticator = false, std::string_view secret = kNasSecret) {
    return encodeRequest({.code = Code::AccountingRequest,
                          .identifier = identifier,
                          .messageAuthenticator = messageAuthenticator},
                         attributes, SharedSecret(secret));
}

/// Makes the authenticator right after a change of octets.
inline void signAgain(Bytes& request, std::string_view secret = kNasSecret) {
    request[2] = static_cast<std::uint8_t>(request.size() >> 8U);
    request[3] = static_cast<std::uint8_t>(request.size());
    std::fill_n(request.begin() + 4, 16, std::uint8_t{0});
    const Digest16 digest = md5({request, core::asBytes(secret)});
    std::copy(digest.begin(), digest.end(), request.begin() + 4);
}

class AccountingWorld {
public:
    explicit AccountingWorld(const std::string& journalPath, Journal::Limits limits = {})
        : journal_(journalPath, "00000000-0000-7000-8000-000000000001", limits) {}

    void addNas(const std::string& name, std::string_view network, bool swapOctets = false) {
        Nas nas;
        nas.id = "id-of-" + name;
        nas.name = name;
        nas.address = core::parseIpNetwork(network).value();
        nas.swapOctets = swapOctets;
        nas_.push_back(std::make_shared<const NasEntry>(nas, kNasSecret));
        nasTable_.write([&](auto& table) { table = std::make_shared<const NasTable>(nas_); });
    }

    static Datagram datagramOf(ByteView octets, const From& from = {}) {
        Datagram datagram;
        datagram.octets = octets;
        datagram.source = address(from.source);
        datagram.sourcePort = from.port;
        datagram.socket = from.socket;
        datagram.now = from.now;
        datagram.monotonic = from.monotonic;
        return datagram;
    }

    AccessAnswer send(ByteView octets, const From& from = {}) {
        const Datagram datagram = datagramOf(octets, from);
        return service_.answer(std::span(&datagram, 1)).at(0);
    }

    /// All in one call.
    std::vector<AccessAnswer> sendAll(const std::vector<Bytes>& packets, const From& from = {}) {
        std::vector<Datagram> datagrams;
        datagrams.reserve(packets.size());
        for (const Bytes& octets : packets) {
            datagrams.push_back(datagramOf(octets, from));
        }
        return service_.answer(datagrams);
    }

    /// What is in the journal, decoded.
    std::vector<JournaledPacket> journaled() {
        std::vector<JournaledPacket> packets;
        for (const JournalEntry& entry : journal_.read(0, 100'000)) {
            packets.push_back(std::get<JournaledPacket>(decodeRecord(entry.octets).value()));
        }
        return packets;
    }

    Journal& journal() { return journal_; }
    SessionRegistry& registry() { return registry_; }
    core::AlarmBoard& alarms() { return alarms_; }
    core::Metrics& metrics() { return metrics_; }
    AccountingService& service() { return service_; }
    /// What the service called back with: "bob, eve;" for each call.
    [[nodiscard]] std::string heard() const {
        return heard_.with([](const std::string& text) { return text; });
    }
    /// The callback throws from now on.
    void breakHeard() { isBroken_ = true; }

private:
    void hear(const std::vector<std::string>& users) {
        if (isBroken_) {
            throw std::runtime_error("broken on purpose");
        }
        heard_.with([&](std::string& text) {
            for (const std::string& user : users) {
                text += user + ",";
            }
            text += ";";
        });
    }

    std::vector<std::shared_ptr<const NasEntry>> nas_;
    SharedNasTable nasTable_;
    Journal journal_;
    /// The domain "CORP" counts as no part of the name.
    SessionRegistry registry_{
        [](const std::string& key) { return key.starts_with("CORP\\") ? key.substr(5) : key; }};
    core::AlarmBoard alarms_;
    core::Metrics metrics_;
    core::Guarded<std::string> heard_;
    std::atomic<bool> isBroken_{false};
    AccountingService service_{{nasTable_, journal_, registry_, alarms_, metrics_,
                                [this](const std::vector<std::string>& users) { hear(users); }}};
};

/// "dropped REASON", or "Response" and its attributes. Throws std::runtime_error where it is not a valid
/// answer to the request.
inline std::string accountingInWords(const AccessAnswer& answer, const Bytes& request) {
    if (const auto* dropped = std::get_if<Dropped>(&answer)) {
        return "dropped " + std::string(dropped->reason);
    }
    const SharedSecret secret(kNasSecret);
    const auto parsed = preparse(std::get<Bytes>(answer), PortKind::Client);
    const auto* reply = std::get_if<PacketView>(&parsed);
    if (reply == nullptr || reply->code != Code::AccountingResponse || reply->identifier != request.at(1) ||
        !replyIsAuthentic(*reply, core::ByteView(request).subspan<4, 16>(), secret)) {
        throw std::runtime_error("not an Accounting-Response to this request");
    }
    std::string text = "Response";
    const Attributes attributes = decode(*reply, secret).value();
    for (const Attribute& attribute : attributes) {
        text += " " + attributeInWords(attribute);
    }
    return text;
}

}  // namespace gardu::radius::test
