#include "billing/records_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "billing/where_store.h"
#include "core/bytes.h"
#include "core/check.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

/// What the columns hold.
constexpr std::size_t kLongestMessage = 500;
constexpr std::size_t kLongestMeta = 4000;

/// Of one instant, ascending: events that were noted together stay in their order.
std::vector<std::string> newIds(core::Instant now, std::size_t count) {
    std::vector<std::string> ids;
    ids.reserve(count);
    while (ids.size() < count) {
        ids.push_back(core::newId(now));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::string metaText(const BillingEvent& event) {
    const std::string text =
        nlohmann::json(event.meta).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return text.size() <= kLongestMeta ? text : "{}";
}

std::map<std::string, std::string> toMeta(const std::string& text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    core::check(json.is_object(), "meta of a billing log is no JSON object");
    return json.get<std::map<std::string, std::string>>();
}

BillingLogRow toLogRow(const core::Row& row) {
    BillingLogRow log;
    log.id = row.text(0);
    log.customerId = row.optionalText(1);
    log.event.subscriptionId = row.optionalText(2);
    log.event.invoiceId = row.optionalText(3);
    log.event.paymentId = row.optionalText(4);
    log.event.action = row.text(5);
    log.event.message = row.text(6);
    log.event.meta = toMeta(row.text(7));
    log.at = row.instant(8);
    return log;
}

}  // namespace

void insertBillingLogs(core::Tx& tx, const std::optional<std::string>& customerId,
                       const std::vector<BillingEvent>& events, core::Instant now) {
    std::vector<core::Values> rows;
    rows.reserve(events.size());
    const std::vector<std::string> ids = newIds(now, events.size());
    for (const BillingEvent& event : events) {
        rows.push_back({ids[rows.size()], core::toValue(customerId), core::toValue(event.subscriptionId),
                        core::toValue(event.invoiceId), core::toValue(event.paymentId), event.action,
                        core::shortened(event.message, kLongestMessage), metaText(event),
                        core::toEpochMs(now)});
    }
    tx.insertRows(
        "INSERT INTO billing_logs(id, customer_id, subscription_id, invoice_id, payment_id, action, message, "
        "meta, created_at)",
        rows);
}

std::vector<BillingLogRow> listBillingLogs(core::Tx& tx, const std::optional<std::string>& subscriptionId,
                                           const std::string& beforeId, int limit) {
    Where where;
    where.addIf("subscription_id = ?", subscriptionId);
    if (!beforeId.empty()) {
        where.add("id < ?", {beforeId});
    }
    const core::Rows rows = where.query(
        tx,
        "SELECT id, customer_id, subscription_id, invoice_id, payment_id, action, message, meta, created_at "
        "FROM billing_logs",
        " ORDER BY id DESC LIMIT ?", {std::int64_t{limit}});
    std::vector<BillingLogRow> logs;
    logs.reserve(rows.size());
    for (const core::Row& row : rows) {
        logs.push_back(toLogRow(row));
    }
    return logs;
}

void insertAudit(core::Tx& tx, const AuditRow& row) {
    insertAudits(tx, {row});
}

void insertAudits(core::Tx& tx, const std::vector<AuditRow>& rows) {
    std::vector<core::Values> values;
    values.reserve(rows.size());
    for (const AuditRow& row : rows) {
        values.push_back({core::toEpochMs(row.at), row.actor, row.action, row.entity, row.entityId,
                          core::toValue(row.before), core::toValue(row.after)});
    }
    tx.insertRows("INSERT INTO audit_log(done_at, actor, action, entity, entity_id, before_json, after_json)",
                  values);
}

std::vector<AuditRow> listAudit(core::Tx& tx, const std::optional<std::string>& entityId,
                                std::int64_t beforeId, int limit) {
    Where where;
    where.addIf("entity_id = ?", entityId);
    if (beforeId != 0) {
        where.add("id < ?", {beforeId});
    }
    const core::Rows rows = where.query(tx,
                                        "SELECT id, done_at, actor, action, entity, entity_id, before_json, "
                                        "after_json FROM audit_log",
                                        " ORDER BY id DESC LIMIT ?", {std::int64_t{limit}});
    std::vector<AuditRow> audit;
    audit.reserve(rows.size());
    for (const core::Row& row : rows) {
        audit.push_back({row.integer(0), row.instant(1), row.text(2), row.text(3), row.text(4), row.text(5),
                         row.optionalText(6), row.optionalText(7)});
    }
    return audit;
}

}  // namespace gardu::billing
