#!/usr/bin/env bash
# Tests libfanin as C and C++ programs use it: warnings, sanitizers, valgrind, symbols, installed trees, examples.
# Needs what .ci/run installs: gcc, clang, valgrind, cmake, pkg-config, OpenMPI, abigail-tools, python3, cargo-c, and for
# two examples Eigen and gfortran.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
quiet=
few=
run() { # program arguments…: quiet unless it fails
    if ! timeout 900 "$@" >"$work/log" 2>&1; then
        cat "$work/log"
        printf 'failed: %s\n' "$*"
        exit 1
    fi
    echo "$1" >>"$all/passed"
}

root=$(cd ../.. && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
lib=$CARGO_TARGET_DIR/release
all=$(mktemp -d)
work=$all
trap 'rm -rf "$all"' EXIT
# Parallel jobs have a folder each, with a log. If one fails, all fail.
parallel() { # name command…
    local name=$1
    shift
    mkdir -p "$all/parallel/$name"
    (work=$all/parallel/$name; "$@") &
    jobs+=($!)
}
await() {
    local job failed=
    for job in "${jobs[@]}"; do wait "$job" || failed=yes; done
    jobs=()
    [ -z "$failed" ]
}
jobs=()
unset FANIN_LEVEL FANIN_SONAME

names=$(sed -n 's/^ *FANIN_LEVEL_\([A-Z0-9]*\) = [1-9].*/\1/p' include/fanin.h | tr '[:upper:]' '[:lower:]')
[ -n "$names" ]
levels="\\($(printf '%s' "$names" | tr '\n' '|' | sed 's/|/\\|/g')\\)\\( [01]\\)\\?\$"
tests='arguments arguments_typed arguments_plan choices equality float_mode threads fork dlopen elements'
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wundef -Werror'
common="-O1 -D_POSIX_C_SOURCE=200809L -Iinclude -I$all"
link="-L$lib -Wl,-rpath,$lib -lfanin -lpthread -ldl -lm"

# compiler standard: the flags and the driver of a language.
language() { case $1 in c++*) echo "-x c++" ;; *) echo "-x c -Wstrict-prototypes" ;; esac; }
driver() { case $1-$2 in gcc-c++*) echo g++ ;; clang-c++*) echo clang++ ;; *) echo "$1" ;; esac; }
compile() { # compiler standard name [flags]
    local program=$work/$3
    # shellcheck disable=SC2046,SC2086
    $(driver "$1" "$2") $(language "$2") -std="$2" $warnings $common ${4:-} "tests/c/$3.c" -o "$program" -x none $link
}
execute() { # name [wrapper…]: compares equality with Rust's own output; dlopen needs the library
    local name=$1
    shift
    case $name in
        equality)
            run "$@" "$work/equality"
            # valgrind presents a machine with fewer levels.
            diff <(grep -v "^$levels" "$work/log") <(grep -v "^$levels" "$all/expected.txt")
            ;;
        fork) run "$@" "$work/fork" ${quiet:+quiet} ${few:+few} ;;
        threads | arguments_plan) run "$@" "$work/$name" ${few:+few} ;;
        dlopen) run "$@" "$work/dlopen" "$lib/libfanin.so" ;;
        # It asks for more memory than there is.
        elements) ASAN_OPTIONS=allocator_may_return_null=1 run "$@" "$work/elements" ${quiet:+quiet} ;;
        *) run "$@" "$work/$name" ;;
    esac
}

step 'Does it build, and what does Rust itself write?'
cargo build --release --locked -p init-ffi --lib --example expected
"$lib/examples/expected" >"$work/expected.txt"
"$lib/examples/expected" --examples >"$work/examples.h"
"$lib/examples/expected" --models >"$work/models.h"
wc -l <"$work/expected.txt"

step 'Does it export exactly the symbols of the header?'
# All of them with the version of the ABI.
nm -D --defined-only "$lib/libfanin.so" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort | diff - <(sed 's/$/@@FANIN_0.1/' tests/symbols.txt)
readelf -d "$lib/libfanin.so" | grep 'SONAME.*\[libfanin.so\]' >/dev/null
readelf -d "$lib/libfanin.so" | grep NODELETE >/dev/null

step 'Is every function tested with invalid arguments, and compared with Rust?'
for name in arguments arguments_typed arguments_plan equality; do
    gcc -std=c11 $common -c "tests/c/$name.c" -o "$work/$name.o"
