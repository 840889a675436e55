"""What the rounds gave, as a page: one table of all programs, and the targets beside what was measured."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

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

# Law, dtype, threads, the peer or the limit, at least. A peer's figure is its time over fanin's.
TARGETS = [
    ("uniform", "f32", 1, "limit", 0.88),
    ("uniform", "f32", 2, "limit", 0.97),
    ("uniform", "f32", 2, "torch", 17),
    ("uniform", "f32", 1, "mkl", 2),
    ("normal", "f32", 1, "limit", 0.48),
    ("normal", "f32", 2, "limit", 0.87),
    ("normal", "f32", 2, "torch", 18),
    ("normal", "f32", 1, "mkl", 4.5),
    ("normal", "f32", 1, "rand_distr", 8),
    ("truncated_normal", "f32", 1, "limit", 0.47),
    ("truncated_normal", "f32", 2, "limit", 0.88),
    ("truncated_normal", "f32", 2, "torch", 150),
    ("normal", "f64", 1, "limit", 0.33),
    ("normal", "f64", 2, "limit", 0.64),
    ("normal", "f64", 2, "torch", 35),
    ("normal", "f64", 1, "mkl", 2.2),
    ("normal", "bf16", 1, "limit", 0.21),
    ("normal", "bf16", 2, "limit", 0.42),
    ("uniform", "bf16", 1, "limit", 0.40),
    ("uniform", "bf16", 2, "limit", 0.78),
    ("normal", "bf16", 2, "torch", 25),
    ("uniform", "bf16", 2, "torch", 25),
]


def ratio(found, peer):
    """How many times a peer takes as long; of the limit: its share of fanin's time."""
    times = [found[name] for name in dict(COLUMNS).get(peer, [peer]) if name in found]
    return min(times) / found["fanin"] if times and "fanin" in found else None


def rows(results):
    for (law, dtype, threads), found in results.items():
        size = SIZES[dtype]
        row = [law, dtype, threads, f"{size / found['limit']:.1f}", f"{found['fanin']:.3f}"]
        row += [f"{size / found['fanin']:.1f}", f"{ratio(found, 'limit'):.2f}"]
        for title, names in COLUMNS:
            times = [found[name] for name in names if name in found]
            row.append(f"{min(times):.3f} ({ratio(found, title):.1f} ×)" if times else "–")
        yield row


def targets(results, in_cache):
    for law, dtype, threads, peer, least in TARGETS:
        found = results.get((law, dtype, threads))
        measured = ratio(found, peer) if found else None
        what = "of the limit" if peer == "limit" else f"times as fast as {peer}"
        cores = "1 core" if threads == 1 else f"{threads} cores"
        yield [f"{dtype} {law}, {cores}, {what}", f"≥ {least:g}", *verdict(measured, lambda x: x >= least)]
    portable = in_cache["portable"] / in_cache["avx2"] if "avx2" in in_cache else None
    for what, most, measured in [
        ("f32 normal in 64 KiB at avx512, ns an element", 0.29, in_cache.get("avx512")),
        ("f32 normal in 64 KiB at avx2, ns an element", 0.40, in_cache.get("avx2")),
        ("f32 normal in 64 KiB, portable over avx2", 8, portable),
        ("768 f32 normal, call included, µs", 0.5, in_cache.get("768")),
    ]:
        yield [what, f"≤ {most:g}", *verdict(measured, lambda x: x <= most)]
    if INSTRUCTIONS.exists():
        figures = json.loads(INSTRUCTIONS.read_text())["figures"]
        for law, most in [("normal", 0.02), ("uniform", 0.04)]:
            shares = [x for name, x in figures.items() if name.startswith(f"seeding/{law}/")]
            worst = max(shares) if shares else None
            what = f"seeding a block, share of the instructions of {law} f32 (counted)"
            yield [what, f"≤ {most:g}", *verdict(worst, lambda x: x <= most, digits=4)]


def verdict(measured, holds, digits=2):
    if measured is None:
        return ["not measured", ""]
    return [f"{measured:.{digits}f}", "yes" if holds(measured) else "no"]


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


FILES = re.compile(r"<!-- files -->\n.*<!-- end of files -->", re.S)


def files(page):
    """What files.py has written on the page, which stays."""
    found = FILES.search(page.read_text()) if page.exists() else None
    return found[0] if found else "<!-- files -->\n<!-- end of files -->"


def text(results, in_cache, names, choices, options, seconds):
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    programs = [name for key, name in names.items() if key not in ("limit", "rand_distr")]
    mkl = ", ".join(f"{dtype} {law} {choice}" for (law, dtype), choice in choices.items() if choice)
    command = " ".join(["target/peers/bin/python benches/peers/peers.py", *sys.argv[1:]])
    cores = len(os.sched_getaffinity(0))
    size = f"{options.bytes >> 20} MiB"
    head = ["fill", "dtype", "threads", "limit, GB/s", "fanin, ns", "GB/s", "of limit"]
    head += [f"{title}, ns" for title, _ in COLUMNS]
    return f"""# fanin beside its peers

## Fills

{table(head, rows(results))}

Times are nanoseconds an element; in brackets, how many times as long the peer takes as fanin. The limit is one value written everywhere with
streaming stores, by the same threads. A buffer of {size}, its pages there; medians of {options.rounds} interleaved rounds, every program bound
to the same cores. NumPy is the faster of SFC64 and PCG64; it and MKL run one stream a thread, and NumPy need not scale
its values. MKL is its fastest generator and method for the fill ({mkl}). JAX is jitted and writes to a donated buffer.
rand_distr draws from xoshiro256++ on one thread.

### Targets

{table(["target", "asked", "measured", "met"], targets(results, in_cache))}

### Where and how

* Processor: {processor()}, {cores} cores; {platform.system()} {platform.release()}
* Date: {datetime.date.today().isoformat()}, in {seconds / 60:.0f} minutes
* Versions: {"; ".join(programs)}; Python {platform.python_version()}; {rustc}
* Command: `{command}` (`--help` says what can be chosen), after

```sh
cargo build --release -p fanin-benches --bin meter
python3 -m venv target/peers && target/peers/bin/pip install -r benches/peers/requirements.txt
```

torch on PyPI brings its CUDA libraries along on x86-64 Linux, about 3 GB, and cannot be imported without them.

## Whole models on the disk

{files(RESULTS)}
"""
