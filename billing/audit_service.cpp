#include "billing/audit_service.h"

#include <utility>

namespace gardu::billing {

void audit(core::Tx& tx, const Act& act, AuditedAction what) {
    AuditRow row;
    row.at = act.now;
    row.actor = act.actor;
    row.action = std::move(what.action);
    row.entity = std::move(what.entity);
    row.entityId = std::move(what.entityId);
    row.before = std::move(what.before);
    row.after = std::move(what.after);
    insertAudit(tx, row);
}

}  // namespace gardu::billing
