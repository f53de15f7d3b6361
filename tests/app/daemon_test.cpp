// The running server with radclient as its NAS: methods, policies, addresses, how it starts and ends.
#include <Poco/Net/DatagramSocket.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <filesystem>

#include "core/bytes.h"
#include "radius/wire.h"
#include "tests/app/gardu_program.h"
#include "tests/app/radius_client.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSecret = "a-secret-of-the-nas";
constexpr milliseconds kEndLimit{3'000};
constexpr int kSilenceMs = 300;

struct Method {
    const char* name;
    const char* attribute;
};
constexpr Method kMethods[] = {
    {"PAP", "User-Password"}, {"CHAP", "CHAP-Password"}, {"MS-CHAPv1", "MS-CHAP-Password"}};

/// From which address, with a Message-Authenticator or not, and whether it is answered.
struct PolicyCase {
    const char* policy;
    const char* source;
    bool isSigned;
    bool isAnswered;
};
constexpr PolicyCase kPolicies[] = {
    {"require", "127.0.0.2", true, true},
    {"require", "127.0.0.2", false, false},
    {"off", "127.0.0.3", true, true},
    {"off", "127.0.0.3", false, true},
    // The first valid one makes it a must; methodsAndPolicies asks without one before.
    {"auto, first", "127.0.0.4", true, true},
    {"auto, after", "127.0.0.4", false, false},
    {"off, IPv6", "::1", true, true},
    {"off, IPv6", "::1", false, true},
};

class DaemonTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DaemonTest);
    CPPUNIT_TEST(methodsAndPolicies);
    CPPUNIT_TEST(aSeenMessageAuthenticatorIsRemembered);
    CPPUNIT_TEST(wrongPasswords);
    CPPUNIT_TEST(whoIsNotAnswered);
    CPPUNIT_TEST(statusServer);
    CPPUNIT_TEST(theReplyLeavesFromTheAddressThatWasAsked);
    CPPUNIT_TEST(healthAndMetrics);
    CPPUNIT_TEST(endsCleanly);
    CPPUNIT_TEST(worksAfterAKill);
    CPPUNIT_TEST(badStarts);
    CPPUNIT_TEST(portInUse);
    CPPUNIT_TEST(sealedDataWithoutItsKey);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        gardu_.must(
            "package add --name home --bandwidth 10M/20M --burst \"20M/40M 10M/20M 10/10\" --price 1");
        gardu_.must("subscriber add --username bob --password hello --package home");
    }

