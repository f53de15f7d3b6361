#include "radius/reply.h"

#include <algorithm>

#include "core/address.h"
#include "core/bytes.h"
#include "core/check.h"

namespace gardu::radius {

namespace {

constexpr std::int64_t kMaxJitterSeconds = 300;
constexpr std::int64_t kJitterDivisor = 10;
constexpr std::uint32_t kMinInterimSeconds = 60;
/// RFC 2548 sections 2.4.4 and 2.4.5: encryption allowed, not required; 40-bit and 128-bit RC4.
constexpr std::uint32_t kEncryptionAllowed = 1;
constexpr std::uint32_t kEncryptionTypes40And128 = 6;
constexpr std::uint8_t kEapFailure = 4;

void addText(Attributes& attributes, AttributeId id, const std::optional<std::string>& text) {
    if (text) {
        attributes.push_back(textAttribute(id, *text));
    }
}

void addInteger(Attributes& attributes, AttributeId id, const std::optional<int>& number) {
    if (number) {
        attributes.push_back(integerAttribute(id, static_cast<std::uint32_t>(*number)));
    }
}

/// RFC 3162 section 2.3: a reserved octet, the length, the octets of the prefix.
void addIpv6Prefix(Attributes& attributes, AttributeId id, const std::optional<std::string>& text) {
    if (!text) {
        return;
    }
    const auto network = core::parseIpNetwork(*text);
    core::check(network && network->address.family == core::AddressFamily::Ipv6,
                "a stored IPv6 prefix is none");
    core::Bytes octets = {0, static_cast<std::uint8_t>(network->prefixLength)};
    octets.insert(octets.end(), network->address.octets.begin(), network->address.octets.end());
    attributes.push_back(octetsAttribute(id, octets));
}

void addAddresses(Attributes& attributes, const billing::Entitlement& entitlement) {
    if (entitlement.addresses.ipv4) {
        const auto address = core::parseIpAddress(*entitlement.addresses.ipv4);
        core::check(address && address->family == core::AddressFamily::Ipv4,
                    "a stored static address is none");
        attributes.push_back(octetsAttribute(attr::kFramedIpAddress, address->bytes()));
    } else {
        // RouterOS ignores Framed-Pool beside Framed-IP-Address, so it is one or the other.
        addText(attributes, attr::kFramedPool, entitlement.pool);
    }
    for (const std::string& route : entitlement.addresses.framedRoutes) {
        attributes.push_back(textAttribute(attr::kFramedRoute, route));
    }
    addIpv6Prefix(attributes, attr::kFramedIpv6Prefix, entitlement.addresses.framedIpv6Prefix);
    addIpv6Prefix(attributes, attr::kDelegatedIpv6Prefix, entitlement.addresses.delegatedIpv6Prefix);
    addText(attributes, attr::kFramedIpv6Pool, entitlement.ipv6Pool);
    addText(attributes, attr::kMikrotikDelegatedIpv6Pool, entitlement.delegatedIpv6Pool);
}

void addMsChap2(Attributes& attributes, const MsChap2Success& success) {
    attributes.push_back(textAttribute(attr::kMsChap2Success, success.success));
    attributes.push_back(octetsAttribute(attr::kMsMppeSendKey, success.sendKey));
    attributes.push_back(octetsAttribute(attr::kMsMppeRecvKey, success.recvKey));
    attributes.push_back(integerAttribute(attr::kMsMppeEncryptionPolicy, kEncryptionAllowed));
    attributes.push_back(integerAttribute(attr::kMsMppeEncryptionTypes, kEncryptionTypes40And128));
}

std::optional<std::uint32_t> sessionTimeout(const billing::Entitlement& entitlement,
                                            const ReplyMoment& moment) {
    if (entitlement.sessionSeconds) {
        const core::Seconds seconds(*entitlement.sessionSeconds);
        return sessionTimeoutSeconds(seconds, moment.random);
    }
    if (entitlement.until) {
        return sessionTimeoutSeconds(*entitlement.until - moment.now, moment.random);
    }
    return std::nullopt;
}

MsChapErrorCode msChapErrorCode(std::string_view reason) {
    if (reason == "subscription_disabled" || reason == "subscription_cancelled" ||
        reason == "customer_inactive" || reason == "dunning_terminated") {
        return MsChapErrorCode::AccountDisabled;
    }
    if (reason == "ended" || reason == "not_started" || reason == "subscription_suspended" ||
        reason == "customer_suspended" || reason == "dunning_suspended" || reason == "overdue" ||
        reason == "quota_used_up") {
        return MsChapErrorCode::RestrictedLogonHours;
    }
    // A wrong password must not be what Windows shows: it would ask for another one.
    return reason == "too_many_sessions" ? MsChapErrorCode::NoDialInPermission
                                         : MsChapErrorCode::AuthenticationFailure;
}

std::array<std::uint8_t, 16> challengeFrom(std::uint64_t random) {
    std::array<std::uint8_t, 16> challenge{};
    // The router is told not to try again (R=0), so this challenge is never answered.
    for (std::size_t i = 0; i < challenge.size(); ++i) {
        challenge.at(i) = static_cast<std::uint8_t>(random >> (8 * (i % 8)));
    }
    return challenge;
}

void addMsChapError(Attributes& attributes, const AccessDecision& decision, const AccessRequest& request,
                    std::uint64_t random) {
    MsChapFailure failure;
    failure.code = msChapErrorCode(decision.reason);
    failure.newChallenge = challengeFrom(random);
    failure.message = replyMessage(decision.reason);
    const std::string* response = nullptr;
    if (const auto* msChap2 = std::get_if<MsChap2Credential>(&request.credential)) {
        response = &msChap2->response;
    } else if (const auto* msChap = std::get_if<MsChapCredential>(&request.credential)) {
        response = &msChap->response;
        failure.version = 1;
    }
    if (response == nullptr || response->empty()) {
        return;
    }
    failure.ident = static_cast<std::uint8_t>(response->front());
    attributes.push_back(textAttribute(attr::kMsChapError, msChapError(failure)));
}

}  // namespace

std::uint32_t sessionTimeoutSeconds(core::Milliseconds left, std::uint64_t random) {
    // Rounded down: the router must not cut later than the end.
    const std::int64_t whole = std::max<std::int64_t>(std::chrono::floor<core::Seconds>(left).count(), 1);
    const std::int64_t clamped = std::min(whole, kMaxSessionTimeout);
    const std::int64_t most = std::min(kMaxJitterSeconds, clamped / kJitterDivisor);
    const auto early = static_cast<std::int64_t>(random % static_cast<std::uint64_t>(most + 1));
    return static_cast<std::uint32_t>(std::max<std::int64_t>(clamped - early, 1));
}

std::uint32_t interimSeconds(int wanted, std::uint64_t random) {
    const auto seconds = static_cast<std::uint32_t>(wanted);
    const std::uint32_t spread = seconds / 10;
    const auto jitter = static_cast<std::uint32_t>(random % (2U * spread + 1));
    return std::max(seconds - spread + jitter, kMinInterimSeconds);
}

void addTotalLimit(Attributes& attributes, std::int64_t octets) {
    core::check(octets > 0, "a limit of nothing is no limit");
    const auto all = static_cast<std::uint64_t>(octets);
    attributes.push_back(integerAttribute(attr::kMikrotikTotalLimit, static_cast<std::uint32_t>(all)));
    attributes.push_back(
        integerAttribute(attr::kMikrotikTotalLimitGigawords, static_cast<std::uint32_t>(all >> 32U)));
}

Attributes acceptAttributes(const AccessDecision& decision, const std::string& classOctets,
                            const ReplyMoment& moment) {
    const billing::Entitlement& entitlement = decision.entitlement;
    Attributes attributes;
    attributes.reserve(16);
    attributes.push_back(textAttribute(attr::kMikrotikRateLimit, entitlement.rateLimit));
    addText(attributes, attr::kMikrotikAddressList, entitlement.addressList);
    addText(attributes, attr::kMikrotikGroup, entitlement.mikrotikGroup);
    addAddresses(attributes, entitlement);
    if (const auto timeout = sessionTimeout(entitlement, moment)) {
        attributes.push_back(integerAttribute(attr::kSessionTimeout, *timeout));
    }
    addInteger(attributes, attr::kIdleTimeout, entitlement.idleSeconds);
    addInteger(attributes, attr::kPortLimit, entitlement.portLimit);
    if (entitlement.totalLimit) {
        addTotalLimit(attributes, *entitlement.totalLimit);
    }
    attributes.push_back(integerAttribute(attr::kAcctInterimInterval,
                                          interimSeconds(entitlement.interimSeconds, moment.random >> 16U)));
    attributes.push_back(textAttribute(attr::kClass, classOctets));
    if (decision.msChap2) {
        addMsChap2(attributes, *decision.msChap2);
    }
    return attributes;
}

Attributes rejectAttributes(const AccessDecision& decision, const AccessRequest& request,
                            const ReplyMoment& moment) {
    Attributes attributes;
    attributes.push_back(textAttribute(attr::kReplyMessage, replyMessage(decision.reason)));
    if (const auto* eap = std::get_if<EapCredential>(&request.credential)) {
        const core::Bytes failure = {kEapFailure, eap->identifier, 0, 4};
        attributes.push_back(octetsAttribute(attr::kEapMessage, failure));
    }
    addMsChapError(attributes, decision, request, moment.random);
    return attributes;
}

}  // namespace gardu::radius
