// What gets no answer, and why: each case with its drop reason, its alarm and every counter that moved.
#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

#include "tests/radius/access_world.h"
#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using test::AccessWorld;
using test::times;
using Policy = MessageAuthenticatorPolicy;

enum class Signed { Yes, No, WithAnotherSecret, Altered };

/// An Access-Request of bob (PAP, the right password) with these attributes after it.
struct Ask {
    Signed isSigned = Signed::Yes;
    std::string moreHex = {};
    std::string password = "hello";
    std::string method = "pap";
    Code code = Code::AccessRequest;
    std::string_view secret = test::kNasSecret;
};

core::Bytes build(const Ask& ask) {
    const SharedSecret secret(ask.isSigned == Signed::WithAnotherSecret ? "another" : ask.secret);
    Attributes attributes;
    if (ask.code == Code::AccessRequest) {
        attributes = test::credential(ask.method, "bob", ask.password);
        attributes.insert(attributes.begin(), textAttribute(attr::kUserName, "bob"));
    }
    const bool isSigned = ask.isSigned != Signed::No;
    core::Bytes octets =
        encodeRequest({ask.code, 7, test::kRequestAuthenticator, isSigned}, attributes, secret);
    const core::Bytes more = test::octets(ask.moreHex);
    octets.insert(octets.end(), more.begin(), more.end());
    octets[2] = static_cast<std::uint8_t>(octets.size() >> 8U);
    octets[3] = static_cast<std::uint8_t>(octets.size());
    if (isSigned) {
        // What was added is to be signed too.
        std::fill_n(octets.begin() + 22, 16, std::uint8_t{0});
        const Digest16 digest = secret.hmacMd5({octets});
        std::copy(digest.begin(), digest.end(), octets.begin() + 22);
    }
    if (ask.isSigned == Signed::Altered) {
        octets[30] ^= 0x10;
    }
    return octets;
}

std::string alarmsInWords(core::AlarmBoard& board) {
    std::string text;
    for (const core::Alarm& alarm : board.take()) {
        text += alarm.kind + " " + alarm.subject;
    }
    return text;
}

/// The counters that are not 0, without "gardu_access_": "requests_total dropped_total{reason="too_short"}".
std::string countersInWords(const core::Metrics& metrics) {
    std::istringstream lines(metrics.text());
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("gardu_") && !line.ends_with(" 0")) {
            CPPUNIT_ASSERT_MESSAGE(line, line.ends_with(" 1"));
            line.resize(line.size() - 2);
            const std::string prefix = "gardu_access_";
            text +=
                (text.empty() ? "" : " ") + (line.starts_with(prefix) ? line.substr(prefix.size()) : line);
        }
    }
    return text;
}

const std::string kAccepted =
    "Accept; Mikrotik-Rate-Limit=10M/10M; Framed-Pool=pool-a; Acct-Interim-Interval=270; Class";
const std::string kFailed = "Reject; Reply-Message=Unknown user name or wrong password";
constexpr std::string_view kWrongSecret = "wrong_secret tower";
constexpr std::string_view kMissing = "message_authenticator_missing tower";

struct GuardCase {
    std::string_view what;
    Policy policy;
    bool seen;
    Ask ask;
    std::string reply;
    std::string_view alarm = {};
};

const std::string kProxyState = "2104aabb";
const std::string kProxied = "; Proxy-State=0xaabb";

