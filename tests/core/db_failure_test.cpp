// The database goes away, stands still, or refuses us.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <optional>
#include <string>

#include "core/db.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/temp_folder.h"
#include "tests/support/things.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using core::Db;
using core::Tx;

constexpr std::chrono::seconds kPatience{25};

/// The words of the DbError that the function must throw.
template <class Function>
std::string errorOf(Function&& function) {
    try {
        function();
    } catch (const core::DbError& error) {
        return error.what();
    }
    CPPUNIT_FAIL("no DbError");
    return "";
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class PausedServer {
public:
    PausedServer() { MariaDbServer::shared().pause(); }
    ~PausedServer() { MariaDbServer::shared().resume(); }
    PausedServer(const PausedServer&) = delete;
    PausedServer& operator=(const PausedServer&) = delete;
};

}  // namespace

class DbFailureTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DbFailureTest);
    CPPUNIT_TEST(comesBackWithTheServer);
    CPPUNIT_TEST(comesBackWithTheServerInTheMiddle);
    CPPUNIT_TEST(stoppedServerIsAnError);
    CPPUNIT_TEST(serverThatStandsStillIsAnErrorInTime);
    CPPUNIT_TEST(serverThatStandsStillInTheMiddleIsAnErrorInTime);
    CPPUNIT_TEST(passwordIsPercentDecoded);
    CPPUNIT_TEST(refusedPasswordIsNotInTheError);
    CPPUNIT_TEST(missingFolderIsAnError);
    CPPUNIT_TEST(fileThatIsNoDatabaseIsAnError);
    CPPUNIT_TEST(databaseOutOfReachIsUnusable);
    CPPUNIT_TEST(fullDatabaseIsUnusable);
    CPPUNIT_TEST(readOnlyServerIsUnusable);
    CPPUNIT_TEST(missingTableIsUnusable);
    CPPUNIT_TEST(valuesDoNotMakeItUnusable);
    CPPUNIT_TEST_SUITE_END();

