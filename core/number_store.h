#pragma once
// SQL of the table numbers: small whole numbers for rows that people name on a command line.

#include <cstdint>
#include <string>

#include "core/db.h"

namespace gardu::core {

/// Takes `count` numbers of that series and gives the first; series begin at 1. Numbers of a transaction that
/// is rolled back are given again. `series` is one that a schema script made; another breaks an invariant.
[[nodiscard]] std::int64_t takeNumbers(Tx& tx, const std::string& series, std::int64_t count);

}  // namespace gardu::core
