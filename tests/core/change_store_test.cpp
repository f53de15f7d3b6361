#include "core/change_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "tests/support/database_suite.h"

namespace gardu::test {

namespace {

using core::ChangeKind;
using core::Tx;

constexpr std::int64_t kNoEnd = 1'000'000'000;

core::Instant at(std::int64_t second) {
    return core::fromEpochMs(second * 1000);
}

}  // namespace

class ChangeStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(ChangeStoreTest);
    CPPUNIT_TEST(emptyTable);
    CPPUNIT_TEST(givesWhatCameAfter);
    CPPUNIT_TEST(givesWhatLiesBetween);
    CPPUNIT_TEST(announcedIsFound);
    CPPUNIT_TEST(findsTheLastBeforeAnInstant);
    CPPUNIT_TEST(prunesTheOldest);
    CPPUNIT_TEST(pruneStopsAtTheInstant);
    CPPUNIT_TEST(numbersAreNeverGivenAgain);
    CPPUNIT_TEST_SUITE_END();

public:
    void emptyTable() {
        db().transact([](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, core::lastChangeBefore(tx, at(9'999)));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, core::countChanges(tx, 0, kNoEnd));
            CPPUNIT_ASSERT(core::changesAfter(tx, 0, 100).empty());
            core::pruneChanges(tx, at(9'999), 10);
        });
    }

    void givesWhatCameAfter() {
        const auto all = tenChanges();
        db().read([&](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, core::countChanges(tx, all[6].id, kNoEnd));
            const auto last = core::changesAfter(tx, all[6].id, 100);
            CPPUNIT_ASSERT_EQUAL(std::size_t{3}, last.size());
            CPPUNIT_ASSERT_EQUAL(std::string("e8"), last[0].entity);
            CPPUNIT_ASSERT(last[0].id < last[1].id && last[1].id < last[2].id);
            CPPUNIT_ASSERT(core::changesAfter(tx, all[9].id, 100).empty());
            CPPUNIT_ASSERT_EQUAL(std::size_t{2}, core::changesAfter(tx, all[3].id, 2).size());
            CPPUNIT_ASSERT_EQUAL(std::string("e5"), core::changesAfter(tx, all[3].id, 2)[0].entity);
        });
    }

    void givesWhatLiesBetween() {
        const auto all = tenChanges();
        db().read([&](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, core::countChanges(tx, all[1].id, all[4].id));
            const auto between = core::changesBetween(tx, all[1].id, all[4].id);
            CPPUNIT_ASSERT_EQUAL(std::size_t{3}, between.size());
            CPPUNIT_ASSERT_EQUAL(std::string("e3"), between[0].entity);
            CPPUNIT_ASSERT_EQUAL(std::string("e5"), between[2].entity);
        });
    }

    void announcedIsFound() {
        db().transact([](Tx& tx) {
            tx.announce(ChangeKind::Nas, "n");
            tx.announce(ChangeKind::Subscriber, "O'Brien \xF0\x9F\x98\x80");
        });
        const auto changes = db().read([](Tx& tx) { return core::changesAfter(tx, 0, 100); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, changes.size());
        CPPUNIT_ASSERT(changes[0].kind == ChangeKind::Nas && changes[1].kind == ChangeKind::Subscriber);
        CPPUNIT_ASSERT_EQUAL(std::string("O'Brien \xF0\x9F\x98\x80"), changes[1].entity);
    }

    void findsTheLastBeforeAnInstant() {
        const auto all = tenChanges();
        db().read([&](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, core::lastChangeBefore(tx, at(1)));
            CPPUNIT_ASSERT_EQUAL(all[3].id, core::lastChangeBefore(tx, at(5)));
            CPPUNIT_ASSERT_EQUAL(all[4].id, core::lastChangeBefore(tx, at(5) + core::Milliseconds(1)));
            CPPUNIT_ASSERT_EQUAL(all[9].id, core::lastChangeBefore(tx, at(9'999)));
        });
    }

    void prunesTheOldest() {
        tenChanges();
        CPPUNIT_ASSERT_EQUAL(std::string("e5 e6 e7 e8 e9 e10 "), afterPruning(at(9'999), 4));
        CPPUNIT_ASSERT_EQUAL(std::string("e9 e10 "), afterPruning(at(9'999), 4));
        CPPUNIT_ASSERT_EQUAL(std::string(), afterPruning(at(9'999), 4));
    }

    void pruneStopsAtTheInstant() {
        tenChanges();
        CPPUNIT_ASSERT_EQUAL(std::string("e3 e4 e5 e6 e7 e8 e9 e10 "), afterPruning(at(3), 100));
        CPPUNIT_ASSERT_EQUAL(std::string("e3 e4 e5 e6 e7 e8 e9 e10 "), afterPruning(at(3), 100));
    }

    // A follower has read as far as a number; were it given again, the follower would miss the row.
    void numbersAreNeverGivenAgain() {
        const std::int64_t last = tenChanges().back().id;
        CPPUNIT_ASSERT_EQUAL(std::string(), afterPruning(at(9'999), 100));
        db().transact([](Tx& tx) { tx.announce(ChangeKind::Nas, "n"); });
        const auto changes = db().read([](Tx& tx) { return core::changesAfter(tx, 0, 100); });
        CPPUNIT_ASSERT(changes.at(0).id > last);
    }

private:
    /// "e1" of second 1 to "e10" of second 10.
    std::vector<core::Change> tenChanges() {
        return db().transact([](Tx& tx) {
            for (int i = 1; i <= 10; ++i) {
                tx.execute("INSERT INTO changes(kind, entity, created_at) VALUES (1, ?, ?)",
                           {"e" + std::to_string(i), core::toEpochMs(at(i))});
            }
            return core::changesAfter(tx, 0, 100);
        });
    }

    std::string afterPruning(core::Instant before, int most) {
        return db().transact([&](Tx& tx) {
            core::pruneChanges(tx, before, most);
            std::string text;
            for (const core::Change& change : core::changesAfter(tx, 0, 100)) {
                text += change.entity + " ";
            }
            return text;
        });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<ChangeStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<ChangeStoreTest>);

}  // namespace gardu::test
