// Several threads on one database: what one sees of the other, and what is tried again.
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <barrier>
#include <string>

#include "core/db.h"
#include "tests/support/database_suite.h"
#include "tests/support/things.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using core::Tx;

constexpr int kThreads = 4;
constexpr int kTimes = 50;

}  // namespace

class DbThreadsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(DbThreadsTest);
    CPPUNIT_TEST(addingInTheStatementLosesNothing);
    CPPUNIT_TEST(readingUnderALockLosesNothing);
    CPPUNIT_TEST(deadlockRunsTheWholeFunctionAgain);
    CPPUNIT_TEST(transientErrorsAreTriedFiveTimes);
    CPPUNIT_TEST(readSeesOneMoment);
    CPPUNIT_TEST(readDoesNotWaitForAWriter);
    CPPUNIT_TEST(nobodySeesWhatIsNotCommitted);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeThings(db());
        db().transact([](Tx& tx) {
            putThing(tx, 1, 0);
            putThing(tx, 2, 0);
        });
    }

    void addingInTheStatementLosesNothing() {
        inThreads(kThreads, [&](int) {
            for (int i = 0; i < kTimes; ++i) {
                db().transact(
                    [](Tx& tx) { tx.execute("UPDATE things SET amount = amount + 1 WHERE id = 1"); });
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{kThreads} * kTimes, amount(1));
    }

    void readingUnderALockLosesNothing() {
        const std::string lock = backend() == Backend::MariaDb ? " FOR UPDATE" : "";
        inThreads(kThreads, [&](int) {
            for (int i = 0; i < kTimes; ++i) {
                db().transact([&](Tx& tx) {
                    const auto row = tx.queryOne("SELECT amount FROM things WHERE id = 1" + lock);
                    tx.execute("UPDATE things SET amount = ? WHERE id = 1", {row->integer(0) + 1});
                });
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{kThreads} * kTimes, amount(1));
    }

    // Each thread holds one row and wants the other's; MariaDB ends one of the two. SQLite has one writer, so
    // that the second does not even begin before the first has ended.
    void deadlockRunsTheWholeFunctionAgain() {
        std::atomic<int> calls = 0;
        std::barrier bothHoldOne(2);
        const bool meets = backend() == Backend::MariaDb;
        inThreads(2, [&](int index) {
            bool isFirstTry = true;
            db().transact([&](Tx& tx) {
                ++calls;
                add(tx, index == 0 ? 1 : 2);
                if (meets && isFirstTry) {
                    isFirstTry = false;
                    bothHoldOne.arrive_and_wait();
                }
                add(tx, index == 0 ? 2 : 1);
            });
        });
        CPPUNIT_ASSERT_EQUAL(meets ? 3 : 2, calls.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, amount(1));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, amount(2));
    }

    void transientErrorsAreTriedFiveTimes() {
        int calls = 0;
        const auto always = [&](Tx& tx) {
            ++calls;
            add(tx, 1);
            throw core::TransientDbError("again");
        };
        CPPUNIT_ASSERT(throws<core::TransientDbError>([&] { db().transact(always); }));
        CPPUNIT_ASSERT_EQUAL(5, calls);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, amount(1));
        db().transact([&](Tx& tx) {
            add(tx, 1);
            if (++calls < 9) {
                throw core::TransientDbError("again");
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, amount(1));
    }

    void readSeesOneMoment() {
        db().read([&](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, amountOf(tx, 1));
            inThreads(1, [&](int) { db().transact([](Tx& other) { add(other, 1); }); });
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, amountOf(tx, 1));
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, amount(1));
    }

    void readDoesNotWaitForAWriter() {
        db().transact([&](Tx& tx) {
            add(tx, 1);
            inThreads(1, [&](int) { CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, amount(1)); });
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, amount(1));
    }

    void nobodySeesWhatIsNotCommitted() {
        std::atomic<std::int64_t> seen = -1;
        CPPUNIT_ASSERT(throws<std::runtime_error>([&] {
            db().transact([&](Tx& tx) {
                tx.announce(core::ChangeKind::Subscriber, "bob");
                putThing(tx, 3, 0);
                inThreads(1, [&](int) { seen = db().read(countThings); });
                throw std::runtime_error("stop");
            });
        }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, seen.load());
    }

private:
    static void add(Tx& tx, std::int64_t id) {
        tx.execute("UPDATE things SET amount = amount + 1 WHERE id = ?", {id});
    }
    std::int64_t amount(std::int64_t id) {
        return db().read([&](Tx& tx) { return amountOf(tx, id); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<DbThreadsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<DbThreadsTest>);

}  // namespace gardu::test
