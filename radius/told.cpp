#include "radius/told.h"

#include <string>
#include <string_view>

#include "core/bytes.h"

namespace gardu::radius {

namespace {

/// FNV-1a of 32 bits: it has to be the same everywhere and for ever, since routers carry it.
class Fingerprint {
public:
    void add(std::string_view text) {
        for (const std::uint8_t octet : core::asBytes(text)) {
            mix(octet);
        }
        mix(0);  // so that "ab", "c" is not "a", "bc"
    }
    void add(const std::optional<std::string>& text) {
        mix(text ? 1 : 2);
        add(std::string_view(text ? *text : std::string()));
    }
    [[nodiscard]] std::uint32_t value() const { return value_; }

private:
    void mix(std::uint8_t octet) { value_ = (value_ ^ octet) * 16'777'619U; }

    std::uint32_t value_ = 2'166'136'261U;
};

}  // namespace

Told toldOf(const billing::Entitlement& entitlement) {
    Fingerprint rate;
    rate.add(std::string_view(entitlement.rateLimit));
    rate.add(entitlement.mikrotikGroup);
    if (entitlement.totalAllowance) {
        // What is left of it follows from what the router counts itself.
        rate.add(std::string_view(std::to_string(*entitlement.totalAllowance)));
    }
    Fingerprint place;
    place.add(entitlement.addressList);
    place.add(entitlement.addresses.ipv4);
    // RouterOS ignores a pool beside an address.
    place.add(entitlement.addresses.ipv4 ? std::nullopt : entitlement.pool);
    place.add(entitlement.addresses.framedIpv6Prefix);
    place.add(entitlement.addresses.delegatedIpv6Prefix);
    place.add(entitlement.ipv6Pool);
    place.add(entitlement.delegatedIpv6Pool);
    for (const std::string& route : entitlement.addresses.framedRoutes) {
        place.add(std::string_view(route));
    }
    Told told{entitlement.access, rate.value(), place.value(), std::nullopt};
    if (entitlement.until) {
        told.until = std::chrono::floor<core::Seconds>(*entitlement.until);
    }
    return told;
}

}  // namespace gardu::radius
