#include "core/number_store.h"

#include "core/check.h"

namespace gardu::core {

std::int64_t takeNumbers(Tx& tx, const std::string& series, std::int64_t count) {
    tx.execute("UPDATE numbers SET next_number = next_number + ? WHERE series = ?", {count, series});
    const auto row = tx.queryOne("SELECT next_number FROM numbers WHERE series = ?", {series});
    check(row.has_value(), "a series of numbers that no schema script made");
    return row->integer(0) - count;
}

}  // namespace gardu::core
