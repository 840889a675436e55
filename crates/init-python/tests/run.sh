#!/usr/bin/env bash
# Builds the wheel, installs it into the virtual environment VENV and checks it:
#
#     crates/init-python/tests/run.sh VENV [PYTEST ARGUMENTS]
#
# VENV has the packages of tests/requirements.txt and, without their dependencies, of tests/requirements-no-deps.txt.
set -euo pipefail
venv=$(realpath "${1:?usage: tests/run.sh VENV [PYTEST ARGUMENTS]}")
shift
root=$(realpath "$(dirname "$0")/../../..")
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")/python
export CARGO_TARGET_DIR
cd "$root/crates/init-python"
export PATH=$venv/bin:$PATH VIRTUAL_ENV=$venv
unset PYTHONPATH MYPYPATH
step() { printf '\n== %s\n' "$*"; }

step 'Format and lints of the Rust part'
cargo fmt --check
cargo clippy --release --locked --quiet -- -D warnings

step 'The wheel'
dist=$(mktemp -d)
trap 'rm -r "$dist"' EXIT
maturin build --release --locked --quiet --interpreter "$venv/bin/python" --out "$dist"
wheel=$(echo "$dist"/fanin-*.whl)
size=$(stat -c %s "$wheel")
echo "$(basename "$wheel"): $size bytes"
if [ "$size" -ge 4000000 ]; then
    echo 'the wheel must be smaller than 4 MB' >&2
    exit 1
fi
abi3audit --strict "$wheel"
pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$wheel"

step 'The wheel alone, in every Python that is here'
found=0
for version in 3.11 3.12 3.13 3.14 3.15; do
    for python in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python; do
        "$python" -c 'import ensurepip, venv' 2>/dev/null || continue
        found=$((found + 1))
        "$python" -m venv "$dist/$version.$found"
        "$dist/$version.$found/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
        (cd "$dist" && "$dist/$version.$found/bin/python" -c '
import array, sys, fanin
out = fanin.fill(array.array("f", bytes(16)), "uniform", 42)
expected = [1000532480, 1059073343, 1055330214, 1061304662]
assert memoryview(out).cast("B").cast("I").tolist() == expected, out
assert fanin.Recipe.preset("gpt2").plan().elements == 124_439_808
print(sys.version.split()[0], fanin.info())')
    done
done
[ "$found" -gt 0 ] || { echo 'there is no Python from 3.11 on' >&2; exit 1; }

step 'Lints, types and generated files'
ruff check .
ruff format --check --quiet . || { echo 'run: ruff format crates/init-python' >&2; exit 1; }
python tools/initializer_functions.py --check
mypy
pyright --pythonpath "$venv/bin/python"
(cd "$dist" && MYPYPATH="$OLDPWD/python" python -m mypy.stubtest fanin._fanin)

step 'Tests'
python -m pytest -q "$@"
