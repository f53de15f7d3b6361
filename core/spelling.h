#pragma once
// "Did you mean ...?" for names that people type. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace gardu::core {

/// How many letters must be added, taken away or replaced to make one of the other.
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b);

/// The name with the fewest of them, the first one of several. `names` is not empty.
[[nodiscard]] std::string nearestName(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace gardu::core
