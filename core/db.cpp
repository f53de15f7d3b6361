#include "core/db.h"

#include <Poco/Data/MySQL/Connector.h>
#include <Poco/Data/MySQL/Utility.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "core/check.h"
#include "core/clock.h"
#include "core/db_error.h"
#include "core/db_statements.h"
#include "core/guarded.h"

namespace gardu::core {

namespace {

namespace data = Poco::Data;

constexpr int kTries = 5;
constexpr std::chrono::milliseconds kFirstPause{20};
/// A statement that MariaDB does not answer for this long has failed.
constexpr unsigned int kMysqlTimeoutSeconds = 10;
constexpr std::size_t kConnectTimeoutSeconds = 5;
constexpr int kSqliteBusyMs = 10'000;
/// Rows of one INSERT: more gain nothing, and SQLite takes 32,766 parameters at most.
constexpr std::size_t kRowsPerInsert = 200;
constexpr std::size_t kMaxParameters = 30'000;
constexpr std::size_t kMaxPlaceholders = 500;

void registerConnectors() {
    static std::once_flag once;
    std::call_once(once, [] {
        data::SQLite::Connector::registerConnector();
        data::MySQL::Connector::registerConnector();
    });
}

}  // namespace

/// One connection; used by one thread at a time.
class DbConnection {
public:
    explicit DbConnection(const DbLocation& location)
        : dialect_(location.dialect),
          session_(open(location)),
          statements_(statementsOf(session_, dialect_)) {}

    Rows run(std::string_view sql, const Values& parameters) {
        try {
            return runStatement(sql, parameters);
        } catch (const Poco::Exception& error) {
            rethrow(error);
        }
    }

    void begin(bool write) {
        try {
            if (dialect_ == Dialect::Mysql) {
                session_.begin();
            } else {
                // The write lock at once: two writers wait for each other here, never in the middle.
                plain(write ? "BEGIN IMMEDIATE" : "BEGIN");
            }
        } catch (const Poco::Exception& error) {
            rethrow(error);
        }
    }

    void commit() {
        try {
            dialect_ == Dialect::Mysql ? session_.commit() : plain("COMMIT");
        } catch (const Poco::Exception& error) {
            if (dialect_ == Dialect::Mysql && isLostConnection(error)) {
                throw DbError("the connection broke at the commit, which may or may not be in force: " +
                              error.displayText());
            }
            rethrow(error);
        }
    }

    /// Never throws: a connection that cannot roll back is thrown away, which rolls back too.
    [[nodiscard]] bool rollback() noexcept {
        try {
            dialect_ == Dialect::Mysql ? session_.rollback() : plain("ROLLBACK");
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    [[nodiscard]] Dialect dialect() const { return dialect_; }

private:
    static data::Session open(const DbLocation& location) {
        registerConnectors();
        try {
            const bool mysql = location.dialect == Dialect::Mysql;
            data::Session session(mysql ? "MySQL" : "SQLite", location.connection, kConnectTimeoutSeconds);
            mysql ? prepareMysql(session) : prepareSqlite(session);
            return session;
        } catch (const Poco::Exception& error) {
            throw DbUnusable("cannot open " + location.safeUrl + ": " + error.displayText());
        }
    }

    static void prepareMysql(data::Session& session) {
        // Poco sets these two only after it has connected, and the client library looks at them only when it
        // does: without the second connection a server that stands still would hold us for ever.
        MYSQL* const handle = data::MySQL::Utility::handle(session);
        mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &kMysqlTimeoutSeconds);
        mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &kMysqlTimeoutSeconds);
        setReconnect(handle, true);
        if (mariadb_reconnect(handle) != 0) {
            throw Poco::IOException(mysql_error(handle));
        }
        setReconnect(handle, false);
        session << "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone='+00:00'",
            data::Keywords::now;
    }

    /// Left on, it would go on in the middle of a transaction that is lost.
    static void setReconnect(MYSQL* handle, bool on) {
        const my_bool value = on ? 1 : 0;
        mysql_options(handle, MYSQL_OPT_RECONNECT, &value);
    }

