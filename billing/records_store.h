#pragma once
// SQL of what is noted along the way: billing_logs, audit_log, and reading them back.

#include <optional>
#include <string>
#include <vector>

#include "billing/account.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// No customer: of money in suspense.
void insertBillingLogs(core::Tx& tx, const std::optional<std::string>& customerId,
                       const std::vector<BillingEvent>& events, core::Instant now);

struct BillingLogRow {
    std::string id;
    core::Instant at;
    std::optional<std::string> customerId;
    BillingEvent event;
};
/// Newest first.
[[nodiscard]] std::vector<BillingLogRow> listBillingLogs(core::Tx& tx,
                                                         const std::optional<std::string>& subscriptionId,
                                                         const std::string& beforeId, int limit);

/// Who did what: `before` and `after` are JSON of the thing, without secrets.
struct AuditRow {
    std::int64_t id = 0;
    core::Instant at;
    std::string actor;
    std::string action;
    std::string entity;
    std::string entityId;
    std::optional<std::string> before;
    std::optional<std::string> after;
};
void insertAudit(core::Tx& tx, const AuditRow& row);
/// Many at once.
void insertAudits(core::Tx& tx, const std::vector<AuditRow>& rows);
/// Newest first, before that id (0 is the newest).
[[nodiscard]] std::vector<AuditRow> listAudit(core::Tx& tx, const std::optional<std::string>& entityId,
                                              std::int64_t beforeId, int limit);

}  // namespace gardu::billing
