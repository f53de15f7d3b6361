// The plain functions of libcrypto are marked deprecated, since new designs should not use these digests.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "radius/digest.h"

#include <openssl/crypto.h>
#include <openssl/md4.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>
#include <stdexcept>

namespace gardu::radius {
namespace {

constexpr std::size_t kBlockSize = 64;
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;
using Block = std::array<std::uint8_t, kBlockSize>;

void update(MD5_CTX& context, std::initializer_list<ByteView> parts) {
    for (const ByteView part : parts) {
        MD5_Update(&context, part.data(), part.size());
    }
}

Digest16 finish(MD5_CTX& context) {
    Digest16 digest{};
    MD5_Final(digest.data(), &context);
    return digest;
}

/// RFC 2104 section 2: a key longer than a block is digested first, and the rest of the block is zero.
Block keyBlock(ByteView key) {
    Block block{};
    if (key.size() > kBlockSize) {
        std::ranges::copy(md5({key}), block.begin());
    } else {
        std::ranges::copy(key, block.begin());
    }
    return block;
}

MD5_CTX startWith(Block block, std::uint8_t pad) {
    for (std::uint8_t& octet : block) {
        octet = static_cast<std::uint8_t>(octet ^ pad);
    }
    MD5_CTX context;
    MD5_Init(&context);
    MD5_Update(&context, block.data(), block.size());
    OPENSSL_cleanse(block.data(), block.size());
    return context;
}

}  // namespace

Digest16 md5(std::initializer_list<ByteView> parts) {
    MD5_CTX context;
    MD5_Init(&context);
    update(context, parts);
    return finish(context);
}

Digest16 md4(ByteView data) {
    MD4_CTX context;
    MD4_Init(&context);
    MD4_Update(&context, data.data(), data.size());
    Digest16 digest{};
    MD4_Final(digest.data(), &context);
    return digest;
}

Digest20 sha1(std::initializer_list<ByteView> parts) {
    SHA_CTX context;
    SHA1_Init(&context);
    for (const ByteView part : parts) {
        SHA1_Update(&context, part.data(), part.size());
    }
    Digest20 digest{};
    SHA1_Final(digest.data(), &context);
    return digest;
}

/// MD5 as it stands after the key block, for the inner and the outer pass, and the octets for the
/// authenticators. All of it is as good as the secret, and wiped.
struct SharedSecret::State {
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;
    ~State() {
        OPENSSL_cleanse(&inner, sizeof(inner));
        OPENSSL_cleanse(&outer, sizeof(outer));
        OPENSSL_cleanse(octets.data(), octets.size());
    }

    MD5_CTX inner{};
    MD5_CTX outer{};
    std::size_t size = 0;
    std::array<std::uint8_t, kMaxSecretSize> octets{};
};

SharedSecret::SharedSecret(std::string_view secret) {
    if (secret.empty() || secret.size() > kMaxSecretSize) {
        throw std::invalid_argument("a shared secret has 1 to 128 octets");
    }
    if (secret.find('\0') != std::string_view::npos) {
        throw std::invalid_argument("a shared secret holds no NUL");
    }
    state_ = std::make_unique<State>();
    state_->size = secret.size();
    std::ranges::copy(secret, state_->octets.begin());
    Block block = keyBlock(octets());
    state_->inner = startWith(block, kInnerPad);
    state_->outer = startWith(block, kOuterPad);
    OPENSSL_cleanse(block.data(), block.size());
}

SharedSecret::~SharedSecret() = default;
SharedSecret::SharedSecret(SharedSecret&& other) noexcept = default;
SharedSecret& SharedSecret::operator=(SharedSecret&& other) noexcept = default;

Digest16 SharedSecret::hmacMd5(std::initializer_list<ByteView> parts) const {
    MD5_CTX inner = state_->inner;
    update(inner, parts);
    const Digest16 innerDigest = finish(inner);
    MD5_CTX outer = state_->outer;
    update(outer, {innerDigest});
    return finish(outer);
}

ByteView SharedSecret::octets() const {
    return ByteView(state_->octets).first(state_->size);
}

}  // namespace gardu::radius
