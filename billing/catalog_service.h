#pragma once
// What operators set for all accounts (taxes, holidays), and discounts of one. Each call is one transaction
// with its audit row; core::Refused tells every wrong field.

#include <string>

#include "billing/account.h"
#include "billing/act.h"
#include "billing/package_terms_store.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// Refused where the code is taken: rates never change, a new rate is a new code.
void addTax(core::Db& db, const Tax& tax, const Act& act);

/// A day that is there already gets the new name.
void addHoliday(core::Db& db, const Holiday& holiday, const Act& act);
void removeHoliday(core::Db& db, core::Date day, const Act& act);

/// `discount.id` is made here.
Discount addDiscount(core::Db& db, const std::string& subscriptionId, Discount discount, const Act& act);
/// Its last day; periods that begin later cost the full price. Refused where there is no such discount.
Discount endDiscount(core::Db& db, const std::string& discountId, core::Date lastDay, const Act& act);

}  // namespace gardu::billing
