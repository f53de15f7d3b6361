#pragma once
// SQL of the table alarms.

#include <vector>

#include "core/alarm.h"
#include "core/db.h"

namespace gardu::core {

/// Adds to the row of the same kind and subject, or makes it. Subjects are cut at 253 octets, messages at
/// 1,000, and what is not printable in them becomes "?". With 500 rows of a kind,
/// the subject "(others)" takes the rest of it.
void addAlarms(Tx& tx, const std::vector<Alarm>& alarms);
/// Newest first.
[[nodiscard]] std::vector<Alarm> listAlarms(Tx& tx);
/// An operator has seen to it: the alarm of that kind and subject, as listed, goes.
void clearAlarm(Tx& tx, const std::string& kind, const std::string& subject);

}  // namespace gardu::core
