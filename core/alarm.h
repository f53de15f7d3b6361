#pragma once
// One thing that an operator must know of: a row of the table alarms. Pure.

#include <cstdint>
#include <string>

#include "core/calendar.h"

namespace gardu::core {

struct Alarm {
    /// snake_case: "wrong_secret".
    std::string kind;
    /// What it is about: a NAS's name, an address.
    std::string subject;
    /// What is wrong and what to do.
    std::string message;
    Instant firstAt;
    Instant lastAt;
    std::int64_t occurrences = 1;
};

}  // namespace gardu::core
