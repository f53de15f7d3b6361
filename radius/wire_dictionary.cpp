// The part of wire.h that asks the dictionary: its start, and the names and texts of attributes.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "radius/wire.h"
#include "radius/wire_c.h"

namespace gardu::radius {
namespace {

struct Required {
    AttributeId id;
    WireType type = WireTypeOther;
};

/// Every attribute that packet.h names: the program counts on its type.
constexpr std::array kRequired = {
    Required{attr::kUserName, WireTypeText},
    Required{attr::kUserPassword, WireTypeText},
    Required{attr::kChapPassword, WireTypeOctets},
    Required{attr::kNasIpAddress, WireTypeIpv4},
    Required{attr::kNasPort, WireTypeInteger},
    Required{attr::kServiceType, WireTypeInteger},
    Required{attr::kFramedProtocol, WireTypeInteger},
    Required{attr::kFramedIpAddress, WireTypeIpv4},
    Required{attr::kReplyMessage, WireTypeText},
    Required{attr::kFramedRoute, WireTypeText},
    Required{attr::kState, WireTypeOctets},
    Required{attr::kClass, WireTypeOctets},
    Required{attr::kVendorSpecific, WireTypeOther},
    Required{attr::kSessionTimeout, WireTypeInteger},
    Required{attr::kIdleTimeout, WireTypeInteger},
    Required{attr::kCalledStationId, WireTypeText},
    Required{attr::kCallingStationId, WireTypeText},
    Required{attr::kNasIdentifier, WireTypeText},
    Required{attr::kProxyState, WireTypeOctets},
    Required{attr::kAcctSessionId, WireTypeText},
    Required{attr::kChapChallenge, WireTypeOctets},
    Required{attr::kNasPortType, WireTypeInteger},
    Required{attr::kPortLimit, WireTypeInteger},
    Required{attr::kEapMessage, WireTypeOctets},
    Required{attr::kMessageAuthenticator, WireTypeOctets},
    Required{attr::kAcctInterimInterval, WireTypeInteger},
    Required{attr::kNasPortId, WireTypeText},
    Required{attr::kFramedPool, WireTypeText},
    Required{attr::kFramedIpv6Prefix, WireTypeIpv6Prefix},
    Required{attr::kFramedIpv6Pool, WireTypeText},
    Required{attr::kDelegatedIpv6Prefix, WireTypeIpv6Prefix},
    Required{attr::kMsChapResponse, WireTypeOctets},
    Required{attr::kMsChapError, WireTypeText},
    Required{attr::kMsMppeEncryptionPolicy, WireTypeInteger},
    Required{attr::kMsMppeEncryptionTypes, WireTypeInteger},
    Required{attr::kMsChapChallenge, WireTypeOctets},
    Required{attr::kMsMppeSendKey, WireTypeOctets},
    Required{attr::kMsMppeRecvKey, WireTypeOctets},
    Required{attr::kMsChap2Response, WireTypeOctets},
    Required{attr::kMsChap2Success, WireTypeOctets},
    Required{attr::kMikrotikGroup, WireTypeText},
    Required{attr::kMikrotikRateLimit, WireTypeText},
    Required{attr::kMikrotikTotalLimit, WireTypeInteger},
    Required{attr::kMikrotikTotalLimitGigawords, WireTypeInteger},
    Required{attr::kMikrotikAddressList, WireTypeText},
    Required{attr::kMikrotikDelegatedIpv6Pool, WireTypeText},
};

/// Secrets that the dictionary does not mark as hidden on the wire: they are digests of a password, or keys
/// that travel in clear (CHAP-Password, ARAP-Password; MS-CHAP responses and changes; MikroTik's wireless
/// keys).
constexpr std::array kSecrets = {
    AttributeId{0, 3},
    AttributeId{0, 70},
    AttributeId{attr::kMicrosoft, 1},
    AttributeId{attr::kMicrosoft, 3},
    AttributeId{attr::kMicrosoft, 4},
    AttributeId{attr::kMicrosoft, 5},
    AttributeId{attr::kMicrosoft, 6},
    AttributeId{attr::kMicrosoft, 19},
    AttributeId{attr::kMicrosoft, 20},
    AttributeId{attr::kMicrosoft, 25},
    AttributeId{attr::kMicrosoft, 27},
    AttributeId{attr::kMikrotik, 7},
    AttributeId{attr::kMikrotik, 16},
    AttributeId{attr::kMikrotik, 20},
};

constexpr std::size_t kIpv4Size = 4;
constexpr std::size_t kIpv6Size = 16;
constexpr std::size_t kPrefixHeaderSize = 2;
constexpr std::uint8_t kMaxPrefixLength = 128;

void checkDictionary(const std::string& dictionaryDir) {
    for (const Required& required : kRequired) {
        WireDefinition definition{};
        const bool isThere = wireDefine(required.id.vendor, required.id.type, &definition);
        if (!isThere || definition.type != required.type) {
            throw WireError("the RADIUS dictionary in " + dictionaryDir + " lacks " +
                            attributeName(required.id) + ", or has it with another type");
        }
    }
}

std::string asHex(ByteView octets) {
    return "0x" + core::toHex(octets);
}

std::string addressText(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(family, address, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

std::string prefixText(ByteView octets) {
    if (octets.size() < kPrefixHeaderSize || octets.size() > kPrefixHeaderSize + kIpv6Size ||
        octets[1] > kMaxPrefixLength) {
        return asHex(octets);
    }
    std::array<std::uint8_t, kIpv6Size> address{};
    std::ranges::copy(octets.subspan(kPrefixHeaderSize), address.begin());
    return addressText(AF_INET6, address.data()) + "/" + std::to_string(octets[1]);
}

std::string integerText(const Attribute& attribute) {
    const std::optional<std::uint32_t> number = findInteger({&attribute, 1}, attribute.id);
    if (!number) {
        return asHex(core::asBytes(attribute.value));
    }
    const char* valueName = wireValueName(attribute.id.vendor, attribute.id.type, *number);
    return valueName != nullptr ? valueName : std::to_string(*number);
}

std::string textOf(const Attribute& attribute, WireType type) {
    const ByteView octets = core::asBytes(attribute.value);
    if (type == WireTypeText && core::isPrintableUtf8(octets)) {
        return attribute.value;
    }
    if (type == WireTypeInteger) {
        return integerText(attribute);
    }
    if (type == WireTypeIpv4 && octets.size() == kIpv4Size) {
        return addressText(AF_INET, octets.data());
    }
    if (type == WireTypeIpv6 && octets.size() == kIpv6Size) {
        return addressText(AF_INET6, octets.data());
    }
    return type == WireTypeIpv6Prefix ? prefixText(octets) : asHex(octets);
}

}  // namespace

void startWire(const std::string& dictionaryDir) {
    static std::mutex mutex;
    static bool hasStarted = false;
    const std::lock_guard lock(mutex);
    if (hasStarted) {
        return;
    }
    if (!wireStart(dictionaryDir.c_str())) {
        throw WireError("cannot load the RADIUS dictionary in " + dictionaryDir + ": " + wireError());
    }
    checkDictionary(dictionaryDir);
    hasStarted = true;
}

std::string builtInDictionaryDir() {
    return GARDU_DICTIONARY_DIR;
}

std::string attributeName(AttributeId id) {
    WireDefinition definition{};
    if (wireDefine(id.vendor, id.type, &definition)) {
        return definition.name;
    }
    const std::string type = std::to_string(id.type);
    return id.vendor == 0 ? "Attr-" + type : "Attr-26." + std::to_string(id.vendor) + "." + type;
}

std::string attributeText(const Attribute& attribute) {
    WireDefinition definition{};
    const bool isKnown = wireDefine(attribute.id.vendor, attribute.id.type, &definition);
    const bool isHidden = isKnown && definition.hiding != WireHidingNone;
    if (isHidden || std::ranges::find(kSecrets, attribute.id) != kSecrets.end()) {
        return "***";
    }
    return textOf(attribute, isKnown ? definition.type : WireTypeOctets);
}

}  // namespace gardu::radius
