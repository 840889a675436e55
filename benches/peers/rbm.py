"""Compares fanin's restricted Boltzmann machine with scikit-learn's BernoulliRBM: interleaved rounds on the same cores.

Both train by persistent contrastive divergence of one step in f32, on the same examples, with one chain per example of a
batch, the same learning rate, no momentum and no weight decay.

    cargo build --release -p fanin-benches --bin rbm
    python3 -m venv target/peers && target/peers/bin/pip install -r benches/peers/requirements.txt
    target/peers/bin/python benches/peers/rbm.py
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# A library's threads busy-wait for a while after each call and must not take time from the other program's turn.
REST = 0.2


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", default="0,1", help="the cores that both are bound to")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--data", default=ROOT / "examples/digits.csv.gz", help="examples, a label in the last column")
    parser.add_argument("--hidden", type=int, nargs="+", default=[128, 256])
    parser.add_argument("--batches", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--epochs", type=int, default=10, help="in a turn")
    options = parser.parse_args()
    cores = {int(core) for core in options.cores.split(",")}
    os.sched_setaffinity(0, cores)

    import numpy
    import sklearn
    from sklearn.neural_network import BernoulliRBM

    environment = {**os.environ, "RAYON_NUM_THREADS": str(len(cores))}
    fanin = subprocess.Popen(
        [ROOT / "target/release/rbm", options.data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    print(f"{fanin.stdout.readline().strip().removeprefix('ready ')}; scikit-learn {sklearn.__version__}; {len(cores)} cores")

    data = numpy.loadtxt(options.data, delimiter=",", dtype=numpy.float32)[:, :-1]
    data = numpy.ascontiguousarray((data - data.min()) / (data.max() - data.min()), dtype=numpy.float32)

    def by_fanin(batch, hidden):
        print(batch, hidden, options.epochs, file=fanin.stdin, flush=True)
        return [float(number) for number in fanin.stdout.readline().split()]

    def by_sklearn(batch, hidden):
        machine = BernoulliRBM(
            n_components=hidden, learning_rate=0.05, batch_size=batch, n_iter=options.epochs, random_state=0
        )
        start = time.perf_counter()
        machine.fit(data)
        seconds = time.perf_counter() - start
        assert machine.components_.dtype == numpy.float32
        return seconds, error(machine)

    # The mean square of v − v̂, as fanin measures it.
    def error(machine):
        hidden = machine.transform(data)
        back = 1 / (1 + numpy.exp(-(hidden @ machine.components_ + machine.intercept_visible_)))
        return float(((data - back) ** 2).mean())

    print(f"{len(data)} examples of {data.shape[1]} features; seconds an epoch, medians of {options.rounds} rounds of {options.epochs} epochs")
    print(f"{'batch':>6} {'hidden':>6} {'fanin':>9} {'sklearn':>9} {'ratio':>6}   minimum: {'fanin':>9} {'sklearn':>9}   error: {'fanin':>7} {'sklearn':>7}")
    for batch in options.batches:
        for hidden in options.hidden:
            by_fanin(batch, hidden)
            by_sklearn(batch, hidden)
            ours, theirs = [], []
            for _ in range(options.rounds):
                time.sleep(REST)
                ours.append(by_fanin(batch, hidden))
                time.sleep(REST)
                theirs.append(by_sklearn(batch, hidden))
            a, b = ([turn[0] / options.epochs for turn in turns] for turns in (ours, theirs))
            mine, its = statistics.median(a), statistics.median(b)
            print(
                f"{batch:6} {hidden:6} {mine:9.5f} {its:9.5f} {its / mine:6.2f}          {min(a):9.5f} {min(b):9.5f}"
                f"          {ours[-1][2]:7.4f} {theirs[-1][1]:7.4f}",
                flush=True,
            )
    fanin.stdin.close()
    fanin.wait()


if __name__ == "__main__":
    main()
