#include "radius/wire.h"

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "core/entropy.h"
#include "radius/hiding.h"
#include "radius/password.h"
#include "radius/wire_c.h"

namespace gardu::radius {
namespace {

constexpr std::size_t kAuthenticatorAt = 4;
constexpr std::size_t kMaxSaltedSize = 255;
constexpr Authenticator kZeros{};

struct FreeDecoder {
    void operator()(WireDecoder* decoder) const { wireDecoderFree(decoder); }
};
using DecoderPtr = std::unique_ptr<WireDecoder, FreeDecoder>;

DecoderPtr newDecoder() {
    DecoderPtr decoder(wireDecoderNew());
    if (!decoder) {
        throw std::bad_alloc();
    }
    return decoder;
}

/// One memory pool for each thread, so that a packet's attributes cost no call to malloc.
WireDecoder& threadDecoder() {
    thread_local const DecoderPtr decoder = newDecoder();
    return *decoder;
}

Attribute toAttribute(const WireAttribute& found, const PacketView& packet, const SharedSecret& secret) {
    const AttributeId id{found.vendor, found.type};
    const std::string_view value = core::asText({found.value, found.size});
    if (id == attr::kUserPassword) {
        return {id, revealPassword(value, packet.authenticator(), secret)};
    }
    return {id, std::string(value)};
}

/// The salts of one packet: random, and all different, since they count up from the first one.
class Salts {
public:
    std::uint16_t next() {
        if (!next_) {
            std::array<std::uint8_t, 2> octets{};
            core::fillRandom(octets);
            next_ = static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
        }
        const std::uint16_t salt = *next_;
        next_ = static_cast<std::uint16_t>(salt + 1);
        return salt;
    }

private:
    std::optional<std::uint16_t> next_;
};

[[noreturn]] void refuse(AttributeId id, std::string_view why) {
    throw WireError(attributeName(id) + std::string(why));
}

/// A packet on its way out, in a buffer of the largest size.
class PacketWriter {
public:
    /// octets_ is not filled with zeros first, which would cost as much as the packet.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
    PacketWriter(Code code, std::uint8_t identifier, AuthenticatorView authenticator) {
        octets_[0] = static_cast<std::uint8_t>(code);
        octets_[1] = identifier;
        std::ranges::copy(authenticator, octets_.begin() + kAuthenticatorAt);
    }

    /// To be called before any other attribute; sign() fills it in.
    void addMessageAuthenticator() {
        hasMessageAuthenticator_ = true;
        addOctets(attr::kMessageAuthenticator, kZeros);
    }

    /// `hidingAuthenticator` is that of the request, which is this packet or the one that it answers.
    void add(const Attribute& attribute, AuthenticatorView hidingAuthenticator, const SharedSecret& secret) {
        if (attribute.id == attr::kMessageAuthenticator) {
            refuse(attribute.id, " is made by the encoder");
        }
        WireDefinition definition{};
        const bool isKnown = wireDefine(attribute.id.vendor, attribute.id.type, &definition);
        if (isKnown && definition.hiding != WireHidingNone) {
            const std::string hidden = hide(attribute, definition, {hidingAuthenticator, secret});
            addOctets(attribute.id, core::asBytes(hidden));
        } else {
            encode(attribute.id, core::asBytes(attribute.value), false);
        }
    }

    void addOctets(AttributeId id, ByteView value) { encode(id, value, true); }

    /// Length and Message-Authenticator, with what the header holds as the authenticator.
    void sign(const SharedSecret& secret) {
        octets_[2] = static_cast<std::uint8_t>(size_ >> 8);
        octets_[3] = static_cast<std::uint8_t>(size_ & 0xff);
        if (hasMessageAuthenticator_) {
            std::ranges::copy(secret.hmacMd5({view()}), octets_.begin() + kHeaderSize + 2);
        }
    }

    /// The Response Authenticator (RFC 2865 section 3), or an accounting request's, from the signed packet.
    void replaceAuthenticator(const SharedSecret& secret) {
        std::ranges::copy(md5({view(), secret.octets()}), octets_.begin() + kAuthenticatorAt);
    }

    [[nodiscard]] Bytes bytes() const {
        return {octets_.begin(), octets_.begin() + static_cast<long>(size_)};
    }

private:
    struct Hider {
        AuthenticatorView authenticator;
        const SharedSecret& secret;
    };

