#pragma once
// The database's schema: numbered scripts, compiled in from conf/schema, never edited once shipped.

#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"

namespace gardu::core {

struct SchemaScript {
    std::string dialect;  ///< "sqlite" or "mysql"
    std::string name;     ///< "001_first_light"
    std::string sql;      ///< statements ended by ";" at a line's end
};

/// All scripts of both dialects, by dialect and number. Made at build time.
[[nodiscard]] const std::vector<SchemaScript>& schemaScripts();

/// Applies what is missing, in order; returns the names applied. Harmless when two processes start at once.
/// Throws DbError, and when the database has a script that this program does not know (a newer program was
/// here).
std::vector<std::string> migrate(Db& db, Instant now);

}  // namespace gardu::core
