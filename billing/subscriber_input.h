#pragma once
// A new subscriber as an operator or a row of a CSV file gives it. Pure.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "billing/subscription.h"
#include "core/calendar.h"
#include "core/refused.h"

namespace gardu::billing {

/// What a new subscriber is made of, as an operator or a CSV row gives it.
struct SubscriberInput {
    std::string username;
    std::string password;
    std::string packageName;
    core::Date startDate{};
    /// False where nobody wrote it and it is the day of the import.
    bool startDateIsGiven = true;
    std::optional<core::Date> endDate;
    /// The customer of this name, or a new one. Empty: a new one named as the user.
    std::string customerName;
    std::optional<std::string> phone;
    std::optional<std::string> email;
    std::optional<std::string> address;
    StaticAddresses addresses;
};

/// Every field that is wrong in itself; what needs the database is not looked at.
[[nodiscard]] std::vector<core::FieldError> subscriberProblems(const SubscriberInput& input);

/// An end before the start.
[[nodiscard]] std::vector<core::FieldError> dateProblems(core::Date start,
                                                         const std::optional<core::Date>& end);

/// The columns that a CSV file can have. username, password, package and end_date must be there.
[[nodiscard]] const std::vector<std::string>& subscriberColumns();

/// Which column stands where in a file.
class SubscriberHeader {
public:
    /// The header, or what is wrong with it in words (an unknown, doubled or missing column).
    [[nodiscard]] static std::variant<SubscriberHeader, std::string> read(
        const std::vector<std::string>& fields);

    /// Adds all that is wrong with the row in itself to `errors`; the input is of use only where there is
    /// nothing.
    [[nodiscard]] SubscriberInput readRow(const std::vector<std::string>& fields, core::Date today,
                                          std::vector<core::FieldError>& errors) const;
    [[nodiscard]] bool has(const std::string& column) const;

private:
    [[nodiscard]] std::string cell(const std::vector<std::string>& fields, const std::string& column) const;
    std::vector<std::string> columns_;
};

}  // namespace gardu::billing
