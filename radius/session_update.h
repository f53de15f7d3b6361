#pragma once
// What a packet changes of its session's fields, but for counters and their usage. Pure.

#include <string>
#include <string_view>

#include "core/calendar.h"
#include "radius/accounting_event.h"
#include "radius/nas_boot.h"
#include "radius/session.h"

namespace gardu::radius {

/// As the packet begins it, with nothing counted; its number and its hour are the caller's.
[[nodiscard]] Session sessionOf(const AccountingEvent& event);

/// NAS and ids, login, start, addresses, ports: what is newer replaces, what is late fills what is empty.
void takeIdentity(Session& session, const AccountingEvent& event);
/// When it was seen and heard, and how often it is. `boot`: of its NAS, with this arrival in it.
void takeTimes(Session& session, const AccountingEvent& event, const NasBoot& boot);

/// Live again, since a packet is from after what seemed to be its end.
void reopen(Session& session);
/// At `stoppedAt`, with `cause`.
void setClosed(Session& session, ClosedBy closedBy, core::Instant stoppedAt);
/// "Lost-Stop": what terminate_cause says of sessions that we close; "" for others.
[[nodiscard]] std::string_view causeOf(ClosedBy closedBy);

/// Whether nothing differs but what every packet changes.
[[nodiscard]] bool hasSameIdentity(const Session& a, const Session& b);

}  // namespace gardu::radius
