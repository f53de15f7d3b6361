#pragma once
// Joins the key file and the data key in the database: makes both at the very first start, opens them after that.

#include <string>

#include "core/calendar.h"
#include "core/db.h"
#include "core/vault.h"

namespace gardu::core {

/// Throws VaultError where the database has sealed values and the key file is missing or another one: nothing is
/// made anew then, since that would make the sealed values unreadable for good.
[[nodiscard]] Vault openVault(Db& db, const std::string& keyFile, Instant now);

}  // namespace gardu::core
