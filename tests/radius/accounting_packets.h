#pragma once
// Accounting as NASes send it, as records of the journal. Time is a number of seconds since kDatabaseMadeAt.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "radius/accounting_event.h"
#include "radius/journal_record.h"
#include "radius/wire.h"
#include "tests/radius/session_samples.h"
#include "tests/support/database_suite.h"

namespace gardu::radius::test {

/// Of "bob"; "alice" has the next one, and so on.
inline const std::string kBobs = "00000000-0000-0000-0000-000000000001";

[[nodiscard]] inline core::Instant at(std::int64_t seconds) {
    return gardu::test::kDatabaseMadeAt + core::Seconds(seconds);
}

/// A packet of bob's PPPoE session 81500001.
struct Acct {
    AcctStatus status = AcctStatus::Interim;
    /// When it arrives.
    std::int64_t second = 0;
    std::optional<std::uint32_t> time = std::nullopt;
    /// Input; the output is ten times as much.
    std::optional<std::int64_t> octets = std::nullopt;
    std::string id = "81500001";
    std::string user = "bob";
    std::string nas = "nas-1";
    std::string address = "10.0.0.2";
    std::string login{};
    std::string device{};
    std::uint32_t delay = 0;
};

inline void addOctets(Attributes& attributes, AttributeId low, AttributeId high, std::int64_t octets) {
    attributes.push_back(integerAttribute(low, static_cast<std::uint32_t>(octets)));
    attributes.push_back(integerAttribute(high, static_cast<std::uint32_t>(octets >> 32)));
}

[[nodiscard]] inline core::Bytes prefixOctets(std::string_view text) {
    const core::IpNetwork network = net(text);
    core::Bytes octets(18);
    octets[1] = static_cast<std::uint8_t>(network.prefixLength);
    std::ranges::copy(network.address.bytes(), octets.begin() + 2);
    return octets;
}

[[nodiscard]] inline Attributes attributesOf(const Acct& acct) {
    Attributes attributes = {
        integerAttribute(attr::kAcctStatusType, static_cast<std::uint32_t>(acct.status))};
    if (acct.status == AcctStatus::AccountingOn || acct.status == AcctStatus::AccountingOff) {
        return attributes;
    }
    if (!acct.user.empty()) {
        attributes.push_back(textAttribute(attr::kUserName, acct.user));
    }
    attributes.push_back(textAttribute(attr::kAcctSessionId, acct.id));
    attributes.push_back(octetsAttribute(attr::kFramedIpAddress, ip(acct.address).bytes()));
    attributes.push_back(octetsAttribute(attr::kFramedIpv6Prefix, prefixOctets("2001:db8:1:2::/64")));
    attributes.push_back(octetsAttribute(attr::kDelegatedIpv6Prefix, prefixOctets("2001:db8:ff00::/56")));
    if (!acct.device.empty()) {
        attributes.push_back(textAttribute(attr::kCallingStationId, acct.device));
    }
    if (!acct.login.empty()) {
        LoginClass login;
        login.login = core::parseUuid(acct.login).value();
        login.subscription = core::parseUuid(kBobs).value();
        attributes.push_back(textAttribute(attr::kClass, classValue(login)));
    }
    if (acct.delay > 0) {
        attributes.push_back(integerAttribute(attr::kAcctDelayTime, acct.delay));
    }
    if (acct.time) {
        attributes.push_back(integerAttribute(attr::kAcctSessionTime, *acct.time));
    }
    if (acct.octets) {
        addOctets(attributes, attr::kAcctInputOctets, attr::kAcctInputGigawords, *acct.octets);
        addOctets(attributes, attr::kAcctOutputOctets, attr::kAcctOutputGigawords, *acct.octets * 10);
    }
    return attributes;
}

[[nodiscard]] inline core::Bytes recordOf(const Acct& acct) {
    JournaledPacket packet;
    packet.nasId = acct.nas;
    packet.nasKey = acct.nas;
    packet.source = ip("192.0.2.1");
    packet.receivedAt = at(acct.second);
    packet.octets = encodeRequest({.code = Code::AccountingRequest, .messageAuthenticator = false},
                                  attributesOf(acct), SharedSecret("testing123"));
    return encodeRecord(packet);
}

[[nodiscard]] inline std::vector<core::Bytes> recordsOf(const std::vector<Acct>& accts) {
    std::vector<core::Bytes> records;
    records.reserve(accts.size());
    for (const Acct& acct : accts) {
        records.push_back(recordOf(acct));
    }
    return records;
}

}  // namespace gardu::radius::test
