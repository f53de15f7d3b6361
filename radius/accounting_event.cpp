#include "radius/accounting_event.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "billing/username.h"
#include "core/bytes.h"

namespace gardu::radius {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr core::Milliseconds kLongestDelay = hours(24);
constexpr core::Milliseconds kMostClockSkew = minutes(5);

/// RFC 2866 section 5.10, and RFC 3580 section 4.2 from 19 on; the first one is 1.
constexpr std::array<std::string_view, 22> kTerminateCauses = {
    "User-Request", "Lost-Carrier",  "Lost-Service",   "Idle-Timeout",       "Session-Timeout",
    "Admin-Reset",  "Admin-Reboot",  "Port-Error",     "NAS-Error",          "NAS-Request",
    "NAS-Reboot",   "Port-Unneeded", "Port-Preempted", "Port-Suspended",     "Service-Unavailable",
    "Callback",     "User-Error",    "Host-Request",   "Supplicant-Restart", "Reauthentication-Failure",
    "Port-Reinit",  "Port-Disabled",
};

std::string textOf(const Attributes& attributes, AttributeId id) {
    return core::boundedText(findText(attributes, id).value_or(""), kMostTextSize);
}

std::optional<AcctStatus> statusOf(const Attributes& attributes) {
    const auto number = findInteger(attributes, attr::kAcctStatusType);
    for (const AcctStatus status : {AcctStatus::Start, AcctStatus::Stop, AcctStatus::Interim,
                                    AcctStatus::AccountingOn, AcctStatus::AccountingOff}) {
        if (number == static_cast<std::uint32_t>(status)) {
            return status;
        }
    }
    return std::nullopt;
}

core::Instant happenedAt(const Attributes& attributes, core::Instant receivedAt) {
    if (const auto delay = findInteger(attributes, attr::kAcctDelayTime)) {
        // Our own clock, and a time span that any NAS can measure. A router without a battery has the wrong
        // time until it has asked for the right one, in the middle of its sessions.
        return receivedAt - std::min<core::Milliseconds>(core::Seconds(*delay), kLongestDelay);
    }
    const auto timestamp = findInteger(attributes, attr::kEventTimestamp);
    if (!timestamp) {
        return receivedAt;
    }
    const core::Instant stamped{core::Seconds(*timestamp)};
    return std::chrono::abs(stamped - receivedAt) <= kMostClockSkew ? std::min(stamped, receivedAt)
                                                                    : receivedAt;
}

/// A NAS may send a Class of somebody else's beside ours.
std::optional<LoginClass> loginClassOf(const Attributes& attributes) {
    for (const Attribute& attribute : attributes) {
        const auto login = attribute.id == attr::kClass ? parseClass(attribute.value) : std::nullopt;
        if (login) {
            return login;
        }
    }
    return std::nullopt;
}

/// 0.0.0.0 is what a NAS has before it gives an address.
std::optional<core::IpAddress> ipv4Of(const Attributes& attributes, AttributeId id) {
    const auto value = findText(attributes, id);
    if (!value || value->size() != 4 || *value == std::string_view("\0\0\0\0", 4)) {
        return std::nullopt;
    }
    return core::ipAddressFrom(core::asBytes(*value));
}

/// RFC 3162 section 2.3: an octet of nothing, the length, and as many octets of the prefix as it needs.
std::optional<core::IpNetwork> ipv6PrefixOf(const Attributes& attributes, AttributeId id) {
    const auto value = findText(attributes, id);
    if (!value || value->size() < 2 || value->size() > 18) {
        return std::nullopt;
    }
    const int length = static_cast<unsigned char>((*value)[1]);
    const core::ByteView prefix = core::asBytes(*value).subspan(2);
    if (length > 128 || static_cast<int>(prefix.size() * 8) < length) {
        return std::nullopt;
    }
    core::IpAddress address{core::AddressFamily::Ipv6, {}};
    std::copy(prefix.begin(), prefix.end(), address.octets.begin());
    return core::IpNetwork{core::maskAddress(address, length), length};
}

std::optional<std::string> terminateCauseOf(const Attributes& attributes) {
    const auto number = findInteger(attributes, attr::kAcctTerminateCause);
    if (!number) {
        return std::nullopt;
    }
    const bool isKnown = *number >= 1 && *number <= kTerminateCauses.size();
    return isKnown ? std::string(kTerminateCauses.at(*number - 1)) : std::to_string(*number);
}

void readCounters(const Attributes& attributes, AccountingEvent& event) {
    event.sessionTime = findInteger(attributes, attr::kAcctSessionTime);
    event.input = {findInteger(attributes, attr::kAcctInputOctets),
                   findInteger(attributes, attr::kAcctInputGigawords)};
    event.output = {findInteger(attributes, attr::kAcctOutputOctets),
                    findInteger(attributes, attr::kAcctOutputGigawords)};
    if (event.arrival.swapOctets) {
        std::swap(event.input, event.output);
    }
}

void readPlace(const Attributes& attributes, AccountingEvent& event) {
    event.framedIp = ipv4Of(attributes, attr::kFramedIpAddress);
    event.framedIpv6Prefix = ipv6PrefixOf(attributes, attr::kFramedIpv6Prefix);
    event.delegatedIpv6Prefix = ipv6PrefixOf(attributes, attr::kDelegatedIpv6Prefix);
    event.nasIp = ipv4Of(attributes, attr::kNasIpAddress);
    event.nasIdentifier = textOf(attributes, attr::kNasIdentifier);
    event.nasPort = findInteger(attributes, attr::kNasPort);
    event.nasPortId = textOf(attributes, attr::kNasPortId);
    event.callingStationId = textOf(attributes, attr::kCallingStationId);
    event.calledStationId = textOf(attributes, attr::kCalledStationId);
}

}  // namespace

