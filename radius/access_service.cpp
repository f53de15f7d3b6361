#include "radius/access_service.h"

#include <map>

#include "billing/username.h"
#include "core/check.h"
#include "core/log.h"
#include "radius/drop_reason.h"
#include "radius/login_class.h"
#include "radius/reply.h"
#include "radius/wire.h"

namespace gardu::radius {

namespace {

constexpr std::string_view kMessageAuthenticatorMissing = "message_authenticator_missing";
constexpr std::string_view kProxyStateUnprotected = "proxy_state_unprotected";

/// Every reason that is not a preparse error's.
std::vector<std::string_view> dropReasons() {
    return {kUnknownNas,
            kWrongSecret,
            kMessageAuthenticatorMissing,
            kProxyStateUnprotected,
            kUndecodable,
            kDuplicateInProgress,
            kInternalError,
            name(BadAccessRequest::UserNameMissing),
            name(BadAccessRequest::CredentialMissingChallenge),
            name(BadAccessRequest::SeveralCredentials)};
}

Authenticator copyOf(std::span<const std::uint8_t, 16> octets) {
    Authenticator authenticator{};
    std::copy(octets.begin(), octets.end(), authenticator.begin());
    return authenticator;
}

std::array<std::uint8_t, 10> tenOctets(const std::array<std::uint64_t, 3>& random) {
    std::array<std::uint8_t, 10> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        octets.at(i) = static_cast<std::uint8_t>(random.at(1 + i / 8) >> (8 * (i % 8)));
    }
    return octets;
}

Attributes attributesOf(const Datagram& datagram, const AccessRequest& request,
                        const AccessDecision& decision, const std::optional<DirectoryHit>& hit) {
    const ReplyMoment moment{datagram.now, datagram.random[0]};
    if (decision.outcome == AccessOutcome::Reject) {
        return rejectAttributes(decision, request, moment);
    }
    const core::Uuid session = core::makeUuid7(datagram.now, tenOctets(datagram.random));
    const LoginClass login{session, hit->subscriptionId, toldOf(decision.entitlement)};
    return acceptAttributes(decision, classValue(login), moment);
}

}  // namespace

/// Handles looked up once; the reasons are a closed list.
struct AccessService::Counters {
    explicit Counters(core::Metrics& metrics)
        : requests(
              metrics.counter("gardu_access_requests_total", "Datagrams received on authentication sockets")),
          duplicates(
              metrics.counter("gardu_access_duplicates_total", "Requests answered from the reply cache")),
          invariants(metrics.counter("gardu_invariant_broken_total", "Must stay 0")) {
        for (const AccessOutcome outcome :
             {AccessOutcome::Accept, AccessOutcome::Isolate, AccessOutcome::Reject}) {
            decisions.push_back(metrics.counter("gardu_access_decisions_total", "Logins decided, by outcome",
                                                {{"outcome", std::string(name(outcome))}}));
        }
        for (const std::string_view reason : dropReasons()) {
            addDrop(metrics, reason);
        }
        for (int error = 0; error <= static_cast<int>(PreparseError::UnexpectedCode); ++error) {
            addDrop(metrics, name(static_cast<PreparseError>(error)));
        }
    }

    void addDrop(core::Metrics& metrics, std::string_view reason) {
        drops.emplace(reason,
                      metrics.counter("gardu_access_dropped_total", "Datagrams not answered, by reason",
                                      {{"reason", std::string(reason)}}));
    }

    core::Counter requests;
    core::Counter duplicates;
    core::Counter invariants;
    std::vector<core::Counter> decisions;
    std::map<std::string_view, core::Counter> drops;
};

AccessService::AccessService(const Parts& parts)
    : parts_(parts), counters_(std::make_shared<Counters>(parts.metrics)) {}

AccessAnswer AccessService::answer(const Datagram& datagram) noexcept {
    AccessAnswer result = Dropped{kInternalError};
    try {
        counters_->requests.add();
        result = answerOrThrow(datagram);
    } catch (const core::InvariantBroken& error) {
        counters_->invariants.add();
        core::logError("invariant_broken", {{"where", "access"}, {"error", error.what()}});
    } catch (const std::exception& error) {
        core::logError("access_failed",
                       {{"source", core::formatIpAddress(datagram.source)}, {"error", error.what()}});
    }
    if (const auto* dropped = std::get_if<Dropped>(&result)) {
        counters_->drops.at(dropped->reason).add();
    }
    return result;
}

AccessAnswer AccessService::answerOrThrow(const Datagram& datagram) {
    const auto table = parts_.nasTable.read([](const auto& current) { return current; });
    const NasEntry* nas = table ? table->find(datagram.source) : nullptr;
    if (nas == nullptr) {
        parts_.alarms.raise(std::string(kUnknownNas), core::formatIpAddress(datagram.source),
                            kUnknownNasAdvice, datagram.now);
        return Dropped{kUnknownNas};
    }
    const auto parsed = preparse(datagram.octets, PortKind::Access);
    if (const auto* error = std::get_if<PreparseError>(&parsed)) {
        return Dropped{name(*error)};
    }
    const PacketView& packet = std::get<PacketView>(parsed);
    if (const auto refused = refuse(datagram, packet, *nas)) {
        return *refused;
    }
    if (packet.code == Code::StatusServer) {
        return encodeReply(Code::AccessAccept, packet, {}, nas->secret);
    }
    return answerRequest(datagram, packet, *nas);
}

