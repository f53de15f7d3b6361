#pragma once
// An Access-Request as the policy sees it (RFC 2865 section 4.1, RFC 2548, RFC 2869). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "radius/packet.h"

namespace gardu::radius {

/// User-Password, un-hidden. Empty for the MAC logins of RouterOS.
struct PapCredential {
    std::string password;
};
/// CHAP-Password (17 octets) and what it answers to: CHAP-Challenge, or the Request Authenticator without
/// one.
struct ChapCredential {
    std::string response;
    std::string challenge;
};
struct MsChapCredential {
    std::string response;
    std::string challenge;
};
struct MsChap2Credential {
    std::string response;
    std::string challenge;
};
struct EapCredential {
    std::uint8_t identifier = 0;
};
struct NoCredential {};

using Credential = std::variant<NoCredential, PapCredential, ChapCredential, MsChapCredential,
                                MsChap2Credential, EapCredential>;

/// "pap", "chap", "mschap", "mschap2", "eap", "none".
[[nodiscard]] std::string_view methodName(const Credential& credential);

struct AccessRequest {
    std::string userName;
    Credential credential;
    std::string callingStationId;
    std::optional<std::uint32_t> nasPort = std::nullopt;
    std::string nasPortId = {};
};

enum class BadAccessRequest {
    UserNameMissing,
    CredentialMissingChallenge,  ///< MS-CHAP without MS-CHAP-Challenge
    SeveralCredentials,          ///< RFC 2865 section 4.1: not both User-Password and CHAP-Password
};

[[nodiscard]] std::string_view name(BadAccessRequest error);

[[nodiscard]] std::variant<AccessRequest, BadAccessRequest> readAccessRequest(
    const Attributes& attributes, std::span<const std::uint8_t, 16> requestAuthenticator);

}  // namespace gardu::radius
