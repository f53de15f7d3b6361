// Peers that we did not write: pyrad, FreeRADIUS as an EAP server that proxies to us, and eapol_test, which
// proves that our MS-CHAP2-Success is right. And the MPPE keys of a real reply, opened by a script of its
// own.
#include <Poco/Net/DatagramSocket.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/app/gardu_program.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {
namespace {

using std::chrono::seconds;

constexpr const char* kSecret = "a-secret-of-the-peers";
constexpr int kStartTries = 3;

using Replacements = std::map<std::string, std::string>;

std::filesystem::path here() {
    return std::filesystem::path(GARDU_VECTORS_DIR).parent_path() / "app";
}

std::string freeUdpPort() {
    const Poco::Net::DatagramSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    return std::to_string(socket.address().port());
}

/// Copies a template, with each @NAME@ replaced.
void fillIn(const std::filesystem::path& from, const std::string& to, const Replacements& replacements) {
    std::ifstream file(from);
    CPPUNIT_ASSERT_MESSAGE(from.string(), file.good());
    std::ostringstream read;
    read << file.rdbuf();
    std::string text = read.str();
    for (const auto& [name, value] : replacements) {
        const std::string mark = "@" + name + "@";
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
            text.replace(at, mark.size(), value);
        }
    }
    std::ofstream(to) << text;
}

class FreeRadius {
public:
    explicit FreeRadius(int garduPort) {
        runOrThrow({.program = "openssl",
                    .arguments = {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                                  "/CN=gardu-test", "-keyout", folder_.file("server.key"), "-out",
                                  folder_.file("server.pem")}});
        std::filesystem::copy(here() / "freeradius" / "dictionary", folder_.path() / "dictionary");
        for (int tries = 1; !starts(garduPort); ++tries) {
            CPPUNIT_ASSERT_MESSAGE("FreeRADIUS does not start:\n" + lastWords_, tries < kStartTries);
        }
    }

    [[nodiscard]] const std::string& referencePort() const { return referencePort_; }

    /// Whether eapol_test, as this user, found everything right.
    [[nodiscard]] ProcessResult logIn(const std::string& password) const {
        const std::string peer = folder_.file("peer.conf");
        fillIn(here() / "freeradius" / "peer.conf.in", peer,
               {{"DIR", folder_.path().string()}, {"PASSWORD", password}});
        return runProcess(
            {.program = "eapol_test",
             .arguments = {"-c", peer, "-a", "127.0.0.1", "-p", port_, "-s", kSecret, "-t", "10"}});
    }

private:
    /// Another program may take a port before it does.
    bool starts(int garduPort) {
        port_ = freeUdpPort();
        referencePort_ = freeUdpPort();
        fillIn(here() / "freeradius" / "radiusd.conf.in", folder_.file("radiusd.conf"),
               {{"DIR", folder_.path().string()},
                {"SECRET", kSecret},
                {"PORT", port_},
                {"REFERENCE_PORT", referencePort_},
                {"GARDU_PORT", std::to_string(garduPort)}});
        server_ = std::make_unique<Process>(ProcessStart{
            .program = "freeradius", .arguments = {"-f", "-l", "stdout", "-d", folder_.path().string()}});
        try {
            server_->waitForLine("Ready to process requests", seconds(20));
            return true;
        } catch (const std::runtime_error& error) {
            lastWords_ = error.what();
            return false;
        }
    }

    TempFolder folder_;
    std::string port_;
    std::string referencePort_;
    std::string lastWords_;
    std::unique_ptr<Process> server_;
};

class PeersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PeersTest);
    CPPUNIT_TEST(pyradVerifiesAndDecodes);
    CPPUNIT_TEST(mppeKeysOfARealReply);
    CPPUNIT_TEST(eapTtlsWithMsChap2);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        gardu_.must("nas add --name loopback --address 127.0.0.1 --secret " + std::string(kSecret));
        gardu_.must("package add --name home --bandwidth 10M/20M --price 1 --address-list paid");
        // The user of RFC 2759 section 9.2.
        gardu_.must(
            "subscriber add --username User --password clientPass --package home --static-ip 10.0.0.2");
        daemon_ = std::make_unique<Daemon>(gardu_);
    }

private:
    TempFolder folder_;
    Gardu gardu_{folder_.file("data"), "sqlite:" + folder_.file("gardu.db")};
    std::unique_ptr<Daemon> daemon_;

    /// Debian's interpreter by its path: another one has no pyrad.
    static std::string peer(const std::string& line) {
        ProcessStart start{.program = "/usr/bin/python3", .arguments = wordsOf(line)};
        start.arguments.insert(start.arguments.begin(), (here() / "radius_peer.py").string());
        return runOrThrow(start).output;
    }

    void pyradVerifiesAndDecodes() {
        const std::string found =
            peer("accept " + std::to_string(daemon_->port()) + " " + kSecret + " User clientPass");
        for (const char* line :
             {"code=2\n", "\nMikrotik-Rate-Limit=10M/20M\n", "\nFramed-IP-Address=10.0.0.2\n",
              "\nMikrotik-Address-List=paid\n", "\nClass=02"}) {
            CPPUNIT_ASSERT_MESSAGE(line + found, found.find(line) != std::string::npos);
        }
        CPPUNIT_ASSERT(peer("accept " + std::to_string(daemon_->port()) + " " + kSecret + " User wrong")
                           .starts_with("code=3\nReply-Message=Unknown user name or wrong password\n"));
    }

    void mppeKeysOfARealReply() {
        CPPUNIT_ASSERT_EQUAL(std::string("code=2\nsignatures=1\nsuccess=1\nmaster_key_as_in_rfc_3079=1\n"
                                         "send_key=1\nrecv_key=1\n"),
                             peer("mppe " + std::to_string(daemon_->port()) + " " + kSecret));
    }

    void eapTtlsWithMsChap2() {
        const FreeRadius server(daemon_->port());
        const ProcessResult right = server.logIn("clientPass");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(right.output, 0, right.exitCode);
        CPPUNIT_ASSERT_MESSAGE(right.output, right.output.find("Phase 2 MSCHAPV2 authentication succeeded") !=
                                                 std::string::npos);
        CPPUNIT_ASSERT(server.logIn("clientpass").exitCode != 0);
        CPPUNIT_ASSERT_EQUAL(1.0, daemon_->metric("gardu_access_decisions_total{outcome=\"accept\"}"));
        CPPUNIT_ASSERT_EQUAL(1.0, daemon_->metric("gardu_access_decisions_total{outcome=\"reject\"}"));
        // The script that judges us judges FreeRADIUS the same.
        const std::string reference = peer("mppe " + server.referencePort() + " " + kSecret);
        CPPUNIT_ASSERT_MESSAGE(reference, reference.find("success=1\nmaster_key_as_in_rfc_3079=1\n"
                                                         "send_key=1\nrecv_key=1\n") != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PeersTest);

}  // namespace
}  // namespace gardu::test
