"""Compares fanin's orthogonal fill with torch.nn.init.orthogonal_: interleaved rounds on the same cores.

    cargo build --release -p fanin-benches --bin orthogonal
    python3 -m venv target/peers && target/peers/bin/pip install torch numpy
    target/peers/bin/python benches/peers/orthogonal.py
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


# torch's threads busy-wait for a while after each call and must not take time from the other program's turn. Making them
# sleep immediately would slow torch itself, whose factorisation waits for its threads thousands of times.
REST = 0.2
# Sleeping threads are often woken on one core and moved only later: each turn begins with untimed calls of this many
# seconds.
WAKE = 0.05


def turn(fill):
    """Returns the seconds of the last of several fills; the first ones wake the threads."""
    time.sleep(REST)
    awake = 0
    while awake < WAKE:
        awake += fill()
    return fill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", default="0,1", help="the cores that both are bound to")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048, 4096])
    options = parser.parse_args()
    cores = {int(core) for core in options.cores.split(",")}
    os.sched_setaffinity(0, cores)

    import torch

    torch.set_num_threads(len(cores))
    environment = {**os.environ, "RAYON_NUM_THREADS": str(len(cores))}
    fanin = subprocess.Popen(
        [ROOT / "target/release/orthogonal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    print(f"{fanin.stdout.readline().strip().removeprefix('ready ')}; torch {torch.__version__}; {len(cores)} cores")

    def ask(line):
        print(line, file=fanin.stdin, flush=True)
        return fanin.stdout.readline()

    def by_torch(weight):
        start = time.perf_counter()
        torch.nn.init.orthogonal_(weight)
        return time.perf_counter() - start

    def saved(n):
        with tempfile.NamedTemporaryFile() as file:
            ask(f"save {file.name}")
            return torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(n, n)

    def error(weight):
        double = weight.double()
        return (double.T @ double - torch.eye(len(weight), dtype=torch.double)).abs().max().item()

    print(f"{'n':>6} {'fanin':>9} {'torch':>9} {'ratio':>6}   minimum: {'fanin':>9} {'torch':>9}   error: {'fanin':>9} {'torch':>9}")
    for n in options.sizes:
        weight = torch.zeros(n, n)
        rounds = [(turn(lambda: float(ask(n))), turn(lambda: by_torch(weight))) for _ in range(options.rounds)]
        ours, theirs = zip(*rounds)
        a, b = statistics.median(ours), statistics.median(theirs)
        print(
            f"{n:6} {a:9.5f} {b:9.5f} {b / a:6.2f}          {min(ours):9.5f} {min(theirs):9.5f}"
            f"          {error(saved(n)):9.1e} {error(weight):9.1e}",
            flush=True,
        )
    fanin.stdin.close()
    fanin.wait()


if __name__ == "__main__":
    main()
