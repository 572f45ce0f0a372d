#!/bin/sh
# The kernel inside a toru binary keeps every rule of the PVM, and is no larger than it may be.
set -eu
toru=$1
most=262144
file=target/tx_kernel.wasm
"$toru" kernel write "$file"
"$toru" kernel check "$file"
size=$(wc -c <"$file")
if [ "$size" -gt "$most" ]; then
    echo "error: the kernel has $size bytes; $most are the most" >&2
    exit 1
fi
echo "the kernel has $size bytes of at most $most"
