#pragma once
// UUIDs, version 7 (RFC 9562 section 5.7): time-ordered keys of business entities. Pure: the time and the
// random octets are arguments.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/calendar.h"

namespace gardu::core {

struct Uuid {
    std::array<std::uint8_t, 16> octets{};
    bool operator==(const Uuid&) const = default;
    bool operator<(const Uuid& other) const { return octets < other.octets; }
};

[[nodiscard]] Uuid makeUuid7(Instant now, const std::array<std::uint8_t, 10>& random);
/// "018f9d2e-....": 36 characters, lower case.
[[nodiscard]] std::string toText(const Uuid& id);
/// Either case, with the four dashes; nothing for anything else.
[[nodiscard]] std::optional<Uuid> parseUuid(std::string_view text);

}  // namespace gardu::core
