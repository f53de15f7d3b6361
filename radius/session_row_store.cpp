#include "radius/session_row_store.h"

#include <algorithm>
#include <map>

#include "billing/entitlement.h"
#include "core/bytes.h"
#include "core/check.h"

namespace gardu::radius {

namespace {

/// The columns of one row, in order.
class Columns {
public:
    explicit Columns(const core::Row& row) : row_(row) {}

    const std::string& text() { return row_.text(at_++); }
    std::optional<std::string> optionalText() { return row_.optionalText(at_++); }
    std::string textOrEmpty() {
        const std::size_t at = at_++;
        return row_.isNull(at) ? std::string() : row_.text(at);
    }
    std::int64_t integer() { return row_.integer(at_++); }
    std::optional<std::int64_t> optionalInteger() { return row_.optionalInteger(at_++); }
    core::Instant instant() { return core::fromEpochMs(integer()); }
    std::optional<core::Instant> optionalInstant() {
        const auto ms = optionalInteger();
        return ms ? std::optional(core::fromEpochMs(*ms)) : std::nullopt;
    }
    core::IpAddress address() { return stored(core::parseIpAddress(text())); }
    std::optional<core::IpAddress> optionalAddress() {
        const auto column = optionalText();
        return column ? std::optional(stored(core::parseIpAddress(*column))) : std::nullopt;
    }
    std::optional<core::IpNetwork> optionalNetwork() {
        const auto column = optionalText();
        return column ? std::optional(stored(core::parseIpNetwork(*column))) : std::nullopt;
    }
    template <class T>
    static T stored(const std::optional<T>& value) {
        core::check(value.has_value(), "a session in the database holds what no program of ours writes");
        return *value;
    }

private:
    const core::Row& row_;
    std::size_t at_ = 0;
};

std::optional<billing::Access> parseAccess(std::string_view text) {
    for (const auto access : {billing::Access::Full, billing::Access::Walled, billing::Access::Denied}) {
        if (text == billing::name(access)) {
            return access;
        }
    }
    return std::nullopt;
}

std::optional<Told> readTold(Columns& columns) {
    const auto access = columns.optionalText();
    const auto rate = columns.optionalInteger();
    const auto place = columns.optionalInteger();
    const auto until = columns.optionalInstant();
    if (!access) {
        return std::nullopt;
    }
    return Told{Columns::stored(parseAccess(*access)), static_cast<std::uint32_t>(rate.value_or(0)),
                static_cast<std::uint32_t>(place.value_or(0)), until};
}

void readIdentity(Columns& columns, Session& session) {
    session.id = columns.integer();
    session.nasId = columns.text();
    session.nasKey = columns.text();
    session.source = columns.address();
    session.username = columns.text();
    session.usernameKey = columns.text();
    session.subscriptionId = columns.textOrEmpty();
    session.acctSessionId = columns.text();
    session.loginId = columns.textOrEmpty();
    session.startedAt = columns.instant();
    session.startSeen = columns.integer() != 0;
    if (const auto framedIp = columns.optionalNetwork()) {
        session.framedIp = framedIp->address;
    }
    session.framedIpv6Prefix = columns.optionalNetwork();
    session.delegatedIpv6Prefix = columns.optionalNetwork();
    session.nasIp = columns.optionalAddress();
    session.nasIdentifier = columns.text();
    if (const auto port = columns.optionalInteger()) {
        session.nasPort = static_cast<std::uint32_t>(*port);
    }
    session.nasPortId = columns.text();
    session.callingStationId = columns.text();
    session.calledStationId = columns.text();
    session.state = Columns::stored(parseSessionState(columns.text()));
    session.closedBy = Columns::stored(parseClosedBy(columns.text()));
    session.terminateCause = columns.optionalText();
    session.stoppedAt = columns.optionalInstant();
    session.told = readTold(columns);
}

void readCounters(Columns& columns, Session& session) {
    session.lastSeenAt = columns.instant();
    session.heardAt = columns.instant();
    session.sessionTime = columns.integer();
    session.octets.input = columns.integer();
    session.octets.output = columns.integer();
    session.countedAt = columns.instant();
    session.intervalSeconds = columns.integer();
    session.hourStart = columns.instant();
    session.hourOctets.input = columns.integer();
    session.hourOctets.output = columns.integer();
    core::check(parsePoints(columns.text(), session),
                "counter points in the database are of no form that a program of ours writes");
}

constexpr std::size_t kNetworksPerStatement = 200;

/// Each column has an index of its own, which one condition with OR would not use.
constexpr const char* kAddressConditions[] = {
    "WHERE started_at <= ? AND (stopped_at IS NULL OR stopped_at >= ?) AND framed_ip IN ",
    "WHERE started_at <= ? AND (stopped_at IS NULL OR stopped_at >= ?) AND framed_ipv6_prefix IN ",
    "WHERE started_at <= ? AND (stopped_at IS NULL OR stopped_at >= ?) AND delegated_ipv6_prefix IN ",
};

const char* conditionOf(const SessionFilter& filter) {
    if (filter.usernameKey && filter.subscriptionId) {
        return filter.nasId ? "WHERE (username_key = ? OR subscription_id = ?) AND nas_id = ? AND s.id < ? "
                            : "WHERE (username_key = ? OR subscription_id = ?) AND s.id < ? ";
    }
    if (filter.usernameKey && filter.nasId) {
        return "WHERE username_key = ? AND nas_id = ? AND s.id < ? ";
    }
    if (filter.usernameKey) {
        return "WHERE username_key = ? AND s.id < ? ";
    }
    return filter.nasId ? "WHERE nas_id = ? AND s.id < ? " : "WHERE s.id < ? ";
}

core::Value textOrNull(const std::string& text) {
    return text.empty() ? core::Value(nullptr) : core::Value(text);
}

core::Value toValue(const std::optional<core::IpNetwork>& network) {
    return network ? core::Value(core::formatIpNetwork(*network)) : core::Value(nullptr);
}

core::Value networkOf(const std::optional<core::IpAddress>& address) {
    return address ? core::Value(core::formatIpNetwork({*address, address->bits()})) : core::Value(nullptr);
}

void appendTold(core::Values& values, const std::optional<Told>& told) {
    if (!told) {
        values.insert(values.end(), 4, core::Value(nullptr));
        return;
    }
    values.emplace_back(std::string(billing::name(told->access)));
    values.emplace_back(std::int64_t{told->rate});
    values.emplace_back(std::int64_t{told->place});
    values.push_back(core::toValue(told->until));
}

}  // namespace

Session toSession(const core::Row& row) {
    Session session;
    Columns columns(row);
    readIdentity(columns, session);
    readCounters(columns, session);
    return session;
}

std::vector<Session> toSessions(const core::Rows& rows) {
    std::vector<Session> sessions;
    sessions.reserve(rows.size());
    for (const core::Row& row : rows) {
        sessions.push_back(toSession(row));
    }
    return sessions;
}

core::Values identityOf(const Session& session) {
    core::Values values;
    values.reserve(40);
    values.emplace_back(session.id);
    values.emplace_back(session.nasId);
    values.emplace_back(session.nasKey);
    values.emplace_back(core::formatIpAddress(session.source));
    values.emplace_back(session.username);
    values.emplace_back(session.usernameKey);
    values.push_back(textOrNull(session.subscriptionId));
    values.emplace_back(session.acctSessionId);
    values.emplace_back(acctKey(session.nasKey, session.acctSessionId));
    values.push_back(textOrNull(session.loginId));
    values.emplace_back(core::toEpochMs(session.startedAt));
    values.emplace_back(std::int64_t{session.startSeen ? 1 : 0});
    values.push_back(networkOf(session.framedIp));
    values.push_back(toValue(session.framedIpv6Prefix));
    values.push_back(toValue(session.delegatedIpv6Prefix));
    values.push_back(session.nasIp ? core::Value(core::formatIpAddress(*session.nasIp)) : nullptr);
    values.emplace_back(session.nasIdentifier);
    values.push_back(session.nasPort ? core::Value(std::int64_t{*session.nasPort}) : nullptr);
    values.emplace_back(session.nasPortId);
    values.emplace_back(session.callingStationId);
    values.emplace_back(session.calledStationId);
    values.emplace_back(std::string(name(session.state)));
    values.emplace_back(std::string(name(session.closedBy)));
    values.push_back(core::toValue(session.terminateCause));
    values.push_back(core::toValue(session.stoppedAt));
    appendTold(values, session.told);
    return values;
}

void appendCounters(core::Values& values, const Session& session) {
    values.emplace_back(core::toEpochMs(session.lastSeenAt));
    values.emplace_back(core::toEpochMs(session.heardAt));
    values.emplace_back(session.sessionTime);
    values.emplace_back(session.octets.input);
    values.emplace_back(session.octets.output);
    values.emplace_back(core::toEpochMs(session.countedAt));
    values.emplace_back(session.intervalSeconds);
    values.emplace_back(core::toEpochMs(session.hourStart));
    values.emplace_back(session.hourOctets.input);
    values.emplace_back(session.hourOctets.output);
    values.emplace_back(formatPoints(session));
}

std::vector<Session> sessionsWithAddressIn(core::Tx& tx, const std::string& select,
                                           const std::vector<std::string>& networks, core::Instant at) {
    std::map<std::int64_t, Session> found;
    for (std::size_t first = 0; first < networks.size(); first += kNetworksPerStatement) {
        const std::size_t end = std::min(first + kNetworksPerStatement, networks.size());
        core::Values values{core::toEpochMs(at), core::toEpochMs(at)};
        values.insert(values.end(), networks.begin() + static_cast<std::ptrdiff_t>(first),
                      networks.begin() + static_cast<std::ptrdiff_t>(end));
        const std::string list = core::placeholders(end - first);
        for (const char* condition : kAddressConditions) {
            for (const core::Row& row :
                 tx.query(std::string(select).append(condition).append(list), values)) {
                Session session = toSession(row);
                found.try_emplace(session.id, std::move(session));
            }
        }
    }
    std::vector<Session> sessions;
    sessions.reserve(found.size());
    for (auto& [id, session] : found) {
        sessions.push_back(std::move(session));
    }
    return sessions;
}

std::vector<Session> listSessionsIn(core::Tx& tx, const std::string& select, const SessionPage& page) {
    core::Values values;
    for (const auto& text : {page.filter.usernameKey, page.filter.subscriptionId, page.filter.nasId}) {
        if (text) {
            values.emplace_back(*text);
        }
    }
    values.emplace_back(page.beforeId);
    values.emplace_back(std::int64_t{page.limit});
    constexpr const char* kOpen = "AND state <> 'closed' ";
    constexpr const char* kNewest = "ORDER BY s.id DESC LIMIT ?";
    return toSessions(tx.query(std::string(select)
                                   .append(conditionOf(page.filter))
                                   .append(page.filter.openOnly ? kOpen : "")
                                   .append(kNewest),
                               values));
}

std::int64_t acctKey(std::string_view nasKey, std::string_view acctSessionId) {
    // FNV-1a of 64 bits.
    std::uint64_t value = 14'695'981'039'346'656'037U;
    const auto mix = [&](std::uint8_t octet) { value = (value ^ octet) * 1'099'511'628'211U; };
    for (const std::uint8_t octet : core::asBytes(nasKey)) {
        mix(octet);
    }
    mix(0);  // so that "ab", "c" is not "a", "bc"
    for (const std::uint8_t octet : core::asBytes(acctSessionId)) {
        mix(octet);
    }
    return static_cast<std::int64_t>(value);
}

}  // namespace gardu::radius
