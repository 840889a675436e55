#!/usr/bin/env bash
# Measures every number of docs/performance.md and benches/RESULTS.md again, on this machine, which must be otherwise idle.
set -euo pipefail
cd "$(dirname "$0")/.."
fanin=target/release/fanin
reports=target/measure
page=docs/performance.md
mkdir -p "$reports"

# put NAME FILE: replaces the text between the two marks of that name on the page with the file.
put() {
    {
        sed "/<!-- $1 -->/q" "$page"
        printf '```text\n%s\n```\n' "$(sed 's/ *$//' "$2")"
        sed -n "/<!-- end of $1 -->/,\$p" "$page"
    } > "$reports/page.md"
    mv "$reports/page.md" "$page"
}

cargo build --locked --release -p init-cli
cargo build --locked --release -p fanin-benches --bins

# The plot: f32 fills at the fastest level over the size of the buffer.
level=$("$fanin" info | sed -n 's/^levels .*[ ,]//p')
rm -f "$reports"/*.json
for size in 64KiB 256KiB 1MiB 4MiB 16MiB 64MiB 256MiB 1GiB; do
    "$fanin" bench --json --dtype f32 --level "$level" --size "$size" > "$reports/$size.json"
done
target/release/plot docs/performance.svg "$reports"/*.json

# All fills.
"$fanin" bench --quick > "$reports/table.txt"
put table "$reports/table.txt"

# The peers.
if [ ! -x target/peers/bin/python ]; then
    python3 -m venv target/peers
    target/peers/bin/pip install --quiet -r benches/peers/requirements.txt
fi
target/peers/bin/python benches/peers/orthogonal.py > "$reports/orthogonal.txt"
put orthogonal "$reports/orthogonal.txt"
target/peers/bin/python benches/peers/rbm.py > "$reports/rbm.txt"
put rbm "$reports/rbm.txt"
target/peers/bin/python benches/peers/peers.py "$@"
python3 benches/peers/files.py

# Small calls of the C library.
benches/small/run.sh
