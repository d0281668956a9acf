# Sourced by every script here: the repository's place, --help, and how to complain.
# shellcheck shell=bash disable=SC2034 # the variables are for those who source this

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=scripts/$(basename "$0")

# Files that are fetched, not built, live outside the repository.
if [ "$(id -u)" = 0 ]; then
    cache=${STAYD_CACHE:-/var/cache/stayd}
else
    cache=${STAYD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stayd}
fi

# die MESSAGE [STATUS]
die() {
    echo "$name: $1" >&2
    exit "${2:-1}"
}

# The comment at the head of the script is its manual.
print_help() { sed -n '2,/^[^#]/ { s/^# \{0,1\}//p; }' "$0"; }

# wants_help ARG…: is --help asked for, before any `--`?
wants_help() {
    local arg
    for arg; do
        case $arg in
            --) return 1 ;;
            -h | --help) return 0 ;;
        esac
    done
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        die "must be root (and there is no sudo) to run: $*"
    fi
}

# quietly LOG COMMAND…: output goes to LOG; the end of it is shown only on failure.
quietly() {
    local log=$1 status=0
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" != 0 ]; then
        tail -n "${QUIET_TAIL:-40}" "$log" >&2
        echo "$name: failed ($status): $* (whole log: $log)" >&2
    fi
    return "$status"
}
