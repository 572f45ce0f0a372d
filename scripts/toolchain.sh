#!/bin/sh
# Prints the toolchain that cargo has to be told, if it does not find the one of rust-toolchain.toml: the default
# one, if it has the same version, else nothing. That is for machines that have the compiler under the name `stable`
# and install no other. Where the compiler is missing, it is installed.
set -u
cd "$(dirname "$0")/.."
wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
# Without rustup, or with the toolchain there, nothing is to be done.
command -v rustup >/dev/null 2>&1 || exit 0
rustup run "$wanted" rustc --version >/dev/null 2>&1 && exit 0
default=$(cd / && rustup show active-toolchain 2>/dev/null | cut -d' ' -f1)
case $(rustup run "$default" rustc --version 2>/dev/null) in
"rustc $wanted "*) echo "$default" ;;
*) rustup toolchain install "$wanted" --profile minimal --component clippy,rustfmt >&2 ;;
esac
