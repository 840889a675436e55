#!/usr/bin/env bash
# Installs a tree and builds programs against it: with cc, pkg-config and find_package; and from the source with
# add_subdirectory.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$(cd ../.. && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n '/^version = /{s/.*"\(.*\)"/\1/p;q}' "$root/Cargo.toml" )
abi=${version%.*}

consumers() { # prefix: builds against it in every way
    local prefix=$1 libdir pc
    pc=$(find "$prefix" -name fanin.pc)
    libdir=$(dirname "$(dirname "$pc")")
    for file in "$libdir/libfanin.so" "$libdir/libfanin.so.$abi" "$libdir/libfanin.so.$version" "$libdir/libfanin.a" \
        "$prefix/include/fanin.h" "$prefix/include/fanin.hpp" "$prefix/share/cmake/Fanin/FaninConfig.cmake"; do
        [ -e "$file" ] || { printf 'missing: %s\n' "$file"; exit 1; }
    done
    readelf -d "$libdir/libfanin.so" | grep "SONAME.*\[libfanin.so.$abi\]" >/dev/null

    # The commands of the README.
    cc -O2 examples/mlp.c -o "$work/mlp" -I"$prefix/include" -L"$libdir" -lfanin -lm
    LD_LIBRARY_PATH=$libdir "$work/mlp"
    readelf -d "$work/mlp" | grep "NEEDED.*\[libfanin.so.$abi\]" >/dev/null
    cc -O2 examples/mlp.c -o "$work/mlp-static" -I"$prefix/include" "$libdir/libfanin.a" -lpthread -ldl -lm
    [ "$("$work/mlp-static")" = "$(LD_LIBRARY_PATH=$libdir "$work/mlp")" ]

    export PKG_CONFIG_PATH=$libdir/pkgconfig
    [ "$(pkg-config --modversion fanin)" = "$version" ]
    # shellcheck disable=SC2046
    c++ -std=c++17 -O2 examples/transformer_block.cpp -o "$work/block" $(pkg-config --cflags --libs fanin)
    LD_LIBRARY_PATH=$libdir "$work/block" | tail -1
    # shellcheck disable=SC2046
    cc examples/mlp.c -o "$work/mlp-static" $(pkg-config --cflags fanin) -Wl,-Bstatic $(pkg-config --libs fanin) -Wl,-Bdynamic \
        $(pkg-config --static --libs-only-l fanin | sed 's/-lfanin//') -lm
    "$work/mlp-static" >/dev/null

    rm -rf "$work/consumer"
    cmake -S tests/consumer -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" -DFANIN_VERSION_WANTED="$abi" >"$work/log" \
        || { cat "$work/log"; exit 1; }
    cmake --build "$work/consumer" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    "$work/consumer/mlp" && "$work/consumer/mlp_static" >/dev/null && "$work/consumer/block" | tail -1
    # Another version must not be found.
    if cmake -S tests/consumer -B "$work/other" -DCMAKE_PREFIX_PATH="$prefix" -DFANIN_VERSION_WANTED=99.0 >"$work/log" 2>&1; then
        printf 'version 99.0 was found\n'
        exit 1
    fi
}

printf 'cmake --install\n'
cmake -S . -B "$work/build" -DFANIN_TARGET_DIR="$CARGO_TARGET_DIR" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    >"$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --install "$work/build" >"$work/log"
consumers "$work/prefix"

printf 'the same tree, moved\n'
mkdir "$work/moved"
mv "$work/prefix" "$work/moved/there"
sed -i "s#^prefix=.*#prefix=$work/moved/there#" "$work/moved/there/lib/pkgconfig/fanin.pc"
consumers "$work/moved/there"
prefix=$work/moved/there

for how in FANIN_SOURCE="$PWD" FANIN_FETCHED="$root"; do
    printf 'inside another build, with %s\n' "${how%%=*}"
    rm -rf "$work/inside"
    cmake -S tests/consumer -B "$work/inside" -D"$how" -DFANIN_TARGET_DIR="$CARGO_TARGET_DIR" >"$work/log" 2>&1 \
        || { cat "$work/log"; exit 1; }
    cmake --build "$work/inside" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    "$work/inside/mlp" && "$work/inside/mlp_static" >/dev/null && "$work/inside/block" | tail -1
done

printf 'cargo cinstall\n'
# The installed files are tested, not their speed: everything is built again, in its own folder, with little
# optimisation.
CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    cargo cinstall --release --locked -p init-ffi --prefix "$work/cinstalled" --libdir lib >"$work/log" 2>&1 \
    || { cat "$work/log"; exit 1; }
consumers "$work/cinstalled"
# Both commands install the same files.
diff <(cd "$prefix" && find . -not -type d | sort) <(cd "$work/cinstalled" && find . -not -type d | sort)

printf 'MPI: the same bytes for 1, 2, 3 and 4 ranks\n'
mpicc -std=c99 -Wall -Wextra -Werror -O2 examples/mpi_shards.c -o "$work/mpi_shards" -I"$prefix/include" -L"$prefix/lib" \
    -Wl,-rpath,"$prefix/lib" -lfanin
# Works as root, without ssh, and where a process may not read another's memory, as in containers.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_plm_rsh_agent=false OMPI_MCA_btl_vader_single_copy_mechanism=none
for ranks in 1 2 3 4; do
    mpirun --oversubscribe -n $ranks "$work/mpi_shards" "$work/matrix.$ranks" >/dev/null
    cmp "$work/matrix.1" "$work/matrix.$ranks"
done
[ "$(stat -c %s "$work/matrix.1")" -eq $((2 * 4 * 1536 * 1031)) ]
sha256sum <"$work/matrix.4"
