#pragma once
// Which session a packet belongs to, and which sessions cannot both be there. Pure.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "radius/accounting_event.h"
#include "radius/session.h"

namespace gardu::radius {

/// Packets of one session differ at least so much about its start: delays that the NAS does not tell, and
/// seconds that it rounds.
inline constexpr core::Milliseconds kStartTolerance = std::chrono::seconds(30);
/// With the drift of a NAS's clock: 0.2 % of the session's length, or kStartTolerance.
[[nodiscard]] core::Milliseconds startTolerance(std::int64_t sessionSeconds);

/// The id of the login in our Class; "": none.
[[nodiscard]] std::string loginIdOf(const AccountingEvent& event);

/// Of sessions with the event's login, or with its NAS, Acct-Session-Id and user, the one that it belongs to:
/// the same login (with another Acct-Session-Id only while it was there), or the start that the event tells,
/// or a session that was there at the same time (a delay that was not told makes the start seem later), or
/// without any start the last one that is open, or else the last one that began before it. nullptr: none of
/// them; two different logins are never one session.
[[nodiscard]] const Session* matchSession(const std::vector<const Session*>& candidates,
                                          const AccountingEvent& event);

/// Whether `older` was over when `newer` began: a NAS gives an Acct-Session-Id to one session at a time, and
/// a device on a port has one session. Not where `older` was seen after that start.
[[nodiscard]] bool supersedes(const Session& newer, const Session& older);

/// Whether the packet is from after all that is known of the session: its own time is later, and it is no
/// repetition that came late.
[[nodiscard]] bool isLater(const Session& session, const AccountingEvent& event);

}  // namespace gardu::radius
