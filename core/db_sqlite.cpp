#include <Poco/Data/SQLite/Utility.h>
#include <sqlite3.h>

#include "core/check.h"
#include "core/db_statements.h"

namespace gardu::core {

namespace {

[[noreturn]] void raise(sqlite3* connection, int code) {
    Poco::Data::SQLite::Utility::throwException(connection, code & 0xff);
    throwBroken("an error of SQLite that is none", __FILE__, __LINE__);
}

/// The statement is as before it ran, however that ends.
class Running {
public:
    explicit Running(sqlite3_stmt* statement) : statement_(statement) {}
    ~Running() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

private:
    sqlite3_stmt* statement_;
};

int bindOne(sqlite3_stmt* statement, int position, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return sqlite3_bind_int64(statement, position, *number);
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        // The caller's text outlives the run.
        return sqlite3_bind_text64(statement, position, text->data(), text->size(), nullptr, SQLITE_UTF8);
    }
    return sqlite3_bind_null(statement, position);
}

Value readColumn(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return nullptr;
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, column)};
        case SQLITE_FLOAT:
            check(false, "a column came as a floating-point number");
            return nullptr;
        default: {
            const void* const octets = sqlite3_column_blob(statement, column);
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            return size == 0 ? std::string() : std::string(static_cast<const char*>(octets), size);
        }
    }
}

}  // namespace

void SqliteStatement::Closer::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3* connection, std::string_view sql) : connection_(connection) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    statement_.reset(statement);
    if (code != SQLITE_OK) {
        raise(connection, code);
    }
    check(statement != nullptr, "a statement without words");
}

Rows SqliteStatement::run(const Values& parameters) {
    const Running running(statement_.get());
    bind(parameters);
    Rows rows;
    int code = sqlite3_step(statement_.get());
    for (; code == SQLITE_ROW; code = sqlite3_step(statement_.get())) {
        rows.emplace_back(readRow());
    }
    if (code != SQLITE_DONE) {
        raise(connection_, code);
    }
    return rows;
}

void SqliteStatement::bind(const Values& parameters) {
    check(parameters.size() == static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_.get())),
          "a statement got more or fewer parameters than it has question marks");
    int position = 0;
    for (const Value& parameter : parameters) {
        const int code = bindOne(statement_.get(), ++position, parameter);
        if (code != SQLITE_OK) {
            raise(connection_, code);
        }
    }
}

Values SqliteStatement::readRow() const {
    const int columns = sqlite3_column_count(statement_.get());
    Values values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
        values.push_back(readColumn(statement_.get(), column));
    }
    return values;
}

}  // namespace gardu::core
