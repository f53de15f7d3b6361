# Sourced by run, test and .ci/run: configure and build one tree. Everything here speaks on standard error.
# shellcheck shell=bash

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
readonly root

# Paths inside the clone are told to the compiler cache as relative ones: another clone finds what this one
# built.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

note() {
    printf '== %s\n' "$*" >&2
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# timed NAME COMMAND...: runs it and says how long it took.
timed() {
    local -r name=$1 start=$SECONDS
    local status=0 end='done'
    shift
    note "$name"
    "$@" || status=$?
    ((status == 0)) || end='FAILED'
    note "$name: $end after $((SECONDS - start)) s"
    return "$status"
}

# configure TREE CMAKE-ARGUMENTS...: once; Ninja runs CMake again where a CMake file changed.
configure() {
    local -r tree=$root/$1
    shift
    local -r home="CMAKE_HOME_DIRECTORY:INTERNAL=$root"
    if [[ -f $tree/build.ninja ]] && grep -qxF "$home" "$tree/CMakeCache.txt"; then
        return 0
    fi
    rm -rf "$tree/CMakeCache.txt" "$tree/CMakeFiles"
    cmake -S "$root" -B "$tree" -G Ninja "$@" >&2
}

# build TREE [TARGET...]: one builder a tree at a time.
build() {
    local -r tree=$root/$1
    shift
    flock "$tree/.lock" ninja -C "$tree" "$@" >&2
}

configure_plain() {
    configure build -DCMAKE_BUILD_TYPE=RelWithDebInfo
}
