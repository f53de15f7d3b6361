#pragma once
// What operators do with packages. Each call is one transaction; core::Refused tells every wrong field.

#include <functional>
#include <string>
#include <vector>

#include "billing/package.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// `package.id` is made here. Returns it as stored.
Package addPackage(core::Db& db, Package package, core::Instant now);
/// `change` gets the stored package and alters it.
Package updatePackage(core::Db& db, const std::string& name, const std::function<void(Package&)>& change,
                      core::Instant now);
/// Refused while a subscription has it.
void removePackage(core::Db& db, const std::string& name);

}  // namespace gardu::billing
