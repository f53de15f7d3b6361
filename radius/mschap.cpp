// The part of password.h that is Microsoft's.
// DES_ is marked deprecated, since new designs should not use it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/des.h>

#include <algorithm>

#include "radius/password.h"

namespace gardu::radius {
namespace {

using Block = std::span<const std::uint8_t, 8>;
using Response = std::array<std::uint8_t, 24>;

// MS-CHAP-Response and MS-CHAP2-Response (RFC 2548 sections 2.1.3 and 2.3.2): ident, flags, then two fields.
constexpr std::size_t kResponseSize = 50;
constexpr std::size_t kIdentAt = 0;
constexpr std::size_t kFlagsAt = 1;
constexpr std::size_t kPeerChallengeAt = 2;
constexpr std::size_t kNtResponseAt = 26;
constexpr std::uint8_t kUseNtResponse = 1;
constexpr std::size_t kChallengeSize = 8;
constexpr std::size_t kChallenge2Size = 16;
constexpr std::size_t kDesKeySize = 7;
constexpr std::size_t kKeyPad = 40;

// RFC 2759 section 8.7 and RFC 3079 section 3.4.
constexpr std::string_view kSigningMagic = "Magic server to client signing constant";
constexpr std::string_view kSigningPad = "Pad to make it do more than one iteration";
constexpr std::string_view kMasterMagic = "This is the MPPE Master Key";
constexpr std::string_view kServerReceives =
    "On the client side, this is the send key; on the server side, it is the receive key.";
constexpr std::string_view kServerSends =
    "On the client side, this is the receive key; on the server side, it is the send key.";

// UTF-8 (RFC 3629): what a lead octet says.
struct Sequence {
    std::size_t size;
    std::uint32_t leadBits;
    std::uint32_t least;
};
constexpr std::uint32_t kMaxCodePoint = 0x10ffff;
constexpr std::uint32_t kFirstSupplementary = 0x10000;

std::optional<Sequence> sequenceOf(std::uint8_t lead) {
    if (lead < 0x80) {
        return Sequence{1, lead, 0};
    }
    if ((lead & 0xe0) == 0xc0) {
        return Sequence{2, lead & 0x1fU, 0x80};
    }
    if ((lead & 0xf0) == 0xe0) {
        return Sequence{3, lead & 0x0fU, 0x800};
    }
    if ((lead & 0xf8) == 0xf0) {
        return Sequence{4, lead & 0x07U, kFirstSupplementary};
    }
    return std::nullopt;
}

bool isCodePoint(std::uint32_t value, std::uint32_t least) {
    const bool isSurrogate = value >= 0xd800 && value <= 0xdfff;
    return value >= least && value <= kMaxCodePoint && !isSurrogate;
}

/// Takes one character off the front: a well-formed sequence, or else a single octet, which counts as
/// Latin-1.
std::uint32_t takeCharacter(ByteView& text) {
    const std::uint8_t lead = text[0];
    const std::optional<Sequence> sequence = sequenceOf(lead);
    std::uint32_t value = sequence ? sequence->leadBits : lead;
    bool isWellFormed = sequence && sequence->size <= text.size();
    for (std::size_t i = 1; isWellFormed && i < sequence->size; ++i) {
        isWellFormed = (text[i] & 0xc0) == 0x80;
        value = value << 6 | (text[i] & 0x3fU);
    }
    isWellFormed = isWellFormed && isCodePoint(value, sequence->least);
    text = text.subspan(isWellFormed ? sequence->size : 1);
    return isWellFormed ? value : lead;
}

void appendUnit(core::Bytes& out, std::uint32_t unit) {
    out.push_back(static_cast<std::uint8_t>(unit & 0xff));
    out.push_back(static_cast<std::uint8_t>(unit >> 8));
}

core::Bytes utf16LittleEndian(std::string_view utf8) {
    core::Bytes out;
    out.reserve(2 * utf8.size());
    ByteView left = core::asBytes(utf8);
    while (!left.empty()) {
        const std::uint32_t value = takeCharacter(left);
        if (value < kFirstSupplementary) {
            appendUnit(out, value);
        } else {
            appendUnit(out, 0xd800 + ((value - kFirstSupplementary) >> 10));
            appendUnit(out, 0xdc00 + ((value - kFirstSupplementary) & 0x3ff));
        }
    }
    return out;
}

/// 56 bits spread over 8 octets; DES does not look at the lowest bit of each, so parity need not be set.
void spreadKey(std::span<const std::uint8_t, kDesKeySize> key, DES_cblock& out) {
    std::uint64_t bits = 0;
    for (const std::uint8_t octet : key) {
        bits = bits << 8 | octet;
    }
    for (std::size_t i = sizeof(out); i-- > 0; bits >>= 7) {
        out[i] = static_cast<std::uint8_t>((bits & 0x7f) << 1);
    }
}

void desEncrypt(Block clear, std::span<const std::uint8_t, kDesKeySize> key, std::uint8_t* out) {
    DES_cblock spread;
    spreadKey(key, spread);
    DES_key_schedule schedule;
    DES_set_key_unchecked(&spread, &schedule);
    DES_cblock block;
    std::ranges::copy(clear, std::begin(block));
    DES_ecb_encrypt(&block, &block, &schedule, DES_ENCRYPT);
    std::copy(std::begin(block), std::end(block), out);
    OPENSSL_cleanse(&schedule, sizeof(schedule));
}

/// RFC 2759 section 8.2: the first 8 octets of a digest of both challenges and the name without its domain.
std::array<std::uint8_t, kChallengeSize> challengeHash(ByteView peerChallenge, ByteView challenge,
                                                       std::string_view userName) {
    const std::size_t domainEnd = userName.find('\\');
    const std::string_view name =
        domainEnd == std::string_view::npos ? userName : userName.substr(domainEnd + 1);
    const Digest20 digest = sha1({peerChallenge, challenge, core::asBytes(name)});
    std::array<std::uint8_t, kChallengeSize> hash{};
    std::copy_n(digest.begin(), hash.size(), hash.begin());
    return hash;
}

std::string upperHex(ByteView octets) {
    std::string hex = core::toHex(octets);
    std::ranges::transform(hex, hex.begin(), [](char digit) {
        return digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    });
    return hex;
}

/// RFC 2759 section 8.7, as the value of MS-CHAP2-Success.
std::string successText(std::uint8_t ident, const Digest16& hashHash, ByteView ntResponse, Block challenge) {
    const Digest20 first = sha1({hashHash, ntResponse, core::asBytes(kSigningMagic)});
    const Digest20 second = sha1({first, challenge, core::asBytes(kSigningPad)});
    return static_cast<char>(ident) + ("S=" + upperHex(second));
}

/// RFC 3079 section 3.4, GetAsymmetricStartKey() for 128 bits.
Digest16 startKey(ByteView masterKey, std::string_view magic) {
    static constexpr std::array<std::uint8_t, kKeyPad> kPad1{};
    static constexpr std::array<std::uint8_t, kKeyPad> kPad2 = [] {
        std::array<std::uint8_t, kKeyPad> pad{};
        pad.fill(0xf2);
        return pad;
    }();
    const Digest20 digest = sha1({masterKey, kPad1, core::asBytes(magic), kPad2});
    Digest16 key{};
    std::copy_n(digest.begin(), key.size(), key.begin());
    return key;
}

MsChap2Success succeed(std::uint8_t ident, const Digest16& passwordHash, ByteView ntResponse,
                       Block challenge) {
    const Digest16 hashHash = md4(passwordHash);
    const Digest20 master = sha1({hashHash, ntResponse, core::asBytes(kMasterMagic)});
    const ByteView masterKey = ByteView(master).first(sizeof(Digest16));
    return {successText(ident, hashHash, ntResponse, challenge), startKey(masterKey, kServerSends),
            startKey(masterKey, kServerReceives)};
}

}  // namespace

Digest16 ntHash(std::string_view password) {
    core::Bytes unicode = utf16LittleEndian(password);
    const Digest16 hash = md4(unicode);
    OPENSSL_cleanse(unicode.data(), unicode.size());
    return hash;
}

Response challengeResponse(Block challenge, const Digest16& passwordHash) {
    std::array<std::uint8_t, 3 * kDesKeySize> keys{};
    std::ranges::copy(passwordHash, keys.begin());
    Response response{};
    for (std::size_t i = 0; i < 3; ++i) {
        desEncrypt(challenge, std::span(keys).subspan(i * kDesKeySize).first<kDesKeySize>(),
                   response.data() + i * kChallengeSize);
    }
    return response;
}

bool msChapMatches(ByteView response, ByteView challenge, std::string_view password) {
    if (response.size() != kResponseSize || challenge.size() != kChallengeSize) {
        return false;
    }
    if ((response[kFlagsAt] & kUseNtResponse) == 0) {
        return false;
    }
    const Response expected = challengeResponse(challenge.first<kChallengeSize>(), ntHash(password));
    return core::equalConstantTime(expected, response.subspan(kNtResponseAt));
}

std::optional<MsChap2Success> msChap2Check(ByteView response, ByteView challenge, std::string_view userName,
                                           std::string_view password) {
    if (response.size() != kResponseSize || challenge.size() != kChallenge2Size) {
        return std::nullopt;
    }
    const ByteView ntResponse = response.subspan(kNtResponseAt);
    const auto hash = challengeHash(response.subspan(kPeerChallengeAt, kChallenge2Size), challenge, userName);
    const Digest16 passwordHash = ntHash(password);
    if (!core::equalConstantTime(challengeResponse(hash, passwordHash), ntResponse)) {
        return std::nullopt;
    }
    return succeed(response[kIdentAt], passwordHash, ntResponse, hash);
}

std::string msChapError(const MsChapFailure& failure) {
    const bool isVersion2 = failure.version == 2;
    const ByteView challenge =
        ByteView(failure.newChallenge).first(isVersion2 ? kChallenge2Size : kChallengeSize);
    std::string text(1, static_cast<char>(failure.ident));
    text += "E=" + std::to_string(static_cast<int>(failure.code)) + " R=0 C=" + upperHex(challenge);
    text += isVersion2 ? " V=3 M=" + std::string(failure.message) : " V=2";
    return text;
}

}  // namespace gardu::radius
