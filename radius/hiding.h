#pragma once
// How RADIUS hides values from who does not have the shared secret. Pure; the salt is an argument. Our own
// code and not libfreeradius': that cuts a long password without a word, and draws its salts from a generator
// that threads may not share.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "radius/digest.h"

namespace gardu::radius {

using AuthenticatorView = std::span<const std::uint8_t, 16>;

/// User-Password (RFC 2865 section 5.2): padded with zeros to a multiple of 16 octets, at least 16.
[[nodiscard]] std::string hidePassword(std::string_view password, AuthenticatorView requestAuthenticator,
                                       const SharedSecret& secret);

/// The way back, without the zeros at the end. `hidden` is a multiple of 16 octets; empty stays empty.
[[nodiscard]] std::string revealPassword(std::string_view hidden, AuthenticatorView requestAuthenticator,
                                         const SharedSecret& secret);

/// MS-MPPE-Send-Key, MS-MPPE-Recv-Key (RFC 2548 section 2.4.2), Tunnel-Password after its tag (RFC 2868
/// section 3.5): two octets of salt, then the hidden length, value and padding. `value` has at most 255
/// octets. No two values of a packet may have the same salt; its highest bit is set here.
[[nodiscard]] std::string hideSalted(std::string_view value, std::uint16_t salt,
                                     AuthenticatorView requestAuthenticator, const SharedSecret& secret);

}  // namespace gardu::radius
