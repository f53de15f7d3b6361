#pragma once
// For what cannot happen unless we are wrong: it ends the unit of work, is logged and counted at its top
// (metric gardu_invariant_broken_total, which must stay 0), and never answers a packet.

#include <source_location>
#include <stdexcept>
#include <string>

namespace gardu::core {

class InvariantBroken : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Throws InvariantBroken with the place and the words where `holds` is false.
void check(bool holds, const char* what, std::source_location place = std::source_location::current());

}  // namespace gardu::core
