// The accounting sockets with clients that we did not write, and with many packets at once.
#include "radius/accounting_server.h"

#include <Poco/Net/DatagramSocket.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <set>

#include "tests/radius/accounting_world.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using gardu::test::ProcessResult;
using gardu::test::runProcess;
using Poco::Net::DatagramSocket;
using Poco::Net::SocketAddress;
using test::accountingInWords;
using test::accountingOf;
using test::accountingRequest;
using test::AccountingWorld;

const std::string kSecret(test::kNasSecret);

class AccountingServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccountingServerTest);
    CPPUNIT_TEST(pyradTellsASession);
    CPPUNIT_TEST(radclientOverBothFamilies);
    CPPUNIT_TEST(radclientWithAnotherSecret);
    CPPUNIT_TEST(radclientAsksForTheStatus);
    CPPUNIT_TEST(oneSyncForAllThatHasCome);
    CPPUNIT_TEST(addressThatIsTaken);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        startWire(builtInDictionaryDir());
        server_.reset();
        world_.reset();
        world_ = std::make_unique<AccountingWorld>(folder_.file("accounting.journal"));
        world_->addNas("loopback", "127.0.0.1");
        world_->addNas("loopback6", "::1");
        server_ = std::make_unique<AccountingServer>(
            world_->service(), std::vector<core::ListenAddress>{{"127.0.0.1", 0}, {"::1", 0}},
            world_->metrics());
        const std::string bound = server_->boundTo();
        v4_ = bound.substr(0, bound.find(','));
        v6_ = bound.substr(bound.find(',') + 1);
    }

private:
    const gardu::test::TempFolder folder_;
    std::unique_ptr<AccountingWorld> world_;
    std::unique_ptr<AccountingServer> server_;
    /// "127.0.0.1:4711", "[::1]:4711"
    std::string v4_;
    std::string v6_;

    std::string counter(const std::string& name) {
        const std::string text = world_->metrics().text();
        const std::size_t at = text.find("\ngardu_accounting_" + name + " ");
        CPPUNIT_ASSERT(at != std::string::npos);
        const std::size_t value = text.find(' ', at) + 1;
        return text.substr(value, text.find('\n', value) - value);
    }

    void pyradTellsASession() {
        server_->start();
        const auto tests = std::filesystem::path(GARDU_VECTORS_DIR).parent_path();
        // Debian's interpreter by its path: another one has no pyrad.
        const ProcessResult result =
            runProcess({.program = "/usr/bin/python3",
                        .arguments = {(tests / "radius" / "pyrad_peer.py").string(), "account", kSecret,
                                      v4_.substr(v4_.find(':') + 1)}});
        std::string expected;
        for (const char* status : {"7", "1", "3", "3", "2"}) {
            expected += "status="s + status + " code=5 attributes=Proxy-State Proxy-State=one,two\n";
        }
        CPPUNIT_ASSERT_EQUAL(expected, result.output + result.errors);
        const std::vector<JournaledPacket> journaled = world_->journaled();
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, journaled.size());
        CPPUNIT_ASSERT_EQUAL("id-of-loopback"s, journaled[0].nasKey);
    }

    static ProcessResult radclient(const std::string& server, const std::string& command,
                                   const std::string& secret) {
        const std::string attributes =
            command == "status" ? "Message-Authenticator = 0x00\n"
                                : "Acct-Status-Type = Start\nUser-Name = bob\nAcct-Session-Id = 81a00001\n";
        return runProcess({.program = "radclient",
                           .arguments = {"-x", "-r", "1", "-t", "1", server, command, secret},
                           .input = attributes});
    }

    static bool isAnswered(const ProcessResult& result) {
        return result.exitCode == 0 &&
               result.output.find("Received Accounting-Response") != std::string::npos;
    }

    void radclientOverBothFamilies() {
        server_->start();
        for (const std::string& server : {v4_, v6_}) {
            const ProcessResult result = radclient(server, "acct", kSecret);
            CPPUNIT_ASSERT_MESSAGE(result.output + result.errors, isAnswered(result));
        }
        CPPUNIT_ASSERT_EQUAL("::1"s, core::formatIpAddress(world_->journaled().at(1).source));
    }

    void radclientWithAnotherSecret() {
        server_->start();
        CPPUNIT_ASSERT(!isAnswered(radclient(v4_, "acct", "another")));
        CPPUNIT_ASSERT_EQUAL("1"s, counter("dropped_total{reason=\"wrong_secret\"}"));
        CPPUNIT_ASSERT(world_->journaled().empty());
    }

    void radclientAsksForTheStatus() {
        server_->start();
        const ProcessResult result = radclient(v4_, "status", kSecret);
        CPPUNIT_ASSERT_MESSAGE(result.output + result.errors, isAnswered(result));
        CPPUNIT_ASSERT(world_->journaled().empty());
    }

    // They wait in the socket when its thread starts: 256, 256 and 88 of them.
    void oneSyncForAllThatHasCome() {
        constexpr int kSockets = 3;
        constexpr int kEach = 200;
        std::array<DatagramSocket, kSockets> clients;
        std::vector<Bytes> requests;
        requests.reserve(kEach);
        for (int i = 0; i < kEach; ++i) {
            requests.push_back(accountingRequest(accountingOf(AcctStatus::Start, std::to_string(i)),
                                                 static_cast<std::uint8_t>(i)));
        }
        for (DatagramSocket& client : clients) {
            client.connect(SocketAddress(v4_));
            client.setReceiveTimeout(Poco::Timespan(5, 0));
            for (const Bytes& request : requests) {
                client.sendBytes(request.data(), static_cast<int>(request.size()));
            }
        }
        server_->start();
        for (DatagramSocket& client : clients) {
            std::set<std::uint8_t> answered;
            for (int i = 0; i < kEach; ++i) {
                Bytes reply(4'096);
                reply.resize(static_cast<std::size_t>(client.receiveBytes(reply.data(), 4'096)));
                const Bytes& request = requests.at(reply.at(1));
                CPPUNIT_ASSERT_EQUAL("Response"s, accountingInWords(reply, request));
                answered.insert(reply[1]);
            }
            CPPUNIT_ASSERT_EQUAL(std::size_t{kEach}, answered.size());
        }
        CPPUNIT_ASSERT_EQUAL("3"s, counter("batches_total"));
        CPPUNIT_ASSERT_EQUAL("600"s, counter("acknowledged_total"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{600}, world_->journaled().size());
    }

    void addressThatIsTaken() {
        const int port = std::stoi(v4_.substr(v4_.find(':') + 1));
        try {
            const AccountingServer second(world_->service(), {{"127.0.0.1", port}}, world_->metrics());
            CPPUNIT_FAIL("bound twice to " + second.boundTo());
        } catch (const std::runtime_error& error) {
            CPPUNIT_ASSERT(std::string(error.what()).starts_with("cannot listen on " + v4_));
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccountingServerTest);

}  // namespace
}  // namespace gardu::radius
