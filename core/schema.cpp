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

std::set<std::string> appliedScripts(Db& db) {
    return db.transact([](Tx& tx) {
        tx.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations("
            "name VARCHAR(100) NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)");
        std::set<std::string> names;
        for (const Row& row : tx.query("SELECT name FROM schema_migrations")) {
            names.insert(row.text(0));
        }
        return names;
    });
}

/// On MariaDB each DDL statement commits by itself, so scripts there are written to run again without harm
/// (IF NOT EXISTS); on SQLite the script is one transaction.
bool applyScript(Db& db, const SchemaScript& script, Instant now) {
    return db.transact([&](Tx& tx) {
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
