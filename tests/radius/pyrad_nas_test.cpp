// Our CoA and Disconnect decoded, proved and answered by pyrad's server, which we did not write.
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

#include "radius/dynauth_client.h"
#include "radius/enforcement.h"
#include "radius/wire.h"
#include "tests/support/process.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr std::string_view kSecret = "testing123";
constexpr core::Instant kNow{core::Seconds(1'795'348'800)};
constexpr auto kTimeout = 20s;

class PyradNasTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PyradNasTest);
    CPPUNIT_TEST(takesOurCoa);
    CPPUNIT_TEST(takesOurDisconnect);
    CPPUNIT_TEST(refuses);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        startWire(builtInDictionaryDir());
        const auto tests = std::filesystem::path(GARDU_VECTORS_DIR).parent_path();
        nas_ = std::make_unique<gardu::test::Process>(gardu::test::ProcessStart{
            .program = "/usr/bin/python3",
            .arguments = {(tests / "radius" / "pyrad_nas.py").string(), std::string(kSecret)}});
        const std::string line = nas_->waitForLine("port=", kTimeout);
        port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.find('=') + 1)));
    }
    void tearDown() override { nas_.reset(); }

private:
    const SharedSecret secret_{kSecret};
    std::unique_ptr<gardu::test::Process> nas_;
    std::uint16_t port_ = 0;

    DynauthAnswer ask(Code code, const std::string& user, const Attributes& more = {}) {
        LiveSession session;
        session.username = user;
        session.acctSessionId = "81a00001";
        session.framedIp = core::parseIpAddress("10.0.0.2");
        session.nasIp = core::parseIpAddress("192.168.88.1");
        DynauthRequest request{
            code, core::parseIpAddress("127.0.0.1").value(), port_, &secret_, sessionIdentity(session), kNow};
        request.attributes.insert(request.attributes.end(), more.begin(), more.end());
        DynauthClient client;
        CPPUNIT_ASSERT(client.start(request, DynauthClient::Clock::now()));
        const auto answers = client.poll(5s);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, answers.size());
        return answers[0];
    }

    void takesOurCoa() {
        Told told;
        told.rate = 1;
        billing::Entitlement entitlement;
        entitlement.access = billing::Access::Full;
        entitlement.rateLimit = "10M/20M 20M/40M 10M/20M 10/10";
        entitlement.mikrotikGroup = "gold";
        entitlement.until = kNow + 1h;
        told.place = toldOf(entitlement).place;
        const EnforcementStep step = planEnforcement(told, entitlement, {}, kNow);
        const DynauthAnswer answer = ask(Code::CoaRequest, "bob", std::get<CoaStep>(step).attributes);
        CPPUNIT_ASSERT_EQUAL("ack"s, std::string(name(answer.outcome)));
        CPPUNIT_ASSERT_EQUAL(
            "code=43 verified=1 signed=1 Acct-Session-Id=81a00001 Event-Timestamp=1795348800 "
            "Framed-IP-Address=10.0.0.2 Mikrotik-Group=gold Mikrotik-Rate-Limit=10M/20M 20M/40M 10M/20M "
            "10/10 NAS-IP-Address=192.168.88.1 Session-Timeout=3600 User-Name=bob"s,
            nas_->waitForLine("code=43", kTimeout));
    }

    void takesOurDisconnect() {
        const DynauthAnswer answer = ask(Code::DisconnectRequest, "bob");
        CPPUNIT_ASSERT_EQUAL("ack"s, std::string(name(answer.outcome)));
        CPPUNIT_ASSERT_EQUAL(
            "code=40 verified=1 signed=1 Acct-Session-Id=81a00001 Event-Timestamp=1795348800 "
            "Framed-IP-Address=10.0.0.2 NAS-IP-Address=192.168.88.1 User-Name=bob"s,
            nas_->waitForLine("code=40", kTimeout));
    }

    void refuses() {
        for (const Code code : {Code::CoaRequest, Code::DisconnectRequest}) {
            const DynauthAnswer answer = ask(code, "nobody");
            CPPUNIT_ASSERT_EQUAL("nak"s, std::string(name(answer.outcome)));
            CPPUNIT_ASSERT(answer.errorCause == 503U && !answer.wrongAuthenticator);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PyradNasTest);

}  // namespace
}  // namespace gardu::radius
