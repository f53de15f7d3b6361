#pragma once
// SQL that reads the table discounts for operators; invoice_store writes it.

#include <optional>
#include <string>
#include <vector>

#include "billing/account.h"
#include "core/db.h"

namespace gardu::billing {

struct StoredDiscount {
    std::string subscriptionId;
    Discount discount;
};
[[nodiscard]] std::optional<StoredDiscount> findDiscount(core::Tx& tx, const std::string& id);
/// Those that have ended too, by first day.
[[nodiscard]] std::vector<Discount> discountsOf(core::Tx& tx, const std::string& subscriptionId);

}  // namespace gardu::billing
