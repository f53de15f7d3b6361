#include "core/schema.h"

#include <algorithm>
#include <set>

#include "core/check.h"

namespace gardu::core {

namespace {

/// A statement ends with a line that ends in ";". Comment lines ("--") are left out.
std::vector<std::string> splitStatements(const std::string& script) {
    std::vector<std::string> statements;
    std::string current;
    std::size_t at = 0;
    while (at < script.size()) {
        const std::size_t end = std::min(script.find('\n', at), script.size());
        const std::string line = script.substr(at, end - at);
        at = end + 1;
        if (line.empty() || line.starts_with("--")) {
            continue;
        }
        current += line + "\n";
        if (line.ends_with(";")) {
            current.resize(current.size() - 2);
            statements.push_back(std::move(current));
            current.clear();
        }
    }
    check(current.empty(), "a schema script whose last statement has no end");
    return statements;
}

std::set<std::string> readApplied(Tx& tx) {
    std::set<std::string> names;
    for (const Row& row : tx.query("SELECT name FROM schema_migrations")) {
        names.insert(row.text(0));
    }
    return names;
}

/// Every command comes by here, so it only reads where the table is there: no lock, and no DDL on a cluster.
std::set<std::string> appliedScripts(Db& db) {
    try {
        return db.read(readApplied);
    } catch (const TransientDbError&) {
        throw;
    } catch (const DbError&) {
        return db.transact([](Tx& tx) {
            tx.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations("
                "name VARCHAR(100) NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)");
            return readApplied(tx);
        });
    }
}

/// On MariaDB no transaction keeps programs apart that are started at once, since DDL ends it: the second one
/// would drop what the first has made and used. SQLite has one writer.
class SchemaLock {
public:
    explicit SchemaLock(Tx& tx) : tx_(tx) {
        if (tx_.dialect() == Dialect::Mysql &&
            tx_.queryOne("SELECT COALESCE(GET_LOCK(CONCAT('gardu.', DATABASE()), 8), 0)")->integer(0) != 1) {
            throw TransientDbError("another program has been changing the schema for long");
        }
    }
    ~SchemaLock() {
        try {
            if (tx_.dialect() == Dialect::Mysql) {
                (void)tx_.queryOne("SELECT RELEASE_LOCK(CONCAT('gardu.', DATABASE()))");
            }
        } catch (const std::exception&) {
            // It ends with the connection.
        }
    }
    SchemaLock(const SchemaLock&) = delete;
    SchemaLock& operator=(const SchemaLock&) = delete;

private:
    Tx& tx_;
};

/// On MariaDB each DDL statement commits by itself, so scripts there are written to run again without harm
/// (IF NOT EXISTS); on SQLite the script is one transaction.
bool applyScript(Db& db, const SchemaScript& script, Instant now) {
    return db.transact([&](Tx& tx) {
        const SchemaLock lock(tx);
        if (tx.queryOne("SELECT name FROM schema_migrations WHERE name = ?", {script.name})) {
            return false;
        }
        for (const std::string& statement : splitStatements(script.sql)) {
            tx.execute(statement);
        }
        tx.execute("INSERT INTO schema_migrations(name, applied_at) VALUES (?, ?)",
                   {script.name, toEpochMs(now)});
        return true;
    });
}

}  // namespace

std::vector<std::string> migrate(Db& db, Instant now) {
    const std::string dialect = db.dialect() == Dialect::Sqlite ? "sqlite" : "mysql";
    std::set<std::string> unknown = appliedScripts(db);
    std::vector<SchemaScript> missing;
    for (const SchemaScript& script : schemaScripts()) {
        if (script.dialect == dialect && unknown.erase(script.name) == 0) {
            missing.push_back(script);
        }
    }
    if (!unknown.empty()) {
        throw DbError(
            "the database has migration " + *unknown.begin() +
            ", which this program does not know: it was used by a newer gardu; install that version");
    }
    std::vector<std::string> applied;
    for (const SchemaScript& script : missing) {
        try {
            if (applyScript(db, script, now)) {
                applied.push_back(script.name);
            }
        } catch (const DuplicateKey&) {
            continue;  // another process applied it at the same time
        }
    }
    return applied;
}

}  // namespace gardu::core
