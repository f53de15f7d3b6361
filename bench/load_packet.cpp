// The low-level MD5 calls are a third of the price of EVP for the short messages of RADIUS.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "bench/load_packet.h"

#include <openssl/md5.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "bench/load_writer.h"

namespace gardu::bench {
namespace {

constexpr std::size_t kDigestLength = 16;
constexpr std::size_t kBlockLength = 64;

constexpr std::uint8_t kAccessRequest = 1;
constexpr std::uint8_t kAccessAccept = 2;
constexpr std::uint8_t kAccessReject = 3;

Authenticator finish(MD5_CTX& state) {
    Authenticator digest;
    MD5_Final(digest.data(), &state);
    return digest;
}

// RFC 2865 section 5.2: every 16 bytes are masked with the MD5 of the secret and the 16 before them.
void writePap(Writer& writer, const SecretDigest& digest, const RequestFields& fields) {
    const std::string& password = fields.user.password;
    const std::size_t blocks = std::max<std::size_t>(1, (password.size() + 15) / 16);
    std::uint8_t* value = writer.attribute(UserPassword, 16 * blocks);
    std::memset(value, 0, 16 * blocks);
    std::copy(password.begin(), password.end(), value);
    std::span<const std::uint8_t> previous = fields.authenticator;
    for (std::uint8_t* block = value; block < value + 16 * blocks; block += 16) {
        const Authenticator mask = digest.secretThen(previous);
        std::transform(mask.begin(), mask.end(), block, block,
                       [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a ^ b); });
        previous = {block, 16};
    }
}

// RFC 2865 sections 5.3 and 5.40. The challenge need only be fresh, so the request's authenticator serves,
// but as an attribute of its own, as RouterOS sends it.
void writeChap(Writer& writer, const RequestFields& fields) {
    std::array<std::uint8_t, 17> response{fields.identifier};
    MD5_CTX state;
    MD5_Init(&state);
    MD5_Update(&state, response.data(), 1);
    MD5_Update(&state, fields.user.password.data(), fields.user.password.size());
    MD5_Update(&state, fields.authenticator.data(), fields.authenticator.size());
    const Authenticator digest = finish(state);
    std::copy(digest.begin(), digest.end(), response.begin() + 1);
    writer.attribute(ChapChallenge, fields.authenticator);
    writer.attribute(ChapPassword, response);
}

void writeSession(Writer& writer, const RequestFields& fields) {
    const std::array<char, 17> mac = macOf(fields.userNumber);
    const std::array<char, 8> session = sessionIdOf(fields.sessionNumber);
    writer.text(UserName, fields.user.name);
    writer.text(CallingStationId, {mac.data(), mac.size()});
    writer.text(CalledStationId, "pppoe-service");
    writer.text(NasPortId, "bridge-pppoe");
    writer.text(AcctSessionId, {session.data(), session.size()});
}

// The length of the attribute at `at`, 0 when it is broken or leaves the packet.
std::size_t attributeLength(std::span<const std::uint8_t> packet, std::size_t at) {
    const std::size_t length = at + 1 < packet.size() ? packet[at + 1] : 0;
    return length >= 2 && at + length <= packet.size() ? length : 0;
}

// The offset of Message-Authenticator's value, 0 when there is none, nothing when an attribute is broken.
std::optional<std::size_t> findMessageAuthenticator(std::span<const std::uint8_t> packet) {
    std::size_t found = 0;
    for (std::size_t at = kHeaderLength; at < packet.size();) {
        const std::size_t length = attributeLength(packet, at);
        const bool isProof = packet[at] == MessageAuthenticator;
        if (length == 0 || (isProof && (length != 2 + kDigestLength || found != 0))) {
            return std::nullopt;
        }
        found = isProof ? at + 2 : found;
        at += length;
    }
    return found;
}

std::string fixedTail(const std::string& nasIdentifier) {
    std::array<std::uint8_t, kMaxRequestLength> buffer{};
    Writer writer(buffer.data());
    writer.text(NasIdentifier, nasIdentifier);
    writer.attribute(NasIpAddress, Number{127, 0, 0, 1});
    return {reinterpret_cast<const char*>(buffer.data()), writer.length()};
}

void startHmac(MD5_CTX& state, std::span<const std::uint8_t> key, std::uint8_t pad) {
    std::array<std::uint8_t, kBlockLength> block{};
    std::copy(key.begin(), key.end(), block.begin());
    for (std::uint8_t& byte : block) {
        byte = static_cast<std::uint8_t>(byte ^ pad);
    }
    MD5_Init(&state);
    MD5_Update(&state, block.data(), block.size());
}

// Message-Authenticator counts as zero in the sum that it holds.
Authenticator takeProof(std::span<std::uint8_t, kDigestLength> value) {
    Authenticator proof;
    std::copy(value.begin(), value.end(), proof.begin());
    std::fill(value.begin(), value.end(), std::uint8_t{0});
    return proof;
}

// Both proofs are made over the reply with the request's authenticator in the place of its own
// (RFC 2865 section 3, RFC 2869 section 5.14).
bool isGenuine(const SecretDigest& digest, std::span<std::uint8_t> reply, const Authenticator& requested) {
    const std::optional<std::size_t> proofAt = findMessageAuthenticator(reply);
    if (!proofAt.has_value()) {
        return false;
    }
    Authenticator received;
    std::copy_n(reply.begin() + 4, received.size(), received.begin());
    std::copy(requested.begin(), requested.end(), reply.begin() + 4);
    if (digest.thenSecret(reply) != received) {
        std::copy(received.begin(), received.end(), reply.begin() + 4);
        return false;
    }
    if (*proofAt == 0) {
        return true;
    }
    const Authenticator proof = takeProof(reply.subspan(*proofAt).first<kDigestLength>());
    return digest.hmac(reply) == proof;
}

}  // namespace

