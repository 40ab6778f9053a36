# Sourced by ./look and ./check: installs Debian packages that are missing, and finds cargo.
#
# Touches apt only when something is missing, asks nothing, and waits for another apt to end.

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "error: '$*' needs root, and there is no sudo; run it as root, then this again" >&2
        return 1
    fi
}

# apt_get ARGUMENT…: tries for up to five minutes while another apt holds the lock or the mirror does not answer.
apt_get() {
    for pause in 5 15 40 60 90 0; do
        if as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
            -o Acquire::Retries=3 "$@" </dev/null >&2; then
            return 0
        fi
        [ "$pause" = 0 ] || { echo "apt-get $1 did not succeed; again in $pause s" >&2; sleep "$pause"; }
    done
    echo "error: apt-get $* did not succeed; see above" >&2
    return 1
}

# need WHAT:PACKAGE…: installs each package whose command or file is not there. One package once.
need() {
    missing=
    for pair in "$@"; do
        what=${pair%:*}
        package=${pair##*:}
        case $what in
            /*) [ -e "$what" ] || missing="$missing $package" ;;
            *) command -v "$what" >/dev/null 2>&1 || [ -x "/usr/sbin/$what" ] || missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "error: missing:$missing (names of Debian packages); install them, then run this again" >&2
        return 1
    fi
    echo "==> installing:$missing" >&2
    apt_get update
    # Unquoted: one argument for each package.
    apt_get install --no-install-recommends $missing
}

# Finds cargo where rustup puts it. Debian 12's own (1.63 to 1.66) is too old for this edition.
need_cargo() {
    home=${CARGO_HOME:-${HOME:-/nonexistent}/.cargo}
    case ":$PATH:" in
        *":$home/bin:"*) ;;
        *) [ ! -x "$home/bin/cargo" ] || PATH="$home/bin:$PATH" ;;
    esac
    export PATH
    if ! command -v cargo >/dev/null 2>&1; then
        found="no cargo"
    elif ! cargo metadata --no-deps --format-version 1 </dev/null >/dev/null 2>&1; then
        found="$(cargo --version 2>&1 | head -n 1), which cannot read this workspace"
    else
        return 0
    fi
    cat >&2 <<'HINT'
error: overt is built with Rust 1.95 or newer, installed by rustup. To install it:

    sudo apt-get install -y curl ca-certificates
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal

then run this again; rustup fetches the toolchain that rust-toolchain.toml names.
HINT
    echo "found: $found" >&2
    return 1
}