done
called() { nm -u "$@" | awk '$2 ~ /^fanin_/ { print $2 }' | LC_ALL=C sort -u; }
called "$work/arguments.o" "$work/arguments_typed.o" "$work/arguments_plan.o" | diff - tests/symbols.txt
# These have no counterpart in Rust: texts of statuses, and memory.
called "$work/equality.o" | diff - <(grep -v -e '^fanin_buffer_' -e '^fanin_status_string$' -e '^fanin_shutdown$' tests/symbols.txt)

step 'Do all C and C++ standards compile it without a warning, with the same values as Rust?'
plain() { # compiler
    for standard in c99 c11 c17 c2x c++17 c++20 c++2b; do
        compile "$1" $standard layout
        compile "$1" $standard overhead
        for name in $tests; do
            compile "$1" $standard "$name"
            execute "$name"
        done
        printf '%s -std=%s\n' "$1" $standard
    done
}
parallel gcc plain gcc
parallel clang plain clang
await

step 'Are the values independent of the level and of the floating-point mode of the host?'
for level in $names none; do
    compile gcc c11 level
    FANIN_LEVEL=$level run "$work/level" "$level"
done
run "$work/level"
compile gcc c11 equality
for level in $names; do
    if FANIN_LEVEL=$level "$lib/examples/expected" >"$work/rust" 2>/dev/null; then
        # Only the line with the name of the level may differ.
        [ "$(diff "$work/rust" "$work/expected.txt" | grep -c '^[<>]')" -le 2 ]
        FANIN_LEVEL=$level run "$work/equality"
        diff "$work/log" "$work/rust"
        printf '%s\n' $level
    fi
done
for mode in 1f80 9fc0 3f80 5f80 7f80 ffc0 0; do
    run "$work/equality" $mode
    diff "$work/log" "$work/expected.txt"
done

step 'Do the sanitizers find no error?'
quiet=yes
sanitized() { # compiler
    for standard in c17 c++20; do
        for name in $tests; do
            compile "$1" $standard "$name" '-g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
            nm "$work/$name" | grep __asan_init >/dev/null
            execute "$name"
        done
        printf '%s -std=%s\n' "$1" $standard
    done
}
parallel gcc sanitized gcc
parallel clang sanitized clang
await

step 'Does valgrind find no error, at every level that it supports?'
few=yes
memcheck='valgrind --quiet --error-exitcode=9'
leaks='--leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible'
leakless() { # name…
    for name in "$@"; do
        compile gcc c11 "$name" -g
        # shellcheck disable=SC2086
        execute "$name" $memcheck $leaks --suppressions=include/fanin.supp
        printf '%s\n' "$name"
    done
}
forks() { # No leak check: memory of the parent's threads is lost in the children.
    compile gcc c11 fork -g
    # shellcheck disable=SC2086
    execute fork $memcheck
    printf 'fork\n'
}
parallel equality leakless equality arguments arguments_typed arguments_plan
parallel threads leakless threads
await
parallel fork forks
FANIN_LEVEL=portable parallel portable leakless arguments_typed
await
quiet=
few=

step 'Does fanin.hpp compile alone, twice, and without exceptions?'
wrapper() { # compiler
    for standard in c++17 c++20 c++2b; do
        for flags in '' '-fsanitize=address,undefined -fno-sanitize-recover=all'; do
            # shellcheck disable=SC2086
            "$1" -std=$standard $warnings $common $flags tests/cpp/wrapper.cpp tests/cpp/units.cpp -o "$work/wrapper" $link
            run "$work/wrapper"
            # shellcheck disable=SC2086
            "$1" -std=$standard $warnings $common $flags -fno-exceptions -fno-rtti tests/cpp/units.cpp -o "$work/units" $link
            run "$work/units"
        done
        printf '%s -std=%s\n' "$1" $standard
    done
    # What dangles is seen only where the optimiser uses the memory again.
    for level in -O0 -O2 -O3; do
        # shellcheck disable=SC2086
        "$1" -std=c++20 $warnings $common $level tests/cpp/wrapper.cpp tests/cpp/units.cpp -o "$work/wrapper" $link
        run "$work/wrapper"
    done
}
parallel gcc wrapper g++
parallel clang wrapper clang++
await

