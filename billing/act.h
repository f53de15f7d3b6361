#pragma once
// Who does something, and when: the last argument of what operators, gateways and the run do. Pure.

#include <string>

#include "core/calendar.h"

namespace gardu::billing {

struct Act {
    /// "cli:root", "run", "api:budi"
    std::string actor;
    core::Instant now;
};

}  // namespace gardu::billing
