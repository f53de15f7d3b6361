#pragma once
// Values that may be missing, days and instants as JSON. Pure.

#include <optional>
#include <type_traits>

#include "app/output.h"
#include "core/calendar.h"
#include "core/money.h"

namespace gardu::app {

/// Days as YYYY-MM-DD, instants as RFC 3339; null for nothing.
template <class T>
[[nodiscard]] Json orNull(const std::optional<T>& value) {
    if (!value) {
        return nullptr;
    }
    if constexpr (std::is_same_v<T, core::Date>) {
        return core::formatDate(*value);
    } else if constexpr (std::is_same_v<T, core::Instant>) {
        return core::formatInstant(*value);
    } else {
        return *value;
    }
}

[[nodiscard]] inline Json periodStart(const std::optional<core::Period>& period) {
    return period ? Json(core::formatDate(period->first)) : Json(nullptr);
}

/// The first day that is not in it.
[[nodiscard]] inline Json periodEnd(const std::optional<core::Period>& period) {
    return period ? Json(core::formatDate(period->next)) : Json(nullptr);
}

}  // namespace gardu::app
