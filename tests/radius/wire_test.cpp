#include "radius/wire.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using test::octets;
using test::packet;
using test::times;
using namespace std::string_literals;

constexpr std::string_view kSecret = "testing123";

PacketView parsed(const core::Bytes& bytes, PortKind port = PortKind::Access) {
    return std::get<PacketView>(preparse(bytes, port));
}

/// "type=hex" or "vendor.type=hex", one for each attribute, separated by blanks.
std::string listOf(const Attributes& attributes) {
    std::string list;
    for (const Attribute& attribute : attributes) {
        list += list.empty() ? "" : " ";
        list += attribute.id.vendor == 0 ? "" : std::to_string(attribute.id.vendor) + ".";
        list += std::to_string(attribute.id.type) + "=" + test::hexOf(attribute.value);
    }
    return list;
}

std::string decoded(const core::Bytes& bytes, std::string_view secret = kSecret,
                    PortKind port = PortKind::Access) {
    const auto attributes = decode(parsed(bytes, port), SharedSecret(secret));
    return attributes ? listOf(*attributes) : "refused";
}

struct DecodeCase {
    std::string_view name;
    std::string attributesHex;
    std::string expected;
};

const DecodeCase kDecoded[] = {
    {"no attribute", "", ""},
    {"empty User-Password is there and empty", "0202", "2="},
    {"empty text is there and empty", "0102 1f02", "1= 31="},
    {"text with a NUL inside", "0105610062", "1=610062"},
    {"unknown type", "fa04beef", "250=beef"},
    {"extended format of RFC 6929 stays as it is", "f105010203", "241=010203"},
    {"unknown vendor", "1a0b 00012345 0905 aabbcc", "74565.9=aabbcc"},
    {"unknown attribute of a known vendor", "1a0b 00003a8c c805 aabbcc", "14988.200=aabbcc"},
    {"two in one Vendor-Specific", "1a11 00003a8c 0805 314d31 1306 70616964",
     "14988.8=314d31 14988.19=70616964"},
    {"vendor's length runs over the end", "1a0b 00003a8c 08ff 314d31", "26=00003a8c08ff314d31"},
    {"vendor's length is 1", "1a0b 00003a8c 0801 314d31", "26=00003a8c0801314d31"},
    {"vendor's attribute with no value", "1a08 00003a8c 0802 0103aa", "1=aa"},
    {"integer of the wrong size in a vendor's attribute", "1a0b 00003a8c 0105 aabbcc", "14988.1=aabbcc"},
    {"address", "0806 0a000002", "8=0a000002"},
    {"integer", "0506 00f0000a", "5=00f0000a"},
    {"time", "3706 6553f100", "55=6553f100"},
    {"IPv6 prefix", "610c 0040 20010db800010002", "97=004020010db800010002"},
    {"IPv6 prefix of more than 128 bits", "6104 0081", "97=0081"},
    {"EAP-Message is joined", "4f04aabb 4f03cc 5012" + times(16, "00"), "79=aabbcc 80=" + times(16, "00")},
    {"EAP-Message with another between stays apart", "4f03aa 0103ff 4f03bb 5012" + times(16, "00"),
     "79=aa 1=ff 79=bb 80=" + times(16, "00")},
    {"tag stays in front of the text", "5105 013130", "81=013130"},
    {"tag of zero stays too", "5105 003130", "81=003130"},
    {"tag stays in front of the number", "4006 0100000d", "64=0100000d"},
    {"Tunnel-Password stays hidden", "4514 01 8000" + times(15, "ab"), "69=018000" + times(15, "ab")},
    {"NAS-Filter-Rule with zeros is not taken apart", "5c07 6100620063", "92=6100620063"},
    {"State, Class and Proxy-State", "1803aa 1903bb 2103cc", "24=aa 25=bb 33=cc"},
    {"the same attribute again and again", "0103aa 0103bb 0103aa", "1=aa 1=bb 1=aa"},
};

struct RoundTrip {
    AttributeId id;
    std::string_view name;
    std::string value;
    std::string text;
};

const std::string kV4 = "\x0a\x00\x00\x02"s;
const std::string kPrefix = "\x00\x40\x20\x01\x0d\xb8\x00\x00\x00\x00"s;
const std::string kOctets = "\x00\x01\xff"s;

