#!/usr/bin/env bash
# Runs a program, and what it starts, without address space randomisation where the system lets us.
set -euo pipefail
if setarch --addr-no-randomize true 2>/dev/null; then
    exec setarch --addr-no-randomize "$@"
fi
exec "$@"
