#include "radius/packet.h"

#include <algorithm>

namespace gardu::radius {
namespace {

constexpr std::size_t kIntegerSize = 4;

std::uint32_t fromNetworkOrder(std::string_view octets) {
    std::uint32_t number = 0;
    for (const char octet : octets) {
        number = (number << 8) | static_cast<std::uint8_t>(octet);
    }
    return number;
}

}  // namespace

Attribute textAttribute(AttributeId id, std::string_view text) {
    return {id, std::string(text)};
}

Attribute integerAttribute(AttributeId id, std::uint32_t number) {
    std::string value(kIntegerSize, '\0');
    for (std::size_t i = kIntegerSize; i-- > 0; number >>= 8) {
        value[i] = static_cast<char>(number & 0xff);
    }
    return {id, std::move(value)};
}

Attribute octetsAttribute(AttributeId id, ByteView octets) {
    return {id, std::string(octets.begin(), octets.end())};
}

const Attribute* find(std::span<const Attribute> attributes, AttributeId id) {
    const auto found = std::ranges::find(attributes, id, &Attribute::id);
    return found == attributes.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> findInteger(std::span<const Attribute> attributes, AttributeId id) {
    const Attribute* attribute = find(attributes, id);
    if (attribute == nullptr || attribute->value.size() != kIntegerSize) {
        return std::nullopt;
    }
    return fromNetworkOrder(attribute->value);
}

std::optional<std::string_view> findText(std::span<const Attribute> attributes, AttributeId id) {
    const Attribute* attribute = find(attributes, id);
    if (attribute == nullptr) {
        return std::nullopt;
    }
    return std::string_view(attribute->value);
}

}  // namespace gardu::radius
