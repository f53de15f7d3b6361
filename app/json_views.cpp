#include "app/json_views.h"

#include "app/billing_views.h"
#include "app/json_values.h"
#include "radius/access_policy.h"

namespace gardu::app {

Json toJson(const core::Money& money) {
    return {{"amount_minor", money.minor},
            {"currency", money.currency.code},
            {"text", core::formatMoney(money) + " " + money.currency.code}};
}

Json toJson(const radius::Nas& nas) {
    return {{"id", nas.id},
            {"name", nas.name},
            {"address", core::formatIpNetwork(nas.address)},
            {"message_authenticator", name(nas.policy)},
            {"message_authenticator_seen", nas.messageAuthenticatorSeen},
            {"coa_port", nas.coaPort},
            {"swap_octets", nas.swapOctets}};
}

Json toJson(const billing::Package& package) {
    return {{"id", package.id},
            {"name", package.name},
            {"type", name(package.type)},
            {"bandwidth", package.bandwidth},
            {"burst", orNull(package.burst)},
            {"priority", orNull(package.priority)},
            {"rate_limit", packageRateLimitText(package)},
            {"price", toJson(package.price)},
            {"validity", formatValidity(package.validity)},
            {"on_expiry", name(package.onExpiry)},
            {"pool", orNull(package.pool)},
            {"address_list", orNull(package.addressList)},
            {"mikrotik_group", orNull(package.mikrotikGroup)},
            {"simultaneous_use", orNull(package.simultaneousUse)},
            {"simultaneous_policy", name(package.simultaneousPolicy)},
            {"interim_interval", orNull(package.interimInterval)},
            {"idle_timeout", orNull(package.idleTimeout)},
            {"ipv6_pool", orNull(package.ipv6Pool)},
            {"delegated_ipv6_pool", orNull(package.delegatedIpv6Pool)},
            {"terms", toJson(package.terms, package.price.currency)},
            {"quota", package.quota ? toJson(*package.quota) : Json(nullptr)}};
}

Json toJson(const billing::SubscriberRecord& record, const billing::Entitlement& entitlement) {
    const billing::Subscription& subscription = record.subscription;
    return {{"id", subscription.id},
            {"username", subscription.username},
            {"customer", record.customerName},
            {"customer_status", name(record.customerStatus)},
            {"package", record.packageName},
            {"status", name(subscription.status)},
            {"start_date", core::formatDate(subscription.startDate)},
            {"end_date", orNull(subscription.endDate)},
            {"access", name(entitlement.access)},
            {"access_reason", name(entitlement.reason)},
            {"static_ip", orNull(subscription.addresses.ipv4)},
            {"framed_routes", subscription.addresses.framedRoutes},
            {"framed_ipv6_prefix", orNull(subscription.addresses.framedIpv6Prefix)},
            {"delegated_ipv6_prefix", orNull(subscription.addresses.delegatedIpv6Prefix)}};
}

Json toJson(const radius::AuthLogRow& row) {
    return {{"decided_at", core::formatInstant(row.decidedAt)},
            {"username", row.userName},
            {"outcome", row.outcome},
            {"reason", row.reason},
            {"words", radius::reasonInWords(row.reason)},
            {"method", row.method},
            {"nas", row.nas},
            {"source_address", row.sourceAddress},
            {"calling_station_id", row.callingStationId},
            {"occurrences", row.occurrences}};
}

Json toJson(const core::Alarm& alarm) {
    return {{"kind", alarm.kind},
            {"subject", alarm.subject},
            {"message", alarm.message},
            {"first_at", core::formatInstant(alarm.firstAt)},
            {"last_at", core::formatInstant(alarm.lastAt)},
            {"occurrences", alarm.occurrences}};
}

}  // namespace gardu::app
