#!/usr/bin/env bash
# Installs the Debian packages of the named groups (build, test, lint; all of them without an argument) that
# are missing, and nothing else: instant when nothing is. Services of packages that it brings are neither
# started nor enabled; services that were here before are not touched.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
readonly policy=/usr/sbin/policy-rc.d
readonly saved_policy=/usr/sbin/policy-rc.d.before-gardu
readonly mark='Written by tools/install.sh of Gardu'

# "package service": what would start by itself.
readonly services='mariadb-server mariadb
freeradius freeradius'

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

packages_of() {
    local group
    for group in "$@"; do
        grep -qE "^$group " "$here/packages.txt" || fail "no group '$group' in tools/packages.txt"
        sed -n "s/^$group //p" "$here/packages.txt"
    done | sort -u
}

# Prints the given packages that are not installed.
missing_of() {
    comm -23 <(printf '%s\n' "$@" | sort -u) \
        <(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
            sed -n 's/^installed //p' | sort -u)
}

is_missing() {
    [[ -n $(missing_of "$1") ]]
}

# Services that this run would bring.
services_of() {
    local package service
    while read -r package service; do
        if is_missing "$package"; then
            printf '%s\n' "$service"
        fi
    done <<<"$services"
}

# Debian asks policy-rc.d before it starts or stops a service: ours says no for the new ones, and hands the
# rest to the one that was here.
put_guard() {
    if [[ -e $policy ]] && ! grep -q "$mark" "$policy"; then
        mv "$policy" "$saved_policy"
    fi
    cat >"$policy" <<GUARD
#!/bin/sh
# $mark; removed when it ends.
for word in "\$@"; do
    case "\${word%.service}" in
    --*) ;;
    $(paste -sd'|' <<<"$1")) exit 101 ;;
    *) break ;;
    esac
done
[ ! -x $saved_policy ] || exec $saved_policy "\$@"
exit 0
GUARD
    chmod 755 "$policy"
}

remove_guard() {
    if [[ -e $policy ]] && grep -q "$mark" "$policy"; then
        rm -f "$policy"
    fi
    if [[ -e $saved_policy ]]; then
        mv "$saved_policy" "$policy"
    fi
}

disable_service() {
    if command -v systemctl >/dev/null; then
        systemctl --quiet disable "$1.service" >/dev/null 2>&1 || true
    else
        deb-systemd-helper disable "$1.service" >/dev/null 2>&1 || true
    fi
    if [[ -e /etc/init.d/$1 ]]; then
        update-rc.d "$1" disable >/dev/null 2>&1 || true
    fi
}

# Runs at the end however it comes: $new_services is empty where there is nothing to undo.
clean_up() {
    local service
    remove_guard
    for service in $new_services; do
        disable_service "$service"
    done
}

install_missing() {
    local -r options=(-q -y --no-install-recommends -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
    export DEBIAN_FRONTEND=noninteractive
    exec 8>/var/lock/gardu-install.lock
    flock 8
    new_services=$(services_of)
    trap clean_up EXIT
    remove_guard
    if [[ -n $new_services ]]; then
        put_guard "$new_services"
    fi
    apt-get update -q -o DPkg::Lock::Timeout=600 >&2 ||
        printf 'install.sh: apt-get update failed; going on with the package lists that are here\n' >&2
    apt-get install "${options[@]}" "$@" >&2 </dev/null 8>&- || fail "could not install: $*"
}

main() {
    local -r groups=("${@:-build test lint}")
    local wanted missing
    command -v dpkg-query >/dev/null || fail "needs Debian 12; packages are listed in tools/packages.txt"
    # shellcheck disable=SC2068  # the default is three words
    wanted=$(packages_of ${groups[@]})
    mapfile -t wanted <<<"$wanted"
    mapfile -t missing < <(missing_of "${wanted[@]}")
    ((${#missing[@]} > 0)) || return 0
    printf 'install.sh: missing: %s\n' "${missing[*]}" >&2
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "run this as root, or install: ${missing[*]}"
        exec sudo -- "$here/install.sh" "$@"
    fi
    install_missing "${missing[@]}"
}

new_services=''
main "$@"
