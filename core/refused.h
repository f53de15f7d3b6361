#pragma once
// What a user asked for and cannot have, with every wrong field at once. An exception, since it must also roll back
// the transaction in which it was found out; caught where the request came in (command line, API). Pure.

#include <stdexcept>
#include <string>
#include <vector>

namespace gardu::core {

struct FieldError {
    /// As the user wrote it: "price", "end_date".
    std::string field;
    /// What is wrong and what to write instead.
    std::string message;
    bool operator==(const FieldError&) const = default;
};

class Refused : public std::runtime_error {
public:
    explicit Refused(const std::string& message) : std::runtime_error(message) {}
    explicit Refused(std::vector<FieldError> fields)
        : std::runtime_error(summary(fields)), fields_(std::move(fields)) {}

    [[nodiscard]] const std::vector<FieldError>& fields() const { return fields_; }

private:
    static std::string summary(const std::vector<FieldError>& fields) {
        std::string text;
        for (const FieldError& error : fields) {
            text += (text.empty() ? "" : "; ") + error.field + ": " + error.message;
        }
        return text;
    }
    std::vector<FieldError> fields_;
};

}  // namespace gardu::core
