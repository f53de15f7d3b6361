#pragma once
// The running server: builds everything, in order, in one function, starts the threads, and ends them in reverse.

#include "app/workplace.h"

namespace gardu::app {

/// Runs until SIGTERM or SIGINT; prints a line with event=ready once it answers. Throws where it cannot start.
void serve(Workplace& workplace);

}  // namespace gardu::app
