#include "radius/preparse.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using test::octets;
using test::packet;
using test::times;
using enum PreparseError;

constexpr PortKind kAccess = PortKind::Access;
constexpr PortKind kAccounting = PortKind::Accounting;
constexpr PortKind kDynamic = PortKind::DynamicAuthorization;
constexpr PortKind kClient = PortKind::Client;

const std::string kMa = "5012" + times(16, "00");
const std::string kEap = "4f07" + times(5, "02");
const std::string kPassword = "0212" + times(16, "aa");
const std::string kProxyState = "210401ff";

/// With another length field, and cut or padded to `received` octets.
core::Bytes withLength(core::Bytes bytes, std::size_t lengthField, std::size_t received) {
    bytes[2] = static_cast<std::uint8_t>(lengthField >> 8);
    bytes[3] = static_cast<std::uint8_t>(lengthField & 0xff);
    bytes.resize(received, 0xee);
    return bytes;
}

struct Case {
    std::string_view name;
    core::Bytes datagram;
    PortKind port;
    std::optional<PreparseError> expected;
};

const Case kLengths[] = {
    {"nothing", {}, kAccess, TooShort},
    {"19 octets", withLength(packet(1, ""), 20, 19), kAccess, TooShort},
    {"header only", packet(1, ""), kAccess, std::nullopt},
    {"length field 0", withLength(packet(1, ""), 0, 20), kAccess, BadLength},
    {"length field 19", withLength(packet(1, ""), 19, 20), kAccess, BadLength},
    {"length field over what was received", withLength(packet(1, "0103aa"), 24, 23), kAccess, BadLength},
    {"length field under what was received: padding", withLength(packet(1, "0103aa"), 23, 90), kAccess,
     std::nullopt},
    {"padding of zeros may follow", withLength(packet(1, ""), 20, 4096), kAccess, std::nullopt},
    {"4096 octets", packet(1, times(15, "01ff" + times(253, "61")) + "01fb" + times(249, "61")), kAccess,
     std::nullopt},
    {"4097 octets", packet(1, times(15, "01ff" + times(253, "61")) + "01fc" + times(250, "61")), kAccess,
     BadLength},
    {"length field 65535", withLength(packet(1, ""), 65535, 5000), kAccess, BadLength},
};

const Case kCodes[] = {
    {"Access-Request", packet(1, ""), kAccess, std::nullopt},
    {"Status-Server", packet(12, kMa), kAccess, std::nullopt},
    {"Status-Server to accounting", packet(12, kMa), kAccounting, std::nullopt},
    {"Status-Server with nothing", packet(12, ""), kAccess, StatusServerWithoutMessageAuthenticator},
    {"Status-Server to accounting with nothing", packet(12, "0103aa"), kAccounting,
     StatusServerWithoutMessageAuthenticator},
    {"Accounting-Request", packet(4, ""), kAccounting, std::nullopt},
    {"Accounting-Request to access", packet(4, ""), kAccess, UnexpectedCode},
    {"Access-Request to accounting", packet(1, ""), kAccounting, UnexpectedCode},
    {"code 0", packet(0, ""), kAccess, UnexpectedCode},
    {"code 255", packet(255, ""), kAccounting, UnexpectedCode},
    {"Access-Accept to access", packet(2, ""), kAccess, UnexpectedCode},
    {"Status-Client", packet(13, ""), kAccess, UnexpectedCode},
    {"Disconnect-Request", packet(40, ""), kDynamic, std::nullopt},
    {"CoA-Request", packet(43, ""), kDynamic, std::nullopt},
    {"CoA-Request to access", packet(43, ""), kAccess, UnexpectedCode},
    {"Access-Request to a NAS", packet(1, ""), kDynamic, UnexpectedCode},
    {"Status-Server to a NAS", packet(12, kMa), kDynamic, UnexpectedCode},
    {"Access-Accept", packet(2, ""), kClient, std::nullopt},
    {"Access-Reject", packet(3, ""), kClient, std::nullopt},
    {"Accounting-Response", packet(5, ""), kClient, std::nullopt},
    {"Access-Challenge", packet(11, ""), kClient, std::nullopt},
    {"Disconnect-ACK", packet(41, ""), kClient, std::nullopt},
    {"Disconnect-NAK", packet(42, ""), kClient, std::nullopt},
    {"CoA-ACK", packet(44, ""), kClient, std::nullopt},
    {"CoA-NAK", packet(45, ""), kClient, std::nullopt},
    {"a request to a client", packet(1, ""), kClient, UnexpectedCode},
};

