// Who may log in, and what the router is told: every state of a subscription by every method.
#include "radius/access_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/radius/access_world.h"
#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using billing::CustomerStatus;
using billing::SubscriberRecord;
using billing::SubscriptionStatus;
using test::AccessWorld;
using test::From;

void addStates(AccessWorld& world) {
    const core::Date today = core::parseDate("2026-11-22").value();
    const auto status = [](SubscriptionStatus value) {
        return [value](SubscriberRecord& record) { record.subscription.status = value; };
    };
    const auto strict = [](const AccessWorld::Change& change) {
        return [change](SubscriberRecord& record) {
            change(record);
            record.subscription.packageId = "strict";
        };
    };
    const AccessWorld::Change ended = [today](SubscriberRecord& record) {
        record.subscription.endDate = core::addDays(today, -1);
    };
    const AccessWorld::Change customerSuspended = [](SubscriberRecord& record) {
        record.customerStatus = CustomerStatus::Suspended;
    };
    world.addSubscriber("active", "secret");
    world.addSubscriber("last day", "secret", [today](auto& r) { r.subscription.endDate = today; });
    world.addSubscriber("ended", "secret", ended);
    world.addSubscriber("ended strict", "secret", strict(ended));
    world.addSubscriber("suspended", "secret", status(SubscriptionStatus::Suspended));
    world.addSubscriber("suspended strict", "secret", strict(status(SubscriptionStatus::Suspended)));
    world.addSubscriber("customer suspended", "secret", customerSuspended);
    world.addSubscriber("customer suspended strict", "secret", strict(customerSuspended));
    world.addSubscriber("customer inactive", "secret",
                        [](auto& r) { r.customerStatus = CustomerStatus::Inactive; });
    world.addSubscriber("cancelled", "secret", status(SubscriptionStatus::Cancelled));
    world.addSubscriber("disabled", "secret", status(SubscriptionStatus::Disabled));
    world.addSubscriber("not started", "secret",
                        [today](auto& r) { r.subscription.startDate = core::addDays(today, 1); });
}

void addSpecials(AccessWorld& world) {
    world.addSubscriber("static", "secret", [](SubscriberRecord& record) {
        record.subscription.addresses = {
            "10.5.0.2", "2001:db8:1::/64", "2001:db8:2::/56", {"192.168.9.0/24"}};
    });
    world.addSubscriber("latin1", "caf\xe9",
                        [](auto& r) { r.subscription.status = SubscriptionStatus::Disabled; });
    world.addSubscriber("AA:BB:CC:DD:EE:0F", "", [](auto& r) { r.subscription.packageId = "hotspot"; });
    world.addSubscriber("AA:BB:CC:DD:EE:10", "aabbccddee10");
    world.addSubscriber("AA:BB:CC:DD:EE:11", "word");
}

const std::string kTail = "; Acct-Interim-Interval=270; Class";
const std::string kFull = "Accept; Mikrotik-Rate-Limit=10M/10M; Framed-Pool=pool-a" + kTail;
const std::string kLastHours =
    "Accept; Mikrotik-Rate-Limit=10M/10M; Framed-Pool=pool-a; Session-Timeout=18000" + kTail;
const std::string kWalled =
    "Accept; Mikrotik-Rate-Limit=64k/64k; Mikrotik-Address-List=isolir; Framed-Pool=pool-a; "
    "Session-Timeout=600" +
    kTail;
const std::string kMsChap2Tail =
    "; MS-CHAP2-Success=S=MACHINE; MS-MPPE-Send-Key=***; MS-MPPE-Recv-Key=***; "
    "MS-MPPE-Encryption-Policy=Encryption-Allowed; MS-MPPE-Encryption-Types=RC4-40or128-bit-Allowed";
const std::string kHotspot = "Accept; Mikrotik-Rate-Limit=10M/10M; Port-Limit=2" + kTail;
const std::string kFailed = "Reject; Reply-Message=Unknown user name or wrong password";
const std::string kE646 = "; MS-CHAP-Error=E=646 ";
const std::string kE647 = "; MS-CHAP-Error=E=647 ";
const std::string kE691 = "; MS-CHAP-Error=E=691 ";

std::string rejected(const std::string& message) {
    return "Reject; Reply-Message=" + message;
}

const std::string kEnded = rejected("Your subscription has ended. Please pay to go on.");
const std::string kSuspended = rejected("Your subscription is suspended. Please contact us.");
const std::string kCustomerSuspended = rejected("Your account is suspended. Please contact us.");
const std::string kCancelled = rejected("Your subscription is cancelled.");
const std::string kDisabled = rejected("Your subscription is disabled. Please contact us.");
const std::string kInactive = rejected("Your account is not active. Please contact us.");
const std::string kNotStarted = rejected("Your subscription has not begun yet.");
const std::string kNoEap = rejected("This way to log in is not supported") + "; EAP-Message=0x04030004";