step 'Is it safe in any process: forks, signals, cancellation, pinned threads, no threads to be had?'
processes() { # compiler
    mkdir -p "$work/process"
    for path in tests/c/process/*.c; do
        name=process/$(basename "$path" .c)
        compile "$1" gnu11 "$name" -D_GNU_SOURCE
        run "$work/$name"
        printf '%s\n' "$1 $name"
    done
}
processes gcc
# Without a suppression: fanin_shutdown leaves nothing of the threads.
compile gcc gnu11 process/ending '-D_GNU_SOURCE -g'
# shellcheck disable=SC2086
run $memcheck $leaks "$work/process/ending" alone

step 'Are column-major arrays, and those of Eigen, Fortran and ggml, initialised right?'
compile gcc c11 column_major
run "$work/column_major"
# shellcheck disable=SC2086
gcc -std=c99 $warnings $common -fsanitize=address,undefined examples/ggml.c -o "$work/ggml" $link
run "$work/ggml"
if pkg-config --exists eigen3; then
    eigen=$(pkg-config --cflags-only-I eigen3 | sed 's/-I/-isystem /g')
    # shellcheck disable=SC2086
    g++ -std=c++17 $warnings $common $eigen examples/eigen.cpp -o "$work/eigen" $link
    run "$work/eigen"
else
    printf 'Eigen is not installed: examples/eigen.cpp was not compiled\n'
fi
# The numbers that the Fortran example repeats are those of the header.
sed -n 's/.*parameter :: \(FANIN_.* = [0-9]*\)$/\1/p' examples/fortran.f90 >"$work/numbers"
[ -s "$work/numbers" ]
while read -r number; do grep -F "    $number," include/fanin.h >/dev/null || { printf 'not in fanin.h: %s\n' "$number"; exit 1; }; done <"$work/numbers"
if command -v gfortran >/dev/null; then
    # shellcheck disable=SC2086
    gfortran -std=f2018 -O1 -Wall -Werror -J "$work" examples/fortran.f90 -o "$work/fortran" $link
    run "$work/fortran"
else
    printf 'gfortran is not installed: examples/fortran.f90 was not compiled\n'
fi

step 'Is a whole model from C the file of the command line, bit for bit?'
cargo build --release --locked -p init-cli --bin fanin
run "$lib/fanin" init --preset gpt2 --seed 42 -o "$work/gpt2.safetensors"
# shellcheck disable=SC2086
gcc -std=c99 $warnings $common examples/gpt2.c -o "$work/gpt2" $link
run "$work/gpt2" "$work/gpt2.safetensors"
grep 'bit for bit' "$work/log"
rm "$work/gpt2.safetensors"

step 'Do workers forked by Python fill the same values?'
run python3 tests/fork.py "$lib/libfanin.so"

step 'Do the commands of the README link and run?'
mkdir "$work/readme"
ln -s "$root/crates" "$CARGO_TARGET_DIR" "$work/readme/"
[ -e "$work/readme/target" ] || mv "$work/readme/$(basename "$CARGO_TARGET_DIR")" "$work/readme/target"
sed -n '/^## From C/,/^## Promises/{/^```c$/,/^```$/{/^```/!p}}' "$root/README.md" >"$work/readme/mlp.c"
sed -n '/^## From C/,/^## Promises/{/^```sh$/,/^```$/{/^```/!p}}' "$root/README.md" | tail -n +2 >"$work/readme/lines"
(cd "$work/readme" && run bash -e lines && cat "$work/log")

step 'Does a call cost less than 100 ns more than in Rust?'
compile gcc c11 overhead -O2
# In turn, so that other load affects both; the minimum of each, as load only adds time.
for _ in $(seq 11); do
    "$work/overhead" >"$work/ours"
    "$lib/examples/expected" --overhead | paste -d' ' "$work/ours" - >>"$work/overheads"
done
for name in fill_f32 fill xavier_uniform_f32 init stream_child; do
    minimum() { awk -v name="$name" '$1 == name && $3 == name { print $'"$1"' }' "$work/overheads" | sort -g | sed -n 1p; }
    ours=$(minimum 2) rust=$(minimum 4)
    more=$(awk -v ours="$ours" -v rust="$rust" 'BEGIN { print ours - rust }')
    printf '%-18s C %s ns, Rust %s ns, more by %s ns\n' "$name" "$ours" "$rust" "$more"
    awk -v more="$more" 'BEGIN { exit !(more < 100) }'
done

step 'Is the ABI the committed one?'
bash tests/abi.sh

step 'Do the installed tree and its consumers build?'
bash tests/install.sh

step "$(wc -l <"$all/passed") passed, 0 failed"
