#include "radius/access_request.h"

#include <array>
#include <optional>

namespace gardu::radius {

namespace {

std::string copyOf(const Attribute* attribute) {
    return attribute == nullptr ? "" : attribute->value;
}

Credential eapCredential(const Attribute& message) {
    EapCredential credential;
    if (message.value.size() >= 2) {
        credential.identifier = static_cast<std::uint8_t>(message.value[1]);
    }
    return credential;
}

/// Nothing where MS-CHAP's challenge is missing.
std::optional<Credential> readCredential(const Attributes& attributes,
                                         std::span<const std::uint8_t, 16> requestAuthenticator) {
    const Attribute* challenge = find(attributes, attr::kMsChapChallenge);
    if (const Attribute* response = find(attributes, attr::kMsChap2Response)) {
        return challenge == nullptr ? std::nullopt
                                    : std::optional(MsChap2Credential{response->value, challenge->value});
    }
    if (const Attribute* response = find(attributes, attr::kMsChapResponse)) {
        return challenge == nullptr ? std::nullopt
                                    : std::optional(MsChapCredential{response->value, challenge->value});
    }
    if (const Attribute* response = find(attributes, attr::kChapPassword)) {
        const Attribute* chapChallenge = find(attributes, attr::kChapChallenge);
        const std::string answered = chapChallenge == nullptr
                                         ? std::string(core::asText(ByteView(requestAuthenticator)))
                                         : chapChallenge->value;
        return ChapCredential{response->value, answered};
    }
    if (const Attribute* password = find(attributes, attr::kUserPassword)) {
        return PapCredential{password->value};
    }
    if (const Attribute* message = find(attributes, attr::kEapMessage)) {
        return eapCredential(*message);
    }
    return NoCredential{};
}

int countCredentials(const Attributes& attributes) {
    int count = 0;
    for (const AttributeId id :
         {attr::kUserPassword, attr::kChapPassword, attr::kMsChapResponse, attr::kMsChap2Response}) {
        count += find(attributes, id) == nullptr ? 0 : 1;
    }
    return count;
}

}  // namespace

std::string_view methodName(const Credential& credential) {
    constexpr std::array<std::string_view, 6> names = {"none", "pap", "chap", "mschap", "mschap2", "eap"};
    return names.at(credential.index());
}

std::string_view name(BadAccessRequest error) {
    constexpr std::array<std::string_view, 3> names = {"user_name_missing", "challenge_missing",
                                                       "several_credentials"};
    return names.at(static_cast<std::size_t>(error));
}

std::variant<AccessRequest, BadAccessRequest> readAccessRequest(
    const Attributes& attributes, std::span<const std::uint8_t, 16> requestAuthenticator) {
    const Attribute* userName = find(attributes, attr::kUserName);
    if (userName == nullptr || userName->value.empty()) {
        return BadAccessRequest::UserNameMissing;
    }
    if (countCredentials(attributes) > 1) {
        return BadAccessRequest::SeveralCredentials;
    }
    auto credential = readCredential(attributes, requestAuthenticator);
    if (!credential) {
        return BadAccessRequest::CredentialMissingChallenge;
    }
    return AccessRequest{userName->value, std::move(*credential),
                         copyOf(find(attributes, attr::kCallingStationId)),
                         findInteger(attributes, attr::kNasPort), copyOf(find(attributes, attr::kNasPortId))};
}

}  // namespace gardu::radius
