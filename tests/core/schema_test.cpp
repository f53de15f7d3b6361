#include "core/schema.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "tests/support/database_suite.h"
#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using core::Db;
using core::Tx;

using Lines = std::set<std::string>;

Lines linesOf(Db& db, const std::string& sql) {
    return db.read([&](Tx& tx) {
        Lines lines;
        for (const core::Row& row : tx.query(sql)) {
            lines.insert(row.text(0));
        }
        return lines;
    });
}

constexpr const char* kSqliteTables =
    "(SELECT name AS tbl FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%') t";

/// "table.column type [required]", with one word for the whole numbers, whose widths differ.
Lines columns(Db& db) {
    if (db.dialect() == core::Dialect::Sqlite) {
        return linesOf(
            db, std::string("SELECT t.tbl || '.' || c.name || ' ' || CASE WHEN c.type IN ('BIGINT', "
                            "'INTEGER') THEN 'whole' ELSE lower(c.type) END || CASE WHEN c.\"notnull\" "
                            "= 1 OR c.pk > 0 THEN ' required' ELSE '' END FROM ") +
                    kSqliteTables + " JOIN pragma_table_info(t.tbl) c");
    }
    return linesOf(
        db,
        "SELECT CONCAT(table_name, '.', column_name, ' ', CASE WHEN data_type IN ('bigint', 'int') "
        "THEN 'whole' ELSE column_type END, CASE WHEN is_nullable = 'NO' THEN ' required' ELSE '' "
        "END) FROM information_schema.columns WHERE table_schema = DATABASE()");
}

/// "table(column,column)" of what must be unique but for numbers that the database gives.
Lines uniqueKeys(Db& db) {
    if (db.dialect() == core::Dialect::Sqlite) {
        return linesOf(
            db, std::string("SELECT t.tbl || '(' || (SELECT group_concat(name) FROM "
                            "(SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')' FROM ") +
                    kSqliteTables + " JOIN pragma_index_list(t.tbl) i WHERE i.\"unique\" = 1");
    }
    return linesOf(
        db,
        "SELECT CONCAT(s.table_name, '(', GROUP_CONCAT(s.column_name ORDER BY s.seq_in_index), ')') "
        "FROM information_schema.statistics s JOIN information_schema.columns c ON c.table_schema = "
        "s.table_schema AND c.table_name = s.table_name AND c.column_name = s.column_name WHERE "
        "s.table_schema = DATABASE() AND s.non_unique = 0 GROUP BY s.table_name, s.index_name "
        "HAVING NOT (s.index_name = 'PRIMARY' AND COUNT(*) = 1 AND MAX(c.data_type) IN ('bigint', 'int'))");
}

/// "table.column -> table.column rule".
Lines foreignKeys(Db& db) {
    if (db.dialect() == core::Dialect::Sqlite) {
        return linesOf(db, std::string("SELECT t.tbl || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || "
                                       "f.\"to\" || ' ' || f.on_delete FROM ") +
                               kSqliteTables + " JOIN pragma_foreign_key_list(t.tbl) f");
    }
    return linesOf(db,
                   "SELECT CONCAT(k.table_name, '.', k.column_name, ' -> ', k.referenced_table_name, '.', "
                   "k.referenced_column_name, ' ', r.delete_rule) FROM information_schema.key_column_usage k "
                   "JOIN information_schema.referential_constraints r ON r.constraint_schema = "
                   "k.table_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name "
                   "WHERE k.table_schema = DATABASE()");
}

std::string difference(const Lines& a, const Lines& b) {
    std::vector<std::string> only;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    std::string text;
    for (const std::string& line : only) {
        text += (a.contains(line) ? "only SQLite: " : "only MariaDB: ") + line + "\n";
    }
    return text;
}

std::vector<std::string> scriptsOf(core::Dialect dialect) {
    std::vector<std::string> names;
    for (const core::SchemaScript& script : core::schemaScripts()) {
        if (script.dialect == (dialect == core::Dialect::Sqlite ? "sqlite" : "mysql")) {
            names.push_back(script.name);
        }
    }
    return names;
}

}  // namespace

class SchemaTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SchemaTest);
    CPPUNIT_TEST(appliesAllScriptsInOrder);
    CPPUNIT_TEST(secondRunDoesNothing);
    CPPUNIT_TEST(notesWhatItApplied);
    CPPUNIT_TEST(runsAgainAfterACrash);
    CPPUNIT_TEST(severalAtOnce);
    CPPUNIT_TEST(refusesANewerDatabase);
    CPPUNIT_TEST(refusesANewerDatabaseBeforeItAppliesAnything);
    CPPUNIT_TEST_SUITE_END();

