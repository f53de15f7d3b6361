#pragma once
// The database: SQLite or MariaDB behind one small interface, with no library type in it. A Db owns a pool of
// connections and may be shared between threads; a Tx belongs to the thread that got it. Instants are BIGINT
// milliseconds UTC, days are CHAR(10), money is BIGINT minor units. Parameters always, never values in SQL
// text.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/calendar.h"
#include "core/change.h"
#include "core/db_url.h"

namespace gardu::core {

/// The database could not be reached or refused the work; `what()` says which and why.
class DbError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A unique key has this value already (SQLite and MariaDB name it differently; this is both).
class DuplicateKey : public DbError {
public:
    using DbError::DbError;
};

/// A deadlock, a lock time-out or a lost connection before the commit: transact() retries the whole function.
class TransientDbError : public DbError {
public:
    using DbError::DbError;
};

/// The database cannot work now, whatever it is asked: out of reach, full, read-only, damaged, or without a
/// table that it should have. Not about a statement's values.
class DbUnusable : public DbError {
public:
    using DbError::DbError;
};

using Value = std::variant<std::nullptr_t, std::int64_t, std::string>;
using Values = std::vector<Value>;

/// NULL for nothing.
[[nodiscard]] Value toValue(const std::optional<std::string>& text);
[[nodiscard]] Value toValue(const std::optional<std::int64_t>& number);
[[nodiscard]] Value toValue(const std::optional<int>& number);
[[nodiscard]] Value toValue(const std::optional<Instant>& instant);
[[nodiscard]] Value toValue(const std::optional<Date>& day);

/// "(?,?,?)", for IN. 1 to 500 of them; more breaks an invariant.
[[nodiscard]] std::string placeholders(std::size_t count);

/// One row of a result. Columns by position, from 0, in the order of the SELECT list.
/// A wrong position or type throws InvariantBroken.
class Row {
public:
    explicit Row(Values values) : values_(std::move(values)) {}
    [[nodiscard]] bool isNull(std::size_t column) const;
    [[nodiscard]] std::int64_t integer(std::size_t column) const;
    [[nodiscard]] const std::string& text(std::size_t column) const;
    [[nodiscard]] std::optional<std::int64_t> optionalInteger(std::size_t column) const;
    [[nodiscard]] std::optional<std::string> optionalText(std::size_t column) const;
    [[nodiscard]] bool boolean(std::size_t column) const { return integer(column) != 0; }
    [[nodiscard]] Instant instant(std::size_t column) const { return fromEpochMs(integer(column)); }
    /// For people, whatever it is; NULL is "none".
    [[nodiscard]] std::string shown(std::size_t column) const;
    [[nodiscard]] std::optional<Instant> optionalInstant(std::size_t column) const;
    /// Text that is no day throws DbError: somebody changed it by hand.
    [[nodiscard]] Date day(std::size_t column) const;
    [[nodiscard]] std::optional<Date> optionalDay(std::size_t column) const;
    [[nodiscard]] std::optional<int> optionalInt(std::size_t column) const;

private:
    Values values_;
};

using Rows = std::vector<Row>;

class DbConnection;

/// One open transaction.
class Tx {
public:
    explicit Tx(DbConnection& connection) : connection_(connection) {}
    ~Tx() = default;
    Tx(const Tx&) = delete;
    Tx& operator=(const Tx&) = delete;

    [[nodiscard]] Rows query(std::string_view sql, const Values& parameters = {});
    /// At most one row is expected; more throws InvariantBroken.
    [[nodiscard]] std::optional<Row> queryOne(std::string_view sql, const Values& parameters = {});
    /// The number of affected rows is not returned, since the two databases count differently.
    void execute(std::string_view sql, const Values& parameters = {});
    /// `sqlHead` is "INSERT INTO t(a, b)"; rows go in statements of many rows each. All rows have one width.
    void insertRows(std::string_view sqlHead, const std::vector<Values>& rows);

    /// Tells every node, this one too, that a row of the access path's world changed. Written to `changes` as
    /// the last statements before the commit, so that it is visible with the row and soon after its number
    /// was given. `entity` is the subscriber's user name key, or the package's or NAS's id.
    void announce(ChangeKind kind, std::string_view entity);

    [[nodiscard]] Dialect dialect() const;
    /// To end a SELECT of rows that this transaction will write again: " FOR UPDATE" on MariaDB; SQLite has
    /// one writer at a time anyway.
    [[nodiscard]] std::string_view forUpdate() const {
        return dialect() == Dialect::Mysql ? " FOR UPDATE" : "";
    }

private:
    friend class Db;
    void writeAnnouncements(std::int64_t nowMs);

    DbConnection& connection_;
    std::vector<Values> announcements_;
};

class Db {
public:
    /// A URL as parseDbUrl() takes it, with its errors. Does not connect yet.
    explicit Db(const std::string& url);
    ~Db();
    Db(const Db&) = delete;
    Db& operator=(const Db&) = delete;

    /// Runs the function in a transaction and commits. Any exception rolls back and goes on to the caller,
    /// but for TransientDbError, after which the whole function runs again (5 tries with growing pauses).
    template <class Function>
    auto transact(Function&& function) -> std::invoke_result_t<Function, Tx&>;

    /// The same on a consistent snapshot, without the write lock; the function must not write.
    template <class Function>
    auto read(Function&& function) -> std::invoke_result_t<Function, Tx&>;

    [[nodiscard]] Dialect dialect() const;
    /// For people and logs: the URL without its password.
    [[nodiscard]] const std::string& safeUrl() const;

private:
    enum class Mode { Write, Read };
    void run(Mode mode, const std::function<void(Tx&)>& work);
    void runOnce(Mode mode, const std::function<void(Tx&)>& work);

    struct Pool;
    std::unique_ptr<Pool> pool_;
};

template <class Function>
auto Db::transact(Function&& function) -> std::invoke_result_t<Function, Tx&> {
    using Result = std::invoke_result_t<Function, Tx&>;
    if constexpr (std::is_void_v<Result>) {
        run(Mode::Write, function);
    } else {
        std::optional<Result> result;
        run(Mode::Write, [&](Tx& tx) { result.emplace(function(tx)); });
        return std::move(*result);
    }
}

template <class Function>
auto Db::read(Function&& function) -> std::invoke_result_t<Function, Tx&> {
    using Result = std::invoke_result_t<Function, Tx&>;
    if constexpr (std::is_void_v<Result>) {
        run(Mode::Read, function);
    } else {
        std::optional<Result> result;
        run(Mode::Read, [&](Tx& tx) { result.emplace(function(tx)); });
        return std::move(*result);
    }
}

}  // namespace gardu::core