const GuardCase kGuards[] = {
    {"require, signed", Policy::Require, false, {}, kAccepted},
    {"require, not signed",
     Policy::Require,
     false,
     {Signed::No},
     "dropped message_authenticator_missing",
     kMissing},
    {"require, not signed, wrong password",
     Policy::Require,
     true,
     {Signed::No, "", "bad"},
     "dropped message_authenticator_missing",
     kMissing},
    {"auto, signed", Policy::Auto, false, {}, kAccepted},
    {"auto, not signed, none seen", Policy::Auto, false, {Signed::No}, kAccepted},
    {"auto, not signed, one seen",
     Policy::Auto,
     true,
     {Signed::No},
     "dropped message_authenticator_missing",
     kMissing},
    {"auto, signed, one seen", Policy::Auto, true, {}, kAccepted},
    {"off, signed", Policy::Off, false, {}, kAccepted},
    {"off, not signed", Policy::Off, false, {Signed::No}, kAccepted},
    {"off, not signed, one seen", Policy::Off, true, {Signed::No}, kAccepted},
    {"off, altered", Policy::Off, false, {Signed::Altered}, "dropped wrong_secret", kWrongSecret},
    {"auto, altered", Policy::Auto, false, {Signed::Altered}, "dropped wrong_secret", kWrongSecret},
    {"wrong secret, signed",
     Policy::Auto,
     false,
     {Signed::WithAnotherSecret},
     "dropped wrong_secret",
     kWrongSecret},
    {"wrong secret, PAP, not signed",
     Policy::Auto,
     false,
     {.isSigned = Signed::No, .secret = "another"},
     "dropped wrong_secret",
     kWrongSecret},
    {"wrong secret, PAP, not signed, unknown user",
     Policy::Off,
     false,
     {.isSigned = Signed::No, .moreHex = "", .secret = "another"},
     "dropped wrong_secret",
     kWrongSecret},
    {"wrong secret, CHAP, not signed: nothing shows it",
     Policy::Auto,
     false,
     {.isSigned = Signed::No, .method = "chap 16", .secret = "another"},
     kAccepted},
    {"Proxy-State, signed", Policy::Auto, false, {Signed::Yes, kProxyState}, kAccepted + kProxied},
    {"two Proxy-States, signed",
     Policy::Auto,
     false,
     {Signed::Yes, kProxyState + "2103cc"},
     kAccepted + kProxied + "; Proxy-State=0xcc"},
    {"Proxy-State in a Reject", Policy::Auto, false, {Signed::Yes, kProxyState, "bad"}, kFailed + kProxied},
    {"Proxy-State, not signed, auto",
     Policy::Auto,
     false,
     {Signed::No, kProxyState},
     "dropped proxy_state_unprotected"},
    {"Proxy-State, not signed, off",
     Policy::Off,
     false,
     {Signed::No, kProxyState},
     "dropped proxy_state_unprotected"},
    {"Proxy-State, not signed, require",
     Policy::Require,
     false,
     {Signed::No, kProxyState},
     "dropped message_authenticator_missing",
     kMissing},
    {"nine Proxy-States",
     Policy::Auto,
     false,
     {Signed::Yes, times(9, kProxyState)},
     "dropped too_many_proxy_states"},
    {"vendor 0", Policy::Auto, false, {Signed::Yes, "1a0b 00000000 0105 616263"}, "dropped bad_vendor"},
    {"vendor 0, not signed",
     Policy::Off,
     false,
     {Signed::No, "1a0b 00000000 0105 616263"},
     "dropped bad_vendor"},
    {"vendor alone", Policy::Auto, false, {Signed::Yes, "1a06 00003a8c"}, "dropped bad_vendor"},
    {"unknown vendor", Policy::Auto, false, {Signed::Yes, "1a0b 00012345 0105 616263"}, kAccepted},
    {"second Message-Authenticator",
     Policy::Auto,
     false,
     {Signed::Yes, "5012" + times(16, "00")},
     "dropped bad_message_authenticator"},
    {"Message-Authenticator of 15",
     Policy::Auto,
     false,
     {Signed::No, "5011" + times(15, "00")},
     "dropped bad_message_authenticator"},
    {"attribute over the end", Policy::Auto, false, {Signed::Yes, "1f09 4142"}, "dropped bad_attribute"},
    {"attribute of length 1", Policy::Auto, false, {Signed::Yes, "1f01"}, "dropped bad_attribute"},
    {"attribute 0", Policy::Auto, false, {Signed::Yes, "0003ff"}, "dropped bad_attribute"},
    {"200 attributes", Policy::Auto, false, {Signed::Yes, times(197, "1f0341")}, kAccepted},
    {"201 attributes",
     Policy::Auto,
     false,
     {Signed::Yes, times(198, "1f0341")},
     "dropped too_many_attributes"},
    {"NAS-Port of 3 octets",
     Policy::Auto,
     false,
     {Signed::Yes, "0505 000001"},
     "dropped bad_attribute_length"},
    {"EAP with PAP", Policy::Auto, false, {Signed::Yes, "4f08 020300060178"}, "dropped eap_with_password"},
    {"EAP, not signed",
     Policy::Off,
     false,
     {.isSigned = Signed::No, .moreHex = "4f08 020300060178", .method = "none"},
     "dropped eap_without_message_authenticator"},
    {"EAP",
     Policy::Auto,
     false,
     {.method = "eap"},
     "Reject; Reply-Message=This way to log in is not supported; EAP-Message=0x04030004"},
    {"PAP and CHAP",
     Policy::Auto,
     false,
     {Signed::Yes, "0313 16" + times(16, "cd")},
     "dropped several_credentials"},
    {"MS-CHAP without a challenge",
     Policy::Auto,
     false,
     {.moreHex = "1a3a 00000137 0134" + times(50, "01"), .method = "none"},
     "dropped challenge_missing"},
    {"Status-Server", Policy::Auto, false, {.code = Code::StatusServer}, "Accept"},
    {"Status-Server with Proxy-State",
     Policy::Auto,
     false,
     {.moreHex = kProxyState, .code = Code::StatusServer},
     "Accept" + kProxied},
    {"Status-Server, not signed",
     Policy::Off,
     false,
     {.isSigned = Signed::No, .code = Code::StatusServer},
     "dropped status_server_without_message_authenticator"},
    {"Status-Server, altered",
     Policy::Off,
     false,
     {.isSigned = Signed::Altered, .moreHex = kProxyState, .code = Code::StatusServer},
     "dropped wrong_secret",
     kWrongSecret},
};

