#include <cppunit/extensions/HelperMacros.h>

#include "core/check.h"
#include "core/db.h"
#include "tests/support/database_suite.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using core::Tx;
using core::Value;
using core::Values;

constexpr const char* kInsert = "INSERT INTO things(id, words) VALUES (?, ?)";
constexpr const char* kFind = "SELECT words FROM things WHERE id = ?";

}  // namespace

/// The same text again and again on one connection, as only a kept statement can go wrong.
class DbStatementsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(DbStatementsTest);
    CPPUNIT_TEST(nothingStaysOfTheLastRun);
    CPPUNIT_TEST(longTextAfterShortText);
    CPPUNIT_TEST(emptyTextIsNotNull);
    CPPUNIT_TEST(worksAfterItFailed);
    CPPUNIT_TEST(seesTheTableAsItIsNow);
    CPPUNIT_TEST(moreTextsThanAreKept);
    CPPUNIT_TEST(longTextsWorkToo);
    CPPUNIT_TEST(wrongNumberOfParametersBreaksAnInvariant);
    CPPUNIT_TEST(numbersOfAllSizes);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        db().transact([](Tx& tx) {
            tx.execute("CREATE TABLE things(id BIGINT NOT NULL PRIMARY KEY, words VARCHAR(10000))");
        });
    }

    void nothingStaysOfTheLastRun() {
        db().transact([](Tx& tx) {
            tx.execute(kInsert, {std::int64_t{1}, std::string("one")});
            tx.execute(kInsert, {std::int64_t{2}, nullptr});
            tx.execute(kInsert, {std::int64_t{3}, std::string("three")});
        });
        CPPUNIT_ASSERT_EQUAL(std::string("one none three "), words({1, 2, 3}));
        CPPUNIT_ASSERT(!db().read([](Tx& tx) { return tx.queryOne(kFind, {std::int64_t{4}}); }));
        CPPUNIT_ASSERT_EQUAL(std::string("none one "), words({2, 1}));
    }

    void longTextAfterShortText() {
        const std::string longText(9'000, 'x');
        db().transact([&](Tx& tx) {
            tx.execute(kInsert, {std::int64_t{1}, std::string("x")});
            tx.execute(kInsert, {std::int64_t{2}, longText});
        });
        CPPUNIT_ASSERT_EQUAL("x " + longText + " x ", words({1, 2, 1}));
        // In one result too.
        const auto rows = db().read([](Tx& tx) { return tx.query("SELECT words FROM things ORDER BY id"); });
        CPPUNIT_ASSERT(rows.size() == 2 && rows[0].text(0) == "x" && rows[1].text(0) == longText);
    }

    void emptyTextIsNotNull() {
        db().transact([](Tx& tx) {
            tx.execute(kInsert, {std::int64_t{1}, std::string()});
            tx.execute(kInsert, {std::int64_t{2}, nullptr});
        });
        const auto rows = db().read([](Tx& tx) { return tx.query("SELECT words FROM things ORDER BY id"); });
        CPPUNIT_ASSERT(rows[0].text(0).empty() && rows[1].isNull(0));
    }

    void worksAfterItFailed() {
        db().transact([](Tx& tx) { tx.execute(kInsert, {std::int64_t{1}, std::string("one")}); });
        for (int i = 0; i < 2; ++i) {
            CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] {
                db().transact([](Tx& tx) { tx.execute(kInsert, {std::int64_t{1}, std::string("again")}); });
            }));
        }
        db().transact([](Tx& tx) { tx.execute(kInsert, {std::int64_t{2}, std::string("two")}); });
        CPPUNIT_ASSERT_EQUAL(std::string("one two "), words({1, 2}));
    }

    void seesTheTableAsItIsNow() {
        db().transact([](Tx& tx) { tx.execute(kInsert, {std::int64_t{1}, std::string("one")}); });
        CPPUNIT_ASSERT_EQUAL(std::string("one "), words({1}));
        db().transact([](Tx& tx) { tx.execute("ALTER TABLE things ADD COLUMN more BIGINT"); });
        CPPUNIT_ASSERT_EQUAL(std::string("one "), words({1}));
        db().transact([](Tx& tx) { tx.execute("DROP TABLE things"); });
        CPPUNIT_ASSERT(throws<core::DbUnusable>([&] { return words({1}); }));
        db().transact([](Tx& tx) {
            tx.execute("CREATE TABLE things(words BIGINT, id BIGINT NOT NULL PRIMARY KEY)");
            tx.execute("INSERT INTO things VALUES (2, 1)");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("2 "), words({1}));
        db().transact([](Tx& tx) {
            tx.execute("DROP TABLE things");
            tx.execute("CREATE TABLE things(words VARCHAR(10), id BIGINT NOT NULL PRIMARY KEY)");
            tx.execute("INSERT INTO things VALUES ('two', 1)");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("two "), words({1}));
    }

    void moreTextsThanAreKept() {
        db().transact([](Tx& tx) {
            tx.execute(kInsert, {std::int64_t{1}, std::string("one")});
            for (int i = 0; i < 1'000; ++i) {
                const auto row = tx.queryOne("SELECT " + std::to_string(i) + " FROM things WHERE id = ?",
                                             {std::int64_t{1}});
                CPPUNIT_ASSERT_EQUAL(std::int64_t{i}, row.value().integer(0));
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::string("one "), words({1}));
    }

    void longTextsWorkToo() {
        std::vector<Values> rows;
        for (std::int64_t i = 0; i < 5'000; ++i) {
            rows.push_back({i, std::string("many")});
        }
        db().transact([&](Tx& tx) { tx.insertRows("INSERT INTO things(id, words)", rows); });
        CPPUNIT_ASSERT_EQUAL(std::string("many "), words({4'999}));
    }

    void wrongNumberOfParametersBreaksAnInvariant() {
        for (const Values& parameters : {Values{}, Values{std::int64_t{1}, std::int64_t{2}}}) {
            CPPUNIT_ASSERT(throws<core::InvariantBroken>(
                [&] { return db().read([&](Tx& tx) { return tx.query(kFind, parameters); }); }));
        }
    }

    void numbersOfAllSizes() {
        db().transact([](Tx& tx) {
            tx.execute("CREATE TABLE sizes(a SMALLINT, b INTEGER, c BIGINT)");
            tx.execute("INSERT INTO sizes VALUES (?, ?, ?)",
                       {std::int64_t{-1}, std::int64_t{-2'147'483'648}, INT64_MIN});
            const auto row = tx.queryOne("SELECT a, b, c, COUNT(*), MAX(a), 7 FROM sizes GROUP BY a, b, c");
            CPPUNIT_ASSERT(row->integer(0) == -1 && row->integer(1) == -2'147'483'648 &&
                           row->integer(2) == INT64_MIN && row->integer(3) == 1 && row->integer(4) == -1 &&
                           row->integer(5) == 7);
        });
    }

private:
    /// On one connection, each found with the same statement.
    std::string words(const std::vector<std::int64_t>& ids) {
        return db().read([&](Tx& tx) {
            std::string text;
            for (const std::int64_t id : ids) {
                text.append(tx.queryOne(kFind, {id})->shown(0)).append(" ");
            }
            return text;
        });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<DbStatementsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<DbStatementsTest>);

}  // namespace gardu::test
