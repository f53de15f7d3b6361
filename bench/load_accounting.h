#pragma once
// The Accounting-Requests of a RouterOS PPPoE server: for each user one session, a Start and then
// Interim-Updates whose times are those of the clock. Not thread-safe: each worker has its own, for users
// that no other has.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/load_packet.h"

namespace gardu::bench {

// The session ids of RouterOS count in five hexadecimal digits.
inline constexpr std::size_t kMaxAccountedUsers = std::size_t{1} << 20U;

// One user's session, as his NAS counts it.
struct AccountedSession {
    std::int64_t startedMs = 0;  // 0: not yet
    std::uint64_t packets = 0;   // sent by us
    bool waiting = false;        // for a response
};

// What changes from one packet to the next.
struct AccountingFields {
    const User& user;
    std::uint32_t userNumber;
    const AccountedSession& session;
    std::int64_t nowMs;
    std::uint8_t identifier;
};

class AccountingMaker {
public:
    explicit AccountingMaker(const PacketOptions& options);

    // Writes one Accounting-Request and returns its length: a Start when the session begins now. Its
    // authenticator is in the packet (RFC 2866 section 3).
    std::size_t build(std::span<std::uint8_t, kMaxRequestLength> out, const AccountingFields& fields) const;

    // Accept: an Accounting-Response. `reply` is changed as by genuineCode(), of which nothing is Bad.
    [[nodiscard]] ReplyVerdict verify(std::span<std::uint8_t> reply, const Authenticator& requested) const;

private:
    SecretDigest digest_;
    std::string tail_;  // the attributes at the end are the same in every request
    std::uint32_t firstSession_;
};

}  // namespace gardu::bench
