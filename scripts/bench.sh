#!/bin/sh
# Builds the modules that are measured beside the kernel, and measures. `--baseline` makes the counts
# of this run the ones that later runs are held against.
set -eu
toru=$1
target=wasm32-unknown-unknown
folder=target/bench
mkdir -p "$folder"

# module PACKAGE [CARGO-ARGUMENT …]
module() {
    package=$1
    shift
    echo "==> building $package"
    CARGO_TARGET_DIR=$folder/build cargo rustc --quiet --package "$package" --lib \
        --crate-type cdylib --profile kernel --target $target "$@"
    cp "$folder/build/$target/kernel/$package.wasm" "$folder/$package.wasm"
}

# As kernel_build has it for the kernel.
RUSTFLAGS='-Cllvm-args=-inline-threshold=25' module direct_wasm
# The backend that is the faster one in WASM for curve25519, of 32 bits, built for speed.
RUSTFLAGS='--cfg curve25519_dalek_bits="32"' module ed25519_wasm --config profile.kernel.opt-level=3 \
    --config profile.kernel.overflow-checks=false
module bls_wasm --features blst-in-wasm

if [ "${2:-}" = --baseline ]; then
    "$toru" bench --output testing/bench/report.json
    cp testing/bench/report.json testing/bench/baseline.json
else
    "$toru" bench --output testing/bench/report.json --baseline testing/bench/baseline.json
fi
