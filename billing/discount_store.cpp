#include "billing/discount_store.h"

namespace gardu::billing {

namespace {

StoredDiscount toDiscount(const core::Row& row) {
    return {row.text(0),
            {row.text(1), row.text(2), row.optionalInt(3), row.optionalInteger(4), row.day(5),
             row.optionalDay(6)}};
}

}  // namespace

std::optional<StoredDiscount> findDiscount(core::Tx& tx, const std::string& id) {
    const auto row = tx.queryOne(
        "SELECT subscription_id, id, name, rate_ppm, amount, starts_on, ends_on FROM discounts WHERE id = ?",
        {id});
    return row ? std::optional(toDiscount(*row)) : std::nullopt;
}

std::vector<Discount> discountsOf(core::Tx& tx, const std::string& subscriptionId) {
    std::vector<Discount> discounts;
    for (const core::Row& row :
         tx.query("SELECT subscription_id, id, name, rate_ppm, amount, starts_on, ends_on FROM discounts "
                  "WHERE subscription_id = ? ORDER BY starts_on, id",
                  {subscriptionId})) {
        discounts.push_back(toDiscount(row).discount);
    }
    return discounts;
}

}  // namespace gardu::billing