std::string_view name(AcctStatus status) {
    switch (status) {
        case AcctStatus::Start:
            return "start";
        case AcctStatus::Stop:
            return "stop";
        case AcctStatus::Interim:
            return "interim";
        case AcctStatus::AccountingOn:
            return "accounting_on";
        case AcctStatus::AccountingOff:
            break;
    }
    return "accounting_off";
}

std::string_view name(BadAccounting error) {
    constexpr std::array<std::string_view, 3> names = {"status_type_missing", "session_id_missing",
                                                       "user_name_missing"};
    return names.at(static_cast<std::size_t>(error));
}

bool AccountingEvent::isOfNas() const {
    return status == AcctStatus::AccountingOn || status == AcctStatus::AccountingOff;
}

std::optional<core::Instant> AccountingEvent::startEstimate() const {
    if (status == AcctStatus::Start) {
        return happenedAt;
    }
    if (isOfNas() || !sessionTime) {
        return std::nullopt;
    }
    return happenedAt - core::Seconds(*sessionTime);
}

std::variant<AccountingEvent, BadAccounting> readAccountingEvent(const Attributes& attributes,
                                                                 const AccountingArrival& arrival) {
    const auto status = statusOf(attributes);
    if (!status) {
        return BadAccounting::StatusTypeMissing;
    }
    AccountingEvent event;
    event.arrival = arrival;
    event.status = *status;
    event.happenedAt = happenedAt(attributes, arrival.receivedAt);
    event.acctSessionId = textOf(attributes, attr::kAcctSessionId);
    if (event.acctSessionId.empty() && !event.isOfNas()) {
        return BadAccounting::SessionIdMissing;
    }
    event.username = textOf(attributes, attr::kUserName);
    if (event.username.empty() && !event.isOfNas()) {
        return BadAccounting::UserNameMissing;
    }
    event.usernameKey = billing::usernameKey(event.username);
    event.loginClass = loginClassOf(attributes);
    event.terminateCause = terminateCauseOf(attributes);
    readCounters(attributes, event);
    readPlace(attributes, event);
    return event;
}

}  // namespace gardu::radius
