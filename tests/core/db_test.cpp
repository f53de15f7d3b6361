#include "core/db.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "core/check.h"
#include "tests/support/database_suite.h"
#include "tests/support/things.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using core::Db;
using core::Row;
using core::Tx;
using core::Value;
using core::Values;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

constexpr std::string_view kTexts[] = {
    "",
    " ",
    " both ends ",
    "O'Brien",
    "\"quoted\"",
    "'; DROP TABLE things; --",
    "? :1 %s ${x}",
    "back\\slash \\' \\n \\0",
    "line\nbreak\r\n\ttab",
    "Toko Kopi \xE2\x98\x95",
    "\xF0\x9F\x98\x80\xF0\x9F\x8F\xA0",
    "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82",
    "NULL",
    "123",
};

constexpr std::int64_t kNumbers[] = {0, 1, -1, kMax, kMin, 9'007'199'254'740'993, -900'719'925'474'099'307};

// Each is a name, so that text that is meant to look like the database's own words is the value twice.
constexpr std::string_view kDoubledNames[] = {
    "bob", "", "O'Brien", "[mysql_stmt_errno]: 1213", "[mysql_errno]: 2006", "FOREIGN KEY constraint failed",
};

constexpr std::string_view kRefusedButNoDuplicate[] = {
    "INSERT INTO things(id, amount, shelf_id) VALUES (50, 1, 404)",  // foreign key
    "INSERT INTO things(id, amount) VALUES (50, NULL)",              // NOT NULL
    "INSERT INTO things(id) VALUES (50)",                            // NOT NULL without a default
    "INSERT INTO things(id, amount) VALUES (50, -13)",               // CHECK
    "DELETE FROM shelves WHERE id = 1",                              // a thing lies on it
    "INSERT INTO nowhere(id) VALUES (50)",
    "INSERT INTO things(id, amount) VALUES (50, 1",
};

std::vector<Values> rowsOf(std::int64_t count) {
    std::vector<Values> rows;
    for (std::int64_t id = 1; id <= count; ++id) {
        rows.push_back({id, "name " + std::to_string(id), id * 2});
    }
    return rows;
}

class SomethingElse : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace

class DbTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(DbTest);
    CPPUNIT_TEST(keepsTexts);
    CPPUNIT_TEST(zeroOctetIsOurBug);
    CPPUNIT_TEST(keepsNumbers);
    CPPUNIT_TEST(keepsNull);
    CPPUNIT_TEST(longTextStaysWhole);
    CPPUNIT_TEST(castSumIsExact);
    CPPUNIT_TEST(bareSumIsNeverWrong);
    CPPUNIT_TEST(takenKeyIsADuplicate);
    CPPUNIT_TEST(whateverTheTextSaysADuplicateIsOne);
    CPPUNIT_TEST(otherRefusalsAreNoDuplicates);
    CPPUNIT_TEST(exceptionRollsBack);
    CPPUNIT_TEST(connectionServesAfterAnError);
    CPPUNIT_TEST(givesTheFunctionsResult);
    CPPUNIT_TEST(insertsManyRows);
    CPPUNIT_TEST(rowsOfDifferentWidthAreOurBug);
    CPPUNIT_TEST(oneRowIsOne);
    CPPUNIT_TEST(wrongColumnsAreOurBug);
    CPPUNIT_TEST(placeholdersHaveLimits);
    CPPUNIT_TEST(announcementsGoWithTheTransaction);
    CPPUNIT_TEST(announcementsAreTheLastStatements);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeThings(db());
    }

    void keepsTexts() {
        for (const std::string_view text : kTexts) {
            const Value value = std::string(text);
            const std::string read = db().transact([&](Tx& tx) {
                tx.execute("DELETE FROM things");
                tx.execute("INSERT INTO things(id, name, note, amount) VALUES (1, ?, ?, 0)", {value, value});
                return tx.queryOne("SELECT note FROM things WHERE name = ?", {value})->text(0);
            });
            CPPUNIT_ASSERT_EQUAL(std::string(text), read);
        }
    }

    // SQLite would give back only what is before it.
    void zeroOctetIsOurBug() {
        const Value value = std::string("a\0b", 3);
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] {
            db().transact([&](Tx& tx) {
                tx.execute("INSERT INTO things(id, name, amount) VALUES (1, ?, 0)", {value});
            });
        }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db().read(countThings));
    }

    void keepsNumbers() {
        for (const std::int64_t number : kNumbers) {
            const std::int64_t read = db().transact([&](Tx& tx) {
                tx.execute("DELETE FROM things");
                putThing(tx, number, number);
                return tx.queryOne("SELECT amount FROM things WHERE id = ?", {number})->integer(0);
            });
            CPPUNIT_ASSERT_EQUAL(number, read);
        }
    }

    void keepsNull() {
        const Row row = db().transact([](Tx& tx) {
            tx.execute("INSERT INTO things(id, name, note, amount, shelf_id) VALUES (1, ?, ?, 0, ?)",
                       {nullptr, std::string(), nullptr});
            return *tx.queryOne("SELECT name, note, shelf_id FROM things");
        });
        CPPUNIT_ASSERT(row.isNull(0) && !row.isNull(1) && row.isNull(2));
        CPPUNIT_ASSERT(!row.optionalText(0) && row.optionalText(1) == std::string());
        CPPUNIT_ASSERT(!row.optionalInteger(2));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return row.text(0); }));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return row.integer(2); }));
    }

    void longTextStaysWhole() {
        std::string text;
        for (int i = 0; i < 2000; ++i) {
            text += i % 2 == 0 ? "x" : "\xF0\x9F\x98\x80";
        }
        const std::string read = db().transact([&](Tx& tx) {
            tx.execute("INSERT INTO things(id, note, amount) VALUES (1, ?, 0)", {text});
            return tx.queryOne("SELECT note FROM things")->text(0);
        });
        CPPUNIT_ASSERT_EQUAL(text, read);
    }

    void castSumIsExact() {
        const std::int64_t sum = db().transact([](Tx& tx) {
            putThing(tx, 1, -900'719'925'474'099'300);
            putThing(tx, 2, -7);
            return tx.queryOne("SELECT CAST(SUM(amount) AS SIGNED) FROM things")->integer(0);
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-900'719'925'474'099'307}, sum);
    }

    // SQLite adds 64-bit integers exactly; MariaDB's decimal would reach us as a rounded number.
    void bareSumIsNeverWrong() {
        const auto sum = [](Tx& tx) {
            putThing(tx, 1, -900'719'925'474'099'307);
            return tx.queryOne("SELECT SUM(amount) FROM things")->integer(0);
        };
        if (backend() == Backend::MariaDb) {
            CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return db().transact(sum); }));
        } else {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{-900'719'925'474'099'307}, db().transact(sum));
        }
    }

    void takenKeyIsADuplicate() {
        db().transact([](Tx& tx) { putThing(tx, 1, 0); });
        CPPUNIT_ASSERT(
            throws<core::DuplicateKey>([&] { db().transact([](Tx& tx) { putThing(tx, 1, 0); }); }));
        // One statement of several rows is taken whole or not at all.
        CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] {
            db().transact([](Tx& tx) { tx.insertRows("INSERT INTO things(id, name, amount)", rowsOf(3)); });
        }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, db().read(countThings));
    }

    void whateverTheTextSaysADuplicateIsOne() {
        for (const std::string_view name : kDoubledNames) {
            const Value value = std::string(name);
            const auto twice = [&](Tx& tx) {
                tx.execute("INSERT INTO things(id, name, amount) VALUES (1, ?, 0)", {value});
                tx.execute("INSERT INTO things(id, name, amount) VALUES (2, ?, 0)", {value});
            };
            CPPUNIT_ASSERT_MESSAGE(std::string(name),
                                   throws<core::DuplicateKey>([&] { db().transact(twice); }));
        }
    }

    void otherRefusalsAreNoDuplicates() {
        db().transact([](Tx& tx) {
            tx.execute("INSERT INTO shelves(id) VALUES (1)");
            tx.execute("INSERT INTO things(id, amount, shelf_id) VALUES (1, 0, 1)");
        });
        for (const std::string_view sql : kRefusedButNoDuplicate) {
            bool isDbError = false;
            try {
                db().transact([&](Tx& tx) { tx.execute(sql); });
            } catch (const core::DuplicateKey& error) {
                CPPUNIT_FAIL(std::string(sql) + ": " + error.what());
            } catch (const core::TransientDbError& error) {
                CPPUNIT_FAIL(std::string(sql) + ": " + error.what());
            } catch (const core::DbError&) {
                isDbError = true;
            }
            CPPUNIT_ASSERT_MESSAGE(std::string(sql), isDbError);
        }
    }

    void exceptionRollsBack() {
        int calls = 0;
        CPPUNIT_ASSERT(throws<SomethingElse>([&] {
            db().transact([&](Tx& tx) {
                ++calls;
                putThing(tx, 1, 0);
                throw SomethingElse("stop");
            });
        }));
        CPPUNIT_ASSERT_EQUAL(1, calls);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db().read(countThings));
    }

    void connectionServesAfterAnError() {
        for (int i = 1; i <= 20; ++i) {
            CPPUNIT_ASSERT(
                throws<core::DbError>([&] { db().transact([](Tx& tx) { tx.execute("NONSENSE"); }); }));
            db().transact([&](Tx& tx) { putThing(tx, i, i); });
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{20}, db().read(countThings));
    }

    void givesTheFunctionsResult() {
        const auto optional = db().transact([](Tx&) { return std::optional<std::string>("kept"); });
        CPPUNIT_ASSERT(optional == "kept");
        const auto pointer = db().read([](Tx&) { return std::make_unique<int>(7); });
        CPPUNIT_ASSERT_EQUAL(7, *pointer);
    }

    void insertsManyRows() {
        for (const std::int64_t count : {0, 1, 199, 200, 201, 1000}) {
            db().transact([&](Tx& tx) {
                tx.execute("DELETE FROM things");
                tx.insertRows("INSERT INTO things(id, name, amount)", rowsOf(count));
            });
            const auto rows =
                db().read([](Tx& tx) { return tx.query("SELECT id, name, amount FROM things ORDER BY id"); });
            CPPUNIT_ASSERT_EQUAL(static_cast<std::size_t>(count), rows.size());
            std::int64_t id = 0;
            for (const Row& row : rows) {
                ++id;
                CPPUNIT_ASSERT_EQUAL(id, row.integer(0));
                CPPUNIT_ASSERT_EQUAL("name " + std::to_string(id), row.text(1));
                CPPUNIT_ASSERT_EQUAL(id * 2, row.integer(2));
            }
        }
    }

    void rowsOfDifferentWidthAreOurBug() {
        const std::vector<Values> rows = {{std::int64_t{1}, std::int64_t{1}}, {std::int64_t{2}}};
        CPPUNIT_ASSERT(throws<core::InvariantBroken>(
            [&] { db().transact([&](Tx& tx) { tx.insertRows("INSERT INTO things(id, amount)", rows); }); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db().read(countThings));
    }

    void oneRowIsOne() {
        db().transact([](Tx& tx) { tx.insertRows("INSERT INTO things(id, name, amount)", rowsOf(2)); });
        db().read([](Tx& tx) {
            CPPUNIT_ASSERT(!tx.queryOne("SELECT id FROM things WHERE id = 9"));
            CPPUNIT_ASSERT(tx.queryOne("SELECT id FROM things WHERE id = 2").has_value());
        });
        CPPUNIT_ASSERT(throws<core::InvariantBroken>(
            [&] { return db().read([](Tx& tx) { return tx.queryOne("SELECT id FROM things"); }); }));
    }

    void wrongColumnsAreOurBug() {
        const Row row({std::int64_t{5}, std::string("five"), std::string("6x")});
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return row.integer(3); }));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return row.isNull(3); }));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return row.text(0); }));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return row.integer(1); }));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return row.integer(2); }));
    }

    void placeholdersHaveLimits() {
        CPPUNIT_ASSERT_EQUAL(std::string("(?)"), core::placeholders(1));
        CPPUNIT_ASSERT_EQUAL(std::string("(?,?,?)"), core::placeholders(3));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1001}, core::placeholders(500).size());
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([] { return core::placeholders(0); }));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([] { return core::placeholders(501); }));
    }

    void announcementsGoWithTheTransaction() {
        CPPUNIT_ASSERT(throws<SomethingElse>([&] {
            db().transact([](Tx& tx) {
                tx.announce(core::ChangeKind::Nas, "never");
                throw SomethingElse("stop");
            });
        }));
        db().transact([](Tx& tx) {
            tx.announce(core::ChangeKind::Subscriber, "bob");
            tx.announce(core::ChangeKind::Package, "p-1");
        });
        const auto rows =
            db().read([](Tx& tx) { return tx.query("SELECT kind, entity FROM changes ORDER BY id"); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
        CPPUNIT_ASSERT_EQUAL(std::string("bob"), rows[0].text(1));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, rows[1].integer(0));
    }

    // A number that is given early is visible late: a follower would have read past it.
    void announcementsAreTheLastStatements() {
        const auto seen = db().transact([](Tx& tx) {
            tx.announce(core::ChangeKind::Subscriber, "bob");
            return tx.queryOne("SELECT COUNT(*) FROM changes")->integer(0);
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, seen);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<DbTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<DbTest>);

}  // namespace gardu::test
