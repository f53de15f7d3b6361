// What another process commits is in force in the running server within two seconds; a database that is away
// stops neither logins nor their log.
#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "tests/app/gardu_program.h"
#include "tests/app/radius_client.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSecret = "a-secret-of-the-nas";
constexpr milliseconds kInForce{2'000};

struct Login {
    const char* user = "";
    const char* password = "";
    const char* source = "127.0.0.1";
    const char* secret = kSecret;
};

RadiusAnswer tryLogin(const Daemon& daemon, const Login& login) {
    return askRadius({.server = daemon.address(),
                      .secret = login.secret,
                      .attributes = "User-Name = \"" + std::string(login.user) + "\"\nUser-Password = \"" +
                                    login.password + "\"\nPacket-Src-IP-Address = " + login.source +
                                    "\nMessage-Authenticator = 0x00\n",
                      .waitMs = 300});
}

/// A command by another process, and what a login gets from then on.
struct ChangeCase {
    const char* command = "";
    Login login;
    const char* code = "";
    /// One of its attributes; empty: any.
    const char* attribute = "";
};

constexpr ChangeCase kChanges[] = {
    {"subscriber add --username ana --password one --package home --end-date 2099-01-01",
     {"ana", "one"},
     "Access-Accept",
     "Mikrotik-Rate-Limit = \"10M/10M\""},
    {"subscriber suspend ana", {"ana", "one"}, "Access-Accept", "Mikrotik-Address-List = \"ISOLIR\""},
    {"subscriber activate ana", {"ana", "one"}, "Access-Accept", "Mikrotik-Rate-Limit = \"10M/10M\""},
    {"subscriber update ana --start-date 2020-01-01 --end-date 2020-01-31",
     {"ana", "one"},
     "Access-Accept",
     "Mikrotik-Rate-Limit = \"128k/128k\""},
    // Paid again.
    {"subscriber update ana --end-date 2099-01-01",
     {"ana", "one"},
     "Access-Accept",
     "Mikrotik-Rate-Limit = \"10M/10M\""},
    {"subscriber update ana --package fast",
     {"ana", "one"},
     "Access-Accept",
     "Mikrotik-Rate-Limit = \"50M/50M\""},
    {"package update fast --bandwidth 60M/60M",
     {"ana", "one"},
     "Access-Accept",
     "Mikrotik-Rate-Limit = \"60M/60M\""},
    {"package add --name new --bandwidth 70M/70M --price 1", {"ana", "one"}, "Access-Accept", ""},
    {"subscriber update ana --package new",
     {"ana", "one"},
     "Access-Accept",
     "Mikrotik-Rate-Limit = \"70M/70M\""},
    {"subscriber update ana --password two", {"ana", "two"}, "Access-Accept", ""},
    {"subscriber update ana --username anna", {"anna", "two"}, "Access-Accept", ""},
    {"subscriber show anna", {"ana", "two"}, "Access-Reject", ""},
    {"subscriber update anna --static-ip 10.9.0.9",
     {"anna", "two"},
     "Access-Accept",
     "Framed-IP-Address = 10.9.0.9"},
    {"subscriber disable anna", {"anna", "two"}, "Access-Reject", ""},
    {"subscriber activate anna", {"anna", "two"}, "Access-Accept", ""},
    {"nas add --name far --address 127.0.0.7 --secret far-secret",
     {"anna", "two", "127.0.0.7", "far-secret"},
     "Access-Accept",
     ""},
    {"nas update far --secret near-secret", {"anna", "two", "127.0.0.7", "near-secret"}, "Access-Accept", ""},
    {"nas remove far", {"anna", "two", "127.0.0.7", "near-secret"}, "none", ""},
    {"subscriber remove anna", {"anna", "two"}, "Access-Reject", ""},
};

class FollowTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(FollowTest);
    CPPUNIT_TEST(changesAreInForceWithinTwoSeconds);
    CPPUNIT_TEST(importsAreInForceWithinTwoSeconds);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
        gardu_->must("nas add --name core --address 127.0.0.1 --secret " + std::string(kSecret));
        gardu_->must("package add --name home --bandwidth 10M/10M --price 1");
        gardu_->must("package add --name fast --bandwidth 50M/50M --price 1");
    }

