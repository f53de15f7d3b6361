#pragma once
// Where randomness is made (OpenSSL's generator), for the edges only: pure code takes it as an argument.

#include <cstdint>
#include <span>
#include <string>

#include "core/calendar.h"

namespace gardu::core {

/// Fills with octets fit for keys and nonces. Throws std::runtime_error if the generator fails. Any thread.
void fillRandom(std::span<std::uint8_t> out);
[[nodiscard]] std::uint64_t randomUint64();
/// A new UUID version 7 as text, for a row that is made at `now`.
[[nodiscard]] std::string newId(Instant now);

}  // namespace gardu::core
