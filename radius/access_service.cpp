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

/// The name without a domain before it; nothing where there is none.
std::optional<std::string_view> withoutDomain(std::string_view userName) {
    const std::size_t domainEnd = userName.find('\\');
    return domainEnd == std::string_view::npos ? std::nullopt : std::optional(userName.substr(domainEnd + 1));
}

/// Windows writes its domain before the name, which MS-CHAP leaves out of its proof (RFC 2759 section 8.2).
bool mayHaveDomain(const Credential& credential) {
    return std::holds_alternative<MsChapCredential>(credential) ||
           std::holds_alternative<MsChap2Credential>(credential);
}

/// Gives a place back unless it is kept: an Accept that does not leave takes none.
class HeldPlace {
public:
    HeldPlace(SessionRegistry& registry, const std::string& usernameKey, const core::Uuid& login)
        : registry_(registry), usernameKey_(usernameKey), login_(login) {}
    ~HeldPlace() {
        if (!kept_) {
            registry_.release(usernameKey_, login_);
        }
    }
    HeldPlace(const HeldPlace&) = delete;
    HeldPlace& operator=(const HeldPlace&) = delete;
    void keep() { kept_ = true; }

private:
    SessionRegistry& registry_;
    const std::string& usernameKey_;
    const core::Uuid& login_;
    bool kept_ = false;
};

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

AccessService::AccessService(Parts parts)
    : parts_(std::move(parts)), counters_(std::make_shared<Counters>(parts_.metrics)) {}

AccessAnswer AccessService::answer(const Datagram& datagram) noexcept {
    AccessAnswer result = Dropped{kInternalError};
    try {
        counters_->requests.add();
        result = answerOrThrow(datagram);
    } catch (const core::InvariantBroken& error) {
        counters_->invariants.add();
        core::logError("invariant_broken", {{"where", "access"}, {"error", error.what()}});
    } catch (const std::exception& error) {
        if (const auto leftOut = failureLines_.pass(datagram.monotonic)) {
            core::logError("access_failed", {{"source", core::formatIpAddress(datagram.source)},
                                             {"error", error.what()},
                                             {"left_out", *leftOut}});
        }
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
    auto read = readAccessRequest(*attributes, packet.authenticator());
    if (const auto* bad = std::get_if<BadAccessRequest>(&read)) {
        return Dropped{name(*bad)};
    }
    const Login login = findLogin(datagram, std::get<AccessRequest>(std::move(read)));
    const AccessDecision decision = decide(datagram, login);
    if (!packet.hasMessageAuthenticator() && looksLikeWrongSecret(login.request, decision)) {
        parts_.alarms.raise(std::string(kWrongSecret), nas.nas.name,
                            "its passwords decrypt to garbage, so its secret is most likely another one",
                            datagram.now);
        return Dropped{kWrongSecret};
    }
    noteHeard(datagram, nas);
    const Asked asked{datagram, packet, nas, login};
    return decision.outcome == AccessOutcome::Reject ? reject(asked, decision) : accept(asked, decision);
}

AccessAnswer AccessService::reject(const Asked& asked, const AccessDecision& decision) {
    const ReplyMoment moment{asked.datagram.now, asked.datagram.random[0]};
    Bytes reply = encodeReply(Code::AccessReject, asked.packet,
                              rejectAttributes(decision, asked.login.request, moment), asked.nas.secret);
    // Last: a decision that no router hears of is none.
    record(asked, decision);
    return reply;
}

AccessAnswer AccessService::accept(const Asked& asked, const AccessDecision& decision) {
    const Login& login = asked.login;
    const Claimed claimed = claimPlace(asked, decision.entitlement);
    if (claimed == Claimed::Refused) {
        return reject(asked, rejectTooManySessions());
    }
    HeldPlace place(parts_.registry, login.usernameKey, login.id);
    const ReplyMoment moment{asked.datagram.now, asked.datagram.random[0]};
    const LoginClass loginClass{login.id, login.hit->subscriptionId, toldOf(decision.entitlement)};
    Bytes reply = encodeReply(Code::AccessAccept, asked.packet,
                              acceptAttributes(decision, classValue(loginClass), moment), asked.nas.secret);
    record(asked, decision);
    if (claimed == Claimed::GrantedReplacing && parts_.wakeEnforcer) {
        parts_.wakeEnforcer(login.usernameKey);
    }
    place.keep();
    return reply;
}

AccessService::Login AccessService::findLogin(const Datagram& datagram, AccessRequest request) const {
    Login login;
    login.id = core::makeUuid7(datagram.now, tenOctets(datagram.random));
    login.usernameKey = billing::usernameKey(request.userName);
    login.hit = parts_.directory.find(login.usernameKey);
    if (!login.hit && mayHaveDomain(request.credential)) {
        if (const auto name = withoutDomain(request.userName)) {
            login.usernameKey = billing::usernameKey(*name);
            login.hit = parts_.directory.find(login.usernameKey);
        }
    }
    login.request = std::move(request);
    return login;
}

AccessDecision AccessService::decide(const Datagram& datagram, const Login& login) {
    if (std::holds_alternative<EapCredential>(login.request.credential)) {
        return rejectEap();
    }
    if (!login.hit) {
        return rejectUnknownUser();
    }
    const std::string row = core::toText(login.hit->subscriptionId);
    const core::Secret password =
        parts_.vault.openOctets({"subscriptions", "mikrotik_password", row}, login.hit->sealedPassword);
    return decideAccess(provePassword(login.request, password.text()),
                        billing::entitlement(login.hit->facts, datagram.now));
}

Claimed AccessService::claimPlace(const Asked& asked, const billing::Entitlement& entitlement) {
    SessionClaim claim;
    claim.usernameKey = asked.login.usernameKey;
    claim.loginId = asked.login.id;
    // As accounting will name it.
    claim.callingStationId = core::boundedText(asked.login.request.callingStationId, kMostTextSize);
    claim.nasKey = asked.nas.keyOf(asked.datagram.source);
    claim.nasPort = asked.login.request.nasPort;
    claim.nasPortId = core::boundedText(asked.login.request.nasPortId, kMostTextSize);
    claim.told = toldOf(entitlement);
    claim.limit = entitlement.simultaneousUse;
    claim.policy = entitlement.simultaneousPolicy;
    claim.interimSeconds = entitlement.interimSeconds;
    claim.now = asked.datagram.now;
    return parts_.registry.claim(claim);
}

void AccessService::noteHeard(const Datagram& datagram, const NasEntry& nas) {
    if (nas.isNetwork()) {
        parts_.registry.noteHeard(nas.keyOf(datagram.source), datagram.now);
    } else {
        parts_.registry.noteHeard(nas.nas.id, datagram.now);  // no text is made for each packet
    }
}

void AccessService::record(const Asked& asked, const AccessDecision& decision) {
    const AccessRequest& request = asked.login.request;
    counters_->decisions.at(static_cast<std::size_t>(decision.outcome)).add();
    parts_.authLog.put({asked.datagram.now, request.userName, name(decision.outcome), decision.reason,
                        methodName(request.credential), asked.nas.nas.name,
                        core::formatIpAddress(asked.datagram.source), request.callingStationId, 1});
}

}  // namespace gardu::radius