struct SecretDigest::States {
    MD5_CTX secret;  // MD5 that has read the secret
    MD5_CTX inner;   // RFC 2104: MD5 that has read key xor ipad
    MD5_CTX outer;   // and key xor opad
};

SecretDigest::SecretDigest(std::string_view secret) : states_(std::make_unique<States>()), secret_(secret) {
    MD5_Init(&states_->secret);
    MD5_Update(&states_->secret, secret_.data(), secret_.size());
    Authenticator hashed{};
    std::span<const std::uint8_t> key = bytesOf(secret_);
    if (key.size() > kBlockLength) {
        MD5(key.data(), key.size(), hashed.data());
        key = hashed;
    }
    startHmac(states_->inner, key, 0x36);
    startHmac(states_->outer, key, 0x5C);
}

SecretDigest::~SecretDigest() = default;

Authenticator SecretDigest::hmac(std::span<const std::uint8_t> message) const {
    MD5_CTX state = states_->inner;
    MD5_Update(&state, message.data(), message.size());
    const Authenticator inner = finish(state);
    state = states_->outer;
    MD5_Update(&state, inner.data(), inner.size());
    return finish(state);
}

Authenticator SecretDigest::secretThen(std::span<const std::uint8_t> block) const {
    MD5_CTX state = states_->secret;
    MD5_Update(&state, block.data(), block.size());
    return finish(state);
}

Authenticator SecretDigest::thenSecret(std::span<const std::uint8_t> message) const {
    MD5_CTX state;
    MD5_Init(&state);
    MD5_Update(&state, message.data(), message.size());
    MD5_Update(&state, secret_.data(), secret_.size());
    return finish(state);
}

PacketMaker::PacketMaker(const PacketOptions& options)
    : digest_(options.secret),
      tail_(fixedTail(options.nasIdentifier)),
      messageAuthenticator_(options.messageAuthenticator) {}

std::size_t PacketMaker::build(std::span<std::uint8_t, kMaxRequestLength> out,
                               const RequestFields& fields) const {
    Writer writer(out.data());
    writer.raw(std::array<std::uint8_t, 4>{kAccessRequest, fields.identifier, 0, 0});
    writer.raw(fields.authenticator);
    writer.number(ServiceType, kFramed);
    writer.number(FramedProtocol, kPpp);
    writer.number(NasPort, fields.sessionNumber);
    writer.number(NasPortType, kEthernet);
    writeSession(writer, fields);
    if (fields.method == Method::Pap) {
        writePap(writer, digest_, fields);
    } else {
        writeChap(writer, fields);
    }
    writer.raw(bytesOf(tail_));
    std::uint8_t* proof =
        messageAuthenticator_ ? writer.attribute(MessageAuthenticator, kDigestLength) : nullptr;
    const std::size_t length = writer.length();
    writer.setLength();
    if (proof != nullptr) {
        std::memset(proof, 0, kDigestLength);
        const Authenticator hmac = digest_.hmac({out.data(), length});
        std::memcpy(proof, hmac.data(), hmac.size());
    }
    return length;
}

ReplyVerdict PacketMaker::verify(std::span<std::uint8_t> reply, const Authenticator& requested) const {
    const std::optional<std::uint8_t> code = genuineCode(digest_, reply, requested);
    if (!code.has_value()) {
        return ReplyVerdict::Bad;
    }
    if (*code == kAccessAccept) {
        return ReplyVerdict::Accept;
    }
    return *code == kAccessReject ? ReplyVerdict::Reject : ReplyVerdict::Other;
}

std::optional<std::uint8_t> genuineCode(const SecretDigest& digest, std::span<std::uint8_t> reply,
                                        const Authenticator& requested) {
    if (reply.size() < kHeaderLength) {
        return std::nullopt;
    }
    const std::size_t length = static_cast<std::size_t>(reply[2]) * 256 + reply[3];
    if (length < kHeaderLength || length > reply.size() ||
        !isGenuine(digest, reply.first(length), requested)) {
        return std::nullopt;
    }
    return reply[0];
}

}  // namespace gardu::bench
