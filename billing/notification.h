#pragma once
// What customers are told, in Indonesian and English: templates with {names} of a notification's data. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/calendar.h"
#include "core/money.h"

namespace gardu::billing {

enum class Language { Indonesian, English };

/// "id", "en"
[[nodiscard]] std::string_view name(Language language);
[[nodiscard]] std::optional<Language> parseLanguage(std::string_view text);

struct Message {
    std::string subject;
    std::string body;
};

/// The templates there are: "invoice_issued", "reminder", "overdue", "isolated", "suspended", "restored",
/// "payment_received", "terminated", "quota_reached", "payment_reversed".
[[nodiscard]] const std::vector<std::string_view>& notificationTemplates();

/// `values` fill {customer}, {username}, {package}, {number}, {amount}, {due_date}, {period}, {company},
/// {how_to_pay}...; a name that is not there stays empty, and a line that has nothing but empty ones is left
/// out. An unknown template breaks an invariant.
[[nodiscard]] Message renderNotification(std::string_view templateName, Language language,
                                         const std::map<std::string, std::string>& values);

/// "Rp 150.000" and "USD 12,50" in Indonesian, "IDR 150,000" and "USD 12.50" in English.
[[nodiscard]] std::string amountInWords(const core::Money& money, Language language);
/// "15 Februari 2027", "15 February 2027".
[[nodiscard]] std::string dateInWords(core::Date date, Language language);
/// {amount}, {due_date} and {period} as people read them, from an event's "amount_minor" with "currency",
/// "due_date", and "period_start" with "period_end" (exclusive); the rest as it is.
[[nodiscard]] std::map<std::string, std::string> notificationValues(std::map<std::string, std::string> data,
                                                                    Language language);

/// Whether it is still true, so that it may be sent: what the outbox looked at again just before.
struct NotificationFacts {
    /// Of the invoice that it tells of; none: of none.
    std::optional<std::string> invoiceStatus;
    /// Of the subscription.
    std::optional<std::string> stage;
    std::optional<std::string> subscriptionStatus;
    /// Of the invoice.
    std::optional<core::Date> dueDate = {};
};
/// Why it is not sent any more ("the invoice is paid"); nothing where it is.
[[nodiscard]] std::optional<std::string> notificationObsolete(std::string_view templateName,
                                                              const NotificationFacts& facts,
                                                              core::Date today);

}  // namespace gardu::billing
