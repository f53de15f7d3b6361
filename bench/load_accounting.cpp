#include "bench/load_accounting.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "bench/load_writer.h"

namespace gardu::bench {
namespace {

constexpr std::uint8_t kAccountingRequest = 4;
constexpr std::uint8_t kAccountingResponse = 5;
constexpr std::uint32_t kStart = 1;               // Acct-Status-Type
constexpr std::uint32_t kInterimUpdate = 3;       // Acct-Status-Type
constexpr std::uint32_t kByRadius = 1;            // Acct-Authentic
constexpr std::uint32_t kSessionId = 0x80100000;  // service 0, first boot
constexpr std::uint64_t kPacketOctets = 1000;     // of the subscribers' own packets, on average
constexpr std::string_view kClass = "other 0f9c1d52-6f3e-4b7a-8f11-login ";

struct Counter {
    std::uint64_t octets;

    [[nodiscard]] std::uint32_t low() const { return static_cast<std::uint32_t>(octets); }
    [[nodiscard]] std::uint32_t gigawords() const { return static_cast<std::uint32_t>(octets >> 32U); }
    [[nodiscard]] std::uint32_t packets() const { return static_cast<std::uint32_t>(octets / kPacketOctets); }
};

// Grows with the clock, at most by 7.2 Mbit/s, and a little with each packet, so that no two are the same.
Counter downloaded(const AccountingFields& fields) {
    const std::uint64_t octetsPerMs = 100 + fields.userNumber % 801;
    const auto elapsedMs = static_cast<std::uint64_t>(fields.nowMs - fields.session.startedMs);
    return {octetsPerMs * elapsedMs + 64 * fields.session.packets};
}

void writeSession(Writer& writer, const AccountingFields& fields, std::uint32_t sessionId) {
    const std::array<char, 17> mac = macOf(fields.userNumber);
    const std::array<char, 8> session = sessionIdOf(sessionId);
    const auto high = static_cast<std::uint8_t>(fields.userNumber >> 16U);
    const auto middle = static_cast<std::uint8_t>(fields.userNumber >> 8U);
    const auto low = static_cast<std::uint8_t>(fields.userNumber);
    writer.number(ServiceType, kFramed);
    writer.number(FramedProtocol, kPpp);
    writer.number(NasPort, sessionId);
    writer.number(NasPortType, kEthernet);
    writer.text(UserName, fields.user.name);
    writer.text(CallingStationId, {mac.data(), mac.size()});
    writer.text(CalledStationId, "pppoe-kebayoran-olt-03");
    writer.text(NasPortId, "vlan-2107-olt-kebayoran-pon-07");
    writer.text(AcctSessionId, {session.data(), session.size()});
    // As another server's Accept would have given it: ours must not make use of it.
    std::uint8_t* loginClass = writer.attribute(Class, kClass.size() + session.size());
    std::copy(session.begin(), session.end(), std::copy(kClass.begin(), kClass.end(), loginClass));
    writer.attribute(FramedIpAddress, Number{10, high, middle, low});
    // RFC 3162 section 2.3, RFC 4818 section 3: an octet of zero, the length, the prefix.
    writer.attribute(FramedIpv6Prefix,
                     std::array<std::uint8_t, 10>{0, 64, 0x20, 0x01, 0x0D, 0xB8, 0xFF, high, middle, low});
    writer.attribute(DelegatedIpv6Prefix,
                     std::array<std::uint8_t, 9>{0, 56, 0x20, 0x01, 0x0D, 0xB8, high, middle, low});
    writer.number(AcctAuthentic, kByRadius);
    writer.number(EventTimestamp, static_cast<std::uint32_t>(fields.nowMs / 1000));
}

void writeCounters(Writer& writer, const AccountingFields& fields) {
    const Counter download = downloaded(fields);
    const Counter upload{download.octets / 8};
    const auto seconds = static_cast<std::uint32_t>((fields.nowMs - fields.session.startedMs) / 1000);
    writer.number(AcctSessionTime, seconds);
    writer.number(AcctInputOctets, upload.low());
    writer.number(AcctInputGigawords, upload.gigawords());
    writer.number(AcctInputPackets, upload.packets());
    writer.number(AcctOutputOctets, download.low());
    writer.number(AcctOutputGigawords, download.gigawords());
    writer.number(AcctOutputPackets, download.packets());
}

std::string fixedTail(const std::string& nasIdentifier) {
    std::array<std::uint8_t, kMaxRequestLength> buffer{};
    Writer writer(buffer.data());
    writer.number(AcctDelayTime, 0);
    writer.text(NasIdentifier, nasIdentifier);
    writer.attribute(NasIpAddress, Number{127, 0, 0, 1});
    return {reinterpret_cast<const char*>(buffer.data()), writer.length()};
}

}  // namespace

AccountingMaker::AccountingMaker(const PacketOptions& options)
    : digest_(options.secret), tail_(fixedTail(options.nasIdentifier)), firstSession_(options.firstSession) {}

std::size_t AccountingMaker::build(std::span<std::uint8_t, kMaxRequestLength> out,
                                   const AccountingFields& fields) const {
    const bool isStart = fields.session.packets == 0;
    const std::uint32_t sessionId =
        kSessionId | ((firstSession_ + fields.userNumber) & (kMaxAccountedUsers - 1));
    Writer writer(out.data());
    writer.raw(std::array<std::uint8_t, kHeaderLength>{kAccountingRequest, fields.identifier});
    writer.number(AcctStatusType, isStart ? kStart : kInterimUpdate);
    writeSession(writer, fields, sessionId);
    if (!isStart) {
        writeCounters(writer, fields);
    }
    writer.raw(bytesOf(tail_));
    writer.setLength();
    const Authenticator proof = digest_.thenSecret({out.data(), writer.length()});
    std::copy(proof.begin(), proof.end(), out.begin() + 4);
    return writer.length();
}

ReplyVerdict AccountingMaker::verify(std::span<std::uint8_t> reply, const Authenticator& requested) const {
    const std::optional<std::uint8_t> code = genuineCode(digest_, reply, requested);
    if (!code.has_value()) {
        return ReplyVerdict::Bad;
    }
    return *code == kAccountingResponse ? ReplyVerdict::Accept : ReplyVerdict::Other;
}

}  // namespace gardu::bench
