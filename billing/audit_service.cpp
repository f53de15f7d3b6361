#include "billing/audit_service.h"

#include <utility>

namespace gardu::billing {

namespace {

AuditRow rowOf(const Act& act, AuditedAction what) {
    AuditRow row;
    row.at = act.now;
    row.actor = act.actor;
    row.action = std::move(what.action);
    row.entity = std::move(what.entity);
    row.entityId = std::move(what.entityId);
    row.before = std::move(what.before);
    row.after = std::move(what.after);
    return row;
}

}  // namespace

void audit(core::Tx& tx, const Act& act, AuditedAction what) {
    insertAudit(tx, rowOf(act, std::move(what)));
}

void audit(core::Tx& tx, const Act& act, std::vector<AuditedAction> all) {
    std::vector<AuditRow> rows;
    rows.reserve(all.size());
    for (AuditedAction& what : all) {
        rows.push_back(rowOf(act, std::move(what)));
    }
    insertAudits(tx, rows);
}

}  // namespace gardu::billing
