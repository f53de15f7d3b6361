#include <Poco/Data/MySQL/MySQLException.h>
#include <mysql/mysql.h>

#include <vector>

#include "core/check.h"
#include "core/db_statements.h"

namespace gardu::core {

namespace {

struct FreeMetadata {
    void operator()(MYSQL_RES* metadata) const { mysql_free_result(metadata); }
};
using Metadata = std::unique_ptr<MYSQL_RES, FreeMetadata>;

/// What the server sent is forgotten, however the reading of it ends.
class Result {
public:
    explicit Result(MYSQL_STMT* statement) : statement_(statement) {}
    ~Result() { mysql_stmt_free_result(statement_); }
    Result(const Result&) = delete;
    Result& operator=(const Result&) = delete;

private:
    MYSQL_STMT* statement_;
};

bool isInteger(enum_field_types type) {
    return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 ||
           type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG;
}

bool isFraction(enum_field_types type) {
    return type == MYSQL_TYPE_FLOAT || type == MYSQL_TYPE_DOUBLE || type == MYSQL_TYPE_DECIMAL ||
           type == MYSQL_TYPE_NEWDECIMAL;
}

/// Where one column of the row goes that is fetched.
struct Cell {
    bool isNumber = false;
    std::int64_t number = 0;
    std::string text;
    unsigned long size = 0;
    my_bool isNull = 0;

    [[nodiscard]] Value value() const {
        if (isNull != 0) {
            return nullptr;
        }
        return isNumber ? Value(number) : Value(text.substr(0, size));
    }
};

/// Of a result that is stored, so that the longest text of each column is known. `cells` has to stay.
std::vector<MYSQL_BIND> bindCells(std::vector<Cell>& cells, const MYSQL_FIELD* fields) {
    std::vector<MYSQL_BIND> binds(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        // MariaDB answers SUM() of a BIGINT so, with the last digits lost.
        check(!isFraction(fields[i].type),
              "a column came as a floating-point number: CAST it AS SIGNED in the statement");
        Cell& cell = cells[i];
        cell.isNumber = isInteger(fields[i].type);
        binds[i].is_null = &cell.isNull;
        binds[i].length = &cell.size;
        if (cell.isNumber) {
            binds[i].buffer_type = MYSQL_TYPE_LONGLONG;
            binds[i].buffer = &cell.number;
        } else {
            cell.text.resize(fields[i].max_length);
            binds[i].buffer_type = MYSQL_TYPE_STRING;
            binds[i].buffer = cell.text.data();
            binds[i].buffer_length = static_cast<unsigned long>(cell.text.size());
        }
    }
    return binds;
}

Values valuesOf(const std::vector<Cell>& cells) {
    Values values;
    values.reserve(cells.size());
    for (const Cell& cell : cells) {
        values.push_back(cell.value());
    }
    return values;
}

}  // namespace

void MysqlStatement::Closer::operator()(MYSQL_STMT* statement) const {
    mysql_stmt_close(statement);
}

MysqlStatement::MysqlStatement(MYSQL* connection, std::string_view sql)
    : statement_(mysql_stmt_init(connection)) {
    check(statement_ != nullptr, "no memory for a statement");
    if (mysql_stmt_prepare(statement_.get(), sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
        raise();
    }
    const my_bool wanted = 1;
    mysql_stmt_attr_set(statement_.get(), STMT_ATTR_UPDATE_MAX_LENGTH, &wanted);
}

Rows MysqlStatement::run(const Values& parameters) {
    MYSQL_STMT* const statement = statement_.get();
    bind(parameters);
    if (mysql_stmt_execute(statement) != 0) {
        raise();
    }
    const std::size_t columns = mysql_stmt_field_count(statement);
    if (columns == 0) {
        return {};
    }
    const Result result(statement);
    if (mysql_stmt_store_result(statement) != 0) {
        raise();
    }
    const Metadata metadata(mysql_stmt_result_metadata(statement));
    std::vector<Cell> cells(columns);
    std::vector<MYSQL_BIND> binds = bindCells(cells, mysql_fetch_fields(metadata.get()));
    if (mysql_stmt_bind_result(statement, binds.data()) != 0) {
        raise();
    }
    Rows rows;
    rows.reserve(static_cast<std::size_t>(mysql_stmt_num_rows(statement)));
    int outcome = mysql_stmt_fetch(statement);
    for (; outcome == 0; outcome = mysql_stmt_fetch(statement)) {
        rows.emplace_back(valuesOf(cells));
    }
    check(outcome != MYSQL_DATA_TRUNCATED, "a column was longer than the longest text of it");
    if (outcome != MYSQL_NO_DATA) {
        raise();
    }
    return rows;
}

void MysqlStatement::bind(const Values& parameters) {
    check(parameters.size() == mysql_stmt_param_count(statement_.get()),
          "a statement got more or fewer parameters than it has question marks");
    std::vector<MYSQL_BIND> binds(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        MYSQL_BIND& bind = binds[i];
        // The library only reads them.
        if (const auto* number = std::get_if<std::int64_t>(&parameters[i])) {
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.buffer = const_cast<std::int64_t*>(number);
        } else if (const auto* text = std::get_if<std::string>(&parameters[i])) {
            bind.buffer_type = MYSQL_TYPE_STRING;
            bind.buffer = const_cast<char*>(text->data());
            bind.buffer_length = static_cast<unsigned long>(text->size());
        } else {
            bind.buffer_type = MYSQL_TYPE_NULL;
        }
    }
    if (!binds.empty() && mysql_stmt_bind_param(statement_.get(), binds.data()) != 0) {
        raise();
    }
}

void MysqlStatement::raise() const {
    throw Poco::Data::MySQL::StatementException("", statement_.get());
}

}  // namespace gardu::core
