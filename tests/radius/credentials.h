#pragma once
// Proofs of a password as routers send them, to fixed challenges. For the tests of the access path.

#include <string>
#include <string_view>

#include "radius/digest.h"
#include "radius/packet.h"
#include "radius/password.h"

namespace gardu::radius::test {

inline constexpr Authenticator kRequestAuthenticator = {0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe,
                                                        0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

inline std::string textOf(ByteView octets) {
    return std::string(core::asText(octets));
}

inline Attributes chapCredential(std::string_view password, std::string_view challenge, bool sendChallenge) {
    const std::string ident = "\x16";
    const Digest16 digest = md5({core::asBytes(ident), core::asBytes(password), core::asBytes(challenge)});
    Attributes attributes = {textAttribute(attr::kChapPassword, ident + textOf(digest))};
    if (sendChallenge) {
        attributes.push_back(textAttribute(attr::kChapChallenge, challenge));
    }
    return attributes;
}

inline Attributes msChapCredential(std::string_view password) {
    const std::string challenge = "8 octets";
    const auto response = challengeResponse(core::asBytes(challenge).first<8>(), ntHash(password));
    const std::string value = std::string("\x05\x01", 2) + std::string(24, '\0') + textOf(response);
    return {textAttribute(attr::kMsChapChallenge, challenge), textAttribute(attr::kMsChapResponse, value)};
}

inline Attributes msChap2Credential(std::string_view user, std::string_view password) {
    const std::string challenge = "the challenge 16";
    const std::string peer = "peer's challenge";
    const Digest20 hash = sha1({core::asBytes(peer), core::asBytes(challenge), core::asBytes(user)});
    const auto response = challengeResponse(ByteView(hash).first<8>(), ntHash(password));
    const std::string value = std::string("\x05\x00", 2) + peer + std::string(8, '\0') + textOf(response);
    return {textAttribute(attr::kMsChapChallenge, challenge), textAttribute(attr::kMsChap2Response, value)};
}

/// "pap", "chap" (to the authenticator), "chap N" (a challenge of N octets), "mschap", "mschap2", "eap",
/// "none".
inline Attributes credential(const std::string& method, std::string_view user, std::string_view password) {
    if (method == "pap") {
        return {textAttribute(attr::kUserPassword, password)};
    }
    if (method == "chap") {
        return chapCredential(password, core::asText(kRequestAuthenticator), false);
    }
    if (method.starts_with("chap ")) {
        return chapCredential(password, std::string(std::stoul(method.substr(5)), 'c'), true);
    }
    if (method == "mschap") {
        return msChapCredential(password);
    }
    if (method == "mschap2") {
        return msChap2Credential(user, password);
    }
    if (method == "eap") {
        return {textAttribute(attr::kEapMessage, std::string("\x02\x03\x00\x06\x01x", 6))};
    }
    return {};
}

}  // namespace gardu::radius::test
