#pragma once
// What the errors of the database libraries mean. For core/db.cpp alone.

#include <Poco/Exception.h>

#include "core/db_url.h"

namespace gardu::core {

/// As DuplicateKey, TransientDbError, DbUnusable, or else a DbError.
[[noreturn]] void rethrowPoco(Dialect dialect, const Poco::Exception& error);
/// Of MariaDB.
[[nodiscard]] bool isLostConnection(const Poco::Exception& error);

}  // namespace gardu::core
