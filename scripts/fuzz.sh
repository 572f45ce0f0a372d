#!/usr/bin/env bash
# Fuzzes targets under libFuzzer, guided by coverage, one after the other, and prints for each a row of
# the table in docs/testing.md. Instead of names there can be `all`. With `merge` instead of seconds, what
# was kept is added to the committed corpus, where it leads somewhere new.
#
#     fuzz.sh SECONDS|merge TARGET… [-- libFuzzer's own options]
#
# The seconds are by the clock. What breaks a target is left in target/fuzz-finds, and the exit code is
# then 1. What leads somewhere new is kept in target/fuzz-corpus, from which the next run goes on.
set -eu
usage() {
    echo "usage: bash scripts/fuzz.sh SECONDS|merge TARGET... [-- OPTION...]" >&2
    echo "targets: all, or of: $known" >&2
    exit 2
}
committed=e2e_kernel_tests/corpus
known="$(ls $committed | tr '\n' ' ')decoders"

[ $# -ge 2 ] || usage
seconds=$1
shift
case $seconds in
merge) ;;
'' | *[!0-9]*) usage ;;
esac
targets=
while [ $# -gt 0 ]; do
    case " $known " in
    *" $1 "*) targets="$targets $1" ;;
    *) case $1 in
        all) targets=$known ;;
        --) shift && break ;;
        *) usage ;;
        esac ;;
    esac
    shift
done

sh scripts/setup.sh --fuzz >&2
# The instrumentation is a pass of LLVM's, which stable Rust can be asked for; only a sanitizer would take
# a nightly one. `--target` keeps it out of build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
c=-Cllvm-args=-sanitizer-coverage
RUSTFLAGS="-Cpasses=sancov-module $c-level=4 $c-inline-8bit-counters $c-pc-table $c-trace-compares" \
    CARGO_TARGET_DIR=target/fuzz cargo build --quiet --release --target "$host" \
    --config profile.release.debug-assertions=true --package fuzz --features libfuzzer
guided=target/fuzz/$host/release/guided
# It knows the inputs to begin with: those of the corpus, and the good ones that the targets make themselves.
CARGO_TARGET_DIR=target cargo build --quiet --release --package e2e_kernel_tests --bin fuzz
engine=target/release/fuzz

# Adds what was kept for a target. By edges alone: how often each was passed would keep too many.
merge() {
    [ "$1" != decoders ] || return 0 # Its corpus is that of all decoders.
    before=$(ls "$committed/$1" | wc -l)
    TORU_FUZZ_TARGET=$1 "$guided" -set_cover_merge=1 -use_counters=0 -max_len=8192 \
        "$committed/$1" "$kept" >"$log" 2>&1 || {
        broken=1
        echo "error: the inputs of $1 cannot be merged: see $log" >&2
        return 0
    }
    echo "$1: $before inputs, and $(($(ls "$committed/$1" | wc -l) - before)) more"
}

# Fuzzes a target and prints its row.
run() {
    "$engine" "$1" --seconds 0.01 --keep target/fuzz-corpus >/dev/null
    TIMEFORMAT='CPU %U CLOCK %R'
    { time TORU_FUZZ_TARGET=$1 "$guided" "$kept" -artifact_prefix="$finds/" -max_len=8192 \
        -max_total_time="$seconds" -timeout=60 -print_final_stats=1 "${@:2}"; } >"$log" 2>&1 || {
        broken=1
        echo "error: $1 is broken: see $log and $finds" >&2
    }
    row "$1"
}

# The row of a target, from what libFuzzer and `time` have printed: lines with `cov:` tell what had been
# reached after so many executions.
row() {
    awk -v target="$1" '
        / cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") now = $(i + 1)
                                              if ($i == "ft:") features = $(i + 1)
                                              if ($i == "corp:") kept = $(i + 1) }
                   if (now > edges) { edges = now; newest = substr($1, 2) } }
        /^stat::number_of_executed_units:/ { executions = $2 }
        /^CPU / { cpu = $2; clock = $4 }
        END { sub("/.*", "", kept)
              printf "| `%s` | %d | %.0f | %.0f | %d | %d | %d | %d |\n",
                     target, executions, clock, cpu, edges, newest, features, kept }' "$log"
}

[ "$seconds" = merge ] || {
    echo "| target | executions | seconds | CPU seconds | edges | the last after | features | inputs kept |"
    echo "|---|---|---|---|---|---|---|---|"
}
broken=0
for target in $targets; do
    kept=target/fuzz-corpus/$target
    finds=target/fuzz-finds/$target
    log=target/fuzz-$target.log
    mkdir -p "$kept" "$finds"
    if [ "$seconds" = merge ]; then merge "$target"; else run "$target" "$@"; fi
done
exit $broken
