#include "core/clock.h"

namespace gardu::core {

Instant wallNow() {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

}  // namespace gardu::core