/// Every attribute that packet.h names, but for the Message-Authenticator, which the encoder makes.
const RoundTrip kRoundTrips[] = {
    {attr::kUserName, "User-Name", "bob", "bob"},
    {attr::kUserPassword, "User-Password", "s3cret", "***"},
    {attr::kChapPassword, "CHAP-Password", "\x01" + times(16, "p"), "***"},
    {attr::kNasIpAddress, "NAS-IP-Address", kV4, "10.0.0.2"},
    {attr::kNasPort, "NAS-Port", "\x80\x10\x00\x14"s, "2148532244"},
    {attr::kServiceType, "Service-Type", "\0\0\0\2"s, "Framed-User"},
    {attr::kFramedProtocol, "Framed-Protocol", "\0\0\0\1"s, "PPP"},
    {attr::kFramedIpAddress, "Framed-IP-Address", "\xff\xff\xff\xfe"s, "255.255.255.254"},
    {attr::kReplyMessage, "Reply-Message", "Welcome", "Welcome"},
    {attr::kFramedRoute, "Framed-Route", "10.1.0.0/16 10.0.0.2 1", "10.1.0.0/16 10.0.0.2 1"},
    {attr::kState, "State", kOctets, "0x0001ff"},
    {attr::kClass, "Class", kOctets, "0x0001ff"},
    {attr::kVendorSpecific, "Vendor-Specific", "\x00\x00\x3a\x8c\x08"s, "0x00003a8c08"},
    {attr::kSessionTimeout, "Session-Timeout", "\x00\x01\x51\x80"s, "86400"},
    {attr::kIdleTimeout, "Idle-Timeout", "\0\0\0\0"s, "0"},
    {attr::kCalledStationId, "Called-Station-Id", "pppoe-service", "pppoe-service"},
    {attr::kCallingStationId, "Calling-Station-Id", "AA:BB:CC:DD:EE:FF", "AA:BB:CC:DD:EE:FF"},
    {attr::kNasIdentifier, "NAS-Identifier", "router", "router"},
    {attr::kProxyState, "Proxy-State", kOctets, "0x0001ff"},
    {attr::kAcctSessionId, "Acct-Session-Id", "81a00001", "81a00001"},
    {attr::kChapChallenge, "CHAP-Challenge", kOctets, "0x0001ff"},
    {attr::kNasPortType, "NAS-Port-Type", "\0\0\0\x0f"s, "Ethernet"},
    {attr::kPortLimit, "Port-Limit", "\0\0\0\1"s, "1"},
    {attr::kAcctInterimInterval, "Acct-Interim-Interval", "\0\0\1\x2c"s, "300"},
    {attr::kNasPortId, "NAS-Port-Id", "ether2", "ether2"},
    {attr::kFramedPool, "Framed-Pool", "pool-a", "pool-a"},
    {attr::kFramedIpv6Prefix, "Framed-IPv6-Prefix", kPrefix, "2001:db8::/64"},
    {attr::kFramedIpv6Pool, "Framed-IPv6-Pool", "pool6", "pool6"},
    {attr::kDelegatedIpv6Prefix, "Delegated-IPv6-Prefix", kPrefix, "2001:db8::/64"},
    {attr::kMsChapResponse, "MS-CHAP-Response", std::string(50, 'r'), "***"},
    {attr::kMsChapError, "MS-CHAP-Error", "\x01"s + "E=691", "0x01453d363931"},
    {attr::kMsMppeEncryptionPolicy, "MS-MPPE-Encryption-Policy", "\0\0\0\2"s, "Encryption-Required"},
    {attr::kMsMppeEncryptionTypes, "MS-MPPE-Encryption-Types", "\0\0\0\4"s, "4"},
    {attr::kMsChapChallenge, "MS-CHAP-Challenge", kOctets, "0x0001ff"},
    {attr::kMsChap2Response, "MS-CHAP2-Response", std::string(50, 'r'), "***"},
    {attr::kMsChap2Success, "MS-CHAP2-Success", "\x01S=AA", "0x01533d4141"},
    {attr::kMikrotikGroup, "Mikrotik-Group", "full", "full"},
    {attr::kMikrotikRateLimit, "Mikrotik-Rate-Limit", "10M/20M 12M/24M", "10M/20M 12M/24M"},
    {attr::kMikrotikTotalLimit, "Mikrotik-Total-Limit", std::string("\x12\x34\x56\x78", 4), "305419896"},
    {attr::kMikrotikTotalLimitGigawords, "Mikrotik-Total-Limit-Gigawords", std::string("\0\0\0\x02", 4), "2"},
    {attr::kMikrotikAddressList, "Mikrotik-Address-List", "paid", "paid"},
    {attr::kMikrotikDelegatedIpv6Pool, "Mikrotik-Delegated-IPv6-Pool", "pd", "pd"},
};

