#pragma once
// An AccessService with its subscribers and NASes in memory, no database, and requests as routers make them.
// For the tests of the access path and its fuzzer; time and chance are fixed.

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "billing/username.h"
#include "radius/access_service.h"
#include "radius/login_class.h"
#include "radius/reply.h"
#include "radius/wire.h"
#include "tests/radius/credentials.h"

namespace gardu::radius::test {

inline constexpr std::string_view kNasSecret = "testing123";
/// 2026-11-22T12:00:00Z, 19:00 of that day in the business zone.
inline constexpr core::Instant kNoon{core::Seconds(1'795'348'800)};
inline constexpr core::Instant kEndOfToday{core::Seconds(1'795'366'800)};

inline core::Secret vaultKey(std::uint8_t octet) {
    return core::Secret(core::Bytes(core::kVaultKeySize, octet));
}

inline core::IpAddress address(std::string_view text) {
    return core::parseIpAddress(text).value();
}

/// Who asks, from where, and when.
struct From {
    std::string_view source = "10.0.0.1";
    std::uint16_t port = 40'000;
    std::uint16_t socket = 0;
    core::Instant now = kNoon;
    std::chrono::steady_clock::time_point monotonic{};
    std::uint64_t random = 0;
};

class AccessWorld {
public:
    AccessWorld() : directory_(core::Zone("Asia/Jakarta"), {300, {"isolir", "64k/64k", 600}}) {
        directory_.putPackages(
            {package("home"), package("strict"), package("hotspot"), package("single"), package("replace")});
    }

    using Change = std::function<void(billing::SubscriberRecord&)>;

    void addSubscriber(
        const std::string& user, std::string_view password, const Change& change = [](auto&) {}) {
        billing::SubscriberRecord record;
        record.usernameKey = billing::usernameKey(user);
        core::Uuid id;
        id.octets[15] = static_cast<std::uint8_t>(++subscribers_);
        record.subscription.id = core::toText(id);
        record.subscription.username = user;
        record.subscription.packageId = "home";
        record.subscription.startDate =
            core::Date(std::chrono::year(2026), std::chrono::month(1), std::chrono::day(1));
        record.subscription.sealedPassword =
            vault_.seal({"subscriptions", "mikrotik_password", record.subscription.id}, password);
        change(record);
        static_cast<void>(directory_.put(record, 1));
    }

    void addNas(const std::string& name, std::string_view network, MessageAuthenticatorPolicy policy,
                std::string_view secret = kNasSecret) {
        Nas nas;
        nas.name = name;
        nas.address = core::parseIpNetwork(network).value();
        nas.policy = policy;
        nas_.push_back(std::make_shared<const NasEntry>(nas, secret));
        nasTable_.write([&](auto& table) { table = std::make_shared<const NasTable>(nas_); });
    }

    AccessAnswer send(ByteView octets, const From& from = {}) {
        Datagram datagram;
        datagram.octets = octets;
        datagram.source = address(from.source);
        datagram.sourcePort = from.port;
        datagram.socket = from.socket;
        datagram.now = from.now;
        datagram.monotonic = from.monotonic;
        datagram.random = {from.random, from.random, from.random};
        return service_.answer(datagram);
    }

    AuthLog& authLog() { return authLog_; }
    core::AlarmBoard& alarms() { return alarms_; }
    core::Metrics& metrics() { return metrics_; }
    SessionRegistry& registry() { return registry_; }
    /// The users for whom the Enforcer was woken.
    std::vector<std::string>& woken() { return woken_; }
    const NasEntry& nas(std::size_t index) { return *nas_.at(index); }

private:
    static billing::Package package(const std::string& name) {
        billing::Package made;
        made.id = name;
        made.name = name;
        made.bandwidth = "10M/10M";
        made.pool = "pool-a";
        if (name == "strict") {
            made.onExpiry = billing::OnExpiry::Reject;
        }
        if (name == "single" || name == "replace") {
            made.simultaneousUse = 1;
        }
        if (name == "replace") {
            made.simultaneousPolicy = billing::SimultaneousPolicy::ReplaceOld;
        }
        if (name == "hotspot") {
            made.type = billing::PackageType::Hotspot;
            made.simultaneousUse = 2;
            made.pool = std::nullopt;
        }
        return made;
    }

    core::Vault vault_{vaultKey(1), 1};
    Directory directory_;
    std::vector<std::shared_ptr<const NasEntry>> nas_;
    SharedNasTable nasTable_;
    AuthLog authLog_;
    core::AlarmBoard alarms_;
    core::Metrics metrics_;
    SessionRegistry registry_{[this](const std::string& key) { return directory_.subscriberKey(key); }};
    std::vector<std::string> woken_;
    AccessService service_{{directory_, nasTable_, vault_, authLog_, alarms_, metrics_, registry_,
                            [this](const std::string& key) { woken_.push_back(key); }}};
    int subscribers_ = 0;
};

inline std::string attributeInWords(const Attribute& attribute) {
    const std::string name = attributeName(attribute.id);
    if (attribute.id == attr::kClass) {
        return parseClass(attribute.value) ? name : name + " of another";
    }
    if (attribute.id == attr::kMsChapError || attribute.id == attr::kMsChap2Success) {
        return name + "=" + attribute.value.substr(1, 6);
    }
    return name + "=" + attributeText(attribute);
}

/// "dropped REASON", or the code and the attributes but for the Message-Authenticator. Throws
/// std::runtime_error where the reply is not authentic or does not begin with a Message-Authenticator.
inline std::string inWords(const AccessAnswer& answer, std::string_view secretText = kNasSecret,
                           const Authenticator& requestAuthenticator = kRequestAuthenticator) {
    if (const auto* dropped = std::get_if<Dropped>(&answer)) {
        return "dropped " + std::string(dropped->reason);
    }
    const SharedSecret secret(secretText);
    const auto parsed = preparse(std::get<Bytes>(answer), PortKind::Client);
    const auto* reply = std::get_if<PacketView>(&parsed);
    if (reply == nullptr || !replyIsAuthentic(*reply, requestAuthenticator, secret)) {
        throw std::runtime_error("a reply that is not authentic");
    }
    if (reply->messageAuthenticatorAt != kHeaderSize + 2) {
        throw std::runtime_error("a reply that does not begin with a Message-Authenticator");
    }
    std::string text = reply->code == Code::AccessAccept ? "Accept" : "Reject";
    const Attributes attributes = decode(*reply, secret).value();
    for (const Attribute& attribute : std::span(attributes).subspan(1)) {
        text += "; " + attributeInWords(attribute);
    }
    return text;
}

}  // namespace gardu::radius::test
