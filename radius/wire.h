#pragma once
// Octets to attributes and back, by libfreeradius-radius 3.2.1 (through wire.c, the only file that knows it).
// startWire() once, before any thread and before anything else here; the rest may be called from any thread.
// What is secret never reaches the library: digests, signatures and hidden values are our own (digest.h,
// hiding.h).

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

/// All attributes of a packet that preparse() let through, in order; EAP-Message joined, User-Password in
/// clear and cut of its padding, other hidden values (MS-MPPE keys, Tunnel-Password) as they came. One that
/// the dictionary does not have, or whose value does not have the size of its type, is there as octets; a
/// Vendor-Specific that is not well-formed inside is there whole. Nothing where the library refuses, or a
/// packet has more than kMaxAttributes. The authenticators are not looked at here. Reuses memory that belongs
/// to the calling thread.
[[nodiscard]] std::optional<Attributes> decode(const PacketView& packet, const SharedSecret& secret);

/// A reply: Message-Authenticator first, then `attributes` in order, then the request's Proxy-State
/// attributes, with the Response Authenticator (RFC 2865 section 3, RFC 3579 section 3.2). MS-MPPE keys are
/// given in clear and hidden here with a random salt (RFC 2548 section 2.4.2). An Accounting-Response carries
/// no Message-Authenticator. Throws WireError where a value is empty, is too long or is not of its
/// attribute's size, or where the packet would pass 4096 octets: nothing is cut, nothing is left out.
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

/// "Mikrotik-Rate-Limit", or "Attr-26.14988.200" ("Attr-250") for one that the dictionary does not have.
[[nodiscard]] std::string attributeName(AttributeId id);
/// The value as an operator reads it: `10M/10M`, `86400`, `Framed-User`, `10.0.0.2`, `2001:db8::/64`, 0x..
/// for other octets and for text that is not printable. Attributes that hold secrets (passwords, keys, and
/// the responses that a password can be guessed from) print as "***".
[[nodiscard]] std::string attributeText(const Attribute& attribute);

}  // namespace gardu::radius
