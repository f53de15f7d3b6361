#pragma once
// What operators do with packages. Each call is one transaction, with its audit row; core::Refused tells
// every wrong field.

#include <functional>
#include <string>
#include <vector>

#include "billing/act.h"
#include "billing/package.h"
#include "core/db.h"

namespace gardu::billing {

/// `package.id` is made here. Returns it as stored.
Package addPackage(core::Db& db, Package package, const Act& act);
/// `change` gets the stored package and alters it. Its currency stays while a subscription has it.
Package updatePackage(core::Db& db, const std::string& name, const std::function<void(Package&)>& change,
                      const Act& act);
/// Refused while a subscription has it.
void removePackage(core::Db& db, const std::string& name, const Act& act);

}  // namespace gardu::billing
