#pragma once
// Accounting packets and the sessions they make as lines of text, so that a table of them reads as the rules.
//
//   "start 0; interim 300 t=300 in=100 out=5; stop 600 t=600"
//   "A 0 seen 600 closed Stop@600 100/5"
//
// Times are seconds of one day. A packet is `start`, `interim`, `stop`, `on` or `off` and its time, then:
// nas=1 u=budi id=A (these are the defaults), login=N, t=SESSION-TIME, in= out= gin= gout= (octets and
// gigawords), mac= port= number= (NAS-Port-Id and NAS-Port) ip=, cause=NUMBER, heard=ARRIVAL. Besides
// packets: `age NOW`, `gone ASKED id= login=`.
//
// A row is its id, start ("~" before it: no Start was seen), last sight, state, what closed it and when
// ("User-Request@600"; "Stop" where the Stop has no cause), and its octets; rows by start, joined by "; ".

#include <string>
#include <string_view>
#include <vector>

#include "radius/accounting_event.h"
#include "tests/radius/session_shelf.h"

namespace gardu::radius::test {

[[nodiscard]] core::Instant secondOfDay(std::int64_t second);
/// The packets alone.
[[nodiscard]] std::vector<AccountingEvent> eventsOf(std::string_view script);
/// Applies the lines to the shelf, one after the other.
void play(SessionShelf& shelf, std::string_view script, const EventFacts& facts = {});
[[nodiscard]] std::string rowsOf(const SessionShelf& shelf);
/// Of a new shelf in UTC.
[[nodiscard]] std::string rowsAfter(std::string_view script);
/// Of the script's packets in every order; one text for each result there was, so one at best.
[[nodiscard]] std::vector<std::string> rowsInAnyOrder(std::string_view script);

}  // namespace gardu::radius::test
