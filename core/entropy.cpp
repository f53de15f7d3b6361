#include "core/entropy.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <stdexcept>

#include "core/ids.h"

namespace gardu::core {

void fillRandom(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const std::size_t size = std::min<std::size_t>(out.size(), INT_MAX);
        if (RAND_bytes(out.data(), static_cast<int>(size)) != 1) {
            throw std::runtime_error("the random number generator failed");
        }
        out = out.subspan(size);
    }
}

std::uint64_t randomUint64() {
    std::array<std::uint8_t, sizeof(std::uint64_t)> octets{};
    fillRandom(octets);
    return std::bit_cast<std::uint64_t>(octets);
}

std::string newId(Instant now) {
    std::array<std::uint8_t, 10> random{};
    fillRandom(random);
    return toText(makeUuid7(now, random));
}

}  // namespace gardu::core
