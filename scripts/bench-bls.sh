#!/bin/sh
# Measures BLS in WASM, as docs/bls.md has it: arkworks at each level of optimisation, and blst, for
# which it takes a clang that can build for WASM.
set -eu
target=wasm32-unknown-unknown
folder=target/bench-bls
mkdir -p "$folder"

# variant NAME OPT-LEVEL [CARGO-ARGUMENT …]
variant() {
    name=$1
    level=$2
    shift 2
    CARGO_TARGET_DIR=$folder cargo rustc --quiet --package bls_wasm --lib --crate-type cdylib \
        --profile kernel --target $target --config "profile.kernel.opt-level=$level" "$@"
    cp "$folder/$target/kernel/bls_wasm.wasm" "$folder/$name.wasm"
}

variant arkworks-3 3
variant arkworks-s '"s"'
variant arkworks-z '"z"'
set -- "arkworks-3=$folder/arkworks-3.wasm" "arkworks-s=$folder/arkworks-s.wasm" \
    "arkworks-z=$folder/arkworks-z.wasm"
if echo 'int x;' | clang --target=$target -c -xc - -o /dev/null 2>/dev/null; then
    variant blst '"s"' --features blst-in-wasm
    set -- "blst=$folder/blst.wasm" "$@"
fi
cargo run --release --quiet --package toru -- bench --bls "$@"
