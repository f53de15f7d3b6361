#include "radius/access_policy.h"

#include <array>

#include "billing/username.h"
#include "core/bytes.h"

namespace gardu::radius {

namespace {

constexpr std::string_view kWrongPassword = "wrong_password";
constexpr std::string_view kUnknownUser = "unknown_user";
constexpr std::string_view kEapNotSupported = "eap_not_supported";
constexpr std::string_view kTooManySessions = "too_many_sessions";

struct ReasonTexts {
    std::string_view reason;
    std::string_view operatorWords;
    std::string_view subscriberWords;
};

constexpr std::string_view kLoginFailed = "Unknown user name or wrong password";

constexpr std::array kReasons = {
    ReasonTexts{"active", "access is paid and running", ""},
    ReasonTexts{"ended", "the last day of access has passed",
                "Your subscription has ended. Please pay to go on."},
    ReasonTexts{"subscription_suspended", "the subscription is suspended",
                "Your subscription is suspended. Please contact us."},
    ReasonTexts{"customer_suspended", "the customer is suspended",
                "Your account is suspended. Please contact us."},
    ReasonTexts{"overdue", "it is not paid, and cut off for that",
                "Your bill is not paid. Please pay to go on."},
    ReasonTexts{"dunning_suspended", "it has not been paid for so long that access is refused",
                "Your bill is not paid. Please pay to go on."},
    ReasonTexts{"dunning_terminated", "it was ended for good, since it was not paid",
                "Your subscription has ended. Please contact us."},
    ReasonTexts{"quota_used_up", "the quota of this period is used up",
                "Your quota is used up. Please buy more, or wait for the next period."},
    ReasonTexts{"subscription_cancelled", "the subscription is cancelled", "Your subscription is cancelled."},
    ReasonTexts{"subscription_disabled", "the subscription is disabled by an operator",
                "Your subscription is disabled. Please contact us."},
    ReasonTexts{"customer_inactive", "the customer is inactive",
                "Your account is not active. Please contact us."},
    ReasonTexts{"not_started", "the subscription begins on a later day",
                "Your subscription has not begun yet."},
    ReasonTexts{kWrongPassword, "the password is wrong", kLoginFailed},
    ReasonTexts{kUnknownUser, "no subscriber has this user name", kLoginFailed},
    ReasonTexts{kTooManySessions,
                "as many sessions as the package allows are open (gardu session list --user)",
                "You are already online on another device"},
    ReasonTexts{kEapNotSupported,
                "the router asked for EAP, which is not supported: use PAP, CHAP or MS-CHAP",
                "This way to log in is not supported"},
};

const ReasonTexts* findReason(std::string_view reason) {
    for (const ReasonTexts& texts : kReasons) {
        if (texts.reason == reason) {
            return &texts;
        }
    }
    return nullptr;
}

/// What the stored password may look like on the wire, the stored one first.
struct Candidates {
    std::array<std::string_view, 4> texts{};
    std::size_t count = 0;
    /// The MAC address is all there is to prove.
    bool macOnly = false;

    void add(std::string_view text) { texts.at(count++) = text; }
};

Candidates candidatesFor(const AccessRequest& request, std::string_view password) {
    Candidates candidates;
    if (!password.empty()) {
        candidates.add(password);
    }
    // An empty password was stored only where the name, as the operator wrote it, is a device's.
    const auto nameDigits = billing::macAddressDigits(request.userName);
    candidates.macOnly =
        nameDigits && (password.empty() || billing::macAddressDigits(password) == nameDigits);
    if (candidates.macOnly) {
        candidates.add(request.userName);
    }
    if (candidates.macOnly && password.empty()) {
        candidates.add("");
        candidates.add(" ");
    }
    return candidates;
}

bool isSameMacAddress(const AccessRequest& request, const PapCredential& pap) {
    const auto digits = billing::macAddressDigits(pap.password);
    return digits && digits == billing::macAddressDigits(request.userName);
}

PasswordProof proveOne(const AccessRequest& request, std::string_view password) {
    PasswordProof proof;
    if (const auto* pap = std::get_if<PapCredential>(&request.credential)) {
        proof.matches = papMatches(pap->password, password);
    } else if (const auto* chap = std::get_if<ChapCredential>(&request.credential)) {
        proof.matches = chapMatches(core::asBytes(chap->response), core::asBytes(chap->challenge), password);
    } else if (const auto* msChap = std::get_if<MsChapCredential>(&request.credential)) {
        proof.matches =
            msChapMatches(core::asBytes(msChap->response), core::asBytes(msChap->challenge), password);
    } else if (const auto* msChap2 = std::get_if<MsChap2Credential>(&request.credential)) {
        proof.msChap2 = msChap2Check(core::asBytes(msChap2->response), core::asBytes(msChap2->challenge),
                                     request.userName, password);
        proof.matches = proof.msChap2.has_value();
    } else if (std::holds_alternative<NoCredential>(request.credential)) {
        // Wireless MAC authentication may leave the password out altogether.
        proof.matches = password.empty();
    }
    return proof;
}

}  // namespace

std::string_view name(AccessOutcome outcome) {
    constexpr std::array<std::string_view, 3> names = {"accept", "isolate", "reject"};
    return names.at(static_cast<std::size_t>(outcome));
}

PasswordProof provePassword(const AccessRequest& request, std::string_view password) {
    const Candidates candidates = candidatesFor(request, password);
    for (std::size_t i = 0; i < candidates.count; ++i) {
        PasswordProof proof = proveOne(request, candidates.texts.at(i));
        if (proof.matches) {
            return proof;
        }
    }
    const auto* pap = std::get_if<PapCredential>(&request.credential);
    PasswordProof proof;
    proof.matches = pap != nullptr && candidates.macOnly && isSameMacAddress(request, *pap);
    return proof;
}

bool looksLikeWrongSecret(const AccessRequest& request, const AccessDecision& decision) {
    const bool proven = decision.reason != kWrongPassword && decision.reason != kUnknownUser;
    const auto* pap = std::get_if<PapCredential>(&request.credential);
    return !proven && pap != nullptr && !core::isPrintableUtf8(core::asBytes(pap->password));
}

AccessDecision rejectUnknownUser() {
    return {AccessOutcome::Reject, kUnknownUser, {}, std::nullopt};
}

AccessDecision rejectEap() {
    return {AccessOutcome::Reject, kEapNotSupported, {}, std::nullopt};
}

AccessDecision rejectTooManySessions() {
    return {AccessOutcome::Reject, kTooManySessions, {}, std::nullopt};
}

AccessDecision decideAccess(const PasswordProof& proof, const billing::Entitlement& entitlement) {
    if (!proof.matches) {
        return {AccessOutcome::Reject, kWrongPassword, {}, std::nullopt};
    }
    const std::string_view reason = name(entitlement.reason);
    if (entitlement.access == billing::Access::Denied) {
        return {AccessOutcome::Reject, reason, {}, std::nullopt};
    }
    const bool isFull = entitlement.access == billing::Access::Full;
    return {isFull ? AccessOutcome::Accept : AccessOutcome::Isolate, reason, entitlement, proof.msChap2};
}

std::string_view reasonInWords(std::string_view reason) {
    const ReasonTexts* texts = findReason(reason);
    return texts == nullptr ? reason : texts->operatorWords;
}

std::string_view replyMessage(std::string_view reason) {
    const ReasonTexts* texts = findReason(reason);
    return texts == nullptr ? std::string_view() : texts->subscriberWords;
}

}  // namespace gardu::radius
