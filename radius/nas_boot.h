#pragma once
// What packets tell about the reboots of their NAS, said by Accounting-On and -Off or seen in the session ids
// of RouterOS. Pure.

#include <string>
#include <string_view>

#include "core/calendar.h"
#include "radius/accounting_event.h"
#include "radius/session.h"

namespace gardu::radius {

/// "B" of "8SBNNNNN" (eight hexadecimal digits; S is 0, 1 or 2), in lower case; "" for any other id.
[[nodiscard]] std::string bootDigitOf(std::string_view acctSessionId);

/// A packet arrived. One that arrived minutes before the last one shows that our clock was set back: what was
/// noted by the wrong one is as if it were now.
void noteArrival(NasBoot& boot, core::Instant receivedAt);
/// The NAS says that it began, or ends, its service. The digit of its boots is unknown then, unless a later
/// session told it.
void noteServiceChange(NasBoot& boot, core::Instant happenedAt);
/// Whether the packet's session has another digit and began after all that had the known one.
[[nodiscard]] bool beginsNextBoot(const NasBoot& boot, const AccountingEvent& event);
/// Takes the digit of the packet's session; another one than the known one means that a boot was between.
void noteDigit(NasBoot& boot, const AccountingEvent& event);

/// Whether a boot at that time ended the session: it began before, and nothing is known of it from after.
[[nodiscard]] bool isEndedAt(core::Instant bootedAt, const Session& session);
/// Whether the known boot ended it. A session with the known digit is of this boot: the first start that was
/// heard need not be the first one after the boot.
[[nodiscard]] bool isEndedBy(const NasBoot& boot, const Session& session);

}  // namespace gardu::radius
