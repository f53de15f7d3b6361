#include "core/db_error.h"

#include <Poco/Data/SQLite/SQLiteException.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "core/db.h"

namespace gardu::core {

namespace {

namespace sqlite = Poco::Data::SQLite;

enum class MysqlError : int {
    ServerGone = 2006,
    ServerLost = 2013,
    LockTimeout = 1205,
    Deadlock = 1213,
    NotPrepared = 1047,
    DuplicateEntry = 1062,
    RecordChanged = 1020,
    // The rest is of a server that cannot do its work.
    FileNotWritten = 3,
    DiskFull = 1021,
    StorageEngine = 1030,
    TableReadOnly = 1036,
    OutOfMemory = 1037,
    Shutdown = 1053,
    NoSuchColumn = 1054,
    TableFull = 1114,
    CommandDenied = 1142,
    NoSuchTable = 1146,
    ReadOnly = 1290,
};

/// The number in the text of Poco's exception, which has no other place for it; 0 where there is none. The
/// last one: before it the server's words may quote a value, and a value can look like a number's mark.
MysqlError mysqlError(const Poco::Exception& error) {
    const std::string text = error.displayText();
    for (const std::string_view mark : {"[mysql_stmt_errno]: ", "[mysql_errno]: "}) {
        const std::size_t at = text.rfind(mark);
        if (at != std::string::npos) {
            return static_cast<MysqlError>(std::strtol(text.c_str() + at + mark.size(), nullptr, 10));
        }
    }
    return MysqlError{};
}

[[noreturn]] void rethrowMysql(const Poco::Exception& error) {
    const std::string text = error.displayText();
    switch (mysqlError(error)) {
        case MysqlError::DuplicateEntry:
            throw DuplicateKey(text);
        case MysqlError::ServerGone:
        case MysqlError::ServerLost:
        case MysqlError::LockTimeout:
        case MysqlError::Deadlock:
        case MysqlError::NotPrepared:
        case MysqlError::RecordChanged:
            throw TransientDbError(text);
        case MysqlError::FileNotWritten:
        case MysqlError::DiskFull:
        case MysqlError::StorageEngine:
        case MysqlError::TableReadOnly:
        case MysqlError::OutOfMemory:
        case MysqlError::Shutdown:
        case MysqlError::NoSuchColumn:
        case MysqlError::TableFull:
        case MysqlError::CommandDenied:
        case MysqlError::NoSuchTable:
        case MysqlError::ReadOnly:
            throw DbUnusable(text);
    }
    throw DbError(text);
}

template <class... Exceptions>
bool isOneOf(const Poco::Exception& error) {
    return ((dynamic_cast<const Exceptions*>(&error) != nullptr) || ...);
}

[[noreturn]] void rethrowSqlite(const Poco::Exception& error) {
    const std::string text = error.displayText();
    if (isOneOf<sqlite::ConstraintViolationException>(error) && text.find("UNIQUE") != std::string::npos) {
        throw DuplicateKey(text);
    }
    if (isOneOf<sqlite::DBLockedException, sqlite::TableLockedException>(error)) {
        throw TransientDbError(text);
    }
    // An invalid statement is one for which the tables are missing: values are never in its text.
    if (isOneOf<sqlite::DatabaseFullException, sqlite::IOErrorException, sqlite::ReadOnlyException,
                sqlite::CorruptImageException, sqlite::CantOpenDBFileException, sqlite::NoMemoryException,
                sqlite::InvalidSQLStatementException>(error)) {
        throw DbUnusable(text);
    }
    throw DbError(text);
}

}  // namespace

void rethrowPoco(Dialect dialect, const Poco::Exception& error) {
    if (dialect == Dialect::Mysql) {
        rethrowMysql(error);
    }
    rethrowSqlite(error);
}

bool isLostConnection(const Poco::Exception& error) {
    const MysqlError number = mysqlError(error);
    return number == MysqlError::ServerLost || number == MysqlError::ServerGone;
}

}  // namespace gardu::core
