#include "core/ids.h"

#include <algorithm>

#include "core/check.h"

namespace gardu::core {

namespace {

constexpr std::array<std::size_t, 4> kDashes = {8, 13, 18, 23};
constexpr std::size_t kTextSize = 36;
constexpr std::int64_t kTimeLimitMs = std::int64_t{1} << 48U;

std::uint8_t withTopBits(std::uint8_t octet, unsigned mask, unsigned bits) {
    return static_cast<std::uint8_t>((octet & ~mask) | bits);
}

}  // namespace

Uuid makeUuid7(Instant now, const std::array<std::uint8_t, 10>& random) {
    const std::int64_t ms = toEpochMs(now);
    check(ms >= 0 && ms < kTimeLimitMs, "a UUID's time fits in 48 bits");
    Uuid id;
    for (std::size_t i = 0; i < 6; ++i) {
        id.octets[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(ms) >> (40 - 8 * i));
    }
    std::copy(random.begin(), random.end(), id.octets.begin() + 6);
    id.octets[6] = withTopBits(id.octets[6], 0xf0, 0x70);  // version 7
    id.octets[8] = withTopBits(id.octets[8], 0xc0, 0x80);  // variant, RFC 9562 section 4.1
    return id;
}

std::string toText(const Uuid& id) {
    std::string text = toHex(id.octets);
    for (const std::size_t dash : kDashes) {
        text.insert(dash, 1, '-');
    }
    return text;
}

std::optional<Uuid> parseUuid(std::string_view text) {
    if (text.size() != kTextSize) {
        return std::nullopt;
    }
    std::string hex(text);
    for (auto dash = kDashes.rbegin(); dash != kDashes.rend(); ++dash) {
        if (hex[*dash] != '-') {
            return std::nullopt;
        }
        hex.erase(*dash, 1);
    }
    const auto octets = fromHex(hex);
    if (!octets) {
        return std::nullopt;
    }
    Uuid id;
    std::copy(octets->begin(), octets->end(), id.octets.begin());
    return id;
}

}  // namespace gardu::core
