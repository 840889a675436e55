#!/usr/bin/env bash
# Compares the ABI that callers are compiled with, by abidiff, with the committed one, tests/fanin.abi. The debug
# information of a Rust library does not help C tools, so a small library is built from the header: a pointer to every
# function, with its type.
#
# A change that abidiff calls incompatible needs a new soname. To write tests/fanin.abi again:
# FANIN_WRITE_GENERATED=1 bash tests/abi.sh
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
    printf '#include "fanin.h"\n'
    sed 's/.*/__typeof__(\&&) pointer_to_&;/' tests/symbols.txt
} >"$work/pointers.c"
gcc -std=c17 -pedantic-errors -Wall -Werror -g -gdwarf-4 -shared -fPIC "-ffile-prefix-map=$work=." -Iinclude "$work/pointers.c" -o "$work/pointers.so"

if [ -n "${FANIN_WRITE_GENERATED:-}" ]; then
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$work/pointers.so" >tests/fanin.abi
fi
abidiff tests/fanin.abi "$work/pointers.so"
printf '%s functions have the ABI of tests/fanin.abi\n' "$(wc -l <tests/symbols.txt)"