private:
    std::unique_ptr<Gardu> gardu_;

    void changesAreInForceWithinTwoSeconds() {
        const Daemon daemon(*gardu_);
        milliseconds longest{0};
        for (const ChangeCase& change : kChanges) {
            gardu_->must(change.command);
            const std::string attribute = change.attribute;
            const milliseconds took = waitUntil(
                change.command,
                [&] {
                    const RadiusAnswer answer = tryLogin(daemon, change.login);
                    return answer.code == change.code && (attribute.empty() || answer.has(attribute));
                },
                kInForce);
            longest = std::max(longest, took);
        }
        std::cout << " [slowest change: " << longest.count() << " ms] ";
    }

    void importsAreInForceWithinTwoSeconds() {
        const Daemon daemon(*gardu_);
        const std::string file = folder().file("subscribers.csv");
        std::ofstream csv(file);
        csv << "username,password,package,end_date\n";
        for (int row = 0; row < 2'000; ++row) {
            csv << "user" << row << ",pass" << row << ",home,\n";
        }
        csv.close();
        gardu_->must("import subscribers " + file);
        for (const Login& login : {Login{"user1999", "pass1999"}, Login{"user0", "pass0"}}) {
            waitUntil(
                "imported", [&] { return tryLogin(daemon, login).code == "Access-Accept"; }, kInForce);
        }
        waitUntil(
            "all of them", [&] { return daemon.metric("gardu_directory_subscribers") == 2000; }, kInForce);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<FollowTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<FollowTest>);

/// Leaves the shared MariaDB running.
class OutageTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(OutageTest);
    CPPUNIT_TEST(loginsGoOnWithTheDatabaseStopped);
    CPPUNIT_TEST(loginsGoOnWithTheDatabaseFrozen);
    CPPUNIT_TEST(endsWithTheDatabaseStopped);
    CPPUNIT_TEST(twoServersOnOneDatabase);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
        gardu_->must("nas add --name core --address 127.0.0.1 --secret " + std::string(kSecret));
        gardu_->must("package add --name home --bandwidth 10M/10M --price 1");
        gardu_->must("subscriber add --username ana --password one --package home");
    }

protected:
    [[nodiscard]] Backend backend() const override { return Backend::MariaDb; }

