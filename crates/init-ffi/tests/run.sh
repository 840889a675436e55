#!/usr/bin/env bash
# libfanin as C and C++ programs meet it: warnings, sanitizers, valgrind, symbols, installed trees, examples. .ci/run says what has to be
# installed: gcc, clang, valgrind, cmake, pkg-config, OpenMPI, abigail-tools, python3, cargo-c.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
quiet=
few=
run() { # a program and its arguments; quiet unless it fails
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
# What runs beside each other has a folder each, with a log. One that fails fails all.
beside() { # name command…
    local name=$1
    shift
    mkdir -p "$all/beside/$name"
    (work=$all/beside/$name; "$@") &
    jobs+=($!)
}
together() {
    local job failed=
    for job in "${jobs[@]}"; do wait "$job" || failed=yes; done
    jobs=()
    [ -z "$failed" ]
}
jobs=()
unset FANIN_LEVEL FANIN_SONAME

levels='\(portable\|avx2\|avx512\)\( [01]\)\?$'
tests='arguments arguments_typed equality float_mode threads fork dlopen'
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wundef -Werror'
common="-O1 -D_POSIX_C_SOURCE=200809L -Iinclude"
link="-L$lib -Wl,-rpath,$lib -lfanin -lpthread -ldl -lm"

# compiler standard file: the program's name is printed.
language() { case $1 in c++*) echo "-x c++" ;; *) echo "-x c -Wstrict-prototypes" ;; esac; }
driver() { case $1-$2 in gcc-c++*) echo g++ ;; clang-c++*) echo clang++ ;; *) echo "$1" ;; esac; }
compile() { # compiler standard name [flags]
    local program=$work/$3
    # shellcheck disable=SC2046,SC2086
    $(driver "$1" "$2") $(language "$2") -std="$2" $warnings $common ${4:-} "tests/c/$3.c" -o "$program" -x none $link
}
execute() { # name [wrapper…]: equality is compared with Rust's own, dlopen needs the library
    local name=$1
    shift
    case $name in
        equality)
            run "$@" "$work/equality"
            # valgrind shows the program another machine, with fewer levels.
            diff <(grep -v "^$levels" "$work/log") <(grep -v "^$levels" "$all/expected")
            ;;
        fork) run "$@" "$work/fork" ${quiet:+quiet} ${few:+few} ;;
        threads) run "$@" "$work/threads" ${few:+few} ;;
        dlopen) run "$@" "$work/dlopen" "$lib/libfanin.so" ;;
        *) run "$@" "$work/$name" ;;
    esac
}

step 'Does it build, and what does Rust itself fill?'
cargo build --release --locked -p init-ffi --lib --example expected
"$lib/examples/expected" >"$work/expected"
wc -l <"$work/expected"

step 'Are the symbols those of the header, and no others?'
nm -D --defined-only "$lib/libfanin.so" | awk '{ print $3 }' | LC_ALL=C sort | diff - tests/symbols.txt
readelf -d "$lib/libfanin.so" | grep 'SONAME.*\[libfanin.so\]' >/dev/null
readelf -d "$lib/libfanin.so" | grep NODELETE >/dev/null

step 'Is every function called with arguments that it refuses, and compared with Rust?'
for name in arguments arguments_typed equality; do
    gcc -std=c11 $common -c "tests/c/$name.c" -o "$work/$name.o"
done
called() { nm -u "$@" | awk '$2 ~ /^fanin_/ { print $2 }' | LC_ALL=C sort -u; }
called "$work/arguments.o" "$work/arguments_typed.o" | diff - tests/symbols.txt
# These give nothing that Rust has: words of C's own, and memory.
called "$work/equality.o" | diff - <(grep -v -e '^fanin_buffer_' -e '^fanin_status_string$' tests/symbols.txt)

step 'Does every C and C++ compile it without a warning, and get what Rust gets?'
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
beside gcc plain gcc
beside clang plain clang
together

