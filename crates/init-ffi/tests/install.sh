#!/usr/bin/env bash
# Installs a tree and builds programs against it: with cc, pkg-config and find_package; moved, and with other directories;
# and from the source with add_subdirectory.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$(cd ../.. && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n '/^version = /{s/.*"\(.*\)"/\1/p;q}' "$root/Cargo.toml" )
abi=${version%.*}

# Every exported symbol has the version of the ABI, and only that version is defined.
versioned() { # library
    nm -D --defined-only "$1" | awk '$2 == "T" { print $3 }' | LC_ALL=C sort | diff - <(sed "s/\$/@@FANIN_$abi/" tests/symbols.txt)
    [ "$(readelf -V "$1" | grep -c 'Rev: 1 .*Name: FANIN_')" -eq 1 ]
}

# pkg-config and find_package name the directories where the files are, wherever that is.
directories() { # libdir includedir [argument of cmake…]
    local libdir=$1 includedir=$2
    shift 2
    [ "$(realpath "$(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config $define --variable=libdir fanin)")" = "$(realpath "$libdir")" ]
    [ "$(realpath "$(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config $define --variable=includedir fanin)")" = "$(realpath "$includedir")" ]
    [ -e "$includedir/fanin.h" ] && [ -e "$includedir/fanin.hpp" ] && [ -e "$includedir/fanin.supp" ]
    # shellcheck disable=SC2046
    PKG_CONFIG_PATH=$libdir/pkgconfig cc examples/mlp.c -o "$work/mlp" $(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config $define --cflags --libs fanin) -lm
    LD_LIBRARY_PATH=$libdir "$work/mlp" >/dev/null
    rm -rf "$work/consumer"
    cmake -S tests/consumer -B "$work/consumer" -DFANIN_VERSION_WANTED="$abi" "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    cmake --build "$work/consumer" --target mlp >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    "$work/consumer/mlp"
}
define=

# A plugin with libfanin.a exports its own names, and of libfanin either `fanin_*` or nothing.
plugin() { # prefix: with the version script, with the linker's option, and by CMake
    local libdir=$1/lib
    cat >"$work/plugin.c" <<'END'
#include <fanin.h>
float plugin_run(void);
float plugin_run(void)
{
    float value = 0;
    return fanin_fill_f32(&value, 1, fanin_uniform(0, 1), fanin_stream_new(1)) == FANIN_STATUS_OK ? value : -1;
}
END
    exported() { nm -D --defined-only "$1" | awk '{ print $3 }' | LC_ALL=C sort; }
    link() { cc -shared -fPIC "$work/plugin.c" -I"$1/include" "${@:2}" "$libdir/libfanin.a" -Wl,--no-whole-archive -lpthread -ldl -lm \
        -o "$work/plugin.so"; }
    # Without either, it exports Rust's symbols, which another plugin could take for its own.
    link "$1"
    [ "$(exported "$work/plugin.so" | grep -vc -e '^fanin_' -e '^plugin_run$')" -gt 10 ]
    sed 's/fanin_\*;/fanin_*; plugin_run;/' "$1/share/fanin/fanin.map" >"$work/plugin.map"
    link "$1" "-Wl,--version-script=$work/plugin.map" -Wl,--whole-archive
    exported "$work/plugin.so" | diff - <(cat tests/symbols.txt; echo plugin_run)
    link "$1" "-Wl,--version-script=$1/share/fanin/fanin.map"
    [ -n "$(exported "$work/plugin.so")" ] && [ -z "$(exported "$work/plugin.so" | grep -v '^fanin_')" ]
    link "$1" -Wl,--exclude-libs,libfanin.a
    exported "$work/plugin.so" | diff - <(echo plugin_run)
    cmake -S tests/consumer -B "$work/plugged" -DCMAKE_PREFIX_PATH="$1" -DFANIN_PLUGIN="$work/plugin.c" >"$work/log" || { cat "$work/log"; exit 1; }
    cmake --build "$work/plugged" --target plugin >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    exported "$work/plugged/libplugin.so" | diff - <(echo plugin_run)
}

