#!/bin/sh
# The kernel that is built in another folder, from nothing, is the one inside a toru binary, byte for
# byte. `toru kernel build --reproducible` builds in two other folders, and takes twice as long.
set -eu
toru=$(realpath "${1:?toru}")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/sources"
tar --exclude=./target --exclude=./.git -cf - . | tar -xf - -C "$copy/sources"
# By now all that it takes has been fetched: where the system lets us, it is built without a network, so
# that no build script and no macro can fetch anything else.
offline=
if unshare --user --map-root-user --net true 2>/dev/null; then
    offline='unshare --user --map-root-user --net'
    echo "building without a network"
fi
$offline env -u CARGO_TARGET_DIR "$toru" kernel build --source "$copy/sources" --out "$copy/elsewhere.wasm"
"$toru" kernel write "$copy/embedded.wasm" >/dev/null
cmp "$copy/elsewhere.wasm" "$copy/embedded.wasm"
