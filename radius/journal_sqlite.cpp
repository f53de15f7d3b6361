#include "radius/journal_sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gardu::radius {

namespace {

/// Nobody else should hold the file; an operator's sqlite3 might.
constexpr int kBusyMs = 2'000;

std::string withErrno(const std::string& words, int error) {
    return error == 0 ? words : words + " (" + std::generic_category().message(error) + ")";
}

}  // namespace

void makeSqliteFile(const std::string& path) {
    // One that is there is not opened: to close it again would drop the locks that another connection of this
    // process has on it (POSIX).
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor >= 0) {
        close(descriptor);
    } else if (errno != EEXIST) {
        throw JournalError(withErrno(path + ": cannot be made", errno));
    }
}

SqliteConnection::SqliteConnection(const std::string& path, SqliteAccess access) : path_(path) {
    const int flags = access == SqliteAccess::Write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
        const JournalError error = failure();
        sqlite3_close(handle_);
        throw error;
    }
    sqlite3_busy_timeout(handle_, kBusyMs);
}

SqliteConnection::~SqliteConnection() {
    sqlite3_close(handle_);
}

void SqliteConnection::run(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw failure();
    }
}

JournalError SqliteConnection::failure() const {
    return JournalError(withErrno(path_ + ": " + sqlite3_errmsg(handle_), sqlite3_system_errno(handle_)));
}

SqliteStatement::SqliteStatement(SqliteConnection& connection, const char* sql) : connection_(connection) {
    if (sqlite3_prepare_v3(connection.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) !=
        SQLITE_OK) {
        throw connection.failure();
    }
}

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(handle_);
}

void SqliteStatement::bind(int parameter, std::int64_t number) {
    if (sqlite3_bind_int64(handle_, parameter, number) != SQLITE_OK) {
        throw connection_.failure();
    }
}

void SqliteStatement::bind(int parameter, core::ByteView octets) {
    if (sqlite3_bind_blob64(handle_, parameter, octets.data(), octets.size(), SQLITE_STATIC) != SQLITE_OK) {
        throw connection_.failure();
    }
}

bool SqliteStatement::step() {
    const int result = sqlite3_step(handle_);
    if (result == SQLITE_ROW) {
        return true;
    }
    if (result != SQLITE_DONE) {
        const JournalError error = connection_.failure();
        sqlite3_reset(handle_);
        throw error;
    }
    sqlite3_reset(handle_);
    return false;
}

void SqliteStatement::run() {
    while (step()) {
    }
}

std::int64_t SqliteStatement::first() {
    const std::int64_t number = step() ? integer(0) : 0;
    sqlite3_reset(handle_);
    return number;
}

std::int64_t SqliteStatement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

core::ByteView SqliteStatement::octets(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

SqliteTransaction::SqliteTransaction(SqliteConnection& connection) : connection_(connection) {
    connection.run("BEGIN IMMEDIATE");
}

SqliteTransaction::~SqliteTransaction() {
    if (!isDone_) {
        // After some failures SQLite has done it already, and says so.
        sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

void SqliteTransaction::commit() {
    connection_.run("COMMIT");
    isDone_ = true;
}

}  // namespace gardu::radius