consumers() { # prefix: builds against it in every way
    local prefix=$1 libdir pc
    pc=$(find "$prefix" -name fanin.pc)
    libdir=$(dirname "$(dirname "$pc")")
    for file in "$libdir/libfanin.so" "$libdir/libfanin.so.$abi" "$libdir/libfanin.so.$version" "$libdir/libfanin.a" \
        "$prefix/include/fanin.h" "$prefix/include/fanin.hpp" "$prefix/include/fanin.supp" "$prefix/share/fanin/fanin.map" \
        "$prefix/share/cmake/Fanin/FaninConfig.cmake"; do
        [ -e "$file" ] || { printf 'missing: %s\n' "$file"; exit 1; }
    done
    readelf -d "$libdir/libfanin.so" | grep "SONAME.*\[libfanin.so.$abi\]" >/dev/null
    versioned "$libdir/libfanin.so"

    # The commands of the README.
    cc -O2 examples/mlp.c -o "$work/mlp" -I"$prefix/include" -L"$libdir" -lfanin -lm
    LD_LIBRARY_PATH=$libdir "$work/mlp"
    readelf -d "$work/mlp" | grep "NEEDED.*\[libfanin.so.$abi\]" >/dev/null
    readelf -V "$work/mlp" | grep "Name: FANIN_$abi " >/dev/null
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
consumers "$work/moved/there"
prefix=$work/moved/there

printf 'plugins with the static library\n'
plugin "$prefix"

printf 'other directories: lib64, renamed, absolute below the prefix, absolute elsewhere\n'
others() { # libdir includedir arguments…: as options, relative to the prefix or absolute
    rm -rf "$work/prefix" "$work/elsewhere" "$work/moved/again"
    cmake -S . -B "$work/build" -DCMAKE_INSTALL_LIBDIR="$1" -DCMAKE_INSTALL_INCLUDEDIR="$2" >"$work/log" || { cat "$work/log"; exit 1; }
    cmake --install "$work/build" >"$work/log"
}
others lib64 include
directories "$work/prefix/lib64" "$work/prefix/include" -DCMAKE_PREFIX_PATH="$work/prefix"
others libraries/here headers/fanin
mv "$work/prefix" "$work/moved/again"
directories "$work/moved/again/libraries/here" "$work/moved/again/headers/fanin" -DCMAKE_PREFIX_PATH="$work/moved/again"
others "$work/prefix/lib" "$work/prefix/include/below"
mv "$work/prefix" "$work/moved/again"
directories "$work/moved/again/lib" "$work/moved/again/include/below" -DCMAKE_PREFIX_PATH="$work/moved/again"
others "$work/elsewhere/lib" "$work/elsewhere/headers"
directories "$work/elsewhere/lib" "$work/elsewhere/headers" -DCMAKE_PREFIX_PATH="$work/prefix"
[ ! -e "$work/prefix/include" ] && [ ! -e "$work/prefix/lib" ]

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
cinstall() { # arguments…
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        cargo cinstall --release --locked -p init-ffi --prefix "$work/cinstalled" "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}
cinstall --libdir lib
consumers "$work/cinstalled"
# Both commands install the same files.
diff <(cd "$prefix" && find . -not -type d | sort) <(cd "$work/cinstalled" && find . -not -type d | sort)
# cargo-c writes the prefix into the .pc file; pkg-config can take that of the file's place instead.
mv "$work/cinstalled" "$work/moved/cinstalled"
define=--define-prefix
directories "$work/moved/cinstalled/lib" "$work/moved/cinstalled/include" -DCMAKE_PREFIX_PATH="$work/moved/cinstalled"
define=
rm -rf "$work/moved/cinstalled" "$work/elsewhere"
cinstall --libdir libraries --includedir headers
directories "$work/cinstalled/libraries" "$work/cinstalled/headers" -DCMAKE_PREFIX_PATH="$work/cinstalled"
rm -rf "$work/cinstalled"
cinstall --libdir "$work/elsewhere/lib" --includedir "$work/elsewhere/include"
directories "$work/elsewhere/lib" "$work/elsewhere/include" -DCMAKE_PREFIX_PATH="$work/cinstalled;$work/elsewhere"

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