const Case kAttributes[] = {
    {"one octet is left over", packet(1, "01"), kAccess, BadAttribute},
    {"one octet after a good one", packet(1, "0103aa 01"), kAccess, BadAttribute},
    {"length 0", packet(1, "0100"), kAccess, BadAttribute},
    {"length 1", packet(1, "0101"), kAccess, BadAttribute},
    {"length 2", packet(1, "0102"), kAccess, std::nullopt},
    {"over the end", packet(1, "0104aa"), kAccess, BadAttribute},
    {"255 octets over the end", packet(1, "0103aa 01ff"), kAccess, BadAttribute},
    {"type 0", packet(1, "0003aa"), kAccess, BadAttribute},
    {"type 255", packet(1, "ff03aa"), kAccess, std::nullopt},
    {"200 attributes", packet(1, times(200, "0103aa")), kAccess, std::nullopt},
    {"201 attributes", packet(1, times(201, "0103aa")), kAccess, TooManyAttributes},
    {"User-Password of 0 octets", packet(1, "0202"), kAccess, std::nullopt},
    {"User-Password of 15 octets", packet(1, "0211" + times(15, "aa")), kAccess, BadAttributeLength},
    {"User-Password of 16 octets", packet(1, kPassword), kAccess, std::nullopt},
    {"User-Password of 17 octets", packet(1, "0213" + times(17, "aa")), kAccess, BadAttributeLength},
    {"User-Password of 128 octets", packet(1, "0282" + times(128, "aa")), kAccess, std::nullopt},
    {"User-Password of 144 octets", packet(1, "0292" + times(144, "aa")), kAccess, BadAttributeLength},
    {"CHAP-Password of 16 octets", packet(1, "0312" + times(16, "aa")), kAccess, BadAttributeLength},
    {"CHAP-Password of 17 octets", packet(1, "0313" + times(17, "aa")), kAccess, std::nullopt},
    {"NAS-IP-Address of 3 octets", packet(1, "0405aaaaaa"), kAccess, BadAttributeLength},
    {"NAS-Port of 5 octets", packet(1, "0507aaaaaaaaaa"), kAccess, BadAttributeLength},
    {"Acct-Status-Type of 0 octets", packet(4, "2802"), kAccounting, BadAttributeLength},
    {"Acct-Input-Octets of 8 octets", packet(4, "2a0a" + times(8, "aa")), kAccounting, BadAttributeLength},
    {"Event-Timestamp of 4 octets", packet(4, "3706aaaaaaaa"), kAccounting, std::nullopt},
    {"NAS-IPv6-Address of 15 octets", packet(1, "5f11" + times(15, "aa")), kAccess, BadAttributeLength},
    {"Framed-IPv6-Prefix of 1 octet", packet(1, "610300"), kAccess, BadAttributeLength},
    {"Framed-IPv6-Prefix of 2 octets", packet(1, "61040000"), kAccess, std::nullopt},
    {"Delegated-IPv6-Prefix of 19 octets", packet(1, "7b15" + times(19, "00")), kAccess, BadAttributeLength},
    {"vendor 0 would smuggle in a User-Name", packet(1, "1a0b 00000000 0105 626f62"), kAccess, BadVendor},
    {"vendor 0 with nothing", packet(1, "1a06 00000000"), kAccess, BadVendor},
    {"vendor of 25 bits", packet(1, "1a0b 01000000 0105 626f62"), kAccess, BadVendor},
    {"vendor of 25 bits, the low ones of another", packet(1, "1a0b 01003a8c 0805 626f62"), kAccess,
     BadVendor},
    {"vendor without content", packet(1, "1a06 00003a8c"), kAccess, BadVendor},
    {"three octets of vendor", packet(1, "1a05 000001"), kAccess, BadVendor},
    {"empty Vendor-Specific", packet(1, "1a02"), kAccess, BadVendor},
    {"vendor 1", packet(1, "1a07 00000001 aa"), kAccess, std::nullopt},
    {"Mikrotik", packet(1, "1a0c 00003a8c 0a06 0a055802"), kAccess, std::nullopt},
};

