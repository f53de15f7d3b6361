// Where a password or a shared secret may not be found: in any output, in the log, in the database.
#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/app/gardu_program.h"
#include "tests/app/radius_client.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

constexpr const char* kPassword = "clear-Passw0rd-7f3a";
constexpr const char* kSecond = "second-Passw0rd-91bc";
constexpr const char* kWrong = "wrong-Passw0rd-55aa";
constexpr const char* kSecret = "shared-Secr3t-2e8d";
constexpr const char* kSecrets[] = {kPassword, kSecond, kWrong, kSecret};

class SecretsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SecretsTest);
    CPPUNIT_TEST(nowhereInClear);
    CPPUNIT_TEST(filesAreTheOwnersAlone);
    CPPUNIT_TEST(anOpenKeyFileIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
    }

private:
    std::unique_ptr<Gardu> gardu_;
    /// Everything that any command printed.
    std::string printed_;

    void run(const std::string& line, const std::string& input = {}) {
        for (const char* options : {"", "--json "}) {
            const ProcessResult result = gardu_->run(options + line, input);
            printed_ += result.output + result.errors;
        }
    }

    static void checkClear(const std::string& where, const std::string& text) {
        for (const char* secret : kSecrets) {
            CPPUNIT_ASSERT_MESSAGE(std::string(secret) + " is in " + where,
                                   text.find(secret) == std::string::npos);
        }
    }

    std::string databaseOctets() {
        if (db().dialect() == core::Dialect::Mysql) {
            const std::string name = databaseUrl().substr(databaseUrl().rfind('/') + 1);
            std::string all;
            for (const char* table : {"subscriptions", "nas", "auth_log", "alarms", "changes", "customers"}) {
                all += MariaDbServer::shared().administer("SELECT * FROM " + name + "." + table);
            }
            return all;
        }
        std::string all;
        for (const char* ending : {"", "-wal"}) {
            std::ifstream file(folder().file("gardu.db") + ending, std::ios::binary);
            std::ostringstream octets;
            octets << file.rdbuf();
            all += octets.str();
        }
        return all;
    }

    void login(const Daemon& daemon, const std::string& secret, const std::string& password) {
        for (const char* attribute : {"User-Password", "CHAP-Password", "MS-CHAP-Password"}) {
            static_cast<void>(
                askRadius({.server = daemon.address(),
                           .secret = secret,
                           .attributes = "User-Name = \"bob\"\n" + std::string(attribute) + " = \"" +
                                         password + "\"\nMessage-Authenticator = 0x00\n",
                           .waitMs = 300}));
        }
    }

    void nowhereInClear() {
        const std::string secret = kSecret;
        const std::string password = kPassword;
        run("nas add --name core --address 127.0.0.1 --secret " + secret);
        run("nas add --name core --address 10.0.0.1 --secret " + secret + " --coa-port 0");
        run("package add --name home --bandwidth 10M/10M --price 1000");
        run("subscriber add --username bob --package home --password -", password + "\n");
        run("subscriber add --username bob --package none --password " + password);
        run("subscriber add --username \"\" --package none --password " + password + " --end-date x");
        const std::string csv = folder().file("subscribers.csv");
        std::ofstream(csv) << "username,password,package,end_date\ncarol," << kSecond << ",home,\nbob,"
                           << kSecond << ",home,\ndave," << kSecond << ",none,x\nerin,\"" << kSecond
                           << "\"x,home,\n";
        run("import subscribers " + csv);
        {
            Daemon daemon(*gardu_, "-D log.level=debug");
            login(daemon, secret, password);
            login(daemon, secret, kWrong);
            login(daemon, kWrong, password);
            run("subscriber update bob --password " + std::string(kSecond));
            run("nas update core --secret " + secret);
            CPPUNIT_ASSERT_EQUAL(0, daemon.process().stop());
            checkClear("the daemon's log", daemon.process().output() + daemon.process().errors());
        }
        for (const char* line : {"nas list", "subscriber list", "subscriber show bob", "explain bob",
                                 "auth-log", "alarm list", "config", "package list"}) {
            run(line);
        }
        checkClear("an output", printed_);
        checkClear("the database", databaseOctets());
        // What was looked through did hold what it should.
        CPPUNIT_ASSERT(printed_.find("wrong_secret") != std::string::npos);
        CPPUNIT_ASSERT(printed_.find("the password is wrong") != std::string::npos);
        CPPUNIT_ASSERT(databaseOctets().find("carol") != std::string::npos);
    }

    static unsigned modeOf(const std::string& path) {
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 0, stat(path.c_str(), &status));
        return status.st_mode & 07777U;
    }

    void filesAreTheOwnersAlone() {
        const Gardu own(folder().file("new"), "sqlite:" + folder().file("new") + "/gardu.db");
        own.must("nas add --name core --address 127.0.0.1 --secret s");
        CPPUNIT_ASSERT_EQUAL(0700U, modeOf(own.dataDir()));
        CPPUNIT_ASSERT_EQUAL(0400U, modeOf(own.dataDir() + "/master.key"));
        CPPUNIT_ASSERT_EQUAL(0600U, modeOf(own.dataDir() + "/gardu.db"));
    }

    void anOpenKeyFileIsRefused() {
        run("nas add --name core --address 127.0.0.1 --secret s");
        const std::string key = gardu_->dataDir() + "/master.key";
        std::filesystem::permissions(key, std::filesystem::perms::group_read,
                                     std::filesystem::perm_options::add);
        const ProcessResult result = gardu_->run("nas update core --secret t");
        CPPUNIT_ASSERT_EQUAL(1, result.exitCode);
        CPPUNIT_ASSERT_MESSAGE(result.errors, result.errors.find("data.dir") != std::string::npos &&
                                                  result.errors.find("chmod 0400") != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<SecretsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<SecretsTest>);

}  // namespace
}  // namespace gardu::test
