#pragma once
// For what cannot happen unless we are wrong: it ends the unit of work, is logged and counted at its top
// (metric gardu_invariant_broken_total, which must stay 0), and never answers a packet.

#include <stdexcept>
#include <string>

namespace gardu::core {

class InvariantBroken : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// The other half of check().
[[noreturn]] void throwBroken(const char* what, const char* file, int line);

/// Throws InvariantBroken with the caller's place and the words where `holds` is false. The built-ins stand
/// in for std::source_location, which clang 14 does not have; inline, so that compilers and analyzers know
/// what holds after.
inline void check(bool holds, const char* what, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
    if (!holds) {
        throwBroken(what, file, line);
    }
}

}  // namespace gardu::core
