#include "radius/reply.h"

#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "core/check.h"
#include "radius/wire.h"
#include "tests/radius/packets.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using gardu::test::throws;

constexpr core::Instant kNow{1'795'348'800s};  // 2026-11-22T12:00:00Z
constexpr ReplyMoment kNoJitter{kNow, 0};

/// "Name=value", one for each attribute, separated by "; ".
std::string inWords(const Attributes& attributes) {
    std::string text;
    for (const Attribute& attribute : attributes) {
        text += (text.empty() ? "" : "; ") + attributeName(attribute.id) + "=" + attributeText(attribute);
    }
    return text;
}

billing::Entitlement fullAccess() {
    billing::Entitlement entitlement;
    entitlement.access = billing::Access::Full;
    entitlement.rateLimit = "10M/20M";
    return entitlement;
}

AccessDecision decisionOf(const billing::Entitlement& entitlement) {
    return {AccessOutcome::Accept, "active", entitlement, std::nullopt};
}

AccessDecision rejection(std::string_view reason) {
    return {AccessOutcome::Reject, reason, {}, std::nullopt};
}

std::string accepted(const billing::Entitlement& entitlement, const ReplyMoment& moment = kNoJitter) {
    return inWords(acceptAttributes(decisionOf(entitlement), "cls", moment));
}

// With no jitter the interim interval is at its lower end: 300 less a tenth.
constexpr std::string_view kEnd = "Acct-Interim-Interval=270; Class=0x636c73";

struct AcceptCase {
    std::string_view what;
    void (*change)(billing::Entitlement&);
    std::string expected;
};

const AcceptCase kAccepts[] = {
    {"nothing but the rate", [](auto&) {}, "Mikrotik-Rate-Limit=10M/20M"},
    {"everything",
     [](auto& e) {
         e.addressList = "paid";
         e.mikrotikGroup = "gold";
         e.addresses.ipv4 = "10.5.0.2";
         e.addresses.framedRoutes = {"192.168.9.0/24 10.5.0.2 1", "192.168.8.0/24 10.5.0.2 1"};
         e.addresses.framedIpv6Prefix = "2001:db8:1::/64";
         e.addresses.delegatedIpv6Prefix = "2001:db8:2::/56";
         e.ipv6Pool = "six";
         e.delegatedIpv6Pool = "six-pd";
         e.until = kNow + 24h;
         e.idleSeconds = 600;
         e.portLimit = 3;
     },
     "Mikrotik-Rate-Limit=10M/20M; Mikrotik-Address-List=paid; Mikrotik-Group=gold; "
     "Framed-IP-Address=10.5.0.2; Framed-Route=192.168.9.0/24 10.5.0.2 1; "
     "Framed-Route=192.168.8.0/24 10.5.0.2 1; Framed-IPv6-Prefix=2001:db8:1::/64; "
     "Delegated-IPv6-Prefix=2001:db8:2::/56; Framed-IPv6-Pool=six; "
     "Mikrotik-Delegated-IPv6-Pool=six-pd; Session-Timeout=86400; Idle-Timeout=600; Port-Limit=3"},
    {"pool", [](auto& e) { e.pool = "pool-a"; }, "Mikrotik-Rate-Limit=10M/20M; Framed-Pool=pool-a"},
    {"a static address excludes the pool",
     [](auto& e) {
         e.pool = "pool-a";
         e.addresses.ipv4 = "10.5.0.2";
     },
     "Mikrotik-Rate-Limit=10M/20M; Framed-IP-Address=10.5.0.2"},
    {"90 seconds left", [](auto& e) { e.until = kNow + 90s; },
     "Mikrotik-Rate-Limit=10M/20M; Session-Timeout=90"},
    {"a part of a second is not rounded up", [](auto& e) { e.until = kNow + 90'999ms; },
     "Mikrotik-Rate-Limit=10M/20M; Session-Timeout=90"},
    {"ends in years", [](auto& e) { e.until = kNow + 24h * 3'650; },
     "Mikrotik-Rate-Limit=10M/20M; Session-Timeout=21474720"},
    // Without the upper half a router would cut after 705,032,704 octets.
    {"five thousand million octets", [](auto& e) { e.totalLimit = 5'000'000'000; },
     "Mikrotik-Rate-Limit=10M/20M; Mikrotik-Total-Limit=705032704; Mikrotik-Total-Limit-Gigawords=1"},
    {"exactly 4 GiB", [](auto& e) { e.totalLimit = 4'294'967'296; },
     "Mikrotik-Rate-Limit=10M/20M; Mikrotik-Total-Limit=0; Mikrotik-Total-Limit-Gigawords=1"},
    {"one octet", [](auto& e) { e.totalLimit = 1; },
     "Mikrotik-Rate-Limit=10M/20M; Mikrotik-Total-Limit=1; Mikrotik-Total-Limit-Gigawords=0"},
    {"a walled session's own length",
     [](auto& e) {
         e.rateLimit = "64k/64k";
         e.addressList = "isolir";
         e.pool = "pool-a";
         e.mikrotikGroup = "gold";
         e.sessionSeconds = 600;
     },
     "Mikrotik-Rate-Limit=64k/64k; Mikrotik-Address-List=isolir; Mikrotik-Group=gold; "
     "Framed-Pool=pool-a; Session-Timeout=600"},
};

const std::string kResponse(50, '\x2a');
const AccessRequest kPap = {"bob", PapCredential{"x"}, ""};
const AccessRequest kMsChap = {"bob", MsChapCredential{kResponse, "12345678"}, ""};
const AccessRequest kMsChap2 = {"bob", MsChap2Credential{kResponse, std::string(16, 'c')}, ""};
const AccessRequest kEap = {"bob", EapCredential{9}, ""};
constexpr std::string_view kLoginFailed = "Unknown user name or wrong password";

struct RejectCase {
    std::string_view reason;
    AccessRequest request;
    /// After Reply-Message; "text" stands for its text, the first character is the response's ident.
    std::string rest;
};

const RejectCase kRejects[] = {
    {"wrong_password", kPap, ""},
    {"unknown_user", kPap, ""},
    {"ended", kPap, ""},
    {"wrong_password", {"bob", ChapCredential{"r", "c"}, ""}, ""},
    {"eap_not_supported", kEap, "EAP-Message=04090004"},
    {"wrong_password", kMsChap, "MS-CHAP-Error=*E=691 R=0 C=0807060504030201 V=2"},
    {"wrong_password", kMsChap2, "MS-CHAP-Error=*E=691 R=0 C=08070605040302010807060504030201 V=3 M=text"},
    {"unknown_user", kMsChap2, "MS-CHAP-Error=*E=691 R=0 C=08070605040302010807060504030201 V=3 M=text"},
    {"ended", kMsChap2, "MS-CHAP-Error=*E=646 R=0 C=08070605040302010807060504030201 V=3 M=text"},
    {"not_started", kMsChap2, "MS-CHAP-Error=*E=646 R=0 C=08070605040302010807060504030201 V=3 M=text"},
    {"customer_suspended", kMsChap2,
     "MS-CHAP-Error=*E=646 R=0 C=08070605040302010807060504030201 V=3 M=text"},
    {"subscription_suspended", kMsChap, "MS-CHAP-Error=*E=646 R=0 C=0807060504030201 V=2"},
    {"subscription_disabled", kMsChap, "MS-CHAP-Error=*E=647 R=0 C=0807060504030201 V=2"},
    {"subscription_cancelled", kMsChap, "MS-CHAP-Error=*E=647 R=0 C=0807060504030201 V=2"},
    {"customer_inactive", kMsChap, "MS-CHAP-Error=*E=647 R=0 C=0807060504030201 V=2"},
    {"overdue", kMsChap, "MS-CHAP-Error=*E=646 R=0 C=0807060504030201 V=2"},
    {"quota_used_up", kMsChap, "MS-CHAP-Error=*E=646 R=0 C=0807060504030201 V=2"},
    {"dunning_suspended", kMsChap, "MS-CHAP-Error=*E=646 R=0 C=0807060504030201 V=2"},
    {"dunning_terminated", kMsChap, "MS-CHAP-Error=*E=647 R=0 C=0807060504030201 V=2"},
    {"wrong_password", {"bob", MsChap2Credential{"", "c"}, ""}, ""},
};

class ReplyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ReplyTest);
    CPPUNIT_TEST(acceptsExactlyAndInOrder);
    CPPUNIT_TEST(ipv6PrefixesHaveAllTheirOctets);
    CPPUNIT_TEST(msChap2BringsItsKeys);
    CPPUNIT_TEST(brokenStoredAddressIsOurBug);
    CPPUNIT_TEST(aLimitOfNothingIsOurBug);
    CPPUNIT_TEST(rejectsExactlyAndInOrder);
    CPPUNIT_TEST(sessionTimeoutAtItsEdges);
    CPPUNIT_TEST(sessionTimeoutNeverPassesTheEnd);
    CPPUNIT_TEST(sessionTimeoutIsSpread);
    CPPUNIT_TEST(interimIntervalIsSpreadAroundTheWantedOne);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

    void acceptsExactlyAndInOrder() {
        for (const AcceptCase& row : kAccepts) {
            billing::Entitlement entitlement = fullAccess();
            row.change(entitlement);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.expected + "; " + std::string(kEnd),
                                         accepted(entitlement));
        }
    }

    void ipv6PrefixesHaveAllTheirOctets() {  // RFC 3162 section 2.3
        billing::Entitlement entitlement = fullAccess();
        entitlement.addresses.framedIpv6Prefix = "2001:db8:1::/64";
        entitlement.addresses.delegatedIpv6Prefix = "::/0";
        const Attributes attributes = acceptAttributes(decisionOf(entitlement), "cls", kNoJitter);
        CPPUNIT_ASSERT_EQUAL(
            "0040"
            "20010db8000100000000000000000000"s,
            test::hexOf(*findText(attributes, attr::kFramedIpv6Prefix)));
        CPPUNIT_ASSERT_EQUAL("0000" + test::times(16, "00"),
                             test::hexOf(*findText(attributes, attr::kDelegatedIpv6Prefix)));
    }

    void msChap2BringsItsKeys() {
        AccessDecision decision = decisionOf(fullAccess());
        MsChap2Success success;
        success.success = "*S=407A5589115FD0D6209F510FE9C04566932CDA56";
        success.sendKey.fill(0xaa);
        success.recvKey.fill(0xbb);
        decision.msChap2 = success;
        const Attributes attributes = acceptAttributes(decision, "cls", kNoJitter);
        CPPUNIT_ASSERT_EQUAL("Mikrotik-Rate-Limit=10M/20M; " + std::string(kEnd) + "; MS-CHAP2-Success=0x" +
                                 test::hexOf(success.success) +
                                 "; MS-MPPE-Send-Key=***; MS-MPPE-Recv-Key=***; "
                                 "MS-MPPE-Encryption-Policy=Encryption-Allowed; "
                                 "MS-MPPE-Encryption-Types=RC4-40or128-bit-Allowed",
                             inWords(attributes));
        CPPUNIT_ASSERT_EQUAL(test::times(16, "aa"), test::hexOf(*findText(attributes, attr::kMsMppeSendKey)));
        CPPUNIT_ASSERT_EQUAL(test::times(16, "bb"), test::hexOf(*findText(attributes, attr::kMsMppeRecvKey)));
        CPPUNIT_ASSERT(findInteger(attributes, attr::kMsMppeEncryptionPolicy) == 1U);
        CPPUNIT_ASSERT(findInteger(attributes, attr::kMsMppeEncryptionTypes) == 6U);
    }

    void brokenStoredAddressIsOurBug() {
        const auto isBroken = [](const billing::StaticAddresses& addresses) {
            billing::Entitlement entitlement = fullAccess();
            entitlement.addresses = addresses;
            return throws<core::InvariantBroken>([&] { return accepted(entitlement); });
        };
        for (const char* address : {"10.5.0", "", "2001:db8::1", "10.5.0.2/32"}) {
            CPPUNIT_ASSERT_MESSAGE(address, isBroken({address, {}, {}, {}}));
        }
        for (const char* prefix : {"2001:db8::1/64", "10.0.0.0/8", "", "::ffff:10.0.0.1"}) {
            CPPUNIT_ASSERT_MESSAGE(prefix, isBroken({{}, prefix, {}, {}}));
            CPPUNIT_ASSERT_MESSAGE(prefix, isBroken({{}, {}, prefix, {}}));
        }
        CPPUNIT_ASSERT(!isBroken({"10.5.0.2", "2001:db8::", "2001:db8::/56", {}}));
    }

    /// "18=<hex>", and what the row has after it.
    static std::string expectedReject(const RejectCase& row) {
        const std::string message(replyMessage(row.reason));
        std::string rest = row.rest;
        if (const std::size_t at = rest.find("M=text"); at != std::string::npos) {
            rest.replace(at, 6, "M=" + message);
        }
        if (rest.starts_with("MS-CHAP-Error=")) {
            rest = " 2=" + test::hexOf(rest.substr(14));
        } else if (rest.starts_with("EAP-Message=")) {
            rest = " 79=" + rest.substr(12);
        }
        return "18=" + test::hexOf(message) + rest;
    }

    // To a router 0 means no limit.
    void aLimitOfNothingIsOurBug() {
        billing::Entitlement entitlement = fullAccess();
        entitlement.totalLimit = 0;
        CPPUNIT_ASSERT_THROW(static_cast<void>(accepted(entitlement)), core::InvariantBroken);
    }

    void rejectsExactlyAndInOrder() {
        for (const RejectCase& row : kRejects) {
            std::string got;
            for (const Attribute& attribute :
                 rejectAttributes(rejection(row.reason), row.request, {kNow, 0x0102030405060708})) {
                got += (got.empty() ? "" : " ") + std::to_string(attribute.id.type) + "=" +
                       test::hexOf(attribute.value);
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.reason), expectedReject(row), got);
        }
        CPPUNIT_ASSERT_EQUAL(kLoginFailed, replyMessage("wrong_password"));
    }

    void sessionTimeoutAtItsEdges() {
        const std::tuple<core::Milliseconds, std::uint64_t, std::uint32_t> rows[] = {
            {-1h, 0, 1},
            {0ms, 0, 1},
            {1ms, 7, 1},
            {999ms, 7, 1},
            {1s, 7, 1},
            {9s, 7, 9},
            {10s, 0, 10},
            {10s, 1, 9},
            {90s, 0, 90},
            {90s, 9, 81},
            {90s, 10, 90},
            {3'000s, 300, 2'700},
            {1h, 300, 3'300},
            {24h, 300, 86'100},
            {24h, 301, 86'400},
            {21'474'720s, 0, 21'474'720},
            {21'474'721s, 0, 21'474'720},
            {24h * 36'500, 300, 21'474'420},
        };
        for (const auto& [left, random, expected] : rows) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(left.count()) + " ms", expected,
                                         sessionTimeoutSeconds(left, random));
        }
    }

    // NOLINTNEXTLINE(cert-msc32-c,cert-msc51-cpp): the same pairs in every run
    std::mt19937_64 generator_{20261122};

    void sessionTimeoutNeverPassesTheEnd() {
        std::uniform_int_distribution<std::int64_t> bits(0, 36);
        for (int pair = 0; pair < 100'000; ++pair) {
            const std::int64_t most = std::int64_t{1} << bits(generator_);
            const std::int64_t leftMs =
                1'000 + static_cast<std::int64_t>(generator_() % static_cast<std::uint64_t>(most));
            const std::int64_t seconds = sessionTimeoutSeconds(core::Milliseconds(leftMs), generator_());
            const std::int64_t clamped = std::min(leftMs / 1'000, kMaxSessionTimeout);
            CPPUNIT_ASSERT(seconds * 1'000 <= leftMs);
            CPPUNIT_ASSERT(seconds >= 1 && seconds <= kMaxSessionTimeout);
            CPPUNIT_ASSERT(seconds >= clamped - std::min<std::int64_t>(clamped / 10, 300));
        }
    }

    void sessionTimeoutIsSpread() {
        std::array<int, 301> times{};
        for (int i = 0; i < 100'000; ++i) {
            ++times.at(86'400 - sessionTimeoutSeconds(24h, generator_()));
        }
        for (const int count : times) {  // 332 each, were it quite even
            CPPUNIT_ASSERT(count > 200 && count < 480);
        }
    }

    void interimIntervalIsSpreadAroundTheWantedOne() {
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{270}, interimSeconds(300, 0));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{300}, interimSeconds(300, 30));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{330}, interimSeconds(300, 60));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{270}, interimSeconds(300, 61));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{60}, interimSeconds(60, 0));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{66}, interimSeconds(60, 12));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{60}, interimSeconds(1, 5));
        std::array<int, 61> times{};
        for (int i = 0; i < 100'000; ++i) {
            ++times.at(interimSeconds(300, generator_()) - 270);
        }
        for (const int count : times) {  // 1639 each, were it quite even
            CPPUNIT_ASSERT(count > 1'200 && count < 2'100);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ReplyTest);

}  // namespace
}  // namespace gardu::radius
