"""Compares fanin with its peers: the same fills, on the same cores, in interleaved rounds. Writes benches/RESULTS.md.

    cargo build --release -p fanin-benches --bin meter
    python3 -m venv target/peers && target/peers/bin/pip install -r benches/peers/requirements.txt
    target/peers/bin/python benches/peers/peers.py

Each program is a separate process, bound to the measured cores, with a buffer of 256 MiB whose pages are mapped. In each
round the programs fill once, one after the other; the results are medians over the rounds. A slow program fills a part
of its buffer, because its time per element does not depend on the length.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

import report

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SIZES = {"f32": 4, "f64": 8, "bf16": 2}
DISTRIBUTIONS = ["uniform", "normal", "truncated_normal"]
PEERS = ["torch", "numpy-sfc64", "numpy-pcg64", "jax", "mkl"]

# A fill that takes longer is shortened.
MAX_SECONDS = 0.5
TRIAL = 1 << 20
# JAX's threads busy-wait for a while after a turn: without this pause the next program had one core of two.
REST = 0.2
# Sleeping threads are often woken on one core and moved only later: each turn begins with untimed calls of this many
# seconds.
WAKE = 0.05


class Program:
    """A process that answers each request with the seconds that it took."""

    def __init__(self, command, cores):
        # Waiting threads must not take time from the program whose turn it is.
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "KMP_BLOCKTIME": "0"}
        environment.pop("FANIN_LEVEL", None)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        self.name = self.line().removeprefix("ready ")

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"error: {' '.join(map(str, self.process.args))} ended early")
        return line.strip()

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self.line()

    def seconds(self, *words):
        answer = self.ask(*words)
        return None if answer == "none" else float(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def rounds(programs, dtype, distribution, threads, options):
    """Returns the nanoseconds per element of each program that supports the fill: the median over the rounds."""
    whole = options.bytes // SIZES[dtype]
    turns = []
    for name, program, what in programs:
        # The first fill compiles and chooses, and one of the full length touches the pages.
        if program.seconds(what, distribution, dtype, TRIAL, threads) is None:
            continue
        trial = program.seconds(what, distribution, dtype, TRIAL, threads)
        length = min(whole, max(TRIAL, int(TRIAL * MAX_SECONDS / trial) // TRIAL * TRIAL))
        program.seconds(what, distribution, dtype, length, threads)
        some = min(length, max(TRIAL, int(TRIAL * WAKE / trial) // TRIAL * TRIAL))
        turns.append((name, program, what, length, some, []))
    for _ in range(options.rounds):
        for _, program, what, length, some, times in turns:
            time.sleep(REST)
            awake = 0
            while awake < WAKE:
                awake += program.seconds(what, distribution, dtype, some, threads)
            times.append(program.seconds(what, distribution, dtype, length, threads) / length * 1e9)
    return {name: statistics.median(times) for name, _, _, _, _, times in turns}


def start(cores, peers, meter):
    """Returns the programs for a number of cores; the meter provides the limit, fanin and rand_distr."""
    fanin = Program([meter], cores)
    programs = [("limit", fanin, "limit"), ("fanin", fanin, "fill"), ("rand_distr", fanin, "rand")]
    for peer in peers:
        programs.append((peer, Program([sys.executable, HERE / "workers.py", peer], cores), "fill"))
    return programs


def cache(meter, cores, count):
    """Returns the nanoseconds per element of 64 KiB of normal f32 at each level, and the microseconds of a call for 768."""
    program = Program([meter], cores)
    elements = (64 << 10) // SIZES["f32"]
    times = {}
    for _ in range(count):
        for level in ["avx512", "avx2", "portable"]:
            times.setdefault(level, []).append(program.seconds("fill", "normal", "f32", elements, 1, level))
        times.setdefault("768", []).append(program.seconds("fill", "normal", "f32", 768, 1))
    program.close()
    found = {what: statistics.median(seconds) for what, seconds in times.items() if None not in seconds}
    return {what: s * 1e6 if what == "768" else s / elements * 1e9 for what, s in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="fills of each kind and program (default 7)")
    parser.add_argument("--bytes", type=int, default=256 << 20, help="the buffer (default 256 MiB)")
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS, help="default: all")
    parser.add_argument("--dtypes", nargs="*", default=list(SIZES), choices=list(SIZES), help="default: all")
    parser.add_argument("--distributions", nargs="*", default=DISTRIBUTIONS, choices=DISTRIBUTIONS, help="default: all")
    parser.add_argument("--meter", type=pathlib.Path, default=ROOT / "target/release/meter")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "benches/RESULTS.md", help="- prints only")
    options = parser.parse_args()
    if not options.meter.exists():
        raise SystemExit(f"error: {options.meter} is not built: cargo build --release -p fanin-benches --bin meter")

    begin = time.time()
    available = sorted(os.sched_getaffinity(0))
    results, names, choices = {}, {}, {}
    in_cache = cache(options.meter, available[:1], 5 * options.rounds)
    for threads in [1, 2] if len(available) > 1 else [1]:
        programs = start(available[:threads], options.peers, options.meter)
        names.update((name, program.name) for name, program, _ in programs)
        for dtype in options.dtypes:
            for distribution in options.distributions:
                results[distribution, dtype, threads] = found = rounds(programs, dtype, distribution, threads, options)
                times = ", ".join(f"{name} {ns:.3f}" for name, ns in found.items())
                print(f"{distribution} {dtype}, {threads} thread(s), ns per element: {times}", file=sys.stderr)
                for name, program, _ in programs:
                    if name == "mkl" and name in found:
                        choices[distribution, dtype] = program.ask("choice", distribution, dtype)
        for program in {program for _, program, _ in programs}:
            program.close()

    text = report.text(results, in_cache, names, choices, options, time.time() - begin)
    print(text)
    if str(options.output) != "-":
        options.output.write_text(text)


if __name__ == "__main__":
    main()
