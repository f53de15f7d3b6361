#pragma once
// SQLite's C interface for the journal: a connection, its prepared statements, a transaction. Each is used by
// one thread at a time. Everything throws JournalError, with the file and what is wrong in its text.

#include <cstdint>
#include <string>

#include "core/bytes.h"
#include "radius/journal.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gardu::radius {

enum class SqliteAccess { Read, Write };

/// Makes an empty file of mode 0600 where there is none: SQLite would make it with the umask.
void makeSqliteFile(const std::string& path);

class SqliteConnection {
public:
    /// To a file that is there.
    SqliteConnection(const std::string& path, SqliteAccess access);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    void run(const char* sql);
    /// What went wrong last, in words.
    [[nodiscard]] JournalError failure() const;
    [[nodiscard]] sqlite3* handle() const { return handle_; }

private:
    std::string path_;
    sqlite3* handle_ = nullptr;
};

/// The connection has to live longer.
class SqliteStatement {
public:
    SqliteStatement(SqliteConnection& connection, const char* sql);
    ~SqliteStatement();
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    /// Parameters count from 1.
    void bind(int parameter, std::int64_t number);
    /// The octets have to stay until it has run.
    void bind(int parameter, core::ByteView octets);
    /// True: there is a row. To be called until there is none, unless the statement ends.
    bool step();
    /// To its end.
    void run();
    /// The number in the first row; 0 where there is no row, or NULL in it.
    [[nodiscard]] std::int64_t first();
    /// Columns count from 0.
    [[nodiscard]] std::int64_t integer(int column) const;
    /// Valid until the next step.
    [[nodiscard]] core::ByteView octets(int column) const;

private:
    SqliteConnection& connection_;
    sqlite3_stmt* handle_ = nullptr;
};

/// Takes the write lock. Rolled back where it is not committed.
class SqliteTransaction {
public:
    explicit SqliteTransaction(SqliteConnection& connection);
    ~SqliteTransaction();
    SqliteTransaction(const SqliteTransaction&) = delete;
    SqliteTransaction& operator=(const SqliteTransaction&) = delete;

    void commit();

private:
    SqliteConnection& connection_;
    bool isDone_ = false;
};

}  // namespace gardu::radius
