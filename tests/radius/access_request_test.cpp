#include "radius/access_request.h"

#include <cppunit/extensions/HelperMacros.h>

#include "radius/wire.h"
#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using test::times;

const std::string kUser = "0105626f62";  // bob
const std::string kPap = "0212" + times(16, "ab");
const std::string kChap = "0313 16" + times(16, "cd");
const std::string kMsChap = "1a3a 00000137 0134" + times(50, "01");
const std::string kMsChap2 = "1a3a 00000137 1934" + times(50, "02");
const std::string kMsChapChallenge = "1a10 00000137 0b0a 0102030405060708";
const std::string kEap = "4f0a 0203 0008 01626f62 5012" + times(16, "00");
const std::string kAuthenticatorHex = times(16, "11");

struct RequestCase {
    std::string_view what;
    std::string attributesHex;
    /// The error's name, or "user method response/challenge port station" with octets as hexadecimal.
    std::string expected;
};

const RequestCase kRequests[] = {
    {"no attribute", "", "user_name_missing"},
    {"no user name", kPap, "user_name_missing"},
    {"empty user name", "0102" + kPap, "user_name_missing"},
    {"no credential", kUser, "bob none"},
    {"empty password", kUser + "0202", "bob pap "},
    {"CHAP to the authenticator", kUser + kChap, "bob chap 16" + times(16, "cd") + "/" + kAuthenticatorHex},
    {"CHAP to a challenge of 1", kUser + kChap + "3c0301", "bob chap 16" + times(16, "cd") + "/01"},
    {"CHAP to a challenge of 20", kUser + "3c16" + times(20, "07") + kChap,
     "bob chap 16" + times(16, "cd") + "/" + times(20, "07")},
    {"challenge alone is no credential", kUser + "3c0301", "bob none"},
    {"MS-CHAPv1", kUser + kMsChapChallenge + kMsChap, "bob mschap " + times(50, "01") + "/0102030405060708"},
    {"MS-CHAPv1, challenge after it", kUser + kMsChap + kMsChapChallenge,
     "bob mschap " + times(50, "01") + "/0102030405060708"},
    {"MS-CHAPv2", kUser + kMsChapChallenge + kMsChap2,
     "bob mschap2 " + times(50, "02") + "/0102030405060708"},
    {"MS-CHAPv1 without a challenge", kUser + kMsChap, "challenge_missing"},
    {"MS-CHAPv2 without a challenge", kUser + kMsChap2, "challenge_missing"},
    {"CHAP-Challenge is not MS-CHAP's", kUser + kMsChap2 + "3c0301", "challenge_missing"},
    {"MS-CHAP-Challenge alone", kUser + kMsChapChallenge, "bob none"},
    {"EAP", kUser + kEap, "bob eap 3"},
    {"EAP start of one octet", kUser + "4f0302 5012" + times(16, "00"), "bob eap 0"},
    {"PAP and CHAP", kUser + kPap + kChap, "several_credentials"},
    {"PAP and MS-CHAPv2", kUser + kPap + kMsChapChallenge + kMsChap2, "several_credentials"},
    {"CHAP and MS-CHAPv1", kUser + kChap + kMsChapChallenge + kMsChap, "several_credentials"},
    {"MS-CHAPv1 and v2", kUser + kMsChapChallenge + kMsChap + kMsChap2, "several_credentials"},
    {"the first of two user names", kUser + "0105657665" + "0202", "bob pap "},
    {"Calling-Station-Id", kUser + "0202 1f0541423a", "bob pap  AB:"},
    {"NAS-Port and NAS-Port-Id", kUser + "0202 0506 00000007 5705 657468", "bob pap  7 eth"},
    {"the same credential twice counts once", kUser + "0202 0202", "bob pap "},
};

std::string inWords(const AccessRequest& request) {
    std::string text = request.userName + " " + std::string(methodName(request.credential));
    const auto add = [&](const std::string& response, const std::string& challenge) {
        text += " " + test::hexOf(response) + "/" + test::hexOf(challenge);
    };
    if (const auto* pap = std::get_if<PapCredential>(&request.credential)) {
        text += " " + pap->password;
    } else if (const auto* chap = std::get_if<ChapCredential>(&request.credential)) {
        add(chap->response, chap->challenge);
    } else if (const auto* msChap = std::get_if<MsChapCredential>(&request.credential)) {
        add(msChap->response, msChap->challenge);
    } else if (const auto* msChap2 = std::get_if<MsChap2Credential>(&request.credential)) {
        add(msChap2->response, msChap2->challenge);
    } else if (const auto* eap = std::get_if<EapCredential>(&request.credential)) {
        text += " " + std::to_string(eap->identifier);
    }
    if (request.nasPort) {
        text += " " + std::to_string(*request.nasPort);
    }
    for (const std::string& said : {request.nasPortId, request.callingStationId}) {
        text += said.empty() ? "" : " " + said;
    }
    return text;
}

std::string readInWords(const core::Bytes& octets, std::string_view secret) {
    const PacketView packet = std::get<PacketView>(preparse(octets, PortKind::Access));
    const auto attributes = decode(packet, SharedSecret(secret));
    CPPUNIT_ASSERT(attributes.has_value());
    const auto read = readAccessRequest(*attributes, packet.authenticator());
    if (const auto* bad = std::get_if<BadAccessRequest>(&read)) {
        return std::string(name(*bad));
    }
    return inWords(std::get<AccessRequest>(read));
}

class AccessRequestTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessRequestTest);
    CPPUNIT_TEST(readsEachKind);
    CPPUNIT_TEST(readsTheRequestsOfTheRfc);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

    void readsEachKind() {
        for (const RequestCase& row : kRequests) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.expected,
                                         readInWords(test::packet(1, row.attributesHex), "testing123"));
        }
    }

    void readsTheRequestsOfTheRfc() {  // RFC 2865 sections 7.1 and 7.2
        CPPUNIT_ASSERT_EQUAL("nemo pap arctangent 3"s,
                             readInWords(test::octets(test::kRfcPapRequest), test::kRfcSecret));
        CPPUNIT_ASSERT_EQUAL(
            "flopsy chap 16e97557c316185895f293ff6344077275/2aee86f08d0d55969ca5978e0d3367a2 20"s,
            readInWords(test::octets(test::kRfcChapRequest), test::kRfcSecret));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccessRequestTest);

}  // namespace
}  // namespace gardu::radius