    std::string hide(const Attribute& attribute, const WireDefinition& definition, const Hider& hider) {
        switch (definition.hiding) {
            case WireHidingPassword:
                if (attribute.value.size() > kMaxPasswordSize) {
                    refuse(attribute.id, " is too long");
                }
                return hidePassword(attribute.value, hider.authenticator, hider.secret);
            case WireHidingSalted:
                return hideAfterTag(attribute, definition.isTagged ? 1 : 0, hider);
            default:
                refuse(attribute.id, " cannot be hidden");
        }
    }

    std::string hideAfterTag(const Attribute& attribute, std::size_t tagSize, const Hider& hider) {
        const std::string_view value = attribute.value;
        if (value.size() <= tagSize || value.size() - tagSize > kMaxSaltedSize) {
            refuse(attribute.id, " is empty or too long");
        }
        std::string hidden(value.substr(0, tagSize));
        return hidden + hideSalted(value.substr(tagSize), salts_.next(), hider.authenticator, hider.secret);
    }

    void encode(AttributeId id, ByteView value, bool asOctets) {
        const WireAttribute attribute{id.vendor, id.type, value.data(), value.size()};
        const std::size_t written =
            wireEncode(&attribute, asOctets, octets_.data() + size_, octets_.size() - size_);
        if (written == 0) {
            refuse(id,
                   ": " + std::to_string(value.size()) + " octets are not of its size, or pass the packet's");
        }
        size_ += written;
    }

    [[nodiscard]] ByteView view() const { return ByteView(octets_).first(size_); }

    std::array<std::uint8_t, kMaxPacketSize> octets_;
    std::size_t size_ = kHeaderSize;
    bool hasMessageAuthenticator_ = false;
    Salts salts_;
};

/// Whether a request's authenticator is random; in the other requests it is a digest (RFC 2866, RFC 5176).
bool hasRandomAuthenticator(Code code) {
    return code == Code::AccessRequest || code == Code::StatusServer;
}

}  // namespace

std::optional<Attributes> decode(const PacketView& packet, const SharedSecret& secret) {
    WireDecoder& decoder = threadDecoder();
    const ByteView octets = packet.octets.subspan(kHeaderSize);
    wireDecoderBegin(&decoder, octets.data(), octets.size());
    Attributes attributes;
    attributes.reserve(packet.attributeCount);
    WireAttribute found{};
    WireStep step = wireDecoderNext(&decoder, &found);
    for (; step == WireStepAttribute; step = wireDecoderNext(&decoder, &found)) {
        if (attributes.size() == kMaxAttributes) {
            return std::nullopt;
        }
        attributes.push_back(toAttribute(found, packet, secret));
    }
    if (step != WireStepEnd) {
        return std::nullopt;
    }
    return attributes;
}

Bytes encodeReply(Code code, const PacketView& request, std::span<const Attribute> attributes,
                  const SharedSecret& secret) {
    PacketWriter writer(code, request.identifier, request.authenticator());
    if (code != Code::AccountingResponse) {
        writer.addMessageAuthenticator();
    }
    for (const Attribute& attribute : attributes) {
        writer.add(attribute, request.authenticator(), secret);
    }
    for (const ByteView proxyState : std::span(request.proxyStates).first(request.proxyStateCount)) {
        writer.addOctets(attr::kProxyState, proxyState);
    }
    writer.sign(secret);
    writer.replaceAuthenticator(secret);
    return writer.bytes();
}

Bytes encodeRequest(const RequestHead& head, std::span<const Attribute> attributes,
                    const SharedSecret& secret) {
    const bool isRandom = hasRandomAuthenticator(head.code);
    const Authenticator& authenticator = isRandom ? head.authenticator : kZeros;
    PacketWriter writer(head.code, head.identifier, authenticator);
    if (head.messageAuthenticator) {
        writer.addMessageAuthenticator();
    }
    for (const Attribute& attribute : attributes) {
        writer.add(attribute, authenticator, secret);
    }
    writer.sign(secret);
    if (!isRandom) {
        writer.replaceAuthenticator(secret);
    }
    return writer.bytes();
}

}  // namespace gardu::radius