private:
    TempFolder folder_;
    Gardu gardu_{folder_.file("data"), "sqlite:" + folder_.file("gardu.db")};

    void addNas(const std::string& name, const std::string& address, const std::string& policy) {
        gardu_.must("nas add --name " + name + " --address " + address + " --secret " + kSecret +
                    " --message-authenticator " + policy);
    }

    static std::string login(const Method& method, const std::string& password, bool isSigned,
                             const std::string& source = {}) {
        std::string attributes =
            "User-Name = \"bob\"\n" + std::string(method.attribute) + " = \"" + password + "\"\n";
        attributes += isSigned ? "Message-Authenticator = 0x00\n" : "";
        if (!source.empty()) {
            attributes += "Packet-Src-IP-Address = " + source + "\n";
        }
        return attributes;
    }

    void checkPolicy(const Daemon& daemon, const PolicyCase& wanted, const Method& method) {
        const bool isIpv6 = std::string(wanted.source) == "::1";
        const RadiusAnswer answer =
            askRadius({.server = isIpv6 ? daemon.address6() : daemon.address(),
                       .secret = kSecret,
                       .attributes = login(method, "hello", wanted.isSigned, isIpv6 ? "" : wanted.source),
                       .waitMs = wanted.isAnswered ? 3'000 : kSilenceMs});
        const std::string what =
            std::string(method.name) + " " + wanted.policy + " " + (wanted.isSigned ? "signed" : "unsigned");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::string(wanted.isAnswered ? "Access-Accept" : "none"),
                                     answer.code);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what + "\n" + answer.attributes, wanted.isAnswered,
                                     answer.has("Mikrotik-Rate-Limit = \"10M/20M 20M/40M 10M/20M 10/10\""));
        // Always first, also where the request had none (RFC 3579 section 3.2, BlastRADIUS).
        CPPUNIT_ASSERT_MESSAGE(
            what + "\n" + answer.attributes,
            !wanted.isAnswered || answer.attributes.starts_with("Message-Authenticator = 0x"));
    }

    void methodsAndPolicies() {
        addNas("strict", "127.0.0.2", "require");
        addNas("old", "127.0.0.3", "off");
        addNas("six", "::1", "off");
        addNas("learns", "127.0.0.4", "auto");
        const Daemon daemon(gardu_);
        checkPolicy(daemon, {"auto, before", "127.0.0.4", false, true}, kMethods[0]);
        for (const Method& method : kMethods) {
            for (const PolicyCase& wanted : kPolicies) {
                checkPolicy(daemon, wanted, method);
            }
        }
    }

    bool remembers() { return gardu_.json("nas list").at(0).at("message_authenticator_seen").get<bool>(); }

    void aSeenMessageAuthenticatorIsRemembered() {
        addNas("learns", "127.0.0.4", "auto");
        {
            Daemon daemon(gardu_);
            checkPolicy(daemon, {"auto, first", "127.0.0.4", true, true}, kMethods[0]);
            waitUntil(
                "it is stored", [&] { return remembers(); }, seconds(5));
            daemon.process().kill();
        }
        const Daemon daemon(gardu_);
        checkPolicy(daemon, {"auto, after a restart", "127.0.0.4", false, false}, kMethods[0]);
    }

    void wrongPasswords() {
        addNas("core", "127.0.0.1", "auto");
        Daemon daemon(gardu_);
        for (const Method& method : kMethods) {
            const RadiusAnswer answer = askRadius(
                {.server = daemon.address(), .secret = kSecret, .attributes = login(method, "helo", true)});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(method.name, std::string("Access-Reject"), answer.code);
            CPPUNIT_ASSERT(answer.has("Reply-Message = \"Unknown user name or wrong password\""));
            CPPUNIT_ASSERT(answer.attributes.find("Mikrotik") == std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(0, daemon.process().stop());
        std::string log;
        for (const Json& row : gardu_.json("auth-log --user bob")) {
            log += row.at("outcome").get<std::string>() + " " + row.at("reason").get<std::string>() + " " +
                   row.at("method").get<std::string>() + " " + row.at("nas").get<std::string>() + "\n";
        }
        CPPUNIT_ASSERT_EQUAL(
            std::string("reject wrong_password mschap core\nreject wrong_password chap core\n"
                        "reject wrong_password pap core\n"),
            log);
        CPPUNIT_ASSERT_EQUAL(Json(Json::array()), gardu_.json("auth-log --user alice"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, gardu_.json("auth-log --limit 1").size());
    }

    std::size_t alarmsOf(const std::string& kind, const std::string& subject) {
        std::size_t count = 0;
        for (const Json& alarm : gardu_.json("alarm list")) {
            count += alarm.at("kind") == kind && alarm.at("subject") == subject ? 1U : 0U;
        }
        return count;
    }

    void whoIsNotAnswered() {
        addNas("core", "127.0.0.1", "auto");
        const Daemon daemon(gardu_);
        const auto silent = [&](const std::string& secret, const std::string& attributes) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(attributes, std::string("none"),
                                         askRadius({.server = daemon.address(),
                                                    .secret = secret,
                                                    .attributes = attributes,
                                                    .waitMs = kSilenceMs})
                                             .code);
        };
        silent(kSecret, login(kMethods[0], "hello", true, "127.0.0.9"));
        silent("another-secret", login(kMethods[0], "hello", true));
        silent(kSecret, login(kMethods[0], "hello", false) + "Proxy-State = 0x01\n");
        const auto dropped = [&](const std::string& reason) {
            return daemon.metric("gardu_access_dropped_total{reason=\"" + reason + "\"}");
        };
        CPPUNIT_ASSERT_EQUAL(1.0, dropped("unknown_nas"));
        CPPUNIT_ASSERT_EQUAL(1.0, dropped("wrong_secret"));
        CPPUNIT_ASSERT_EQUAL(1.0, dropped("proxy_state_unprotected"));
        waitUntil(
            "both alarms",
            [&] { return alarmsOf("unknown_nas", "127.0.0.9") + alarmsOf("wrong_secret", "core") == 2; },
            seconds(5));
        gardu_.must("alarm clear wrong_secret core");
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, alarmsOf("wrong_secret", "core"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, alarmsOf("unknown_nas", "127.0.0.9"));
    }

    void statusServer() {
        addNas("core", "127.0.0.1", "require");
        const Daemon daemon(gardu_);
        const RadiusAnswer answer = askRadius({.server = daemon.address(),
                                               .secret = kSecret,
                                               .attributes = "Message-Authenticator = 0x00\n",
                                               .command = "status"});
        CPPUNIT_ASSERT_EQUAL(std::string("Access-Accept"), answer.code);
        CPPUNIT_ASSERT(answer.attributes.starts_with("Message-Authenticator"));
    }

    /// A connected socket takes datagrams from its peer's address alone.
    void theReplyLeavesFromTheAddressThatWasAsked() {
        addNas("loopback", "127.0.0.0/8", "auto");
        const Daemon daemon(gardu_, "-D radius.auth.listen=0.0.0.0:0");
        radius::startWire(radius::builtInDictionaryDir());
        const radius::Attributes attributes = {radius::textAttribute(radius::attr::kUserName, "bob"),
                                               radius::textAttribute(radius::attr::kUserPassword, "hello")};
        const core::Bytes request =
            radius::encodeRequest({.identifier = 7}, attributes, radius::SharedSecret(kSecret));
        Poco::Net::DatagramSocket socket;
        socket.connect(Poco::Net::SocketAddress("127.0.0.2", static_cast<Poco::UInt16>(daemon.port())));
        socket.setReceiveTimeout(Poco::Timespan(3, 0));
        socket.sendBytes(request.data(), static_cast<int>(request.size()));
        std::array<std::uint8_t, 4096> reply{};
        CPPUNIT_ASSERT(socket.receiveBytes(reply.data(), static_cast<int>(reply.size())) > 20);
        CPPUNIT_ASSERT_EQUAL(2, static_cast<int>(reply[0]));
        CPPUNIT_ASSERT_EQUAL(7, static_cast<int>(reply[1]));
    }

    void healthAndMetrics() {
        addNas("core", "127.0.0.1", "auto");
        const Daemon daemon(gardu_);
        static_cast<void>(askRadius({.server = daemon.address(),
                                     .secret = kSecret,
                                     .attributes = login(kMethods[1], "hello", true)}));
        const HttpAnswer health = httpGet(daemon.webPort(), "/healthz");
        CPPUNIT_ASSERT_EQUAL(200, health.status);
        CPPUNIT_ASSERT_EQUAL(Json({{"database", "ok"},
                                   {"journal", "ok"},
                                   {"journal_waiting", 0},
                                   {"sessions", 0},
                                   {"status", "ok"},
                                   {"subscribers", 1}}),
                             parseJson(health.body));
        CPPUNIT_ASSERT_EQUAL(404, httpGet(daemon.webPort(), "/").status);
        CPPUNIT_ASSERT_EQUAL(1.0, daemon.metric("gardu_access_decisions_total{outcome=\"accept\"}"));
        CPPUNIT_ASSERT_EQUAL(1.0, daemon.metric("gardu_access_requests_total"));
        const HttpAnswer metrics = httpGet(daemon.webPort(), "/metrics");
        CPPUNIT_ASSERT(metrics.body.find("# TYPE gardu_access_requests_total counter") != std::string::npos);
    }

    void endsCleanly() {
        for (const int signal : {SIGTERM, SIGINT}) {
            Daemon daemon(gardu_);
            daemon.process().signal(signal);
            const auto code = daemon.process().wait(kEndLimit);
            CPPUNIT_ASSERT_MESSAGE("it still runs", code.has_value());
            CPPUNIT_ASSERT_EQUAL(0, *code);
            CPPUNIT_ASSERT(daemon.process().output().find("event=stopped") != std::string::npos);
        }
    }

    void worksAfterAKill() {
        addNas("core", "127.0.0.1", "auto");
        for (int round = 0; round < 3; ++round) {
            Daemon daemon(gardu_);
            gardu_.must("subscriber update bob --end-date 2099-01-0" + std::to_string(round + 1));
            CPPUNIT_ASSERT_EQUAL(std::string("Access-Accept"),
                                 askRadius({.server = daemon.address(),
                                            .secret = kSecret,
                                            .attributes = login(kMethods[0], "hello", true)})
                                     .code);
            daemon.process().kill();
        }
    }

    void checkBadStart(const Gardu& gardu, const std::string& options, const std::string& words) {
        const ProcessResult result =
            gardu.run("-D radius.auth.listen=127.0.0.1:0 -D web.listen=127.0.0.1:0 " + options + " serve");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(options + "\n" + result.errors, 1, result.exitCode);
        CPPUNIT_ASSERT_MESSAGE(options + "\n" + result.errors,
                               result.errors.starts_with("gardu: " + words) &&
                                   result.errors.find('\n') == result.errors.size() - 1);
        CPPUNIT_ASSERT_MESSAGE(options, result.output.find("event=ready") == std::string::npos);
    }

    void badStarts() {
        const std::pair<const char*, const char*> cases[] = {
            {"-D radius.dictionary.dir=/no/such/folder",
             "radius.dictionary.dir = \"/no/such/folder\" (-D): "},
            {"-D database.url=mysql://gardu:x@127.0.0.1:1/isp",
             "database.url (-D): cannot open mysql://gardu@127.0.0.1:1/isp: "},
            {"-D database.url=sqlite:/no/such/folder/x.db", "database.url (-D): cannot open sqlite:/no/"},
            {"-D business.timezone=Mars/Olympus", "business.timezone = \"Mars/Olympus\" (-D): write an IANA"},
            {"-D isolate.rate_limit=fast", "isolate.rate_limit = \"fast\" (-D): "},
            {"-D radius.auth.listen=localhost:1812", "radius.auth.listen = \"localhost:1812\" (-D): "},
            {"-D radius.auth.listen=192.0.2.1:1812", "radius.auth.listen = \"192.0.2.1:1812\" (-D): "},
            {"-D web.listen=192.0.2.1:8080", "web.listen: cannot listen on 192.0.2.1"},
            {"-D data.dir=/proc/gardu", "data.dir = \"/proc/gardu\" (-D): "},
        };
        for (const auto& [options, words] : cases) {
            checkBadStart(gardu_, options, words);
        }
    }

    void portInUse() {
        const Daemon daemon(gardu_);
        const std::string web = "127.0.0.1:" + std::to_string(daemon.webPort());
        checkBadStart(gardu_, "-D radius.auth.listen=" + daemon.address(),
                      "radius.auth.listen = \"" + daemon.address() + "\" (-D): cannot listen on " +
                          daemon.address() + ": Address already in use; is another RADIUS server running?");
        checkBadStart(gardu_, "-D web.listen=" + web, "web.listen: cannot listen on 127.0.0.1, port ");
    }

    void sealedDataWithoutItsKey() {
        const std::string key = gardu_.dataDir() + "/master.key";
        std::filesystem::rename(key, key + ".away");
        checkBadStart(gardu_, "", "data.dir (-D): key file " + key + ": No such file or directory; restore");
        const Gardu other(folder_.file("other"), "sqlite:" + folder_.file("other.db"));
        other.must("nas add --name core --address 127.0.0.1 --secret s");
        std::filesystem::copy(other.dataDir() + "/master.key", key);
        checkBadStart(gardu_, "", "data.dir (-D): data key 1 does not open: this key file is not the one");
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DaemonTest);

}  // namespace
}  // namespace gardu::test
