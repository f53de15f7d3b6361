// What a follower must not lose: changes of several writers at the same time, and changes around an outage.
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>

#include "core/change_store.h"
#include "tests/radius/directory_world.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using billing::SubscriptionStatus;
using gardu::test::Backend;
using gardu::test::kDatabaseMadeAt;
using gardu::test::MariaDbServer;
using gardu::test::throws;
using test::Node;
using test::Operator;

constexpr int kWriters = 3;
constexpr int kSubscribersEach = 20;

/// The control: polls for "id > last", as nearly everybody does, and counts what it gets.
class IdAboveLast {
public:
    explicit IdAboveLast(const std::string& url) : db_(url) {
        last_ = db_.read([](core::Tx& tx) { return lastId(tx); });
    }
    void poll() {
        for (const auto& change :
             db_.read([&](core::Tx& tx) { return core::changesAfter(tx, last_, 100'000); })) {
            last_ = change.id;
            ++seen_;
        }
    }
    [[nodiscard]] std::size_t seen() const { return seen_; }

    static std::int64_t lastId(core::Tx& tx) {
        return tx.queryOne("SELECT MAX(id) FROM changes")->optionalInteger(0).value_or(0);
    }

private:
    core::Db db_;
    std::int64_t last_ = 0;
    std::size_t seen_ = 0;
};

std::string userOf(int writer, int number) {
    return "w" + std::to_string(writer) + "u" + std::to_string(number);
}

/// Sets a new password as another program may do it: the change is announced first, and the transaction stays
/// open for a while, as on a busy server.
void writeSlowly(core::Db& db, const std::string& user, const std::string& sealed, int change) {
    db.transact([&](core::Tx& tx) {
        tx.execute("INSERT INTO changes(kind, entity, created_at) VALUES (1, ?, ?)",
                   {user, core::toEpochMs(kDatabaseMadeAt)});
        if (db.dialect() == core::Dialect::Mysql) {
            std::this_thread::sleep_for(std::chrono::microseconds(change * 379 % 3'000));
        }
        tx.execute("UPDATE subscriptions SET mikrotik_password = ? WHERE username_key = ?", {sealed, user});
    });
}

class DirectoryFollowTest : public test::DirectoryDatabaseTest {
    CPPUNIT_TEST_SUITE(DirectoryFollowTest);
    CPPUNIT_TEST(losesNothingOfSeveralWriters);
    CPPUNIT_TEST(transactionThatIsOpenWhileOthersCommit);
    CPPUNIT_TEST_SUITE_END();

public:
    void losesNothingOfSeveralWriters() {
        const bool isMariaDb = backend() == Backend::MariaDb;
        const int changesEach = isMariaDb ? 1'000 : 300;
        for (int writer = 0; writer < kWriters; ++writer) {
            for (int number = 0; number < kSubscribersEach; ++number) {
                op().addSubscriber(userOf(writer, number));
            }
        }
        node().load();
        IdAboveLast control(databaseUrl());
        std::atomic<int> running{kWriters};
        std::size_t applied = 0;
        gardu::test::inThreads(kWriters + 1, [&](int thread) {
            if (thread < kWriters) {
                write(thread, changesEach);
                running.fetch_sub(1);
                return;
            }
            while (running.load() > 0) {
                control.poll();
                applied += node().followBesideOthers();
            }
        });
        control.poll();
        applied += node().followBesideOthers();
        const std::size_t all = kWriters * static_cast<std::size_t>(changesEach);
        CPPUNIT_ASSERT_EQUAL(all, applied);
        checkPasswords(changesEach);
        if (isMariaDb) {
            CPPUNIT_ASSERT_MESSAGE("the control lost nothing: this test shows nothing", control.seen() < all);
        } else {
            CPPUNIT_ASSERT_EQUAL(all, control.seen());
        }
    }

    void transactionThatIsOpenWhileOthersCommit() {
        if (backend() == Backend::Sqlite) {
            return;  // has one writer at a time
        }
        op().addSubscriber("ann");
        op().addSubscriber("bob");
        node().load();
        IdAboveLast control(databaseUrl());
        op().db().transact([&](core::Tx& tx) {
            tx.execute("INSERT INTO changes(kind, entity, created_at) VALUES (1, 'ann', 0)");
            tx.execute("UPDATE subscriptions SET status = 'suspended' WHERE username_key = 'ann'");
            Operator another(databaseUrl());
            another.setStatus("bob", SubscriptionStatus::Suspended);
            control.poll();
            for (int rounds = 0; rounds < 29; ++rounds) {  // 14.5 s of its clock
                CPPUNIT_ASSERT_EQUAL(std::size_t{rounds == 0 ? 1U : 0U}, node().follow());
            }
            CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state("ann"));
            CPPUNIT_ASSERT_EQUAL("suspended home 10M/10M"s, node().state("bob"));
        });
        control.poll();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT_EQUAL("suspended home 10M/10M"s, node().state("ann"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, control.seen());  // of two
    }

private:
    static std::string passwordOf(int change) {
        return core::toBase64(core::asBytes("change " + std::to_string(change)));
    }

    void write(int writer, int changes) {
        core::Db db(databaseUrl());
        for (int change = 0; change < changes; ++change) {
            writeSlowly(db, userOf(writer, change % kSubscribersEach), passwordOf(change), change + writer);
        }
    }

    void checkPasswords(int changesEach) {
        for (int writer = 0; writer < kWriters; ++writer) {
            for (int number = 0; number < kSubscribersEach; ++number) {
                const int last = changesEach - kSubscribersEach + number;
                const auto hit = node().directory().find(userOf(writer, number)).value();
                CPPUNIT_ASSERT_EQUAL("change " + std::to_string(last),
                                     std::string(core::asText(hit.sealedPassword)));
            }
        }
    }
};
using gardu::test::OnMariaDb;
using gardu::test::OnSqlite;
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<DirectoryFollowTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<DirectoryFollowTest>);

/// On a server of its own.
class DirectoryOutageTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DirectoryOutageTest);
    CPPUNIT_TEST(directoryAnswersThroughAnOutageAndCatchesUp);
    CPPUNIT_TEST_SUITE_END();

    void directoryAnswersThroughAnOutageAndCatchesUp() {
        MariaDbServer server;
        const std::string url = server.freshDatabase();
        {
            core::Db db(url);
            core::migrate(db, kDatabaseMadeAt);
        }
        Operator op(url);
        op.addPackage("home");
        op.addSubscriber("ann");
        op.addSubscriber("bob");
        op.addNas("tower", "10.0.0.1");
        Node node(url);
        node.load();
        op.setStatus("ann", SubscriptionStatus::Suspended);  // not followed before the end
        server.stop();
        for (int round = 0; round < 2; ++round) {
            CPPUNIT_ASSERT(throws<core::DbError>([&] { return node.follow(); }));
            CPPUNIT_ASSERT(throws<core::DbError>([&] { return node.followAndRepair(); }));
            CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node.state("ann"));
            CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node.state("bob"));
            CPPUNIT_ASSERT_EQUAL("tower"s, node.nasOf("10.0.0.1"));
        }
        server.start();
        op.setStatus("bob", SubscriptionStatus::Disabled);
        op.addSubscriber("cat");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, node.follow());
        CPPUNIT_ASSERT_EQUAL("suspended home 10M/10M"s, node.state("ann"));
        CPPUNIT_ASSERT_EQUAL("disabled home 10M/10M"s, node.state("bob"));
        CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node.state("cat"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node.repairFor(2 * DirectoryService::kWalkTime));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DirectoryOutageTest);

}  // namespace
}  // namespace gardu::radius
