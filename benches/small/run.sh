#!/usr/bin/env bash
# Measures small calls of the C library next to loops written by hand, checks their values against Rust's, and writes
# the table into benches/RESULTS.md. Needs gcc and g++.
#
# With `--print`, the table is printed and the file stays.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
out=$target/measure
mkdir -p "$out"

cargo build --locked --release -p init-ffi --lib
cargo build --locked --release -p fanin-benches --bin small
gcc -std=c11 -O3 -march=native -c benches/small/loops.c -o "$out/loops.o"
g++ -std=c++17 -O3 -march=native -Icrates/init-ffi/include benches/small/calls.cpp "$out/loops.o" -o "$out/calls" \
    -L"$target/release" -Wl,-rpath,"$PWD/$target/release" -lfanin
"$out/calls" > "$out/calls.txt"

# The same values as Rust's.
awk '$4 != "0000000000000000" { print $1, $2, $4 }' "$out/calls.txt" | diff - <("$target/release/small")

ns() { awk -v name="$1" -v len="${2:-64}" '$1 == name && $2 == len { print $3 }' "$out/calls.txt"; }
row() { printf '| %s | %s | %s |\n' "$1" "$2" "$3"; }
{
    printf '| call, 64 elements of f32 | ns | by hand, ns |\n| --- | --- | --- |\n'
    row 'uniform by struct, `fanin_fill_f32`' "$(ns fill_uniform)" "$(ns xorshift_uniform) (xorshift128+ in C)"
    row 'normal by struct, `fanin_fill_f32`' "$(ns fill_normal)" \
        "$(ns std_normal_minstd) and $(ns std_normal_mt19937) (\`std::normal_distribution\` of minstd and mt19937)"
    row '`fanin_xavier_uniform_f32`' "$(ns xavier)" '–'
    row '`fanin_init`, `xavier_uniform`' "$(ns text)" '–'
    row '`fanin_init`, `kaiming_uniform(nonlinearity=relu)`' "$(ns text_relu)" '–'
    row '`fanin_init`, `kaiming_uniform(nonlinearity=exact(gelu))`' "$(ns text_gelu)" '–'
    row 'name, child stream, uniform by struct' "$(ns child)" '–'
    printf '\n| uniform, elements of f32 | ns | xorshift128+ in C, ns |\n| --- | --- | --- |\n'
    for len in 16 32 40 48 64 96 128 256; do row "$len" "$(ns fill_uniform $len)" "$(ns xorshift_uniform $len)"; done
    printf '\nMedians of 401 rounds, in which all calls take turns, of 400 calls each; loops compiled with\n'
    printf '`-O3 -march=native`. The values of every call are those that Rust writes.\n\n'
    processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
    printf '* Processor: %s, %s cores; Linux %s\n' "$processor" "$(nproc)" "$(uname -r)"
    printf '* Date: %s; %s; %s\n' "$(date +%F)" "$(gcc --version | head -1)" "$(rustc --version)"
    printf '* Command: `benches/small/run.sh`, or `benches/measure.sh`, which measures everything else too\n'
} > "$out/small.md"

if [ "${1:-}" = --print ]; then
    cat "$out/small.md"
    exit
fi
page=benches/RESULTS.md
{
    sed '/^## Small calls$/,$d' "$page" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
    printf '\n## Small calls\n\n'
    cat "$out/small.md"
} > "$out/results.md"
mv "$out/results.md" "$page"