private:
    std::unique_ptr<Gardu> gardu_;

    /// Runs its functions where the test ends, however it does.
    class Finally {
    public:
        explicit Finally(std::function<void()> work) : work_(std::move(work)) {}
        ~Finally() { work_(); }
        Finally(const Finally&) = delete;
        Finally& operator=(const Finally&) = delete;

    private:
        std::function<void()> work_;
    };

    static int healthOf(const Daemon& daemon) { return httpGet(daemon.webPort(), "/healthz").status; }

    static void checkLogin(const Daemon& daemon) {
        CPPUNIT_ASSERT_EQUAL(std::string("Access-Accept"), tryLogin(daemon, {"ana", "one"}).code);
    }

    std::size_t loginsOf(const std::string& user) {
        std::size_t count = 0;
        for (const Json& row : gardu_->json("auth-log --user " + user)) {
            count += row.at("occurrences").get<std::size_t>();
        }
        return count;
    }

    void loginsGoOnWithTheDatabaseStopped() {
        Daemon daemon(*gardu_);
        checkLogin(daemon);
        waitUntil(
            "written", [&] { return loginsOf("ana") == 1; }, seconds(5));
        {
            MariaDbServer::shared().stop();
            const Finally again([] { MariaDbServer::shared().start(); });
            waitUntil(
                "degraded", [&] { return healthOf(daemon) == 503; }, seconds(10));
            const Json health = parseJson(httpGet(daemon.webPort(), "/healthz").body);
            CPPUNIT_ASSERT_EQUAL(std::string("degraded"), health.at("status").get<std::string>());
            checkLogin(daemon);
            CPPUNIT_ASSERT_EQUAL(std::string("Access-Reject"), tryLogin(daemon, {"ana", "wrong"}).code);
            waitUntil(
                "both shown as waiting", [&] { return daemon.metric("gardu_auth_log_waiting") == 2; },
                seconds(5));
        }
        waitUntil(
            "well again", [&] { return healthOf(daemon) == 200; }, seconds(10));
        waitUntil(
            "the log of the time without", [&] { return loginsOf("ana") == 3; }, seconds(10));
        CPPUNIT_ASSERT_EQUAL(0.0, daemon.metric("gardu_auth_log_dropped"));
        gardu_->must("subscriber suspend ana");
        waitUntil(
            "followed again",
            [&] {
                return tryLogin(daemon, {"ana", "one"}).has("Mikrotik-Address-List = \"ISOLIR\"");
            },
            kInForce);
        CPPUNIT_ASSERT_EQUAL(0, daemon.process().stop());
        const std::string log = daemon.process().output();
        CPPUNIT_ASSERT(log.find("event=loop_failing loop=follower") != std::string::npos);
        CPPUNIT_ASSERT(log.find("event=loop_recovered loop=follower") != std::string::npos);
    }

    void loginsGoOnWithTheDatabaseFrozen() {
        const Daemon daemon(*gardu_);
        {
            MariaDbServer::shared().pause();
            const Finally again([] { MariaDbServer::shared().resume(); });
            std::this_thread::sleep_for(milliseconds(1'500));  // both loops wait for an answer by now
            checkLogin(daemon);
            CPPUNIT_ASSERT(healthOf(daemon) != 0);
        }
        gardu_->must("subscriber suspend ana");
        waitUntil(
            "followed again",
            [&] {
                return tryLogin(daemon, {"ana", "one"}).has("Mikrotik-Address-List = \"ISOLIR\"");
            },
            seconds(5));
        waitUntil(
            "written", [&] { return loginsOf("ana") >= 2; }, seconds(5));
    }

    void endsWithTheDatabaseStopped() {
        Daemon daemon(*gardu_);
        checkLogin(daemon);
        MariaDbServer::shared().stop();
        const Finally again([] { MariaDbServer::shared().start(); });
        daemon.process().signal(SIGTERM);
        const auto code = daemon.process().wait(seconds(5));
        CPPUNIT_ASSERT_MESSAGE("it still runs", code.has_value());
        CPPUNIT_ASSERT_EQUAL(0, *code);
    }

    static void inBoth(const std::array<const Daemon*, 2>& servers, const Login& login,
                       const std::string& attribute) {
        for (const Daemon* daemon : servers) {
            waitUntil(
                attribute, [&] { return tryLogin(*daemon, login).has(attribute); }, kInForce);
        }
    }

    void twoServersOnOneDatabase() {
        const Gardu other(folder().file("other"), databaseUrl());
        std::filesystem::create_directory(other.dataDir());
        std::filesystem::copy(gardu_->dataDir() + "/master.key", other.dataDir() + "/master.key");
        const Daemon first(*gardu_);
        const Daemon second(other);
        const std::array<const Daemon*, 2> servers = {&first, &second};
        gardu_->must("subscriber add --username budi --password two --package home");
        inBoth(servers, {"budi", "two"}, "Mikrotik-Rate-Limit = \"10M/10M\"");
        other.must("subscriber suspend budi");
        inBoth(servers, {"budi", "two"}, "Mikrotik-Address-List = \"ISOLIR\"");
        other.must("package update home --bandwidth 20M/20M");
        inBoth(servers, {"ana", "one"}, "Mikrotik-Rate-Limit = \"20M/20M\"");
        waitUntil(
            "both log", [&] { return loginsOf("ana") >= 2; }, seconds(5));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OutageTest);

}  // namespace
}  // namespace gardu::test
