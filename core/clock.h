#pragma once
// The only place that reads the wall clock. Edges call it; everything below takes `now` as an argument.

#include "core/calendar.h"

namespace gardu::core {

[[nodiscard]] Instant wallNow();

}  // namespace gardu::core