struct LoginCase {
    std::string user;
    std::string method;
    std::string password;
    std::string reply;
    /// Outcome and reason in the auth log.
    std::string log;
};

const LoginCase kLogins[] = {
    {"active", "pap", "secret", kFull, "accept active"},
    {"active", "chap", "secret", kFull, "accept active"},
    {"active", "chap 1", "secret", kFull, "accept active"},
    {"active", "chap 16", "secret", kFull, "accept active"},
    {"active", "chap 17", "secret", kFull, "accept active"},
    {"active", "chap 20", "secret", kFull, "accept active"},
    {"active", "chap 253", "secret", kFull, "accept active"},
    {"active", "mschap", "secret", kFull, "accept active"},
    {"active", "mschap2", "secret", kFull + kMsChap2Tail, "accept active"},
    {"active", "eap", "secret", kNoEap, "reject eap_not_supported"},
    {"active", "none", "", kFailed, "reject wrong_password"},
    {"active", "pap", "Secret", kFailed, "reject wrong_password"},
    {"active", "pap", "", kFailed, "reject wrong_password"},
    {"active", "pap", std::string(128, 'x'), kFailed, "reject wrong_password"},
    {"active", "pap", "\xff\x01", kFailed, "reject wrong_password"},  // signed, so the secret is right
    {"active", "chap", "Secret", kFailed, "reject wrong_password"},
    {"active", "chap 16", "Secret", kFailed, "reject wrong_password"},
    {"active", "mschap", "Secret", kFailed + kE691, "reject wrong_password"},
    {"active", "mschap2", "Secret", kFailed + kE691, "reject wrong_password"},
    {"nobody", "pap", "secret", kFailed, "reject unknown_user"},
    {"nobody", "chap", "secret", kFailed, "reject unknown_user"},
    {"nobody", "mschap", "secret", kFailed + kE691, "reject unknown_user"},
    {"nobody", "mschap2", "secret", kFailed + kE691, "reject unknown_user"},
    {"nobody", "eap", "", kNoEap, "reject eap_not_supported"},
    {"nobody", "none", "", kFailed, "reject unknown_user"},
    {"Active", "pap", "secret", kFailed, "reject unknown_user"},  // case matters
    {"active ", "pap", "secret", kFailed, "reject unknown_user"},
    {"last day", "pap", "secret", kLastHours, "accept active"},
    {"ended", "pap", "secret", kWalled, "isolate ended"},
    {"ended", "chap", "secret", kWalled, "isolate ended"},
    {"ended", "mschap2", "secret", kWalled + kMsChap2Tail, "isolate ended"},
    {"ended", "pap", "Secret", kFailed, "reject wrong_password"},
    {"ended strict", "pap", "secret", kEnded, "reject ended"},
    {"ended strict", "mschap", "secret", kEnded + kE646, "reject ended"},
    {"ended strict", "mschap2", "secret", kEnded + kE646, "reject ended"},
    {"ended strict", "mschap2", "Secret", kFailed + kE691, "reject wrong_password"},
    {"suspended", "pap", "secret", kWalled, "isolate subscription_suspended"},
    {"suspended strict", "pap", "secret", kSuspended, "reject subscription_suspended"},
    {"customer suspended", "pap", "secret", kWalled, "isolate customer_suspended"},
    {"customer suspended strict", "pap", "secret", kCustomerSuspended, "reject customer_suspended"},
    {"customer inactive", "pap", "secret", kInactive, "reject customer_inactive"},
    {"cancelled", "pap", "secret", kCancelled, "reject subscription_cancelled"},
    {"disabled", "pap", "secret", kDisabled, "reject subscription_disabled"},
    {"disabled", "mschap2", "secret", kDisabled + kE647, "reject subscription_disabled"},
    {"not started", "pap", "secret", kNotStarted, "reject not_started"},
    {"latin1", "pap", "caf\xe9", kDisabled, "reject subscription_disabled"},
    {"static", "pap", "secret",
     "Accept; Mikrotik-Rate-Limit=10M/10M; Framed-IP-Address=10.5.0.2; Framed-Route=192.168.9.0/24; "
     "Framed-IPv6-Prefix=2001:db8:1::/64; Delegated-IPv6-Prefix=2001:db8:2::/56" +
         kTail,
     "accept active"},
    {"AA:BB:CC:DD:EE:0F", "pap", "", kHotspot, "accept active"},
    {"aa-bb-cc-dd-ee-0f", "pap", " ", kHotspot, "accept active"},
    {"AABBCCDDEE0F", "pap", "AA:BB:CC:DD:EE:0F", kHotspot, "accept active"},
    {"AABB.CCDD.EE0F", "chap", "", kHotspot, "accept active"},
    {"AABBCC-DDEE0F", "chap 16", "AABBCC-DDEE0F", kHotspot, "accept active"},
    {"aabbccddee0f", "none", "", kHotspot, "accept active"},
    {"aabbccddee0f", "pap", "aabbccddee10", kFailed, "reject wrong_password"},
    {"aabbccddee0f", "eap", "", kNoEap, "reject eap_not_supported"},
    {"AA BB CC DD EE 10", "pap", "AA-BB-CC-DD-EE-10", kFull, "accept active"},
    {"aabb:ccdd:ee10", "chap", "aabbccddee10", kFull, "accept active"},
    {"AA:BB:CC:DD:EE:11", "pap", "word", kFull, "accept active"},
    {"AA:BB:CC:DD:EE:11", "pap", "", kFailed, "reject wrong_password"},
    {"AA:BB:CC:DD:EE:11", "none", "", kFailed, "reject wrong_password"},
    {"AA:BB:CC:DD:EE:12", "pap", "", kFailed, "reject unknown_user"},
};

