#pragma once
// How a package is billed: prepaid or postpaid, when invoices are made and due, and the ladder of what
// follows when they are not paid. Plain values and their rules; pure.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/calendar.h"
#include "core/refused.h"

namespace gardu::billing {

/// Prepaid: access ends with the paid period. Postpaid: access goes on, and the ladder decides.
enum class BillingMode { Prepaid, Postpaid };
/// Of postpaid: a period's invoice is made at its start (in advance) or at its end (in arrears).
enum class InvoiceAt { Start, End };
/// What a first period costs that is shorter than a whole one, since the anchor day is another than the first
/// day.
enum class FirstPeriod { Prorate, Free, Full };
/// A prepaid renewal after the end: the new period begins with the payment (and so does the anchor), or at
/// the old end.
enum class LateRenewal { FromPayment, FromEnd };
/// Of postpaid, while isolated or suspended: periods are billed on; not billed; billed, and what fell into
/// the time without access is credited when it ends.
enum class WhileSuspended { Continue, Stop, Credit };

[[nodiscard]] std::string_view name(BillingMode mode);               // "prepaid", "postpaid"
[[nodiscard]] std::string_view name(InvoiceAt at);                   // "start", "end"
[[nodiscard]] std::string_view name(FirstPeriod first);              // "prorate", "free", "full"
[[nodiscard]] std::string_view name(LateRenewal late);               // "from-payment", "from-end"
[[nodiscard]] std::string_view name(WhileSuspended whileSuspended);  // "continue", "stop", "credit"
[[nodiscard]] std::optional<BillingMode> parseBillingMode(std::string_view text);
[[nodiscard]] std::optional<InvoiceAt> parseInvoiceAt(std::string_view text);
[[nodiscard]] std::optional<FirstPeriod> parseFirstPeriod(std::string_view text);
[[nodiscard]] std::optional<LateRenewal> parseLateRenewal(std::string_view text);
[[nodiscard]] std::optional<WhileSuspended> parseWhileSuspended(std::string_view text);

/// What happens to who does not pay. Days count from the due date; the due date itself is still in time.
struct DunningLadder {
    /// Days after the due date on which access stays.
    int graceDays = 0;
    /// Days after the due date after which access is refused rather than isolated; none: never.
    std::optional<int> suspendDays;
    /// Days after the due date after which the subscription ends for good; none: never.
    std::optional<int> terminateDays;
    /// Days of notice before a cut when a payment is taken back.
    int noticeDays = 3;
    /// Minor units: who owes no more than this is left alone.
    std::int64_t tolerance = 0;
    /// 0 Sunday .. 6 Saturday: nobody is cut off on these.
    std::set<int> noCutWeekdays;
    /// Minutes of the local day between which people are cut off, half-open.
    int cutFromMinute = 0;
    int cutUntilMinute = 1440;
    /// Days before (positive) and after (negative) the due date on which the customer is reminded.
    std::vector<int> remindDays = {3, 1};
    bool operator==(const DunningLadder&) const = default;
};

struct BillingTerms {
    BillingMode mode = BillingMode::Prepaid;
    InvoiceAt invoiceAt = InvoiceAt::End;
    FirstPeriod firstPeriod = FirstPeriod::Prorate;
    LateRenewal lateRenewal = LateRenewal::FromPayment;
    WhileSuspended whileSuspended = WhileSuspended::Continue;
    /// Free days before the first period.
    int trialDays = 0;
    /// Prepaid: days before the end on which the invoice of the next period is made; 0: on the last day.
    int invoiceDays = 7;
    /// Postpaid, charges: days from the issue to the due date.
    int dueDays = 7;
    std::optional<std::string> taxCode;
    DunningLadder ladder;
    bool operator==(const BillingTerms&) const = default;
};

/// Every field that is wrong, named as on the command line.
[[nodiscard]] std::vector<core::FieldError> termsProblems(const BillingTerms& terms);

/// "sat,sun" and back; nothing for an unknown day. "" is no day.
[[nodiscard]] std::string formatWeekdays(const std::set<int>& weekdays);
[[nodiscard]] std::optional<std::set<int>> parseWeekdays(std::string_view text);
/// "3,1,-2" and back.
[[nodiscard]] std::string formatDayList(const std::vector<int>& days);
[[nodiscard]] std::optional<std::vector<int>> parseDayList(std::string_view text);

}  // namespace gardu::billing
