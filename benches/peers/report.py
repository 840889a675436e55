"""Writes the results of the rounds as a page: one table of all programs, and how it was measured."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import textwrap

SIZES = {"f32": 4, "f64": 8, "bf16": 2}
COLUMNS = [
    ("torch", ["torch"]),
    ("NumPy", ["numpy-sfc64", "numpy-pcg64"]),
    ("JAX", ["jax"]),
    ("MKL", ["mkl"]),
    ("rand_distr", ["rand_distr"]),
]
RESULTS = pathlib.Path(__file__).resolve().parent.parent / "RESULTS.md"
INSTRUCTIONS = pathlib.Path(__file__).resolve().parent.parent / "instructions.json"

def ratio(found, peer):
    """How many times as long as fanin a peer takes; for the limit, its share of fanin's time."""
    times = [found[name] for name in dict(COLUMNS).get(peer, [peer]) if name in found]
    return min(times) / found["fanin"] if times and "fanin" in found else None


def rows(results):
    for (fill, dtype, threads), found in results.items():
        size = SIZES[dtype]
        row = [fill, dtype, threads, f"{size / found['limit']:.1f}", f"{found['fanin']:.3f}"]
        row += [f"{size / found['fanin']:.1f}", f"{ratio(found, 'limit'):.2f}"]
        for title, names in COLUMNS:
            times = [found[name] for name in names if name in found]
            row.append(f"{min(times):.3f} ({ratio(found, title):.1f} ×)" if times else "–")
        yield row


def in_the_caches(in_cache):
    """What small fills and seeding cost, as sentences."""
    sentences = []
    levels = [f"{in_cache[level]:.2f} ns at {level}" for level in ("avx512", "avx2") if level in in_cache]
    if levels:
        sentences.append(f"In 64 KiB, on one thread, a normal value of f32 takes {' and '.join(levels)}.")
    if "avx2" in in_cache and "portable" in in_cache:
        ratio = in_cache["portable"] / in_cache["avx2"]
        sentences.append(f"The portable level takes {ratio:.2f} times as long as avx2.")
    if "768" in in_cache:
        sentences.append(f"A call that fills 768 normal values of f32 takes {in_cache['768']:.2f} µs.")
    if INSTRUCTIONS.exists():
        counts = next(value for value in json.loads(INSTRUCTIONS.read_text()).values() if isinstance(value, dict))
        shares = {fill: [x for name, x in counts.items() if name.startswith(f"seeding/{fill}/")] for fill in ("normal", "uniform")}
        if all(shares.values()):
            normal, uniform = (f"{100 * max(found):.1f} %" for found in shares.values())
            sentences.append(
                f"Seeding a block takes at most {normal} of the instructions of normal f32 values and {uniform} of uniform ones"
                " (counted, see benches/instructions.json)."
            )
    return textwrap.fill(" ".join(sentences), 100)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def processor():
    if platform.system() == "Linux":
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
        ids = {}
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("vendor_id", "cpu family", "model\t", "stepping")):
                ids.setdefault(*map(str.strip, line.split(":", 1)))
        return f"{model} ({', '.join(f'{key} {value}' for key, value in ids.items())})"
    return platform.processor()


FILES = re.compile(r"## Whole models on the disk\n.*", re.S)


def files(page):
    """The section that files.py has written on the page, which stays."""
    found = FILES.search(page.read_text()) if page.exists() else None
    return f"\n{found[0].rstrip()}\n" if found else ""


def text(results, in_cache, names, choices, options, seconds):
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    programs = [name for key, name in names.items() if key not in ("limit", "rand_distr")]
    mkl = ", ".join(f"{dtype} {fill} {choice}" for (fill, dtype), choice in choices.items() if choice)
    command = " ".join(["target/peers/bin/python benches/peers/peers.py", *sys.argv[1:]])
    cores = len(os.sched_getaffinity(0))
    size = f"{options.bytes >> 20} MiB"
    head = ["fill", "dtype", "threads", "limit, GB/s", "fanin, ns", "GB/s", "of limit"]
    head += [f"{title}, ns" for title, _ in COLUMNS]
    method = f"""Times are in nanoseconds per element; in brackets, how many times as long as fanin the peer takes. The limit is a fill
    with one value by streaming stores, on the same threads. The buffer has {size} and its pages are mapped before the clock
    starts; times are medians of {options.rounds} interleaved rounds, with every program bound to the same cores. NumPy is the faster of
    SFC64 and PCG64; NumPy and MKL run one stream per thread, and NumPy's values are not scaled to a given range or deviation. MKL
    is its fastest generator and method for each fill ({mkl}). JAX is jitted and writes to a donated buffer. rand_distr draws from
    xoshiro256++ on one thread."""
    return f"""# fanin compared with other libraries

Measured on one machine, named below. `docs/performance.md` explains the results, and
`benches/peers/chart.py` draws the chart of the README from the first table.

## Fills

{table(head, rows(results))}

{textwrap.fill(" ".join(method.split()), 100)}

{in_the_caches(in_cache)}

### Machine, versions and command

* Processor: {processor()}, {cores} cores; {platform.system()} {platform.release()}
* Date: {datetime.date.today().isoformat()}, in {seconds / 60:.0f} minutes
* Versions: {"; ".join(programs)}; Python {platform.python_version()}; {rustc}
* Command: `{command}` (`--help` lists the options), after

```sh
cargo build --release -p fanin-benches --bin meter
python3 -m venv target/peers && target/peers/bin/pip install -r benches/peers/requirements.txt
```

On x86-64 Linux, torch from PyPI installs its CUDA libraries too, about 3 GB, and cannot be imported without them.
{files(RESULTS)}"""
