#include "billing/customer.h"

#include <array>

namespace gardu::billing {

std::string_view name(CustomerStatus status) {
    constexpr std::array<std::string_view, 3> names = {"active", "inactive", "suspended"};
    return names.at(static_cast<std::size_t>(status));
}

std::optional<CustomerStatus> parseCustomerStatus(std::string_view text) {
    for (const auto status : {CustomerStatus::Active, CustomerStatus::Inactive, CustomerStatus::Suspended}) {
        if (name(status) == text) {
            return status;
        }
    }
    return std::nullopt;
}

}  // namespace gardu::billing