struct TextCase {
    Attribute attribute;
    std::string text;
};

const TextCase kTexts[] = {
    {{{0, 250}, kOctets}, "0x0001ff"},
    {{{0, 250}, ""}, "0x"},
    {{{attr::kMikrotik, 200}, "x"}, "0x78"},
    {{attr::kUserName, ""}, ""},
    {{attr::kUserName, "a\nb"}, "0x610a62"},
    {{attr::kUserName, "a\0b"s}, "0x610062"},
    {{attr::kNasPort, "abc"}, "0x616263"},
    {{attr::kServiceType, "\0\0\1\0"s}, "256"},
    {{attr::kNasIpAddress, "abc"}, "0x616263"},
    {{attr::kFramedIpv6Prefix, "\x00\x00"s}, "::/0"},
    {{attr::kFramedIpv6Prefix, "\x00\x81"s}, "0x0081"},
    {{attr::kFramedIpv6Prefix, "\x00"s}, "0x00"},
    {{attr::kFramedIpv6Prefix, std::string(19, '\0')}, "0x" + times(19, "00")},
    {{{0, 95}, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\1"}, "2001:db8::1"},
    {{{0, 69}, "\1tunnel"}, "***"},
    {{{0, 70}, "arap"}, "***"},
    {{attr::kMsMppeSendKey, "key"}, "***"},
    {{attr::kMsMppeRecvKey, "key"}, "***"},
    {{{attr::kMicrosoft, 12}, "key"}, "***"},
    {{{attr::kMikrotik, 16}, "wireless key"}, "***"},
};

struct RefusedCase {
    std::string_view name;
    Attributes attributes;
};

const RefusedCase kRefused[] = {
    {"text of 254 octets", {textAttribute(attr::kReplyMessage, std::string(254, 'x'))}},
    {"vendor's text of 248 octets", {textAttribute(attr::kMikrotikRateLimit, std::string(248, 'x'))}},
    {"password of 129 octets", {textAttribute(attr::kUserPassword, std::string(129, 'x'))}},
    {"key of 240 octets, hidden 258", {textAttribute(attr::kMsMppeSendKey, std::string(240, 'x'))}},
    {"key of 300 octets", {textAttribute(attr::kMsMppeSendKey, std::string(300, 'x'))}},
    {"empty text", {textAttribute(attr::kReplyMessage, "")}},
    {"empty key", {textAttribute(attr::kMsMppeSendKey, "")}},
    {"integer of 3 octets", {textAttribute(attr::kSessionTimeout, "abc")}},
    {"integer of 5 octets", {textAttribute(attr::kSessionTimeout, "abcde")}},
    {"address of 16 octets", {textAttribute(attr::kFramedIpAddress, std::string(16, 'x'))}},
    {"prefix of 19 octets", {textAttribute(attr::kFramedIpv6Prefix, std::string(19, 'x'))}},
    {"prefix of 1 octet", {textAttribute(attr::kFramedIpv6Prefix, "x")}},
    {"Message-Authenticator", {textAttribute(attr::kMessageAuthenticator, std::string(16, 'x'))}},
    {"type 0", {textAttribute({0, 0}, "x")}},
    {"type 256", {textAttribute({0, 256}, "x")}},
    {"vendor of 25 bits", {textAttribute({1U << 24, 1}, "x")}},
    {"Ascend-Send-Secret", {textAttribute({529, 214}, "x")}},
    {"NAS-Filter-Rule, which 3.2.1 would lose", {textAttribute({0, 92}, std::string(253, 'x'))}},
    {"17 long texts pass 4096 octets",
     Attributes(17, textAttribute(attr::kReplyMessage, std::string(253, 'x')))},
    {"EAP-Message of 4096 octets", {textAttribute(attr::kEapMessage, std::string(4096, 'x'))}},
};

class DecodeTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DecodeTest);
    CPPUNIT_TEST(secondStartDoesNothing);
    CPPUNIT_TEST(papRequestOfTheRfc);
    CPPUNIT_TEST(chapRequestOfTheRfc);
    CPPUNIT_TEST(repliesOfTheRfc);
    CPPUNIT_TEST(table);
    CPPUNIT_TEST(paddingAfterTheLengthIsIgnored);
    CPPUNIT_TEST(longestPasswordIsNotCut);
    CPPUNIT_TEST(tooManyInsideVendorSpecifics);
    CPPUNIT_TEST(names);
    CPPUNIT_TEST(texts);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

private:
    void secondStartDoesNothing() { startWire("/nonexistent"); }

    void papRequestOfTheRfc() {
        CPPUNIT_ASSERT_EQUAL("1=6e656d6f 2="s + test::hexOf("arctangent") + " 4=c0a80110 5=00000003",
                             decoded(octets(test::kRfcPapRequest), test::kRfcSecret));
    }

    void chapRequestOfTheRfc() {
        CPPUNIT_ASSERT_EQUAL(
            "1=666c6f707379 3=16e97557c316185895f293ff6344077275 4=c0a80110 5=00000014"
            " 6=00000002 7=00000001"s,
            decoded(octets(test::kRfcChapRequest), test::kRfcSecret));
    }

    void repliesOfTheRfc() {
        CPPUNIT_ASSERT_EQUAL("6=00000001 15=00000000 14=c0a80103"s,
                             decoded(octets(test::kRfcPapReply), test::kRfcSecret, PortKind::Client));
        CPPUNIT_ASSERT_EQUAL("6=00000002 7=00000001 8=fffffffe 10=00000002 13=00000001 12=000005dc"s,
                             decoded(octets(test::kRfcChapReply), test::kRfcSecret, PortKind::Client));
    }

    void table() {
        for (const DecodeCase& row : kDecoded) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.name), row.expected,
                                         decoded(packet(1, row.attributesHex)));
        }
    }

    void paddingAfterTheLengthIsIgnored() {
        core::Bytes bytes = packet(1, "0103aa");
        bytes.resize(4096, 0x01);
        CPPUNIT_ASSERT_EQUAL("1=aa"s, decoded(bytes));
    }

    void longestPasswordIsNotCut() {
        const SharedSecret secret(kSecret);
        const std::string password(128, 'p');
        const core::Bytes bytes = encodeRequest(
            {.authenticator = {1}}, Attributes{textAttribute(attr::kUserPassword, password)}, secret);
        CPPUNIT_ASSERT_EQUAL(password,
                             std::string(*findText(*decode(parsed(bytes), secret), attr::kUserPassword)));
    }

    void tooManyInsideVendorSpecifics() {
        const std::string eighty = "1af6 00003a8c" + times(80, "c803aa");
        CPPUNIT_ASSERT_EQUAL("refused"s, decoded(packet(1, times(3, eighty))));
        CPPUNIT_ASSERT(decoded(packet(1, times(2, eighty))) != "refused");
    }

    void names() {
        for (const RoundTrip& row : kRoundTrips) {
            CPPUNIT_ASSERT_EQUAL(std::string(row.name), attributeName(row.id));
        }
        CPPUNIT_ASSERT_EQUAL("Attr-250"s, attributeName({0, 250}));
        CPPUNIT_ASSERT_EQUAL("Attr-26.14988.200"s, attributeName({attr::kMikrotik, 200}));
        CPPUNIT_ASSERT_EQUAL("Attr-26.74565.9"s, attributeName({74565, 9}));
        CPPUNIT_ASSERT_EQUAL("Mikrotik-Switching-Filter"s, attributeName({attr::kMikrotik, 30}));
        CPPUNIT_ASSERT_EQUAL("Delegated-IPv6-Prefix-Pool"s, attributeName({0, 171}));
        CPPUNIT_ASSERT_EQUAL("Error-Cause"s, attributeName({0, 101}));
    }

    void texts() {
        for (const RoundTrip& row : kRoundTrips) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.name), row.text, attributeText({row.id, row.value}));
        }
        for (const TextCase& row : kTexts) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(attributeName(row.attribute.id), row.text,
                                         attributeText(row.attribute));
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DecodeTest);

class EncodeTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EncodeTest);
    CPPUNIT_TEST(everyNamedAttributeComesBack);
    CPPUNIT_TEST(replyIsSignedAndInOrder);
    CPPUNIT_TEST(accountingResponseHasNoMessageAuthenticator);
    CPPUNIT_TEST(requestsAreSigned);
    CPPUNIT_TEST(withoutMessageAuthenticator);
    CPPUNIT_TEST(longEapMessageIsSplitAndJoined);
    CPPUNIT_TEST(unknownAttributesGoOut);
    CPPUNIT_TEST(largestValuesFit);
    CPPUNIT_TEST(refused);
    CPPUNIT_TEST(keysHaveDifferentSalts);
    CPPUNIT_TEST(errorsNameTheAttributeAndNotItsValue);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

private:
    const SharedSecret secret_{kSecret};
    const RequestHead head_{.identifier = 7, .authenticator = {1, 2, 3, 4, 5, 6, 7, 8}};

    void everyNamedAttributeComesBack() {
        for (const RoundTrip& row : kRoundTrips) {
            const Attributes sent = {{row.id, row.value}};
            const core::Bytes bytes = encodeRequest(head_, sent, secret_);
            const auto received = decode(parsed(bytes), secret_);
            CPPUNIT_ASSERT_MESSAGE(std::string(row.name), received && received->size() == 2);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.name), listOf(sent), listOf({received->back()}));
        }
    }

    void replyIsSignedAndInOrder() {
        const core::Bytes request = packet(1, "0105626f62 2103aa 1f03bb 2104ccdd");
        const Attributes attributes = {textAttribute(attr::kMikrotikRateLimit, "1M"),
                                       textAttribute(attr::kClass, "c")};
        for (const Code code :
             {Code::AccessAccept, Code::AccessReject, Code::AccessChallenge, Code::CoaAck}) {
            const core::Bytes bytes = encodeReply(code, parsed(request), attributes, secret_);
            const PacketView reply = parsed(bytes, PortKind::Client);
            CPPUNIT_ASSERT(reply.code == code && reply.identifier == 7);
            CPPUNIT_ASSERT_EQUAL(kHeaderSize + 2, reply.messageAuthenticatorAt);
            CPPUNIT_ASSERT(replyIsAuthentic(reply, parsed(request).authenticator(), secret_));
            CPPUNIT_ASSERT_EQUAL("14988.8=314d 25=63 33=aa 33=ccdd"s, listAfterFirst(reply));
        }
    }

    std::string listAfterFirst(const PacketView& packet) {
        const Attributes attributes = *decode(packet, secret_);
        return listOf(Attributes(attributes.begin() + 1, attributes.end()));
    }

    void accountingResponseHasNoMessageAuthenticator() {
        const core::Bytes request = packet(4, "2103aa");
        const PacketView asked = parsed(request, PortKind::Accounting);
        const core::Bytes bytes = encodeReply(Code::AccountingResponse, asked, {}, secret_);
        const PacketView reply = parsed(bytes, PortKind::Client);
        CPPUNIT_ASSERT_EQUAL(std::size_t{23}, bytes.size());
        CPPUNIT_ASSERT(replyIsAuthentic(reply, asked.authenticator(), secret_));
    }

    void requestsAreSigned() {
        const std::pair<Code, PortKind> kinds[] = {{Code::AccountingRequest, PortKind::Accounting},
                                                   {Code::DisconnectRequest, PortKind::DynamicAuthorization},
                                                   {Code::CoaRequest, PortKind::DynamicAuthorization}};
        for (const auto& [code, port] : kinds) {
            RequestHead head = head_;
            head.code = code;
            const core::Bytes bytes =
                encodeRequest(head, Attributes{textAttribute(attr::kUserName, "bob")}, secret_);
            CPPUNIT_ASSERT(requestAuthenticatorIsValid(parsed(bytes, port), secret_));
            CPPUNIT_ASSERT(messageAuthenticatorIsValid(parsed(bytes, port), secret_));
        }
        const core::Bytes bytes = encodeRequest(head_, {}, secret_);
        CPPUNIT_ASSERT(messageAuthenticatorIsValid(parsed(bytes), secret_));
        CPPUNIT_ASSERT(std::ranges::equal(head_.authenticator, parsed(bytes).authenticator()));
    }

    void withoutMessageAuthenticator() {
        RequestHead head = head_;
        head.messageAuthenticator = false;
        CPPUNIT_ASSERT_EQUAL(std::size_t{20}, encodeRequest(head, {}, secret_).size());
    }

    void longEapMessageIsSplitAndJoined() {
        for (const std::size_t size : {1U, 252U, 253U, 254U, 506U, 507U, 1000U, 3900U}) {
            const Attributes sent = {textAttribute(attr::kEapMessage, std::string(size, 'e'))};
            const core::Bytes bytes = encodeRequest(head_, sent, secret_);
            CPPUNIT_ASSERT_EQUAL(38 + size + 2 * ((size + 252) / 253), bytes.size());
            CPPUNIT_ASSERT(sent.front() == decode(parsed(bytes), secret_)->back());
        }
    }

    void unknownAttributesGoOut() {
        const Attributes sent = {textAttribute({0, 250}, "x"), textAttribute({74565, 9}, "y"),
                                 textAttribute({attr::kMikrotik, 200}, "z")};
        const core::Bytes bytes = encodeRequest(head_, sent, secret_);
        CPPUNIT_ASSERT_EQUAL(listOf(sent), listAfterFirst(parsed(bytes)));
    }

    void largestValuesFit() {
        const Attributes sent = {
            textAttribute(attr::kReplyMessage, std::string(kMaxValueSize, 'x')),
            textAttribute(attr::kMikrotikRateLimit, std::string(kMaxVendorValueSize, 'x')),
            textAttribute({0, 250}, std::string(kMaxValueSize, 'x'))};
        CPPUNIT_ASSERT_EQUAL(listOf(sent), listAfterFirst(parsed(encodeRequest(head_, sent, secret_))));
        const Attributes key = {textAttribute(attr::kMsMppeSendKey, std::string(239, 'k'))};
        CPPUNIT_ASSERT_EQUAL(std::size_t{38 + 8 + 242}, encodeRequest(head_, key, secret_).size());
    }

    bool isRefused(const Attributes& attributes) {
        try {
            return encodeRequest(head_, attributes, secret_).empty();
        } catch (const WireError&) {
            return true;
        }
    }

    void refused() {
        for (const RefusedCase& row : kRefused) {
            CPPUNIT_ASSERT_MESSAGE(std::string(row.name), isRefused(row.attributes));
        }
    }

    void keysHaveDifferentSalts() {
        const core::Bytes request = packet(1, "");
        const Attributes keys(8, textAttribute(attr::kMsMppeSendKey, "0123456789abcdef"));
        const core::Bytes bytes = encodeReply(Code::AccessAccept, parsed(request), keys, secret_);
        const Attributes received = *decode(parsed(bytes, PortKind::Client), secret_);
        std::vector<std::string> salts;
        for (const Attribute& attribute : received) {
            salts.push_back(attribute.value.substr(0, 2));
        }
        std::ranges::sort(salts);
        CPPUNIT_ASSERT(std::ranges::adjacent_find(salts) == salts.end());
    }

    void errorsNameTheAttributeAndNotItsValue() {
        try {
            static_cast<void>(encodeRequest(
                head_, Attributes{textAttribute(attr::kUserPassword, std::string(129, 'x'))}, secret_));
            CPPUNIT_FAIL("a password of 129 octets was taken");
        } catch (const WireError& error) {
            CPPUNIT_ASSERT_EQUAL("User-Password is too long"s, std::string(error.what()));
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EncodeTest);

}  // namespace
}  // namespace gardu::radius
