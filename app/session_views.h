#pragma once
// Sessions and what is done to them, as JSON objects for the command line. Pure.

#include <map>
#include <string>

#include "app/output.h"
#include "core/calendar.h"
#include "radius/enforcement_store.h"
#include "radius/session.h"

namespace gardu::app {

/// Names of NASes by their ids.
using NasNames = std::map<std::string, std::string>;

/// RFC 3339, or null.
[[nodiscard]] Json orNull(const std::optional<core::Instant>& instant);
/// Null for "".
[[nodiscard]] Json orNull(const std::string& text);

[[nodiscard]] Json toJson(const radius::Session& session, const NasNames& names);
/// As who-had shows it; `customer` may be "".
[[nodiscard]] Json whoHadJson(const radius::Session& session, const NasNames& names,
                              const std::string& customer);
[[nodiscard]] Json toJson(const radius::PendingEnforcement& pending);
[[nodiscard]] Json toJson(const radius::DynauthRow& row);

}  // namespace gardu::app
