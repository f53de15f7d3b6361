#include "app/session_views.h"

#include "radius/enforcement.h"

namespace gardu::app {

namespace {

Json networkOrNull(const std::optional<core::IpNetwork>& network) {
    return network ? Json(core::formatIpNetwork(*network)) : Json(nullptr);
}

Json addressOrNull(const std::optional<core::IpAddress>& address) {
    return address ? Json(core::formatIpAddress(*address)) : Json(nullptr);
}

Json nameOf(const std::string& nasId, const NasNames& names) {
    const auto at = names.find(nasId);
    return at == names.end() ? Json(nullptr) : Json(at->second);
}

}  // namespace

Json orNull(const std::optional<core::Instant>& instant) {
    return instant ? Json(core::formatInstant(*instant)) : Json(nullptr);
}

Json orNull(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json toJson(const radius::Session& session, const NasNames& names) {
    return {{"id", session.id},
            {"nas", core::formatIpAddress(session.source)},
            {"nas_name", nameOf(session.nasId, names)},
            {"username", session.username},
            {"subscription_id", orNull(session.subscriptionId)},
            {"acct_session_id", session.acctSessionId},
            {"framed_ip_address", addressOrNull(session.framedIp)},
            {"framed_ipv6_prefix", networkOrNull(session.framedIpv6Prefix)},
            {"delegated_ipv6_prefix", networkOrNull(session.delegatedIpv6Prefix)},
            {"calling_station_id", orNull(session.callingStationId)},
            {"state", name(session.state)},
            {"started_at", core::formatInstant(session.startedAt)},
            {"last_seen_at", core::formatInstant(session.lastSeenAt)},
            {"stopped_at", orNull(session.stoppedAt)},
            {"session_time", session.sessionTime},
            {"input_octets", session.octets.input},
            {"output_octets", session.octets.output},
            {"terminate_cause", session.terminateCause ? Json(*session.terminateCause) : Json(nullptr)}};
}

Json whoHadJson(const radius::Session& session, const NasNames& names, const std::string& customer) {
    return {{"username", session.username},
            {"customer", orNull(customer)},
            {"subscription_id", orNull(session.subscriptionId)},
            {"nas", core::formatIpAddress(session.source)},
            {"nas_name", nameOf(session.nasId, names)},
            {"framed_ip_address", addressOrNull(session.framedIp)},
            {"framed_ipv6_prefix", networkOrNull(session.framedIpv6Prefix)},
            {"delegated_ipv6_prefix", networkOrNull(session.delegatedIpv6Prefix)},
            {"calling_station_id", orNull(session.callingStationId)},
            {"started_at", core::formatInstant(session.startedAt)},
            {"stopped_at", orNull(session.stoppedAt)},
            {"session_id", session.id}};
}

Json toJson(const radius::PendingEnforcement& pending) {
    return {{"session_id", pending.sessionId},
            {"username", pending.username},
            {"nas", pending.nas},
            {"action", pending.action},
            {"reason", pending.reason},
            {"words", radius::enforcementReasonInWords(pending.reason)},
            {"since", core::formatInstant(pending.since)},
            {"attempts", pending.attempts},
            {"last_result", orNull(pending.lastResult)},
            {"next_attempt_at", orNull(pending.nextAttemptAt)}};
}

Json toJson(const radius::DynauthRow& row) {
    return {{"at", core::formatInstant(row.at)},
            {"session_id", row.sessionId},
            {"username", row.username},
            {"nas", row.nas},
            {"action", row.action},
            {"reason", row.reason},
            {"outcome", row.outcome},
            {"error_cause", row.errorCause ? Json(*row.errorCause) : Json(nullptr)},
            {"words", row.words},
            {"sent", row.sent},
            {"took_ms", row.tookMs}};
}

}  // namespace gardu::app