    static void prepareSqlite(data::Session& session) {
        session << "PRAGMA busy_timeout=" + std::to_string(kSqliteBusyMs), data::Keywords::now;
        // EXTRA, and before the WAL: the change of a new file to a WAL removes a rollback journal, which a
        // power cut must not bring back. recursive_triggers: a REPLACE asks the triggers on DELETE too, as on
        // MariaDB.
        for (const char* pragma :
             {"PRAGMA synchronous=EXTRA", "PRAGMA journal_mode=WAL", "PRAGMA foreign_keys=ON",
              "PRAGMA recursive_triggers=ON", "PRAGMA wal_autocheckpoint=4000", "PRAGMA cache_size=-8000"}) {
            session << pragma, data::Keywords::now;
        }
    }

    void plain(const char* sql) { (void)runStatement(sql, {}); }

    [[noreturn]] void rethrow(const Poco::Exception& error) const { rethrowPoco(dialect_, error); }

    Rows runStatement(std::string_view sql, const Values& parameters) {
        for (const Value& parameter : parameters) {
            const auto* text = std::get_if<std::string>(&parameter);
            // SQLite takes it, and gives back only what is before it.
            check(text == nullptr || text->find('\0') == std::string::npos,
                  "text with a zero octet was to be stored");
        }
        return std::visit([&](auto& statements) { return statements.run(sql, parameters); }, statements_);
    }

    using Statements = std::variant<KeptMysqlStatements, KeptSqliteStatements>;

    static Statements statementsOf(data::Session& session, Dialect dialect) {
        if (dialect == Dialect::Mysql) {
            return KeptMysqlStatements(data::MySQL::Utility::handle(session));
        }
        return KeptSqliteStatements(data::SQLite::Utility::dbHandle(session));
    }

    Dialect dialect_;
    data::Session session_;
    /// After the session, so that they are gone before it is.
    Statements statements_;
};

struct Db::Pool {
    explicit Pool(const std::string& url) : location(parseDbUrl(url)) {}

    std::unique_ptr<DbConnection> take() {
        auto idle = idleConnections.with([](auto& list) {
            std::unique_ptr<DbConnection> connection;
            if (!list.empty()) {
                connection = std::move(list.back());
                list.pop_back();
            }
            return connection;
        });
        return idle ? std::move(idle) : std::make_unique<DbConnection>(location);
    }

    void giveBack(std::unique_ptr<DbConnection> connection) {
        idleConnections.with([&](auto& list) { list.push_back(std::move(connection)); });
    }

    /// After a lost connection the others are most likely lost too.
    void forgetIdle() {
        idleConnections.with([](auto& list) { list.clear(); });
    }

