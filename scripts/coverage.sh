#!/bin/sh
# Runs the tests of the kernel natively and says which lines of its crates none of them runs, and how many
# of all they are. By hand: it builds all of it once more, with counters, in some ten minutes.
set -eu
version=0.9.1
crates="encoding host bls accounts inbox outbox deposit withdraw tx_kernel"
tools=target/tools/coverage
export CARGO_TARGET_DIR=target/coverage CARGO_LLVM_COV_TARGET_DIR=target/coverage

rustup component add llvm-tools || {
    echo "error: there is no rustup that could add llvm-tools, which reads the counters" >&2
    echo "       install Rust from https://rustup.rs, then run this again" >&2
    exit 1
}
$tools/bin/cargo-llvm-cov llvm-cov --version 2>/dev/null | grep -q " $version\$" ||
    CARGO_TARGET_DIR=target/tools/build cargo install --quiet --locked --root $tools "cargo-llvm-cov@$version"
cov() { $tools/bin/cargo-llvm-cov llvm-cov "$@" --release; }

cov clean --profraw-only
packages=$(for crate in $crates client e2e_kernel_tests; do echo "--package $crate"; done)
# shellcheck disable=SC2086 # They are words.
cov test --no-report --quiet $packages
# What is foreseen is the wallet's, rules in words are toru's.
cov test --no-report --quiet --package toru --test scenarios
cov test --no-report --quiet --package wallet
cov report --lcov --output-path $CARGO_TARGET_DIR/lines.info

echo "Lines that no test runs:"
awk -v here="$PWD/" -v crates="$crates" '
    BEGIN { split(crates, list); for (i in list) ours[list[i]] = 1 }
    /^SF:/ { path = substr($0, 4 + length(here)); split(path, parts, "/"); crate = parts[1] }
    /^DA:/ && crate in ours && parts[2] == "src" {
        split(substr($0, 4), at, ",")
        all[crate]++
        if (at[2] > 0) next
        missed[crate]++
        if (path == last_path && at[1] == last + 1) { last = at[1]; next }
        print_range()
        last_path = path; first = last = at[1]
    }
    function print_range() {
        if (last_path) print last_path ":" first (last > first ? "-" last : "")
    }
    END {
        print_range()
        print "\n| crate | lines | not run |\n|---|---|---|"
        for (i = 1; i in list; i++) printf "| `%s` | %d | %d |\n", list[i], all[list[i]], missed[list[i]]
    }' $CARGO_TARGET_DIR/lines.info
