#include "radius/nas_probe_client.h"

#include <cppunit/extensions/HelperMacros.h>

#include "radius/wire.h"
#include "tests/support/loopback_nas.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using gardu::test::LoopbackNas;
using gardu::test::NasAnswer;
using gardu::test::NasHeard;
using gardu::test::NasReply;

constexpr int kStatusServer = 12;

struct ProbeCase {
    std::string what;
    NasAnswer toCoa;
    NasAnswer toStatus;
    std::string wanted;
    /// In the words.
    std::string word;
};

class NasProbeClientTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NasProbeClientTest);
    CPPUNIT_TEST(tellsWhatIsWrong);
    CPPUNIT_TEST(probeIsOfASessionThatCannotBe);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

private:
    static NasProbeResult probe(const LoopbackNas& nas) {
        const SharedSecret secret("s3");
        return probeNas({core::parseIpAddress("127.0.0.1").value(), static_cast<std::uint16_t>(nas.port()),
                         &secret, core::Instant(core::Seconds(1'795'348'800))});
    }

    static void tellsWhatIsWrong() {
        const NasAnswer silence{NasReply::Ignore, {}};
        const std::vector<ProbeCase> cases = {
            {"RouterOS", {NasReply::Nak, 406}, silence, "1 ok", "secret is right"},
            {"by the RFC", {NasReply::Nak, 503}, silence, "1 ok", "secret is right"},
            {"takes anything", {NasReply::Ack, {}}, silence, "1 acknowledged", "strange"},
            {"prohibits", {NasReply::Nak, 501}, silence, "1 refused", "Administratively Prohibited (501)"},
            {"no cause", {NasReply::Nak, {}}, silence, "1 refused", "no Error-Cause"},
            {"only Status-Server", silence, {NasReply::Ack, {}}, "1 status_only", "accept=yes"},
            {"signs otherwise", {NasReply::WrongAuthenticator, {}}, silence, "0 wrong_secret", "secret="},
            {"silent", silence, silence, "0 silent", "/radius incoming set accept=yes"},
        };
        for (const ProbeCase& row : cases) {
            LoopbackNas nas("s3");
            const NasAnswer toCoa = row.toCoa;
            const NasAnswer toStatus = row.toStatus;
            nas.answer([=](const NasHeard& heard) { return heard.code == kStatusServer ? toStatus : toCoa; });
            const NasProbeResult result = probe(nas);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                row.what, row.wanted,
                std::to_string(static_cast<int>(result.reachable)) + " " + result.result);
            CPPUNIT_ASSERT_MESSAGE(result.words, result.words.find(row.word) != std::string::npos);
        }
    }

    static void probeIsOfASessionThatCannotBe() {
        LoopbackNas nas("s3");
        nas.answer({NasReply::Nak, 503});
        static_cast<void>(probe(nas));
        for (const NasHeard& heard : nas.heard()) {
            CPPUNIT_ASSERT(heard.authenticatorIsRight && heard.messageAuthenticatorIsRight);
            const bool isStatus = heard.code == kStatusServer;
            CPPUNIT_ASSERT(isStatus || heard.code == 43);
            CPPUNIT_ASSERT_EQUAL(isStatus ? ""s : "gardu-probe-"s, heard.text(1).substr(0, 12));
            CPPUNIT_ASSERT_EQUAL(heard.text(1), heard.text(44));
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NasProbeClientTest);

}  // namespace
}  // namespace gardu::radius
