#pragma once
// SQL of the table packages; a package always comes with its terms and quota. Each write announces the change
// to the directories.

#include <optional>
#include <string>
#include <vector>

#include "billing/package.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// Throws core::DuplicateKey where the name is taken.
void insertPackage(core::Tx& tx, const Package& package, core::Instant now);
void updatePackage(core::Tx& tx, const Package& package, core::Instant now);
void deletePackage(core::Tx& tx, const std::string& id);
[[nodiscard]] std::optional<Package> findPackageByName(core::Tx& tx, const std::string& name);
/// The same, for a change: nobody else changes it before the transaction ends. Call it before any other query
/// of the transaction, or what it gives may be older than its lock.
[[nodiscard]] std::optional<Package> lockPackageByName(core::Tx& tx, const std::string& name);
/// By name.
[[nodiscard]] std::vector<Package> listPackages(core::Tx& tx);
/// Those that have it, and those that will from their next period on.
[[nodiscard]] std::int64_t countSubscriptionsOfPackage(core::Tx& tx, const std::string& id);
/// The same, of subscriptions that are not cancelled.
[[nodiscard]] std::int64_t countLiveSubscriptionsOfPackage(core::Tx& tx, const std::string& id);

}  // namespace gardu::billing
