#include "core/change_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <string>

#include "tests/support/database_suite.h"

namespace gardu::test {

namespace {

using core::ChangeKind;
using core::Tx;

core::Instant at(std::int64_t second) {
    return core::fromEpochMs(second * 1000);
}

std::string shown(const std::vector<core::Change>& changes) {
    std::string text;
    for (const core::Change& change : changes) {
        text += change.entity + " ";
    }
    return text;
}

}  // namespace

class ChangeStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(ChangeStoreTest);
    CPPUNIT_TEST(emptyTable);
    CPPUNIT_TEST(givesWhatCameAfter);
    CPPUNIT_TEST(givesWhatIsBetween);
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
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, core::countChanges(tx, 0, 100));
            CPPUNIT_ASSERT(core::changesBetween(tx, 0, 100).empty());
            CPPUNIT_ASSERT(core::changesAfter(tx, 0, 100).empty());
            core::pruneChanges(tx, at(9'999), 10);
        });
    }

    void givesWhatCameAfter() {
        const auto all = tenChanges();
        db().read([&](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::string("e8 e9 e10 "), shown(core::changesAfter(tx, all[6].id, 100)));
            CPPUNIT_ASSERT_EQUAL(std::string("e8 e9 "), shown(core::changesAfter(tx, all[6].id, 2)));
            CPPUNIT_ASSERT_EQUAL(std::string(), shown(core::changesAfter(tx, all[9].id, 100)));
        });
    }

    void givesWhatIsBetween() {
        const auto all = tenChanges();
        db().read([&](Tx& tx) {
            const auto between = [&](std::size_t after, std::size_t last) {
                std::string text = shown(core::changesBetween(tx, all.at(after).id, all.at(last).id));
                CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(std::count(text.begin(), text.end(), ' ')),
                                     core::countChanges(tx, all.at(after).id, all.at(last).id));
                return text;
            };
            CPPUNIT_ASSERT_EQUAL(std::string("e4 e5 "), between(2, 4));
            CPPUNIT_ASSERT_EQUAL(std::string("e10 "), between(8, 9));
            CPPUNIT_ASSERT_EQUAL(std::string(), between(4, 4));
            CPPUNIT_ASSERT_EQUAL(std::string(), between(4, 3));
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
            return shown(core::changesAfter(tx, 0, 100));
        });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<ChangeStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<ChangeStoreTest>);

}  // namespace gardu::test