public:
    void appliesAllScriptsInOrder() {
        Db fresh(freshUrl());
        const auto expected = scriptsOf(fresh.dialect());
        CPPUNIT_ASSERT(!expected.empty() && std::is_sorted(expected.begin(), expected.end()));
        CPPUNIT_ASSERT(core::migrate(fresh, kDatabaseMadeAt) == expected);
    }

    void secondRunDoesNothing() {
        const Lines before = columns(db());
        CPPUNIT_ASSERT(core::migrate(db(), kDatabaseMadeAt).empty());
        CPPUNIT_ASSERT(columns(db()) == before);
    }

    void notesWhatItApplied() {
        const auto rows = db().read(
            [](Tx& tx) { return tx.query("SELECT name, applied_at FROM schema_migrations ORDER BY name"); });
        CPPUNIT_ASSERT_EQUAL(scriptsOf(db().dialect()).size(), rows.size());
        CPPUNIT_ASSERT_EQUAL(std::string("001_first_light"), rows[0].text(0));
        CPPUNIT_ASSERT_EQUAL(core::toEpochMs(kDatabaseMadeAt), rows[0].integer(1));
    }

    // MariaDB keeps the tables that were made before the power went.
    void runsAgainAfterACrash() {
        if (backend() == Backend::MariaDb) {
            db().transact([](Tx& tx) { tx.execute("DELETE FROM schema_migrations"); });
            CPPUNIT_ASSERT(core::migrate(db(), kDatabaseMadeAt) == scriptsOf(db().dialect()));
        }
    }

    // Each with a Db of its own, as two programs that are started at once.
    void severalAtOnce() {
        constexpr int kThreads = 4;
        const std::string url = freshUrl();
        core::Guarded<std::vector<std::string>> problems;
        core::Guarded<std::size_t> applied;
        inThreads(kThreads, [&](int) {
            try {
                Db mine(url);
                const std::size_t count = core::migrate(mine, kDatabaseMadeAt).size();
                applied.with([&](auto& sum) { sum += count; });
            } catch (const std::exception& error) {
                problems.with([&](auto& list) { list.emplace_back(error.what()); });
            }
        });
        const auto words = problems.with([](auto& list) { return list; });
        CPPUNIT_ASSERT_MESSAGE(words.empty() ? "" : words.front(), words.empty());
        Db after(url);
        CPPUNIT_ASSERT_EQUAL(scriptsOf(after.dialect()).size(), applied.with([](auto& sum) { return sum; }));
        CPPUNIT_ASSERT(columns(after) == columns(db()));
    }

    void refusesANewerDatabase() {
        note(db(), "999_from_the_future");
        CPPUNIT_ASSERT(refusal(db()).find("999_from_the_future") != std::string::npos);
        CPPUNIT_ASSERT(refusal(db()).find("newer gardu") != std::string::npos);
    }

    void refusesANewerDatabaseBeforeItAppliesAnything() {
        Db fresh(freshUrl());
        fresh.transact([](Tx& tx) {
            tx.execute(
                "CREATE TABLE schema_migrations(name VARCHAR(100) NOT NULL PRIMARY KEY, applied_at BIGINT "
                "NOT "
                "NULL)");
        });
        note(fresh, "999_from_the_future");
        CPPUNIT_ASSERT(!refusal(fresh).empty());
        for (const std::string& column : columns(fresh)) {
            CPPUNIT_ASSERT_MESSAGE(column, column.starts_with("schema_migrations."));
        }
    }

private:
    std::string freshUrl() {
        return backend() == Backend::Sqlite ? "sqlite:" + folder().file("fresh.db")
                                            : MariaDbServer::shared().freshDatabase();
    }
    static void note(Db& database, const std::string& name) {
        database.transact([&](Tx& tx) {
            tx.execute("INSERT INTO schema_migrations(name, applied_at) VALUES (?, 0)", {name});
        });
    }
    /// The words of the DbError; empty where there is none.
    static std::string refusal(Db& database) {
        try {
            core::migrate(database, kDatabaseMadeAt);
        } catch (const core::DbError& error) {
            return error.what();
        }
        return "";
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<SchemaTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<SchemaTest>);

/// Both databases beside each other.
class SchemaDialectsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SchemaDialectsTest);
    CPPUNIT_TEST(bothHaveTheSameColumns);
    CPPUNIT_TEST(bothHaveTheSameUniqueKeys);
    CPPUNIT_TEST(bothHaveTheSameForeignKeys);
    CPPUNIT_TEST(moneyIsNeverDeletedAlong);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        mariaDb_ = std::make_unique<Db>(MariaDbServer::shared().freshDatabase());
        core::migrate(*mariaDb_, kDatabaseMadeAt);
    }
    void tearDown() override {
        mariaDb_.reset();
        DatabaseTest::tearDown();
    }

    void bothHaveTheSameColumns() {
        CPPUNIT_ASSERT(columns(db()).contains("customers.email varchar(255)"));
        CPPUNIT_ASSERT_EQUAL(std::string(), difference(columns(db()), columns(*mariaDb_)));
    }

    void bothHaveTheSameUniqueKeys() {
        CPPUNIT_ASSERT(uniqueKeys(db()).contains("payments(source,reference)"));
        CPPUNIT_ASSERT_EQUAL(std::string(), difference(uniqueKeys(db()), uniqueKeys(*mariaDb_)));
    }

    void bothHaveTheSameForeignKeys() {
        CPPUNIT_ASSERT(foreignKeys(db()).contains("payments.invoice_id -> invoices.id RESTRICT"));
        CPPUNIT_ASSERT_EQUAL(std::string(), difference(foreignKeys(db()), foreignKeys(*mariaDb_)));
    }

    void moneyIsNeverDeletedAlong() {
        std::size_t found = 0;
        for (const std::string& key : foreignKeys(db())) {
            const std::string table = key.substr(0, key.find('.'));
            if (table == "subscriptions" || table == "invoices" || table == "payments" ||
                table == "billing_logs") {
                ++found;
                CPPUNIT_ASSERT_MESSAGE(key, key.ends_with(" RESTRICT"));
            }
        }
        CPPUNIT_ASSERT(found >= 6);
    }

private:
    std::unique_ptr<Db> mariaDb_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchemaDialectsTest);

}  // namespace gardu::test
