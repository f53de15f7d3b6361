#pragma once
// SQL of the tables package_terms, package_quotas, package_quota_tiers, taxes and holidays. package_store
// calls it for what belongs to a package.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "billing/package.h"
#include "billing/rating.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// Replaces what is stored.
void putPackageTerms(core::Tx& tx, const Package& package);
/// Fills terms and quota of each.
void readPackageTerms(core::Tx& tx, std::vector<Package>& packages);

/// Throws core::DuplicateKey where the code is taken. Rates never change: a new rate is a new code.
void insertTax(core::Tx& tx, const Tax& tax, core::Instant now);
[[nodiscard]] std::vector<Tax> listTaxes(core::Tx& tx);

struct Holiday {
    core::Date day{};
    std::string name;
};
void putHoliday(core::Tx& tx, const Holiday& holiday);
void deleteHoliday(core::Tx& tx, core::Date day);
[[nodiscard]] std::vector<Holiday> listHolidays(core::Tx& tx);

}  // namespace gardu::billing
