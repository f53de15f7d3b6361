#pragma once
// Customers: who pays. Plain values; pure.

#include <optional>
#include <string>
#include <string_view>

namespace gardu::billing {

enum class CustomerStatus { Active, Inactive, Suspended };

[[nodiscard]] std::string_view name(CustomerStatus status);
[[nodiscard]] std::optional<CustomerStatus> parseCustomerStatus(std::string_view text);

struct Customer {
    std::string id;
    std::string name;
    std::optional<std::string> email;
    std::optional<std::string> phone;
    std::optional<std::string> address;
    CustomerStatus status = CustomerStatus::Active;
    /// Of what is written to him: "id" or "en"; none: the configured one.
    std::optional<std::string> language;
};

}  // namespace gardu::billing
