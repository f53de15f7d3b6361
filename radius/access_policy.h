#pragma once
// The decision on a login: flat guards with named reasons. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "billing/entitlement.h"
#include "radius/access_request.h"
#include "radius/password.h"

namespace gardu::radius {

enum class AccessOutcome { Accept, Isolate, Reject };

[[nodiscard]] std::string_view name(AccessOutcome outcome);

/// What the password check found.
struct PasswordProof {
    bool matches = false;
    /// Only after a right MS-CHAPv2 response.
    std::optional<MsChap2Success> msChap2;
};

/// `password` is the stored one. Where the user name is a MAC address, RouterOS sends an empty password, a
/// blank, or the MAC address again, in any of its formats: an empty stored password takes each; a stored
/// password that is that MAC address takes it in any format. For any other user name an empty stored password
/// takes nothing.
[[nodiscard]] PasswordProof provePassword(const AccessRequest& request, std::string_view password);

struct AccessDecision {
    AccessOutcome outcome = AccessOutcome::Reject;
    /// snake_case: "active", "ended", "wrong_password", "unknown_user"; see reasonInWords.
    std::string_view reason;
    /// Valid where the outcome is not Reject.
    billing::Entitlement entitlement;
    std::optional<MsChap2Success> msChap2;
};

/// No subscriber has this name.
[[nodiscard]] AccessDecision rejectUnknownUser();
/// EAP needs an engine that this server does not have.
[[nodiscard]] AccessDecision rejectEap();
/// A right password, but all places that the package gives are taken.
[[nodiscard]] AccessDecision rejectTooManySessions();
/// The password first: nobody without it learns how the subscription stands.
[[nodiscard]] AccessDecision decideAccess(const PasswordProof& proof,
                                          const billing::Entitlement& entitlement);

/// A PAP password that matched nothing and cannot have been typed: the shared secret is most likely another
/// one (RFC 2865 section 5.2 has no other sign of it).
[[nodiscard]] bool looksLikeWrongSecret(const AccessRequest& request, const AccessDecision& decision);

/// For the operator: "the password is wrong", "the last day of access has passed".
[[nodiscard]] std::string_view reasonInWords(std::string_view reason);
/// For the subscriber, in Reply-Message. Does not tell an unknown user from a wrong password.
[[nodiscard]] std::string_view replyMessage(std::string_view reason);

}  // namespace gardu::radius
