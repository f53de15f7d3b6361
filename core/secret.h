#pragma once
// A value that must not leak: no copy, wiped when it ends, and "***" wherever it is printed.

#include <ostream>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace gardu::core {

class Secret {
public:
    Secret() = default;
    /// Copies the octets; the caller's string is wiped.
    explicit Secret(std::string&& octets);
    /// Takes the octets over without a copy.
    explicit Secret(Bytes&& octets);
    explicit Secret(ByteView octets);
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    /// The octets themselves; valid as long as this object is.
    [[nodiscard]] ByteView bytes() const;
    [[nodiscard]] std::string_view text() const;
    [[nodiscard]] bool empty() const;
    /// A second holder of the same octets, on purpose and visible in the code.
    [[nodiscard]] Secret clone() const;

private:
    Bytes octets_;
};

std::ostream& operator<<(std::ostream& out, const Secret& secret);

/// Overwrites the characters in a way that the compiler may not leave out, then empties the string.
void wipe(std::string& text);

}  // namespace gardu::core
