#include "radius/login_class.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/bytes.h"

namespace gardu::radius {

namespace {

/// The first octet. Version 1 ends after the two ids.
constexpr char kWithIds = 1;
constexpr char kWithTold = 2;
constexpr std::size_t kIdsSize = 33;
constexpr std::size_t kToldSize = kIdsSize + 1 + 4 + 4 + 8;
/// In the year 33658. A later end was not written by us, and need not fit into an instant.
constexpr std::uint64_t kLastSecond = 1'000'000'000'000;

void appendNumber(std::string& text, std::uint64_t number, int octets) {
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
        text += static_cast<char>(number >> static_cast<unsigned>(shift));
    }
}

std::uint64_t numberAt(std::string_view text, std::size_t at, std::size_t octets) {
    std::uint64_t number = 0;
    for (const std::uint8_t octet : core::asBytes(text).subspan(at, octets)) {
        number = number << 8U | octet;
    }
    return number;
}

std::optional<Told> parseTold(std::string_view value) {
    const auto access = static_cast<unsigned char>(value[kIdsSize]);
    if (access > static_cast<unsigned char>(billing::Access::Denied)) {
        return std::nullopt;
    }
    Told told;
    told.access = static_cast<billing::Access>(access);
    told.rate = static_cast<std::uint32_t>(numberAt(value, kIdsSize + 1, 4));
    told.place = static_cast<std::uint32_t>(numberAt(value, kIdsSize + 5, 4));
    if (const std::uint64_t until = numberAt(value, kIdsSize + 9, 8); until != 0) {
        if (until >> 1U > kLastSecond) {
            return std::nullopt;
        }
        told.until = core::Instant(core::Seconds(static_cast<std::int64_t>(until >> 1U)));
    }
    return told;
}

}  // namespace

std::string classValue(const LoginClass& login) {
    std::string value(1, login.told ? kWithTold : kWithIds);
    value += core::asText(login.login.octets);
    value += core::asText(login.subscription.octets);
    if (login.told) {
        value += static_cast<char>(login.told->access);
        appendNumber(value, login.told->rate, 4);
        appendNumber(value, login.told->place, 4);
        // The lowest bit tells an end at second 0 from none.
        const auto seconds = [](core::Instant at) {
            return static_cast<std::uint64_t>(
                std::max<std::int64_t>(std::chrono::floor<core::Seconds>(at).time_since_epoch().count(), 0));
        };
        appendNumber(value, login.told->until ? seconds(*login.told->until) << 1U | 1U : 0, 8);
    }
    return value;
}

std::optional<LoginClass> parseClass(std::string_view value) {
    const bool withIds = value.size() == kIdsSize && value.front() == kWithIds;
    const bool withTold = value.size() == kToldSize && value.front() == kWithTold;
    if (!withIds && !withTold) {
        return std::nullopt;
    }
    LoginClass login;
    const core::ByteView octets = core::asBytes(value).subspan(1);
    std::copy_n(octets.begin(), 16, login.login.octets.begin());
    std::copy_n(octets.begin() + 16, 16, login.subscription.octets.begin());
    if (withTold) {
        login.told = parseTold(value);
        if (!login.told) {
            return std::nullopt;
        }
    }
    return login;
}

}  // namespace gardu::radius