std::optional<Dropped> AccessService::refuse(const Datagram& datagram, const PacketView& packet,
                                             const NasEntry& nas) {
    if (packet.hasMessageAuthenticator()) {
        if (!messageAuthenticatorIsValid(packet, nas.secret)) {
            parts_.alarms.raise(std::string(kWrongSecret), nas.nas.name, kWrongSecretAdvice, datagram.now);
            return Dropped{kWrongSecret};
        }
        if (!packet.hasEapMessage && packet.code == Code::AccessRequest) {
            nas.noteMessageAuthenticator(datagram.source);
        }
        return std::nullopt;
    }
    if (nas.requiresMessageAuthenticator(datagram.source)) {
        parts_.alarms.raise(
            std::string(kMessageAuthenticatorMissing), nas.nas.name,
            "it sends no Message-Authenticator, which it must (BlastRADIUS): on RouterOS 7.15 or later "
            "/radius set require-message-auth=yes-for-request-resp, or gardu nas update "
            "--message-authenticator off",
            datagram.now);
        return Dropped{kMessageAuthenticatorMissing};
    }
    if (packet.proxyStateCount > 0) {
        return Dropped{kProxyStateUnprotected};
    }
    return std::nullopt;
}

AccessAnswer AccessService::answerRequest(const Datagram& datagram, const PacketView& packet,
                                          const NasEntry& nas) {
    const RequestKey key{datagram.source, datagram.sourcePort, datagram.socket, packet.identifier};
    const Authenticator authenticator = copyOf(packet.authenticator());
    auto found = cache_.begin(key, authenticator, datagram.monotonic);
    if (auto* earlier = std::get_if<Bytes>(&found)) {
        counters_->duplicates.add();
        return std::move(*earlier);
    }
    if (std::holds_alternative<ReplyCache::InProgress>(found)) {
        return Dropped{kDuplicateInProgress};
    }
    try {
        AccessAnswer result = decideAndEncode(datagram, packet, nas);
        if (const auto* reply = std::get_if<Bytes>(&result)) {
            cache_.finish(key, authenticator, *reply);
        } else {
            cache_.forget(key, authenticator);
        }
        return result;
    } catch (...) {
        cache_.forget(key, authenticator);
        throw;
    }
}

AccessAnswer AccessService::decideAndEncode(const Datagram& datagram, const PacketView& packet,
                                            const NasEntry& nas) {
    const auto attributes = decode(packet, nas.secret);
    if (!attributes) {
        return Dropped{kUndecodable};
    }
    const auto read = readAccessRequest(*attributes, packet.authenticator());
    if (const auto* bad = std::get_if<BadAccessRequest>(&read)) {
        return Dropped{name(*bad)};
    }
    const auto& request = std::get<AccessRequest>(read);
    const auto hit = parts_.directory.find(billing::usernameKey(request.userName));
    const AccessDecision decision = decide(datagram, request, hit);
    if (!packet.hasMessageAuthenticator() && looksLikeWrongSecret(request, decision)) {
        parts_.alarms.raise(std::string(kWrongSecret), nas.nas.name,
                            "its passwords decrypt to garbage, so its secret is most likely another one",
                            datagram.now);
        return Dropped{kWrongSecret};
    }
    const bool accepted = decision.outcome != AccessOutcome::Reject;
    Bytes reply = encodeReply(accepted ? Code::AccessAccept : Code::AccessReject, packet,
                              attributesOf(datagram, request, decision, hit), nas.secret);
    // Last: a decision that no router hears of is none.
    record(datagram, request, decision, nas);
    return reply;
}

AccessDecision AccessService::decide(const Datagram& datagram, const AccessRequest& request,
                                     const std::optional<DirectoryHit>& hit) {
    if (std::holds_alternative<EapCredential>(request.credential)) {
        return rejectEap();
    }
    if (!hit) {
        return rejectUnknownUser();
    }
    const std::string row = core::toText(hit->subscriptionId);
    const core::Secret password =
        parts_.vault.openOctets({"subscriptions", "mikrotik_password", row}, hit->sealedPassword);
    return decideAccess(provePassword(request, password.text()),
                        billing::entitlement(hit->facts, datagram.now));
}

void AccessService::record(const Datagram& datagram, const AccessRequest& request,
                           const AccessDecision& decision, const NasEntry& nas) {
    counters_->decisions.at(static_cast<std::size_t>(decision.outcome)).add();
    parts_.authLog.put({datagram.now, request.userName, name(decision.outcome), decision.reason,
                        methodName(request.credential), nas.nas.name, core::formatIpAddress(datagram.source),
                        request.callingStationId, 1});
}

}  // namespace gardu::radius
