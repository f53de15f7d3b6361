#pragma once
// Tables that exist once a month: "session_history_{month}" in a constant SQL text becomes
// "session_history_202611". The only way in which a table's name is made at run time. Pure.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gardu::core {

using Month = std::chrono::year_month;

/// "2026-11"; and back, nothing for anything else.
[[nodiscard]] std::string formatMonth(Month month);
[[nodiscard]] std::optional<Month> parseMonth(std::string_view text);

/// The SQL with "{month}" replaced by six digits, everywhere. Years 1 to 9999; another breaks an invariant.
[[nodiscard]] std::string forMonth(std::string_view sql, Month month);

}  // namespace gardu::core
