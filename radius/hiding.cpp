#include "radius/hiding.h"

#include <algorithm>

namespace gardu::radius {
namespace {

constexpr std::size_t kChunk = 16;
constexpr std::uint16_t kSaltMark = 0x8000;

std::size_t paddedSize(std::size_t size) {
    return (size + kChunk - 1) / kChunk * kChunk;
}

void exclusiveOr(std::span<char> octets, const Digest16& mask) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
        octets[i] = static_cast<char>(static_cast<std::uint8_t>(octets[i]) ^ mask[i]);
    }
}

/// Masks the first chunk with `mask`, each further one with a digest of the hidden chunk before it.
void hideChunks(std::span<char> text, Digest16 mask, const SharedSecret& secret) {
    for (std::size_t at = 0; at < text.size(); at += kChunk) {
        const std::span<char> chunk = text.subspan(at, kChunk);
        exclusiveOr(chunk, mask);
        if (at + kChunk < text.size()) {
            mask = md5({secret.octets(), core::asBytes({chunk.data(), chunk.size()})});
        }
    }
}

}  // namespace

std::string hidePassword(std::string_view password, AuthenticatorView requestAuthenticator,
                         const SharedSecret& secret) {
    std::string hidden(password);
    hidden.resize(std::max(kChunk, paddedSize(password.size())), '\0');
    hideChunks(hidden, md5({secret.octets(), requestAuthenticator}), secret);
    return hidden;
}

std::string revealPassword(std::string_view hidden, AuthenticatorView requestAuthenticator,
                           const SharedSecret& secret) {
    std::string password(hidden);
    Digest16 mask = md5({secret.octets(), requestAuthenticator});
    for (std::size_t at = 0; at < hidden.size(); at += kChunk) {
        const std::string_view hiddenChunk = hidden.substr(at, kChunk);
        exclusiveOr(std::span(password).subspan(at, hiddenChunk.size()), mask);
        if (at + kChunk < hidden.size()) {
            mask = md5({secret.octets(), core::asBytes(hiddenChunk)});
        }
    }
    password.resize(password.find_last_not_of('\0') + 1);
    return password;
}

std::string hideSalted(std::string_view value, std::uint16_t salt, AuthenticatorView requestAuthenticator,
                       const SharedSecret& secret) {
    const auto marked = static_cast<std::uint16_t>(salt | kSaltMark);
    const std::array<std::uint8_t, 2> saltOctets = {static_cast<std::uint8_t>(marked >> 8),
                                                    static_cast<std::uint8_t>(marked & 0xff)};
    std::string hidden(saltOctets.begin(), saltOctets.end());
    hidden.push_back(static_cast<char>(value.size()));
    hidden.append(value);
    hidden.resize(saltOctets.size() + paddedSize(value.size() + 1), '\0');
    hideChunks(std::span(hidden).subspan(saltOctets.size()),
               md5({secret.octets(), requestAuthenticator, saltOctets}), secret);
    return hidden;
}

}  // namespace gardu::radius