public:
    void comesBackWithTheServer() {
        auto& server = MariaDbServer::shared();
        Db db(server.freshDatabase());
        makeThings(db);
        server.stop();
        server.start();
        db.transact([](Tx& tx) { putThing(tx, 1, 5); });
        server.kill();
        server.start();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, db.read([](Tx& tx) { return amountOf(tx, 1); }));
    }

    void comesBackWithTheServerInTheMiddle() {
        auto& server = MariaDbServer::shared();
        Db db(server.freshDatabase());
        makeThings(db);
        int calls = 0;
        db.transact([&](Tx& tx) {
            putThing(tx, 1, 5);
            if (++calls == 1) {
                server.kill();
                server.start();
            }
            putThing(tx, 2, 5);
        });
        CPPUNIT_ASSERT_EQUAL(2, calls);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, db.read(countThings));
    }

    void stoppedServerIsAnError() {
        auto& server = MariaDbServer::shared();
        Db db(server.freshDatabase());
        makeThings(db);
        server.stop();
        const std::string words = errorOf([&] { db.transact([](Tx& tx) { putThing(tx, 1, 5); }); });
        server.start();
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, db.safeUrl()) && !holds(words, "secret"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db.read(countThings));
    }

    // With an open connection, and with none.
    void serverThatStandsStillIsAnErrorInTime() {
        const std::string url = MariaDbServer::shared().freshDatabase();
        Db db(url);
        makeThings(db);
        Db unconnected(url);
        const PausedServer paused;
        endsInTime([&] { (void)db.read(countThings); });
        endsInTime([&] { (void)unconnected.read(countThings); });
    }

    void serverThatStandsStillInTheMiddleIsAnErrorInTime() {
        Db db(MariaDbServer::shared().freshDatabase());
        makeThings(db);
        std::optional<PausedServer> paused;
        endsInTime([&] {
            db.transact([&](Tx& tx) {
                putThing(tx, 1, 5);
                paused.emplace();
                putThing(tx, 2, 5);
            });
        });
        paused.reset();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db.read(countThings));
    }

    void passwordIsPercentDecoded() {
        auto& server = MariaDbServer::shared();
        const std::string url = server.freshDatabase();
        server.administer(
            "CREATE USER odd@'127.0.0.1' IDENTIFIED BY 'p@ss:w/rd=%\\'\"\\\\ #?';"
            "GRANT ALL ON `t\\_%`.* TO odd@'127.0.0.1'");
        const std::string place = url.substr(url.find('@'));
        Db db("mysql://odd:p%40ss%3Aw%2Frd%3D%25%27%22%5C%20%23%3F" + place);
        makeThings(db);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db.read(countThings));
    }

    void refusedPasswordIsNotInTheError() {
        const std::string url = MariaDbServer::shared().freshDatabase();
        Db db("mysql://gardu:hunter2" + url.substr(url.find('@')));
        const std::string words = errorOf([&] { (void)db.read(countThings); });
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, "cannot open mysql://gardu@127.0.0.1"));
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, "denied") && !holds(words, "hunter2"));
    }

    void missingFolderIsAnError() {
        const TempFolder folder;
        Db db("sqlite:" + folder.file("nowhere/gardu.db"));
        const std::string words = errorOf([&] { (void)db.read(countThings); });
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, "nowhere/gardu.db"));
    }

    void fileThatIsNoDatabaseIsAnError() {
        Db db("sqlite:/etc/passwd");
        CPPUNIT_ASSERT(throws<core::DbError>([&] { return db.read(countThings); }));
    }

    void databaseOutOfReachIsUnusable() {
        Db db("sqlite:/etc/passwd");
        CPPUNIT_ASSERT(throws<core::DbUnusable>([&] { return db.read(countThings); }));
        Db nobody("mysql://gardu:secret@127.0.0.1:1/t_1");
        CPPUNIT_ASSERT(throws<core::DbUnusable>([&] { return nobody.read(countThings); }));
    }

    void fullDatabaseIsUnusable() {
        const TempFolder folder;
        Db db("sqlite:" + folder.file("gardu.db"));
        makeThings(db);
        // Of the one connection that this thread uses.
        db.transact([](Tx& tx) { tx.execute("PRAGMA max_page_count = 30"); });
        CPPUNIT_ASSERT(throws<core::DbUnusable>([&] {
            db.transact([](Tx& tx) {
                const std::string note(2'000, 'x');
                for (std::int64_t id = 1; id <= 1'000; ++id) {
                    tx.execute("INSERT INTO things(id, note, amount) VALUES (?, ?, 1)", {id, note});
                }
            });
        }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db.read(countThings));
    }

    void readOnlyServerIsUnusable() {
        auto& server = MariaDbServer::shared();
        Db db(server.freshDatabase());
        makeThings(db);
        server.administer("SET GLOBAL read_only = 1");
        const bool isUnusable =
            throws<core::DbUnusable>([&] { db.transact([](Tx& tx) { putThing(tx, 1, 5); }); });
        server.administer("SET GLOBAL read_only = 0");
        CPPUNIT_ASSERT(isUnusable);
    }

    void missingTableIsUnusable() {
        const TempFolder folder;
        for (const std::string& url :
             {"sqlite:" + folder.file("gardu.db"), MariaDbServer::shared().freshDatabase()}) {
            Db db(url);
            CPPUNIT_ASSERT_MESSAGE(url, throws<core::DbUnusable>([&] { return db.read(countThings); }));
        }
    }

    void valuesDoNotMakeItUnusable() {
        const TempFolder folder;
        for (const std::string& url :
             {"sqlite:" + folder.file("gardu.db"), MariaDbServer::shared().freshDatabase()}) {
            Db db(url);
            makeThings(db);
            const auto refused = [&] { db.transact([](Tx& tx) { putThing(tx, 1, -13); }); };
            CPPUNIT_ASSERT_MESSAGE(url, throws<core::DbError>(refused));
            CPPUNIT_ASSERT_MESSAGE(url, !unusable(refused));
        }
    }

private:
    template <class Function>
    static bool unusable(Function&& function) {
        try {
            function();
        } catch (const core::DbUnusable&) {
            return true;
        } catch (const core::DbError&) {
            return false;
        }
        return false;
    }

    template <class Function>
    static void endsInTime(Function&& function) {
        const auto start = std::chrono::steady_clock::now();
        const std::string words = errorOf(function);
        const auto took = std::chrono::steady_clock::now() - start;
        CPPUNIT_ASSERT_MESSAGE(words, took < kPatience);
        CPPUNIT_ASSERT_MESSAGE(words, took > std::chrono::seconds(1));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DbFailureTest);

}  // namespace gardu::test
