#include "billing/account.h"

#include <stdexcept>

namespace gardu::billing {

std::int64_t balanceOf(const Account& account) {
    std::int64_t owed = -account.credit;
    for (const Invoice& invoice : account.open) {
        if (__builtin_add_overflow(owed, invoice.outstanding, &owed)) {
            throw std::overflow_error("what a customer owes does not fit in 64 bits");
        }
    }
    return owed;
}

}  // namespace gardu::billing
