#include "radius/nas.h"

#include <array>

#include "core/bytes.h"

namespace gardu::radius {

namespace {

/// What the subject of an alarm can hold.
constexpr std::size_t kMaxNameSize = 253;

}  // namespace

std::string_view name(MessageAuthenticatorPolicy policy) {
    constexpr std::array<std::string_view, 3> names = {"require", "auto", "off"};
    return names.at(static_cast<std::size_t>(policy));
}

std::optional<MessageAuthenticatorPolicy> parseMessageAuthenticatorPolicy(std::string_view text) {
    for (const auto policy : {MessageAuthenticatorPolicy::Require, MessageAuthenticatorPolicy::Auto,
                              MessageAuthenticatorPolicy::Off}) {
        if (name(policy) == text) {
            return policy;
        }
    }
    return std::nullopt;
}

std::vector<core::FieldError> nasProblems(const std::string& name, std::string_view secret) {
    std::vector<core::FieldError> errors;
    // MariaDB takes "a" and "a " as the same.
    const bool hasBlanks = name.starts_with(' ') || name.ends_with(' ');
    if (name.empty() || name.size() > kMaxNameSize || hasBlanks ||
        !core::isPrintableUtf8(core::asBytes(name))) {
        errors.push_back(
            {"name", "write a name of 1 to 253 printable characters, without a blank before or after it"});
    }
    if (secret.empty() || secret.size() > kMaxSecretSize || secret.find('\0') != std::string_view::npos) {
        errors.push_back({"secret", "write a shared secret of 1 to 128 octets; 16 or more are advised"});
    }
    return errors;
}

}  // namespace gardu::radius
