#include "tests/support/mariadb_server.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <iomanip>
#include <set>
#include <sstream>

namespace gardu::test {

namespace {

// As the program's user, over TCP, with a short limit for a server that does not answer.
ProcessResult queryAsUser(const MariaDbServer& server, const std::string& database, const std::string& sql) {
    return runProcess(
        {.program = "mariadb",
         .arguments = {"--no-defaults", "--batch", "--skip-column-names", "--protocol=tcp",
                       "--host=127.0.0.1", "--port=" + std::to_string(server.port()), "--user=gardu",
                       "--password=secret", "--connect-timeout=2", "--execute=" + sql, database}});
}

// Adds the addresses, as the kernel writes them, on which something listens at the port.
void readListeners(const std::string& table, const std::string& hexPort, std::set<std::string>& addresses) {
    std::ifstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        std::istringstream(line) >> number >> local >> remote >> state;
        if (state == "0A" && local.ends_with(hexPort)) {
            addresses.insert(local.substr(0, local.find(':')));
        }
    }
}

std::set<std::string> listeningAddresses(int port) {
    std::ostringstream hex;
    hex << ':' << std::uppercase << std::hex << std::setw(4) << std::setfill('0') << port;
    std::set<std::string> addresses;
    readListeners("/proc/net/tcp", hex.str(), addresses);
    readListeners("/proc/net/tcp6", hex.str(), addresses);
    return addresses;
}

}  // namespace

class MariaDbServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MariaDbServerTest);
    CPPUNIT_TEST(givesEachTestItsOwnDatabase);
    CPPUNIT_TEST(listensOnLoopbackOnly);
    CPPUNIT_TEST(aPausedServerDoesNotAnswer);
    CPPUNIT_TEST(aStoppedServerComesBackWithItsDataAndPort);
    CPPUNIT_TEST(aKilledServerComesBackWithItsDataAndPort);
    CPPUNIT_TEST_SUITE_END();

public:
    void givesEachTestItsOwnDatabase() {
        MariaDbServer& server = MariaDbServer::shared();
        const std::string first = server.freshDatabase();
        const std::string second = server.freshDatabase();
        CPPUNIT_ASSERT(first != second);
        const std::string start = "mysql://gardu:secret@127.0.0.1:" + std::to_string(server.port()) + "/t_";
        CPPUNIT_ASSERT(first.starts_with(start));
        const ProcessResult result =
            queryAsUser(server, nameIn(first), "CREATE TABLE a(b INT); SELECT DATABASE()");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.errors, nameIn(first) + "\n", result.output);
    }

    void listensOnLoopbackOnly() {
        const std::set<std::string> loopback = {"0100007F"};
        CPPUNIT_ASSERT(loopback == listeningAddresses(MariaDbServer::shared().port()));
    }

    void aPausedServerDoesNotAnswer() {
        MariaDbServer& server = MariaDbServer::shared();
        const std::string database = nameIn(server.freshDatabase());
        server.pause();
        const int whilePaused = queryAsUser(server, database, "SELECT 1").exitCode;
        server.resume();
        CPPUNIT_ASSERT(whilePaused != 0);
        CPPUNIT_ASSERT_EQUAL(std::string("1\n"), queryAsUser(server, database, "SELECT 1").output);
    }

    void aStoppedServerComesBackWithItsDataAndPort() { comesBackAfter(&MariaDbServer::stop); }
    void aKilledServerComesBackWithItsDataAndPort() { comesBackAfter(&MariaDbServer::kill); }

private:
    static std::string nameIn(const std::string& url) { return url.substr(url.rfind('/') + 1); }

    static void comesBackAfter(void (MariaDbServer::*end)()) {
        MariaDbServer& server = MariaDbServer::shared();
        const std::string database = nameIn(server.freshDatabase());
        const int port = server.port();
        queryAsUser(server, database, "CREATE TABLE kept(id INT); INSERT INTO kept VALUES (7)");
        (server.*end)();
        CPPUNIT_ASSERT(queryAsUser(server, database, "SELECT 1").exitCode != 0);
        server.start();
        CPPUNIT_ASSERT_EQUAL(port, server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("7\n"), queryAsUser(server, database, "SELECT id FROM kept").output);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MariaDbServerTest);

}  // namespace gardu::test
