#pragma once
// Statements of one connection, prepared once and kept for the next time: preparing, and Poco's way of
// binding and reading, are most of what a small one costs. For core/db.cpp alone; used by one thread at a
// time, and gone before the connection. Errors are Poco's exceptions. A statement names its columns: MariaDB
// fails a kept "SELECT *" once, after its table got another column.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/db.h"

// Of the libraries, whose headers are for the .cpp files.
struct st_mysql;
struct st_mysql_stmt;
struct sqlite3;
struct sqlite3_stmt;

namespace gardu::core {

/// Text is never cut, and a column that came as a floating-point number breaks an invariant.
class MysqlStatement {
public:
    MysqlStatement(st_mysql* connection, std::string_view sql);
    [[nodiscard]] Rows run(const Values& parameters);

private:
    void bind(const Values& parameters);
    [[noreturn]] void raise() const;

    struct Closer {
        void operator()(st_mysql_stmt* statement) const;
    };
    std::unique_ptr<st_mysql_stmt, Closer> statement_;
};

class SqliteStatement {
public:
    SqliteStatement(sqlite3* connection, std::string_view sql);
    [[nodiscard]] Rows run(const Values& parameters);

private:
    void bind(const Values& parameters);
    [[nodiscard]] Values readRow() const;

    struct Closer {
        void operator()(sqlite3_stmt* statement) const;
    };
    sqlite3* connection_;
    std::unique_ptr<sqlite3_stmt, Closer> statement_;
};

template <class Connection, class Statement>
class KeptStatements {
public:
    explicit KeptStatements(Connection* connection) : connection_(connection) {}

    [[nodiscard]] Rows run(std::string_view sql, const Values& parameters) {
        if (sql.size() > kLongest) {
            return Statement(connection_, sql).run(parameters);
        }
        auto found = statements_.find(sql);
        if (found == statements_.end()) {
            if (statements_.size() >= kMost) {
                statements_.clear();
            }
            found = statements_.emplace(std::string(sql), Statement(connection_, sql)).first;
        }
        try {
            return found->second.run(parameters);
        } catch (...) {
            statements_.erase(found);
            throw;
        }
    }

private:
    /// Octets of the text; longer ones insert many rows, and their number is seldom the same again.
    static constexpr std::size_t kLongest = 4'000;
    static constexpr std::size_t kMost = 300;

    Connection* connection_;
    std::map<std::string, Statement, std::less<>> statements_;
};

using KeptMysqlStatements = KeptStatements<st_mysql, MysqlStatement>;
using KeptSqliteStatements = KeptStatements<sqlite3, SqliteStatement>;

}  // namespace gardu::core
