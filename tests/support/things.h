#pragma once
// Two tables of a test's own, on either database: `shelves`, and `things` that lie on them.

#include <cstdint>
#include <string>

#include "core/db.h"

namespace gardu::test {

inline void makeThings(core::Db& db) {
    const std::string options = db.dialect() == core::Dialect::Mysql
                                    ? " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
                                    : "";
    db.transact([&](core::Tx& tx) {
        tx.execute("CREATE TABLE shelves(id BIGINT NOT NULL PRIMARY KEY)" + options);
        tx.execute(
            "CREATE TABLE things(id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(253) UNIQUE, note "
            "VARCHAR(2000),"
            " amount BIGINT NOT NULL, shelf_id BIGINT, CHECK (amount <> -13),"
            " FOREIGN KEY (shelf_id) REFERENCES shelves(id))" +
            options);
    });
}

inline void putThing(core::Tx& tx, std::int64_t id, std::int64_t amount) {
    tx.execute("INSERT INTO things(id, amount) VALUES (?, ?)", {id, amount});
}

[[nodiscard]] inline std::int64_t amountOf(core::Tx& tx, std::int64_t id) {
    return tx.queryOne("SELECT amount FROM things WHERE id = ?", {id})->integer(0);
}

[[nodiscard]] inline std::int64_t countThings(core::Tx& tx) {
    return tx.queryOne("SELECT COUNT(*) FROM things")->integer(0);
}

}  // namespace gardu::test