const Case kRules[] = {
    {"Message-Authenticator of 15 octets", packet(1, "5011" + times(15, "00")), kAccess,
     BadMessageAuthenticator},
    {"Message-Authenticator of 17 octets", packet(1, "5013" + times(17, "00")), kAccess,
     BadMessageAuthenticator},
    {"empty Message-Authenticator", packet(1, "5002"), kAccess, BadMessageAuthenticator},
    {"two Message-Authenticators", packet(1, kMa + "0103aa" + kMa), kAccess, BadMessageAuthenticator},
    {"EAP without Message-Authenticator", packet(1, kEap), kAccess, EapWithoutMessageAuthenticator},
    {"EAP with Message-Authenticator", packet(1, kEap + kMa), kAccess, std::nullopt},
    {"EAP in two parts", packet(1, kMa + kEap + kEap), kAccess, std::nullopt},
    {"EAP with User-Password", packet(1, kMa + kEap + kPassword), kAccess, EapWithPassword},
    {"EAP with User-Password before it", packet(1, kPassword + kEap + kMa), kAccess, EapWithPassword},
    {"EAP with an empty User-Password", packet(1, kMa + kEap + "0202"), kAccess, EapWithPassword},
    {"EAP with CHAP-Password", packet(1, kMa + kEap + "0313" + times(17, "aa")), kAccess, EapWithPassword},
    {"EAP with ARAP-Password", packet(1, kMa + kEap + "4612" + times(16, "aa")), kAccess, EapWithPassword},
    {"8 Proxy-States", packet(1, times(8, kProxyState)), kAccess, std::nullopt},
    {"empty Proxy-State", packet(1, "2102"), kAccess, BadAttributeLength},
    {"9 Proxy-States", packet(1, times(9, kProxyState)), kAccess, TooManyProxyStates},
};

const std::pair<PreparseError, std::string> kNames[] = {
    {TooShort, "too_short"},
    {BadLength, "bad_length"},
    {BadAttribute, "bad_attribute"},
    {TooManyAttributes, "too_many_attributes"},
    {BadAttributeLength, "bad_attribute_length"},
    {BadVendor, "bad_vendor"},
    {BadMessageAuthenticator, "bad_message_authenticator"},
    {EapWithoutMessageAuthenticator, "eap_without_message_authenticator"},
    {EapWithPassword, "eap_with_password"},
    {StatusServerWithoutMessageAuthenticator, "status_server_without_message_authenticator"},
    {TooManyProxyStates, "too_many_proxy_states"},
    {UnexpectedCode, "unexpected_code"},
};

void checkAll(std::span<const Case> cases) {
    for (const Case& row : cases) {
        const auto result = preparse(row.datagram, row.port);
        const auto* error = std::get_if<PreparseError>(&result);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.name),
                                     std::string(row.expected ? name(*row.expected) : "none"),
                                     std::string(error != nullptr ? name(*error) : "none"));
    }
}

PacketView parsed(const core::Bytes& datagram, PortKind port) {
    return std::get<PacketView>(preparse(datagram, port));
}

class PreparseTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PreparseTest);
    CPPUNIT_TEST(lengths);
    CPPUNIT_TEST(codes);
    CPPUNIT_TEST(attributes);
    CPPUNIT_TEST(rules);
    CPPUNIT_TEST(truncatedAtEveryLength);
    CPPUNIT_TEST(shortenedAtEveryLength);
    CPPUNIT_TEST(viewOfTheRfcPacket);
    CPPUNIT_TEST(viewFindsWhatRepliesNeed);
    CPPUNIT_TEST(everyErrorHasAName);
    CPPUNIT_TEST_SUITE_END();

    void lengths() { checkAll(kLengths); }
    void codes() { checkAll(kCodes); }
    void attributes() { checkAll(kAttributes); }
    void rules() { checkAll(kRules); }

    void truncatedAtEveryLength() {
        const core::Bytes whole = octets(test::kRfcChapRequest);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto result = preparse(ByteView(whole).first(size), kAccess);
            CPPUNIT_ASSERT(std::get<PreparseError>(result) == (size < kHeaderSize ? TooShort : BadLength));
        }
    }

    /// With a length field that agrees: good only where an attribute ends.
    void shortenedAtEveryLength() {
        const core::Bytes whole = octets(test::kRfcChapRequest);
        const std::size_t ends[] = {20, 28, 47, 53, 59, 65};
        for (std::size_t size = kHeaderSize; size < whole.size(); ++size) {
            const auto result = preparse(withLength(whole, size, size), kAccess);
            const bool isEnd = std::ranges::find(ends, size) != std::end(ends);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(size), isEnd,
                                         std::holds_alternative<PacketView>(result));
            CPPUNIT_ASSERT(isEnd || std::get<PreparseError>(result) == BadAttribute);
        }
    }

    void viewOfTheRfcPacket() {
        const core::Bytes bytes = withLength(octets(test::kRfcChapRequest), 71, 80);
        const PacketView view = parsed(bytes, kAccess);
        CPPUNIT_ASSERT(view.code == Code::AccessRequest);
        CPPUNIT_ASSERT_EQUAL(1, static_cast<int>(view.identifier));
        CPPUNIT_ASSERT_EQUAL(std::size_t{71}, view.octets.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, view.attributeCount);
        CPPUNIT_ASSERT_EQUAL(std::string("2aee86f08d0d55969ca5978e0d3367a2"),
                             core::toHex(view.authenticator()));
        CPPUNIT_ASSERT(!view.hasMessageAuthenticator() && !view.hasEapMessage && view.proxyStateCount == 0);
    }

    void viewFindsWhatRepliesNeed() {
        const core::Bytes bytes = packet(1, "2103aa" + kEap + "2104bbbb" + kMa);
        const PacketView view = parsed(bytes, kAccess);
        CPPUNIT_ASSERT(view.hasEapMessage);
        CPPUNIT_ASSERT_EQUAL(std::size_t{36}, view.messageAuthenticatorAt);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, view.proxyStateCount);
        CPPUNIT_ASSERT_EQUAL(std::string("aa"), core::toHex(view.proxyStates[0]));
        CPPUNIT_ASSERT_EQUAL(std::string("bbbb"), core::toHex(view.proxyStates[1]));
    }

    void everyErrorHasAName() {
        for (const auto& [error, text] : kNames) {
            CPPUNIT_ASSERT_EQUAL(text, std::string(name(error)));
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PreparseTest);

/// The signatures, against packets printed in RFC 2865 section 7 and packets that Python's hmac signed.
class AuthenticatorTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AuthenticatorTest);
    CPPUNIT_TEST(repliesOfTheRfc);
    CPPUNIT_TEST(anyChangedBitIsNoticed);
    CPPUNIT_TEST(accessRequestSignedByAnotherHand);
    CPPUNIT_TEST(accountingRequestSignedByAnotherHand);
    CPPUNIT_TEST(accountingMessageAuthenticatorIsOverZeros);
    CPPUNIT_TEST(missingMessageAuthenticatorIsNotValid);
    CPPUNIT_TEST(replyWithAWrongMessageAuthenticator);
    CPPUNIT_TEST_SUITE_END();

    void repliesOfTheRfc() {
        const SharedSecret secret(test::kRfcSecret);
        const std::pair<std::string_view, std::string_view> exchanges[] = {
            {test::kRfcPapRequest, test::kRfcPapReply}, {test::kRfcChapRequest, test::kRfcChapReply}};
        for (const auto& [requestHex, replyHex] : exchanges) {
            const core::Bytes request = octets(requestHex);
            const core::Bytes reply = octets(replyHex);
            const auto asked = parsed(request, kAccess).authenticator();
            CPPUNIT_ASSERT(replyIsAuthentic(parsed(reply, kClient), asked, secret));
            CPPUNIT_ASSERT(!replyIsAuthentic(parsed(reply, kClient), asked, SharedSecret("xyzzy5460")));
        }
    }

    void anyChangedBitIsNoticed() {
        const SharedSecret secret(test::kRfcSecret);
        const core::Bytes request = octets(test::kRfcPapRequest);
        const core::Bytes reply = octets(test::kRfcPapReply);
        for (std::size_t bit = 0; bit < 8 * reply.size(); ++bit) {
            core::Bytes changed = reply;
            changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
            const auto result = preparse(changed, kClient);
            const auto* view = std::get_if<PacketView>(&result);
            CPPUNIT_ASSERT(view == nullptr ||
                           !replyIsAuthentic(*view, parsed(request, kAccess).authenticator(), secret));
        }
    }

    void accessRequestSignedByAnotherHand() {
        const core::Bytes bytes = octets(
            "01c80035000102030405060708090a0b0c0d0e0f0105626f624f0a0200000801626f62"
            "5012e1a56fbb8274a451626610bae7df63b1");
        const PacketView view = parsed(bytes, kAccess);
        CPPUNIT_ASSERT(messageAuthenticatorIsValid(view, SharedSecret("testing123")));
        CPPUNIT_ASSERT(!messageAuthenticatorIsValid(view, SharedSecret("testing124")));
        for (std::size_t at = 4; at < bytes.size(); ++at) {
            core::Bytes changed = bytes;
            changed[at] ^= 0x80;
            const auto result = preparse(changed, kAccess);
            const auto* other = std::get_if<PacketView>(&result);
            CPPUNIT_ASSERT(other == nullptr ||
                           !messageAuthenticatorIsValid(*other, SharedSecret("testing123")));
        }
    }

    void accountingRequestSignedByAnotherHand() {
        const core::Bytes bytes =
            octets("040700299790f4458a936113558edb86c5a82ee20105626f622c0a3831613030303031280600000003");
        CPPUNIT_ASSERT(requestAuthenticatorIsValid(parsed(bytes, kAccounting), SharedSecret("testing123")));
        CPPUNIT_ASSERT(!requestAuthenticatorIsValid(parsed(bytes, kAccounting), SharedSecret("testing124")));
        core::Bytes zeroed = bytes;
        std::fill(zeroed.begin() + 4, zeroed.begin() + 20, std::uint8_t{0});
        CPPUNIT_ASSERT(!requestAuthenticatorIsValid(parsed(zeroed, kAccounting), SharedSecret("testing123")));
    }

    void accountingMessageAuthenticatorIsOverZeros() {
        const SharedSecret secret("testing123");
        core::Bytes bytes = packet(4, "0105626f62" + kMa);
        std::fill(bytes.begin() + 4, bytes.begin() + 20, std::uint8_t{0});
        const Digest16 digest = secret.hmacMd5({bytes});
        std::ranges::copy(digest, bytes.begin() + 27);
        std::fill(bytes.begin() + 4, bytes.begin() + 20, std::uint8_t{0x55});
        CPPUNIT_ASSERT(messageAuthenticatorIsValid(parsed(bytes, kAccounting), secret));
    }

    void missingMessageAuthenticatorIsNotValid() {
        const core::Bytes bytes = octets(test::kRfcPapRequest);
        CPPUNIT_ASSERT(!messageAuthenticatorIsValid(parsed(bytes, kAccess), SharedSecret(test::kRfcSecret)));
    }

    /// The Response Authenticator alone can be forged (CVE-2024-3596).
    void replyWithAWrongMessageAuthenticator() {
        const SharedSecret secret("testing123");
        core::Bytes reply = packet(2, kMa);
        const Authenticator asked{1, 2, 3};
        const Digest16 digest =
            md5({ByteView(reply).first(4), asked, ByteView(reply).subspan(20), secret.octets()});
        std::ranges::copy(digest, reply.begin() + 4);
        CPPUNIT_ASSERT(!replyIsAuthentic(parsed(reply, kClient), asked, secret));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuthenticatorTest);

}  // namespace
}  // namespace gardu::radius