core::Bytes request(const std::string& user, const std::string& method, const std::string& password) {
    Attributes attributes = test::credential(method, user, password);
    attributes.insert(attributes.begin(), textAttribute(attr::kUserName, user));
    attributes.push_back(textAttribute(attr::kCallingStationId, "AA:BB:CC:00:00:01"));
    return encodeRequest({.identifier = 7, .authenticator = test::kRequestAuthenticator}, attributes,
                         SharedSecret(test::kNasSecret));
}

class AccessServiceTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessServiceTest);
    CPPUNIT_TEST(logins);
    CPPUNIT_TEST(ipv6RouterIsServed);
    CPPUNIT_TEST(endsInNinetySeconds);
    CPPUNIT_TEST(authLogHasAllOfADecision);
    CPPUNIT_TEST(classNamesTheSubscriptionAndANewSession);
    CPPUNIT_TEST(packetsOfTheRfc);
    CPPUNIT_TEST(msChap2OfTheRfc);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        startWire(builtInDictionaryDir());
        world_ = std::make_unique<AccessWorld>();
        world_->addNas("tower", "10.0.0.1", MessageAuthenticatorPolicy::Auto);
        world_->addNas("tower6", "2001:db8:ffff::/48", MessageAuthenticatorPolicy::Require);
        world_->addNas("rfc", "192.168.1.16", MessageAuthenticatorPolicy::Off, test::kRfcSecret);
        addStates(*world_);
        addSpecials(*world_);
    }

