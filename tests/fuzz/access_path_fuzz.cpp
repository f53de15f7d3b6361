// The whole access path: octets -> preparse -> decode -> decide -> encode. The first octet of an input
// chooses how the datagram after it arrives:
//   bit 0   the Message-Authenticator is made right, so that what lies behind it is reached
//   bit 1   over IPv6, from a NAS that requires one; else over IPv4, from one that does not
//   bit 2   after the last day of access
// Whatever comes: no failure of ours, and every reply well-formed and signed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "tests/radius/access_world.h"

namespace {

using namespace gardu;
using namespace gardu::radius;

constexpr std::uint8_t kRepair = 1;
constexpr std::uint8_t kOverIpv6 = 2;
constexpr std::uint8_t kLater = 4;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void addSubscribers(test::AccessWorld& world) {
    world.addSubscriber("nemo", "arctangent");
    world.addSubscriber("flopsy", "arctangent");
    world.addSubscriber("User", "clientPass");
    world.addSubscriber("legacy", "MyPw");
    world.addSubscriber("AA:BB:CC:DD:EE:0F", "", [](auto& r) { r.subscription.packageId = "hotspot"; });
    const core::Date today = core::parseDate("2026-11-22").value();
    world.addSubscriber("bob", "hello", [today](auto& r) {
        r.subscription.endDate = today;
        r.subscription.addresses = {"10.5.0.2", "2001:db8:1::/64", "2001:db8:2::/56", {"192.168.9.0/24"}};
    });
    world.addSubscriber("strict", "hello", [today](auto& r) {
        r.subscription.endDate = today;
        r.subscription.packageId = "strict";
    });
}

class Harness {
public:
    Harness() {
        startWire(builtInDictionaryDir());
        world_.addNas("open", "10.0.0.1", MessageAuthenticatorPolicy::Off);
        world_.addNas("closed", "2001:db8::/32", MessageAuthenticatorPolicy::Require);
        addSubscribers(world_);
    }

    void run(core::ByteView input) {
        const std::uint8_t how = input.front();
        core::Bytes datagram(input.begin() + 1, input.end());
        if ((how & kRepair) != 0) {
            repair(datagram);
        }
        // Each is a new request to the reply cache, and then the same one again.
        monotonic_ += 2 * ReplyCache::kLifetime;
        const test::From from = {.source = (how & kOverIpv6) != 0 ? "2001:db8::1" : "10.0.0.1",
                                 .now = (how & kLater) != 0 ? test::kEndOfToday : test::kNoon,
                                 .monotonic = monotonic_,
                                 .random = std::hash<std::string_view>{}(core::asText(input))};
        const AccessAnswer answer = world_.send(datagram, from);
        check(answer, datagram);
        checkAgain(answer, world_.send(datagram, from), datagram);
        static_cast<void>(world_.authLog().take(10));
        static_cast<void>(world_.alarms().take());
    }

private:
    void repair(core::Bytes& datagram) {
        const auto parsed = preparse(datagram, PortKind::Access);
        const auto* packet = std::get_if<PacketView>(&parsed);
        if (packet == nullptr || !packet->hasMessageAuthenticator()) {
            return;
        }
        const auto at = datagram.begin() + static_cast<std::ptrdiff_t>(packet->messageAuthenticatorAt);
        std::fill_n(at, 16, std::uint8_t{0});
        const Digest16 digest = secret_.hmacMd5({core::ByteView(datagram).first(packet->octets.size())});
        std::copy(digest.begin(), digest.end(), at);
    }

    void check(const AccessAnswer& answer, const core::Bytes& request) const {
        if (const auto* dropped = std::get_if<Dropped>(&answer)) {
            require(dropped->reason != "internal_error" && dropped->reason != "unknown_nas");
            return;
        }
        const auto& octets = std::get<Bytes>(answer);
        require(octets.size() >= kHeaderSize && octets.size() <= kMaxPacketSize);
        require(octets[0] == 2 || octets[0] == 3);
        require(octets[1] == request[1]);
        require(octets.size() == static_cast<std::size_t>(octets[2] << 8 | octets[3]));
        // RFC 2865 section 3, written out: MD5(code, id, length, request authenticator, attributes, secret).
        const core::ByteView view(octets);
        const Digest16 expected = md5({view.first(4), core::ByteView(request).subspan(4, 16),
                                       view.subspan(kHeaderSize), secret_.octets()});
        require(std::equal(expected.begin(), expected.end(), octets.begin() + 4));
        const auto parsed = preparse(octets, PortKind::Client);
        const auto* reply = std::get_if<PacketView>(&parsed);
        require(reply != nullptr && reply->messageAuthenticatorAt == kHeaderSize + 2);
        require(replyIsAuthentic(*reply, core::ByteView(request).subspan<4, 16>(), secret_));
        require(decode(*reply, secret_).has_value());
    }

    /// A Status-Server and what was dropped are worked on anew, with the same result; a decision is kept.
    static void checkAgain(const AccessAnswer& first, const AccessAnswer& again, const core::Bytes& request) {
        require(first.index() == again.index());
        if (const auto* dropped = std::get_if<Dropped>(&first)) {
            require(dropped->reason == std::get<Dropped>(again).reason);
        } else {
            require(request[0] == 12 || std::get<Bytes>(first) == std::get<Bytes>(again));
        }
    }

    SharedSecret secret_{test::kNasSecret};
    test::AccessWorld world_;
    std::chrono::steady_clock::time_point monotonic_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Harness harness;
    if (size > 0) {
        harness.run({data, size});
    }
    return 0;
}
