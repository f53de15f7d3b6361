// The accounting path but for its disk: octets -> preparse -> decode -> event -> record of the journal and
// back -> the same event. The first octet of an input chooses what the rest is:
//   bit 0   the Request Authenticator and the Message-Authenticator are made right
//   bit 1   over IPv6
//   bit 2   the NAS counts from the client's point of view
//   bit 7   no datagram: a record of the journal
// Whatever comes: no failure of ours, what is read holds to its contract, and the answer is well-formed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "radius/accounting_event.h"
#include "radius/journal_record.h"
#include "radius/preparse.h"
#include "radius/wire.h"

namespace {

using namespace gardu;
using namespace gardu::radius;

constexpr std::uint8_t kRepair = 1;
constexpr std::uint8_t kOverIpv6 = 2;
constexpr std::uint8_t kSwap = 4;
constexpr std::uint8_t kRecord = 128;

constexpr std::size_t kMaxTextSize = 253;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// What columns of the database take.
void requireText(const std::string& text) {
    require(text.size() <= kMaxTextSize && core::isPrintableUtf8(core::asBytes(text)));
}

void check(const AccountingEvent& event) {
    for (const std::string* text :
         {&event.username, &event.usernameKey, &event.acctSessionId, &event.nasIdentifier, &event.nasPortId,
          &event.callingStationId, &event.calledStationId}) {
        requireText(*text);
    }
    requireText(event.terminateCause.value_or(""));
    require(event.happenedAt <= event.arrival.receivedAt);
    require(event.arrival.receivedAt - event.happenedAt <= core::Seconds(24 * 3600 + 300));
    require(!name(event.status).empty());
    const bool isOfNas =
        event.status == AcctStatus::AccountingOn || event.status == AcctStatus::AccountingOff;
    require(isOfNas || (!event.username.empty() && !event.acctSessionId.empty()));
    const auto start = event.startEstimate();
    require(!start || *start <= event.happenedAt);
    for (const auto& prefix : {event.framedIpv6Prefix, event.delegatedIpv6Prefix}) {
        require(!prefix || core::parseIpNetwork(core::formatIpNetwork(*prefix)) == prefix);
    }
}

class Harness {
public:
    Harness() { startWire(builtInDictionaryDir()); }

    void run(core::ByteView input) {
        const std::uint8_t how = input.front();
        core::Bytes octets(input.begin() + 1, input.end());
        if ((how & kRecord) != 0) {
            runRecord(octets);
            return;
        }
        if ((how & kRepair) != 0) {
            repair(octets);
        }
        runDatagram(octets, how);
    }

private:
    static void runRecord(const core::Bytes& octets) {
        const auto record = decodeRecord(octets);
        require(!record || encodeRecord(*record) == octets);
    }

    void runDatagram(const core::Bytes& octets, std::uint8_t how) {
        const auto parsed = preparse(octets, PortKind::Accounting);
        const auto* packet = std::get_if<PacketView>(&parsed);
        if (packet == nullptr) {
            require(!name(std::get<PreparseError>(parsed)).empty());
            return;
        }
        const bool isSigned =
            packet->hasMessageAuthenticator() ? messageAuthenticatorIsValid(*packet, secret_) : true;
        const bool isRequest = packet->code == Code::AccountingRequest;
        require((how & kRepair) == 0 || !isRequest || isSigned);
        require((how & kRepair) == 0 || !isRequest || requestAuthenticatorIsValid(*packet, secret_));
        checkReply(*packet);
        const auto attributes = decode(*packet, secret_);
        if (!attributes) {
            return;
        }
        JournaledPacket journaled;
        journaled.nasId = "nas";
        journaled.nasKey = "nas@address";
        journaled.source = core::parseIpAddress((how & kOverIpv6) != 0 ? "2001:db8::1" : "10.0.0.1").value();
        journaled.receivedAt = core::Instant(core::Seconds(1'795'348'800));
        journaled.swapOctets = (how & kSwap) != 0;
        journaled.octets.assign(packet->octets.begin(), packet->octets.end());
        const auto read = readAccountingEvent(*attributes, arrivalOf(journaled));
        if (const auto* event = std::get_if<AccountingEvent>(&read)) {
            check(*event);
            checkJournaled(journaled, *event);
        } else {
            require(!name(std::get<BadAccounting>(read)).empty());
        }
    }

    static AccountingArrival arrivalOf(const JournaledPacket& packet) {
        return {packet.nasId, packet.nasKey, packet.source, packet.receivedAt, packet.swapOctets};
    }

    /// What the applier reads later is what was answered.
    void checkJournaled(const JournaledPacket& journaled, const AccountingEvent& event) {
        const auto record = decodeRecord(encodeRecord(journaled));
        require(record.has_value() && std::get<JournaledPacket>(*record) == journaled);
        const auto& kept = std::get<JournaledPacket>(*record);
        const auto parsed = preparse(kept.octets, PortKind::Accounting);
        const auto attributes = decode(std::get<PacketView>(parsed), secret_);
        const auto read = readAccountingEvent(attributes.value(), arrivalOf(kept));
        const auto& again = std::get<AccountingEvent>(read);
        require(again.acctSessionId == event.acctSessionId && again.usernameKey == event.usernameKey);
        require(again.happenedAt == event.happenedAt && again.status == event.status);
        require(again.input == event.input && again.output == event.output);
    }

    /// RFC 2866 section 3, written out.
    void checkReply(const PacketView& request) {
        const Bytes reply = encodeReply(Code::AccountingResponse, request, {}, secret_);
        require(reply.size() >= kHeaderSize && reply[0] == 5 && reply[1] == request.identifier);
        const core::ByteView view(reply);
        const Digest16 expected =
            md5({view.first(4), request.authenticator(), view.subspan(kHeaderSize), secret_.octets()});
        require(std::equal(expected.begin(), expected.end(), reply.begin() + 4));
        const auto parsed = preparse(reply, PortKind::Client);
        const auto* packet = std::get_if<PacketView>(&parsed);
        require(packet != nullptr && !packet->hasMessageAuthenticator());
        require(packet->proxyStateCount == request.proxyStateCount);
    }

    void repair(core::Bytes& datagram) {
        const auto parsed = preparse(datagram, PortKind::Accounting);
        const auto* packet = std::get_if<PacketView>(&parsed);
        if (packet == nullptr || packet->code != Code::AccountingRequest) {
            return;
        }
        const core::ByteView octets = core::ByteView(datagram).first(packet->octets.size());
        const auto put = [&](std::size_t at, const Digest16& digest) {
            std::copy(digest.begin(), digest.end(), datagram.begin() + static_cast<std::ptrdiff_t>(at));
        };
        put(4, Digest16{});
        if (const std::size_t at = packet->messageAuthenticatorAt; at != 0) {
            put(at, Digest16{});
            put(at, secret_.hmacMd5({octets}));
        }
        put(4, md5({octets, secret_.octets()}));
    }

    SharedSecret secret_{"testing123"};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Harness harness;
    if (size > 0) {
        harness.run({data, size});
    }
    return 0;
}