private:
    std::unique_ptr<AccessWorld> world_;

    void logins() {
        std::uint16_t port = 0;
        for (const LoginCase& row : kLogins) {
            const std::string what = row.user + ", " + row.method + " \"" + row.password + "\"";
            const core::Bytes octets = request(row.user, row.method, row.password);
            std::string expected = row.reply;
            const AccessAnswer answer = world_->send(octets, {.port = ++port});
            if (const std::size_t at = expected.find("S=MACHINE"); at != std::string::npos) {
                // The first digits of the proof depend on the user name.
                expected.replace(at, 9, test::inWords(answer).substr(at, 6));
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, expected, test::inWords(answer));
            const auto entries = world_->authLog().take(10);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::size_t{1}, entries.size());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                what, row.log, std::string(entries[0].outcome) + " " + std::string(entries[0].reason));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, row.user, entries[0].userName);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, row.method.substr(0, row.method.find(' ')),
                                         std::string(entries[0].method));
        }
        CPPUNIT_ASSERT(world_->alarms().take().empty());
    }

    void ipv6RouterIsServed() {
        const core::Bytes octets = request("active", "pap", "secret");
        CPPUNIT_ASSERT_EQUAL(kFull, test::inWords(world_->send(octets, {.source = "2001:db8:ffff:1::9"})));
        CPPUNIT_ASSERT_EQUAL("2001:db8:ffff:1::9"s, world_->authLog().take(1).at(0).sourceAddress);
        CPPUNIT_ASSERT_EQUAL("dropped unknown_nas"s,
                             test::inWords(world_->send(octets, {.source = "2001:db8:fffe::9"})));
    }

    void endsInNinetySeconds() {
        const core::Bytes octets = request("last day", "pap", "secret");
        const std::string before =
            "Accept; Mikrotik-Rate-Limit=10M/10M; Framed-Pool=pool-a; Session-Timeout=";
        for (std::uint64_t random = 0; random < 1'000; ++random) {
            const std::string reply =
                test::inWords(world_->send(octets, {.port = static_cast<std::uint16_t>(random),
                                                    .now = test::kEndOfToday - 90s,
                                                    .random = random}));
            CPPUNIT_ASSERT_MESSAGE(reply, reply.starts_with(before));
            const int timeout = std::stoi(reply.substr(before.size()));
            CPPUNIT_ASSERT_EQUAL(90 - static_cast<int>(random % 10), timeout);
        }
        const auto at = [&](core::Instant now) {
            const auto port = static_cast<std::uint16_t>(2'000 + (now - test::kEndOfToday).count());
            return test::inWords(world_->send(octets, {.port = port, .now = now}));
        };
        CPPUNIT_ASSERT_EQUAL(before + "1" + kTail, at(test::kEndOfToday - 1ms));
        CPPUNIT_ASSERT_EQUAL(kWalled, at(test::kEndOfToday));
    }

    void authLogHasAllOfADecision() {
        static_cast<void>(world_->send(request("active", "pap", "secret")));
        const AuthLogEntry entry = world_->authLog().take(1).at(0);
        CPPUNIT_ASSERT(entry.decidedAt == test::kNoon);
        CPPUNIT_ASSERT_EQUAL("active"s, entry.userName);
        CPPUNIT_ASSERT_EQUAL("tower"s, entry.nas);
        CPPUNIT_ASSERT_EQUAL("10.0.0.1"s, entry.sourceAddress);
        CPPUNIT_ASSERT_EQUAL("AA:BB:CC:00:00:01"s, entry.callingStationId);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, entry.occurrences);
    }

    LoginClass classOf(const AccessAnswer& answer) {
        const auto& octets = std::get<Bytes>(answer);
        const auto reply = std::get<PacketView>(preparse(octets, PortKind::Client));
        const Attributes attributes = decode(reply, SharedSecret(test::kNasSecret)).value();
        return parseClass(*findText(attributes, attr::kClass)).value();
    }

    void classNamesTheSubscriptionAndANewSession() {
        const core::Bytes octets = request("active", "pap", "secret");
        const LoginClass first = classOf(world_->send(octets, {.port = 1, .random = 1}));
        const LoginClass second = classOf(world_->send(octets, {.port = 2, .random = 2}));
        CPPUNIT_ASSERT_EQUAL("00000000-0000-0000-0000-000000000001"s, core::toText(first.subscription));
        CPPUNIT_ASSERT(first.subscription == second.subscription);
        CPPUNIT_ASSERT(first.login != second.login);
        CPPUNIT_ASSERT(core::toText(first.login).starts_with("01a20320-"));
    }

    /// The answer to a packet that no encoder of ours made.
    std::string answerTo(const core::Bytes& octets, std::string_view source, std::string_view secret) {
        Authenticator authenticator{};
        std::copy_n(octets.begin() + 4, authenticator.size(), authenticator.begin());
        return test::inWords(world_->send(octets, {.source = source}), secret, authenticator);
    }

    void packetsOfTheRfc() {  // RFC 2865 sections 7.1 and 7.2
        world_->addSubscriber("nemo", "arctangent");
        world_->addSubscriber("flopsy", "arctangent");
        const core::Bytes pap = test::octets(test::kRfcPapRequest);
        const core::Bytes chap = test::octets(test::kRfcChapRequest);
        CPPUNIT_ASSERT_EQUAL(kFull, answerTo(pap, "192.168.1.16", test::kRfcSecret));
        CPPUNIT_ASSERT_EQUAL(kFull, answerTo(chap, "192.168.1.16", test::kRfcSecret));
        core::Bytes wrong = chap;
        wrong[40] ^= 1;
        wrong[1] = 9;
        CPPUNIT_ASSERT_EQUAL(kFailed, answerTo(wrong, "192.168.1.16", test::kRfcSecret));
    }

    void msChap2OfTheRfc() {  // RFC 2759 section 9.2
        world_->addSubscriber("User", "clientPass");
        const core::Bytes octets =
            test::packet(1,
                         "0106 55736572 1a18 00000137 0b12 5b5d7c7d7b3f2f3e3c2c602132262628"
                         "1a3a 00000137 1934 2a00 21402324255e262a28295f2b3a337c7e 0000000000000000"
                         "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
        const AccessAnswer answer = world_->send(octets, {.source = "192.168.1.16"});
        const auto reply = std::get<PacketView>(preparse(std::get<Bytes>(answer), PortKind::Client));
        const Attributes attributes = decode(reply, SharedSecret(test::kRfcSecret)).value();
        CPPUNIT_ASSERT(reply.code == Code::AccessAccept);
        CPPUNIT_ASSERT_EQUAL("*S=407A5589115FD0D6209F510FE9C04566932CDA56"s,
                             std::string(findText(attributes, attr::kMsChap2Success).value()));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccessServiceTest);

}  // namespace
}  // namespace gardu::radius