struct RawCase {
    std::string_view what;
    core::Bytes octets;
    std::string reply;
};

core::Bytes cut(core::Bytes octets, std::size_t size) {
    octets.resize(size);
    return octets;
}

core::Bytes withLength(core::Bytes octets, std::size_t length) {
    octets[2] = static_cast<std::uint8_t>(length >> 8U);
    octets[3] = static_cast<std::uint8_t>(length);
    return octets;
}

core::Bytes withCode(core::Bytes octets, std::uint8_t code) {
    octets[0] = code;
    return octets;
}

class AccessGuardTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessGuardTest);
    CPPUNIT_TEST(guards);
    CPPUNIT_TEST(brokenPackets);
    CPPUNIT_TEST(everyTruncationIsDropped);
    CPPUNIT_TEST(unknownNasGetsNoAnswer);
    CPPUNIT_TEST(userNameIsNeeded);
    CPPUNIT_TEST(autoIsStickyFromTheFirstValidOne);
    CPPUNIT_TEST(eapDoesNotMakeAutoSticky);
    CPPUNIT_TEST(eachAddressOfANetworkIsLearntByItself);
    CPPUNIT_TEST(alarmsCountUp);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

private:
    static std::unique_ptr<AccessWorld> worldWith(Policy policy, bool seen = false) {
        auto world = std::make_unique<AccessWorld>();
        world->addNas("tower", "10.0.0.0/24", policy);
        if (seen) {
            world->nas(0).noteMessageAuthenticator(core::parseIpAddress("10.0.0.1").value());
        }
        world->addSubscriber("bob", "hello");
        return world;
    }

    /// What the counters must show after one packet with this outcome.
    static std::string countersFor(const std::string& reply) {
        if (reply.starts_with("dropped ")) {
            return "requests_total dropped_total{reason=\"" + reply.substr(8) + "\"}";
        }
        if (reply == "Accept" || reply == "Accept" + kProxied) {  // Status-Server
            return "requests_total";
        }
        const bool accepted = reply.starts_with("Accept");
        return "requests_total decisions_total{outcome=\""s + (accepted ? "accept" : "reject") + "\"}";
    }

    struct Expected {
        std::string reply;
        /// "kind subject"
        std::string alarm = {};
    };

    static void checkOne(const std::string& what, AccessWorld& world, const AccessAnswer& answer,
                         const Expected& expected) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, expected.reply, test::inWords(answer));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, expected.alarm, alarmsInWords(world.alarms()));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, countersFor(expected.reply), countersInWords(world.metrics()));
        const bool decided = countersFor(expected.reply).find("decisions") != std::string::npos;
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::size_t{decided ? 1U : 0U}, world.authLog().size());
    }

    void guards() {
        for (const GuardCase& row : kGuards) {
            const auto world = worldWith(row.policy, row.seen);
            checkOne(std::string(row.what), *world, world->send(build(row.ask)),
                     {row.reply, std::string(row.alarm)});
        }
    }

    void brokenPackets() {
        const core::Bytes good = build({});
        core::Bytes longest = good;
        longest.resize(4'097, 0);
        const RawCase rows[] = {
            {"nothing", {}, "dropped too_short"},
            {"19 octets", cut(good, 19), "dropped too_short"},
            {"header alone, of a longer packet", cut(good, 20), "dropped bad_length"},
            {"length field of 19", withLength(good, 19), "dropped bad_length"},
            {"length field over the datagram", withLength(good, good.size() + 1), "dropped bad_length"},
            {"length field of 4097", withLength(longest, 4'097), "dropped bad_length"},
            {"over-long datagram is padding", longest, kAccepted},
            {"one octet of padding", cut(good, good.size() + 1), kAccepted},
            {"Access-Accept", withCode(good, 2), "dropped unexpected_code"},
            {"Accounting-Request", withCode(good, 4), "dropped unexpected_code"},
            {"CoA-Request", withCode(good, 43), "dropped unexpected_code"},
            {"code 0", withCode(good, 0), "dropped unexpected_code"},
            {"code 255", withCode(good, 255), "dropped unexpected_code"},
        };
        for (const RawCase& row : rows) {
            const auto world = worldWith(Policy::Auto);
            checkOne(std::string(row.what), *world, world->send(row.octets), {row.reply});
        }
    }

    void everyTruncationIsDropped() {
        const auto world = worldWith(Policy::Off);
        const core::Bytes good = build({Signed::Yes, kProxyState});
        for (std::size_t size = 0; size < good.size(); ++size) {
            const auto plain = world->send(cut(good, size));
            CPPUNIT_ASSERT(std::holds_alternative<Dropped>(plain));
            if (size >= kHeaderSize) {
                const auto mended = world->send(withLength(cut(good, size), size));
                // Up to the signature the packet is one without it.
                CPPUNIT_ASSERT(size <= 38 || std::holds_alternative<Dropped>(mended));
            }
        }
    }

    void unknownNasGetsNoAnswer() {
        for (const std::string_view source : {"10.0.1.1", "2001:db8::1"}) {
            const auto world = worldWith(Policy::Off);
            const auto answer = world->send(build({}), {.source = source});
            checkOne(std::string(source), *world, answer,
                     {"dropped unknown_nas", "unknown_nas " + std::string(source)});
        }
        AccessWorld empty;
        checkOne("no NAS at all", empty, empty.send(build({})),
                 {"dropped unknown_nas", "unknown_nas 10.0.0.1"});
    }

    void userNameIsNeeded() {
        for (const char* name : {"", "0102"}) {
            const auto world = worldWith(Policy::Off);
            const auto answer = world->send(test::packet(1, name + "0202"s));
            checkOne(name, *world, answer, {"dropped user_name_missing"});
        }
    }

    void autoIsStickyFromTheFirstValidOne() {
        const auto world = worldWith(Policy::Auto);
        const core::Bytes unsignedOne = build({Signed::No});
        const auto ask = [&](const core::Bytes& octets, std::uint16_t port) {
            return test::inWords(world->send(octets, {.port = port}));
        };
        CPPUNIT_ASSERT_EQUAL(kAccepted, ask(unsignedOne, 1));
        CPPUNIT_ASSERT_EQUAL("dropped wrong_secret"s, ask(build({Signed::Altered}), 2));
        CPPUNIT_ASSERT_EQUAL(kAccepted, ask(unsignedOne, 3));
        CPPUNIT_ASSERT_EQUAL(kFailed, ask(build({Signed::Yes, "", "bad"}), 4));
        CPPUNIT_ASSERT_EQUAL("dropped message_authenticator_missing"s, ask(unsignedOne, 5));
        CPPUNIT_ASSERT_EQUAL(kAccepted, ask(build({}), 6));
    }

    // A network holds old routers and new ones: one that signs must not silence the others.
    void eachAddressOfANetworkIsLearntByItself() {
        const auto world = worldWith(Policy::Auto);
        const auto ask = [&](Signed how, std::string_view source) {
            static std::uint16_t port = 100;
            return test::inWords(world->send(build({how}), {.source = source, .port = ++port}));
        };
        CPPUNIT_ASSERT_EQUAL(kAccepted, ask(Signed::Yes, "10.0.0.2"));
        CPPUNIT_ASSERT_EQUAL("dropped message_authenticator_missing"s, ask(Signed::No, "10.0.0.2"));
        CPPUNIT_ASSERT_EQUAL(kAccepted, ask(Signed::No, "10.0.0.3"));
    }

    // EAP and Status-Server are always signed, also by routers that sign nothing else.
    void eapDoesNotMakeAutoSticky() {
        const auto world = worldWith(Policy::Auto);
        static_cast<void>(world->send(build({.method = "eap"})));
        static_cast<void>(world->send(build({.code = Code::StatusServer})));
        CPPUNIT_ASSERT(!world->nas(0).requiresMessageAuthenticator(core::parseIpAddress("10.0.0.1").value()));
        CPPUNIT_ASSERT_EQUAL(kAccepted, test::inWords(world->send(build({Signed::No}), {.port = 2})));
    }

    void alarmsCountUp() {
        const auto world = worldWith(Policy::Auto);
        for (int packets = 0; packets < 5; ++packets) {
            static_cast<void>(world->send(build({Signed::WithAnotherSecret})));
        }
        const auto alarms = world->alarms().take();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, alarms.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, alarms[0].occurrences);
        CPPUNIT_ASSERT(world->metrics().text().find(
                           "gardu_access_dropped_total{reason=\"wrong_secret\"} 5") != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccessGuardTest);

}  // namespace
}  // namespace gardu::radius