step 'Do neither the level nor the floating-point mode of the host change a bit?'
for level in portable avx2 avx512 none; do
    compile gcc c11 level
    FANIN_LEVEL=$level run "$work/level" "$level"
done
run "$work/level"
compile gcc c11 equality
for level in portable avx2 avx512; do
    if FANIN_LEVEL=$level "$lib/examples/expected" >"$work/rust" 2>/dev/null; then
        # The level's own name is the one line that may differ.
        [ "$(diff "$work/rust" "$work/expected" | grep -c '^[<>]')" -le 2 ]
        FANIN_LEVEL=$level run "$work/equality"
        diff "$work/log" "$work/rust"
        printf '%s\n' $level
    fi
done
for mode in 1f80 9fc0 3f80 5f80 7f80 ffc0 0; do
    run "$work/equality" $mode
    diff "$work/log" "$work/expected"
done

step 'Do the sanitizers find nothing?'
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
beside gcc sanitized gcc
beside clang sanitized clang
together

step 'Does valgrind find nothing, at every level that it knows?'
few=yes
memcheck='valgrind --quiet --error-exitcode=9'
leaks='--leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible'
leakless() { # name…
    for name in "$@"; do
        compile gcc c11 "$name" -g
        # shellcheck disable=SC2086
        execute "$name" $memcheck $leaks --suppressions=tests/valgrind.supp
        printf '%s\n' "$name"
    done
}
forks() { # What the threads of a parent held is lost in its children, which are not told.
    compile gcc c11 fork -g
    # shellcheck disable=SC2086
    execute fork $memcheck
    printf 'fork\n'
}
beside equality leakless equality arguments arguments_typed
beside threads leakless threads
together
beside fork forks
FANIN_LEVEL=portable beside portable leakless arguments_typed
together
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
}
beside gcc wrapper g++
beside clang wrapper clang++
together

step 'Do workers that Python forks fill?'
run python3 tests/fork.py "$lib/libfanin.so"

step 'Do the lines of the README link and run?'
mkdir "$work/readme"
ln -s "$root/crates" "$CARGO_TARGET_DIR" "$work/readme/"
[ -e "$work/readme/target" ] || mv "$work/readme/$(basename "$CARGO_TARGET_DIR")" "$work/readme/target"
sed -n '/^## From C/,/^## Promises/{/^```c$/,/^```$/{/^```/!p}}' "$root/README.md" >"$work/readme/mlp.c"
sed -n '/^## From C/,/^## Promises/{/^```sh$/,/^```$/{/^```/!p}}' "$root/README.md" | tail -n +2 >"$work/readme/lines"
(cd "$work/readme" && run bash -e lines && cat "$work/log")

step 'Does a call cost less than 100 ns more than in Rust?'
compile gcc c11 overhead -O2
# In turn, so that whatever else the machine does meets both; of each the least, as others only add.
for _ in $(seq 11); do
    "$work/overhead" >"$work/ours"
    "$lib/examples/expected" --overhead | paste -d' ' "$work/ours" - >>"$work/overheads"
done
for name in fill_f32 fill xavier_uniform_f32 init stream_child; do
    least() { awk -v name="$name" '$1 == name && $3 == name { print $'"$1"' }' "$work/overheads" | sort -g | sed -n 1p; }
    ours=$(least 2) rust=$(least 4)
    more=$(awk -v ours="$ours" -v rust="$rust" 'BEGIN { print ours - rust }')
    printf '%-18s C %s ns, Rust %s ns, more by %s ns\n' "$name" "$ours" "$rust" "$more"
    awk -v more="$more" 'BEGIN { exit !(more < 100) }'
done

step 'Does the ABI differ from the one that was committed?'
bash tests/abi.sh

step 'Do an installed tree and its consumers build?'
bash tests/install.sh

step "$(wc -l <"$all/passed") passed, 0 failed"
