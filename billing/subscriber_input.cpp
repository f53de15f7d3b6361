#include "billing/subscriber_input.h"

#include <algorithm>

#include "billing/username.h"
#include "core/bytes.h"

namespace gardu::billing {

namespace {

constexpr std::size_t kMaxCustomerName = 255;
// What the columns of the table customers hold.
constexpr std::size_t kMaxPhone = 50;
constexpr std::size_t kMaxEmail = 255;
constexpr std::size_t kMaxAddress = 1'000;

using Errors = std::vector<core::FieldError>;

std::optional<std::string> notEmpty(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::optional<core::Date> readDate(Errors& errors, const char* column, const std::string& text) {
    auto date = core::parseDate(text);
    if (!date && !text.empty()) {
        errors.push_back({column, "\"" + text + "\" is not a day; write YYYY-MM-DD"});
    }
    return date;
}

void checkText(Errors& errors, const char* column, const std::optional<std::string>& text, std::size_t most) {
    if (!text) {
        return;
    }
    // An address may have several lines.
    std::string line = *text;
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    if (line.size() > most || !core::isPrintableUtf8(core::asBytes(line))) {
        errors.push_back({column, "write at most " + std::to_string(most) + " octets of printable UTF-8"});
    }
}

std::string inLowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

std::string unknownColumn(const std::string& name) {
    std::string text = "there is no column \"";
    text.append(name).append("\"; the columns are");
    const char* separator = " ";
    for (const std::string& column : subscriberColumns()) {
        text.append(separator).append(column);
        separator = ", ";
    }
    return text;
}

}  // namespace

const std::vector<std::string>& subscriberColumns() {
    static const std::vector<std::string> columns = {"username",
                                                     "password",
                                                     "package",
                                                     "end_date",
                                                     "start_date",
                                                     "customer",
                                                     "phone",
                                                     "email",
                                                     "address",
                                                     "static_ip",
                                                     "framed_route",
                                                     "framed_ipv6_prefix",
                                                     "delegated_ipv6_prefix"};
    return columns;
}

std::vector<core::FieldError> subscriberProblems(const SubscriberInput& input) {
    Errors errors;
    if (const auto problem = usernameProblem(input.username)) {
        errors.push_back({"username", *problem});
    }
    if (const auto problem = passwordProblem(input.username, input.password)) {
        errors.push_back({"password", *problem});
    }
    if (input.packageName.empty()) {
        errors.push_back({"package", "name a package"});
    }
    if (input.customerName.size() > kMaxCustomerName ||
        !core::isPrintableUtf8(core::asBytes(input.customerName))) {
        errors.push_back({"customer", "write a name of at most 255 printable characters"});
    }
    checkText(errors, "phone", input.phone, kMaxPhone);
    checkText(errors, "email", input.email, kMaxEmail);
    checkText(errors, "address", input.address, kMaxAddress);
    for (auto& error : addressProblems(input.addresses)) {
        errors.push_back(std::move(error));
    }
    for (auto& error : dateProblems(input.startDate, input.endDate)) {
        errors.push_back(std::move(error));
    }
    return errors;
}

std::vector<core::FieldError> dateProblems(core::Date start, const std::optional<core::Date>& end) {
    if (end && *end < start) {
        return {{"end_date", "is before the start date " + core::formatDate(start)}};
    }
    return {};
}

std::variant<SubscriberHeader, std::string> SubscriberHeader::read(const std::vector<std::string>& fields) {
    SubscriberHeader header;
    const auto& known = subscriberColumns();
    for (const std::string& field : fields) {
        const std::string name = inLowerCase(field);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return unknownColumn(name);
        }
        if (header.has(name)) {
            return "the column " + name + " is there twice";
        }
        header.columns_.push_back(name);
    }
    for (const char* needed : {"username", "password", "package", "end_date"}) {
        if (!header.has(needed)) {
            return std::string("the column ") + needed + " is missing";
        }
    }
    return header;
}

bool SubscriberHeader::has(const std::string& column) const {
    return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

std::string SubscriberHeader::cell(const std::vector<std::string>& fields, const std::string& column) const {
    const auto at = std::find(columns_.begin(), columns_.end(), column);
    return at == columns_.end() ? "" : fields.at(static_cast<std::size_t>(at - columns_.begin()));
}

SubscriberInput SubscriberHeader::readRow(const std::vector<std::string>& fields, core::Date today,
                                          std::vector<core::FieldError>& errors) const {
    SubscriberInput input;
    if (fields.size() != columns_.size()) {
        errors.push_back({"row", "has " + std::to_string(fields.size()) + " fields, the header has " +
                                     std::to_string(columns_.size())});
        return input;
    }
    input.username = cell(fields, "username");
    input.password = cell(fields, "password");
    input.packageName = cell(fields, "package");
    input.endDate = readDate(errors, "end_date", cell(fields, "end_date"));
    const auto startDate = readDate(errors, "start_date", cell(fields, "start_date"));
    input.startDateIsGiven = startDate.has_value();
    input.startDate = startDate.value_or(input.endDate ? std::min(*input.endDate, today) : today);
    input.customerName = cell(fields, "customer");
    input.phone = notEmpty(cell(fields, "phone"));
    input.email = notEmpty(cell(fields, "email"));
    input.address = notEmpty(cell(fields, "address"));
    input.addresses.ipv4 = notEmpty(cell(fields, "static_ip"));
    input.addresses.framedRoutes = splitRoutes(notEmpty(cell(fields, "framed_route")));
    input.addresses.framedIpv6Prefix = notEmpty(cell(fields, "framed_ipv6_prefix"));
    input.addresses.delegatedIpv6Prefix = notEmpty(cell(fields, "delegated_ipv6_prefix"));
    for (auto& error : subscriberProblems(input)) {
        errors.push_back(std::move(error));
    }
    return input;
}

}  // namespace gardu::billing
