#pragma once
// A RADIUS client (NAS: a router) as it is stored. Pure values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/refused.h"

namespace gardu::radius {

/// Whether an Access-Request must carry a Message-Authenticator (BlastRADIUS, CVE-2024-3596).
/// Auto: from the first valid one on (sticky and stored).
enum class MessageAuthenticatorPolicy { Require, Auto, Off };

[[nodiscard]] std::string_view name(MessageAuthenticatorPolicy policy);
[[nodiscard]] std::optional<MessageAuthenticatorPolicy> parseMessageAuthenticatorPolicy(
    std::string_view text);

struct Nas {
    std::string id;
    std::string name;
    core::IpNetwork address;
    /// As the vault sealed it.
    std::string sealedSecret;
    MessageAuthenticatorPolicy policy = MessageAuthenticatorPolicy::Auto;
    bool messageAuthenticatorSeen = false;
    int coaPort = 3799;
    /// Its Acct-Input-Octets count what it sends to the subscriber, against RFC 2866 section 5.3.
    bool swapOctets = false;
};

/// Why this cannot be a NAS's name or secret.
[[nodiscard]] std::vector<core::FieldError> nasProblems(const std::string& name, std::string_view secret);

}  // namespace gardu::radius