    DbLocation location;
    Guarded<std::vector<std::unique_ptr<DbConnection>>> idleConnections;
};

Value toValue(const std::optional<std::string>& text) {
    return text ? Value(*text) : Value(nullptr);
}

Value toValue(const std::optional<std::int64_t>& number) {
    return number ? Value(*number) : Value(nullptr);
}

Value toValue(const std::optional<int>& number) {
    return number ? Value(std::int64_t{*number}) : Value(nullptr);
}

Value toValue(const std::optional<Instant>& instant) {
    return instant ? Value(toEpochMs(*instant)) : Value(nullptr);
}

Value toValue(const std::optional<Date>& day) {
    return day ? Value(formatDate(*day)) : Value(nullptr);
}

std::string placeholders(std::size_t count) {
    check(count >= 1 && count <= kMaxPlaceholders, "a list of no or too many values in one statement");
    std::string text = "(?";
    for (std::size_t i = 1; i < count; ++i) {
        text += ",?";
    }
    return text + ")";
}

bool Row::isNull(std::size_t column) const {
    check(column < values_.size(), "a column beyond the row's width");
    return std::holds_alternative<std::nullptr_t>(values_[column]);
}

std::int64_t Row::integer(std::size_t column) const {
    check(!isNull(column), "NULL was read as a number");
    const auto* number = std::get_if<std::int64_t>(&values_[column]);
    check(number != nullptr, "a column that is no whole number was read as one");
    return *number;
}

const std::string& Row::text(std::size_t column) const {
    check(column < values_.size(), "a column beyond the row's width");
    const auto* text = std::get_if<std::string>(&values_[column]);
    check(text != nullptr, "a column that is not text was read as text");
    return *text;
}

std::optional<std::int64_t> Row::optionalInteger(std::size_t column) const {
    return isNull(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string> Row::optionalText(std::size_t column) const {
    return isNull(column) ? std::nullopt : std::optional(text(column));
}

std::string Row::shown(std::size_t column) const {
    if (isNull(column)) {
        return "none";
    }
    const auto* number = std::get_if<std::int64_t>(&values_[column]);
    return number != nullptr ? std::to_string(*number) : text(column);
}

std::optional<Instant> Row::optionalInstant(std::size_t column) const {
    return isNull(column) ? std::nullopt : std::optional(instant(column));
}

Date Row::day(std::size_t column) const {
    const auto day = parseDate(text(column));
    if (!day) {
        throw DbError("\"" + text(column) + "\" is where a day should be: correct it in the database");
    }
    return *day;
}

std::optional<Date> Row::optionalDay(std::size_t column) const {
    return isNull(column) ? std::nullopt : std::optional(day(column));
}

std::optional<int> Row::optionalInt(std::size_t column) const {
    return isNull(column) ? std::nullopt : std::optional(static_cast<int>(integer(column)));
}

Rows Tx::query(std::string_view sql, const Values& parameters) {
    return connection_.run(sql, parameters);
}

std::optional<Row> Tx::queryOne(std::string_view sql, const Values& parameters) {
    Rows rows = query(sql, parameters);
    check(rows.size() <= 1, "one row was expected, and several came");
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

void Tx::execute(std::string_view sql, const Values& parameters) {
    connection_.run(sql, parameters);
}

void Tx::insertRows(std::string_view sqlHead, const std::vector<Values>& rows) {
    if (rows.empty()) {
        return;
    }
    const std::size_t width = rows.front().size();
    const std::string group = placeholders(width);
    const std::size_t most = std::min(kRowsPerInsert, kMaxParameters / width);
    for (std::size_t at = 0; at < rows.size(); at += most) {
        const std::size_t end = std::min(at + most, rows.size());
        std::string sql = std::string(sqlHead) + " VALUES ";
        Values parameters;
        parameters.reserve((end - at) * width);
        for (std::size_t row = at; row < end; ++row) {
            check(rows[row].size() == width, "rows of one insert differ in width");
            sql += row == at ? group : "," + group;
            parameters.insert(parameters.end(), rows[row].begin(), rows[row].end());
        }
        execute(sql, parameters);
    }
}

void Tx::announce(ChangeKind kind, std::string_view entity) {
    announcements_.push_back({static_cast<std::int64_t>(kind), std::string(entity)});
}

void Tx::writeAnnouncements(std::int64_t nowMs) {
    for (Values& row : announcements_) {
        row.emplace_back(nowMs);
    }
    insertRows("INSERT INTO changes(kind, entity, created_at)", announcements_);
}

Dialect Tx::dialect() const {
    return connection_.dialect();
}

Db::Db(const std::string& url) : pool_(std::make_unique<Pool>(url)) {}

Db::~Db() = default;

Dialect Db::dialect() const {
    return pool_->location.dialect;
}

const std::string& Db::safeUrl() const {
    return pool_->location.safeUrl;
}

void Db::run(Mode mode, const std::function<void(Tx&)>& work) {
    std::chrono::milliseconds pause = kFirstPause;
    for (int attempt = 1;; ++attempt) {
        try {
            runOnce(mode, work);
            return;
        } catch (const TransientDbError&) {
            pool_->forgetIdle();
            if (attempt == kTries) {
                throw;
            }
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

void Db::runOnce(Mode mode, const std::function<void(Tx&)>& work) {
    // The analyzer loses the connection on its way through the pool's lock.
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): as said above
    std::unique_ptr<DbConnection> connection = pool_->take();
    connection->begin(mode == Mode::Write);
    try {
        Tx tx(*connection);
        work(tx);
        tx.writeAnnouncements(toEpochMs(wallNow()));
        connection->commit();
    } catch (...) {
        if (connection->rollback()) {
            pool_->giveBack(std::move(connection));
        }
        throw;
    }
    pool_->giveBack(std::move(connection));
}

}  // namespace gardu::core
