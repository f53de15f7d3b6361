#pragma once
// Octets to attributes and back, by libfreeradius-radius 3.2.1 (through wire.c, the only file that knows it).
// startWire() once, before any thread; the rest may be called from any thread.

#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "radius/digest.h"
#include "radius/packet.h"
#include "radius/preparse.h"

namespace gardu::radius {

class WireError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Checks the library's version, loads `dictionaryDir`/dictionary and proves that the attributes we use are
/// in it. A second call does nothing. Throws WireError with the folder or attribute in its text.
void startWire(const std::string& dictionaryDir);

/// The dictionaries of the source tree, which the build knows.
[[nodiscard]] std::string builtInDictionaryDir();

/// All attributes of a request that preparse() let through, in order, un-hidden (User-Password in clear, cut
/// of its padding). Nothing where the library refuses. The Message-Authenticator is not looked at here.
[[nodiscard]] std::optional<Attributes> decode(const PacketView& packet, const SharedSecret& secret);

/// A reply: Message-Authenticator first, then `attributes` in order, then the request's Proxy-State
/// attributes, with the Response Authenticator (RFC 2865 section 3, RFC 3579 section 3.2). MS-MPPE keys are
/// hidden as RFC 2548 section 2.4.2 says. An Accounting-Response carries no Message-Authenticator. Throws
/// WireError where a value is too long for its attribute or the packet would pass 4096 octets: nothing is
/// cut.
[[nodiscard]] Bytes encodeReply(Code code, const PacketView& request, std::span<const Attribute> attributes,
                                const SharedSecret& secret);

/// A request of ours (tests, probes, RFC 5176): for Access-Request and Status-Server `authenticator` is used
/// as it is; for Accounting, CoA and Disconnect it is computed and the argument ignored. With a
/// Message-Authenticator first where asked for.
struct RequestHead {
    Code code = Code::AccessRequest;
    std::uint8_t identifier = 0;
    Authenticator authenticator{};
    bool messageAuthenticator = true;
};
[[nodiscard]] Bytes encodeRequest(const RequestHead& head, std::span<const Attribute> attributes,
                                  const SharedSecret& secret);

/// "Mikrotik-Rate-Limit", or "Attr-26.14988.200" for one that the dictionary does not have.
[[nodiscard]] std::string attributeName(AttributeId id);
/// The value as an operator reads it: `10M/10M`, `86400`, `10.0.0.2`, `2001:db8::/64`, 0x.. for other octets.
/// Attributes that hold secrets (passwords, keys) print as "***".
[[nodiscard]] std::string attributeText(const Attribute& attribute);

}  // namespace gardu::radius
