#!/bin/sh
# Runs one step of `make` and says how long it took; `--summary` lists the steps so far.
set -eu
log=target/steps.txt
mkdir -p target

if [ "$1" = --summary ]; then
    echo
    echo "all steps passed; seconds each:"
    cat "$log"
    rm -f "$log"
    exit 0
fi

name=$1
shift
echo "==> $name"
# A run begins with its first step: what an earlier run left is not part of it.
[ "$name" = formatting ] && rm -f "$log"
start=$(date +%s)
"$@" || {
    echo "error: this step failed: $name" >&2
    echo "       $*" >&2
    exit 1
}
end=$(date +%s)
printf '%6s  %s\n' "$((end - start))" "$name" >>"$log"
