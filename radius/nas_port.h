#pragma once
// Where on its NAS a session or a login is, as the NAS says. Views on one of them; pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace gardu::radius {

struct NasPort {
    /// NAS-Port-Id; "": none.
    std::string_view id;
    /// NAS-Port. A tunnel's and a hotspot's is another one for each login.
    std::optional<std::uint32_t> number;

    template <class Placed>
    static NasPort of(const Placed& placed) {
        return {placed.nasPortId, placed.nasPort};
    }
    [[nodiscard]] bool isKnown() const { return !id.empty() || number.has_value(); }
    /// By the names where both have one, or else by the numbers. Two of which nothing is known are not the
    /// same: behind one address there may be many devices.
    [[nodiscard]] bool same(const NasPort& other) const {
        const bool areNamed = !id.empty() && !other.id.empty();
        return areNamed ? id == other.id : number.has_value() && number == other.number;
    }
};

}  // namespace gardu::radius
