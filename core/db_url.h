#pragma once
// The forms of database.url. Pure.

#include <string>

namespace gardu::core {

enum class Dialect { Sqlite, Mysql };

struct DbLocation {
    Dialect dialect = Dialect::Sqlite;
    /// What the library behind core/db takes; holds the password.
    std::string connection;
    /// For people and logs: without the password.
    std::string safeUrl;
};

/// `sqlite:PATH` or `mysql://USER:PASSWORD@HOST:PORT/DB`, with %40 for an @ in the password, and so on.
/// Throws std::invalid_argument on another form, without the password in its text.
[[nodiscard]] DbLocation parseDbUrl(const std::string& url);

}  // namespace gardu::core
