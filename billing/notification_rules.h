#pragma once
// When and to where a notification is sent: pauses between attempts, quiet hours, addresses. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "core/calendar.h"

namespace gardu::billing {

/// After that attempt failed (1 is the first one): a minute, doubling to an hour. Nothing once a day of
/// pauses is over: it has failed for good.
[[nodiscard]] std::optional<core::Milliseconds> pauseAfterAttempt(int attempt);

/// In which nobody is disturbed, in seconds after local midnight, over midnight or not; equal: none.
struct QuietHours {
    core::Seconds from{0};
    core::Seconds until{0};
};
/// "21:00"; nothing for anything else.
[[nodiscard]] std::optional<core::Seconds> parseTimeOfDay(std::string_view text);

/// `now`, or the end of the quiet hours that it is in. What answers a payment ("restored",
/// "payment_received") is not held back.
[[nodiscard]] core::Instant sendableAt(std::string_view templateName, const QuietHours& quiet,
                                       const core::Zone& zone, core::Instant now);

/// Digits with the country code first, as gateways take them: "0812-345 678", "+62 812 345678" and
/// "812345678" are "62812345678" with country code "62". Nothing where it is no telephone number.
[[nodiscard]] std::optional<std::string> dialNumber(std::string_view phone, std::string_view countryCode);

/// One mailbox of plain ASCII without a name ("budi@example.net"), with nothing in it that could end a line
/// or an address.
[[nodiscard]] bool isMailAddress(std::string_view text);

}  // namespace gardu::billing
