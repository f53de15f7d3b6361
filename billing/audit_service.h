#pragma once
// The audit row of an operator's action, written in the transaction of the action itself.

#include <optional>
#include <string>
#include <vector>

#include "billing/act.h"
#include "billing/records_store.h"
#include "core/db.h"

namespace gardu::billing {

/// "package update", "package", its id, and its JSON (billing/record_json.h) before and after; none: there
/// was, or is, no such thing.
struct AuditedAction {
    std::string action;
    std::string entity;
    std::string entityId;
    std::optional<std::string> before;
    std::optional<std::string> after;
};

void audit(core::Tx& tx, const Act& act, AuditedAction what);
/// Many at once.
void audit(core::Tx& tx, const Act& act, std::vector<AuditedAction> all);

}  // namespace gardu::billing
