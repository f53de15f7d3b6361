#pragma once
// SQL of the closed sessions, a table for each month (UTC) in which they stopped, so that an old month is
// dropped at once whatever its size. session_months lists the tables there are.

#include <cstdint>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"
#include "core/month_table.h"
#include "radius/session_store.h"

namespace gardu::radius {

[[nodiscard]] core::Month monthOf(core::Instant instant);
/// Makes the table of that month where it is missing. On MariaDB this commits: call it in a transaction of
/// its own.
void makeHistoryMonth(core::Tx& tx, core::Month month);
/// The same for dropping it.
void dropHistoryMonth(core::Tx& tx, core::Month month);
/// Newest first.
[[nodiscard]] std::vector<core::Month> historyMonths(core::Tx& tx);

/// All stopped in that month.
void putHistory(core::Tx& tx, core::Month month, const std::vector<Session>& sessions);
void deleteHistory(core::Tx& tx, core::Month month, const std::vector<std::int64_t>& ids);
/// At most 500 names; none match nothing.
[[nodiscard]] std::vector<Session> historyByAcctId(core::Tx& tx, core::Month month,
                                                   const std::vector<AcctName>& names);
/// Newest first.
[[nodiscard]] std::vector<Session> listHistory(core::Tx& tx, core::Month month, const SessionPage& page);
[[nodiscard]] std::optional<Session> findHistory(core::Tx& tx, core::Month month, std::int64_t id);
[[nodiscard]] std::vector<Session> historyWithAddress(core::Tx& tx, core::Month month,
                                                      const std::vector<std::string>& networks,
                                                      core::Instant at);

}  // namespace gardu::radius
