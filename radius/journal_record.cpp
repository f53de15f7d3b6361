#include "radius/journal_record.h"

#include <limits>
#include <string_view>

#include "core/check.h"

namespace gardu::radius {

namespace {

/// The first octet of each record. A file may hold records of an older version of this program for as long
/// as the database is away.
constexpr std::uint8_t kVersion = 1;

/// The second octet.
enum class Kind : std::uint8_t { Packet = 1, Gone = 2, Told = 3 };

/// Numbers in network order; texts and octets behind their length in two octets.
class Writer {
public:
    explicit Writer(Kind kind) : octets_{kVersion, static_cast<std::uint8_t>(kind)} {}

    void number(std::uint64_t number, unsigned octets) {
        for (unsigned left = octets; left-- > 0;) {
            octets_.push_back(static_cast<std::uint8_t>(number >> (8 * left)));
        }
    }
    void octets(core::ByteView value) {
        core::check(value.size() <= std::numeric_limits<std::uint16_t>::max(), "a journal field is too long");
        number(value.size(), 2);
        octets_.insert(octets_.end(), value.begin(), value.end());
    }
    void text(std::string_view value) { octets(core::asBytes(value)); }
    void flag(bool value) { number(value ? 1 : 0, 1); }
    void instant(core::Instant value) { number(static_cast<std::uint64_t>(core::toEpochMs(value)), 8); }

    [[nodiscard]] core::Bytes take() { return std::move(octets_); }

private:
    core::Bytes octets_;
};

/// Once something is missing or not as written, everything after it reads as nothing and isWhole() is false.
class Reader {
public:
    explicit Reader(core::ByteView octets) : left_(octets) {}

    std::uint64_t number(std::size_t octets) {
        std::uint64_t number = 0;
        for (const std::uint8_t octet : take(octets)) {
            number = number << 8U | octet;
        }
        return number;
    }
    core::ByteView octets() { return take(number(2)); }
    std::string text() { return std::string(core::asText(octets())); }
    bool flag() { return atMost(1) == 1; }
    core::Instant instant() { return core::fromEpochMs(static_cast<std::int64_t>(number(8))); }
    /// One octet that is not over `most`.
    std::uint8_t atMost(std::uint8_t most) {
        const auto value = static_cast<std::uint8_t>(number(1));
        isGood_ = isGood_ && value <= most;
        return value;
    }
    core::IpAddress address() {
        const core::ByteView written = octets();
        const auto address = core::ipAddressFrom(written);
        // An IPv4 address is never written as an IPv6 one.
        isGood_ = isGood_ && address && address->bytes().size() == written.size();
        return address.value_or(core::IpAddress{});
    }
    /// Nothing was missing, and nothing is left.
    [[nodiscard]] bool isWhole() const { return isGood_ && left_.empty(); }

private:
    core::ByteView take(std::size_t count) {
        isGood_ = isGood_ && count <= left_.size();
        if (!isGood_) {
            return {};
        }
        const core::ByteView taken = left_.first(count);
        left_ = left_.subspan(count);
        return taken;
    }

    core::ByteView left_;
    bool isGood_ = true;
};

void writeSession(Writer& writer, const JournaledSession& session) {
    writer.text(session.nasKey);
    writer.text(session.acctSessionId);
    writer.text(session.loginId);
}

JournaledSession readSession(Reader& reader) {
    JournaledSession session;
    session.nasKey = reader.text();
    session.acctSessionId = reader.text();
    session.loginId = reader.text();
    return session;
}

core::Bytes encode(const JournaledPacket& packet) {
    Writer writer(Kind::Packet);
    writer.text(packet.nasId);
    writer.text(packet.nasKey);
    writer.octets(packet.source.bytes());
    writer.instant(packet.receivedAt);
    writer.flag(packet.swapOctets);
    writer.octets(packet.octets);
    return writer.take();
}

core::Bytes encode(const JournaledGone& gone) {
    Writer writer(Kind::Gone);
    writeSession(writer, gone.session);
    writer.instant(gone.askedAt);
    return writer.take();
}

core::Bytes encode(const JournaledTold& told) {
    Writer writer(Kind::Told);
    writeSession(writer, told.session);
    writer.number(static_cast<std::uint8_t>(told.told.access), 1);
    writer.number(told.told.rate, 4);
    writer.number(told.told.place, 4);
    writer.flag(told.told.until.has_value());
    if (told.told.until) {
        writer.instant(*told.told.until);
    }
    return writer.take();
}

JournaledPacket readPacket(Reader& reader) {
    JournaledPacket packet;
    packet.nasId = reader.text();
    packet.nasKey = reader.text();
    packet.source = reader.address();
    packet.receivedAt = reader.instant();
    packet.swapOctets = reader.flag();
    const core::ByteView octets = reader.octets();
    packet.octets.assign(octets.begin(), octets.end());
    return packet;
}

JournaledGone readGone(Reader& reader) {
    JournaledGone gone;
    gone.session = readSession(reader);
    gone.askedAt = reader.instant();
    return gone;
}

JournaledTold readTold(Reader& reader) {
    JournaledTold told;
    told.session = readSession(reader);
    told.told.access =
        static_cast<billing::Access>(reader.atMost(static_cast<std::uint8_t>(billing::Access::Denied)));
    told.told.rate = static_cast<std::uint32_t>(reader.number(4));
    told.told.place = static_cast<std::uint32_t>(reader.number(4));
    if (reader.flag()) {
        told.told.until = reader.instant();
    }
    return told;
}

std::optional<JournalRecord> readKind(Reader& reader, Kind kind) {
    switch (kind) {
        case Kind::Packet:
            return readPacket(reader);
        case Kind::Gone:
            return readGone(reader);
        case Kind::Told:
            return readTold(reader);
    }
    return std::nullopt;
}

}  // namespace

core::Bytes encodeRecord(const JournalRecord& record) {
    return std::visit([](const auto& one) { return encode(one); }, record);
}

std::optional<JournalRecord> decodeRecord(core::ByteView octets) {
    Reader reader(octets);
    if (reader.number(1) != kVersion) {
        return std::nullopt;
    }
    const Kind kind{static_cast<std::uint8_t>(reader.number(1))};
    auto record = readKind(reader, kind);
    if (!reader.isWhole()) {
        return std::nullopt;
    }
    return record;
}

}  // namespace gardu::radius
