"""Compares `fanin init` with `dd`, `fio` and `cp`: whole models, in interleaved rounds on one disk.

Writes its part of benches/RESULTS.md.

    cargo build --release -p init-cli
    python3 benches/peers/files.py

Needs Linux, fio, and room for a file of the larger size. Nothing else may use the disk meanwhile.

`dd` writes zeros, which the host of a virtual disk may not store; `fio` writes data that, like weights, do not
compress.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "benches/RESULTS.md"
FANIN = ROOT / "target/release/fanin"

# Llama 3.1 with enough layers for 20 GB of bf16.
LARGE = ROOT / "crates/init-model/presets/llama-3.1-8b.json"
LAYERS = 42


def run(command):
    """Returns the seconds that a command takes, and its peak memory in bytes, which is at least that of this program, from
    which it is forked."""
    begin = time.perf_counter()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        raise SystemExit(f"{command}: {errors.decode()}")
    return seconds, usage.ru_maxrss * 1024


def settled(*paths):
    """Prepares the disk for a turn: removes earlier files and waits until it is idle."""
    for path in paths:
        path.unlink(missing_ok=True)
    os.sync()
    time.sleep(0.5)


def large(folder, layers, rounds):
    config = folder / "config.json"
    config.write_text(json.dumps({**json.loads(LARGE.read_text()), "num_hidden_layers": layers}))
    model, other = folder / "model.safetensors", folder / "other"
    times, memory, size = {"fanin": [], "fio": [], "dd": []}, 0, 0
    for number in range(rounds):
        settled(model, other)
        seconds, resident = run([FANIN, "init", "-q", "--config", config, "--seed", 1, "-o", model])
        times["fanin"].append(seconds)
        memory = max(memory, resident)
        size = model.stat().st_size
        if number == rounds - 1:
            run([FANIN, "verify", "-q", model, "--config", config])
        settled(model)
        fio = ["fio", "--name=write", f"--filename={other}", f"--size={size // 4096 * 4096}", "--rw=write", "--bs=1M"]
        times["fio"].append(run([*fio, "--ioengine=psync", "--refill_buffers=1", "--end_fsync=1"])[0])
        settled(other)
        dd = ["dd", "if=/dev/zero", f"of={other}", "bs=1M", f"count={size}", "iflag=count_bytes", "conv=fsync"]
        times["dd"].append(run(dd)[0])
    settled(model, other)
    return size, times, memory


def small(folder, rounds):
    source, model, copy = folder / "source.safetensors", folder / "model.safetensors", folder / "copy.safetensors"
    init = [FANIN, "init", "-q", "--preset", "gpt2", "--seed", 1, "-o"]
    run([*init, source])
    commands = {
        "cp": ["cp", source, copy],
        "cp and sync": ["sh", "-c", f"cp '{source}' '{copy}' && sync '{copy}'"],
        "fanin": [*init, model],
        "fanin --no-sync": [*init, model, "--no-sync"],
    }
    times = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            settled(model, copy)
            times[name].append(run(command)[0])
            if number == 0 and name.startswith("fanin"):
                run(["cmp", model, source])
    size = source.stat().st_size
    settled(source, model, copy)
    return size, times


def row(what, asked, measured, is_met):
    return f"| {what} | {asked} | {measured} | {'yes' if is_met else 'no'} |"


def report(large_turns, small_turns):
    size, long, memory = large_turns
    gpt2, short = small_turns
    large_median = {name: statistics.median(turns) for name, turns in long.items()}
    median = {name: statistics.median(turns) for name, turns in short.items()}
    what = f"{size / 1e9:.1f} GB of bf16"
    rate = lambda seconds: f"{size / 1e9 / seconds:.2f}"
    share = {name: large_median[name] / large_median["fanin"] for name in ("fio", "dd")}
    lines = [
        "| target | asked | measured | met |",
        "| --- | --- | --- | --- |",
        row(f"{what}: memory at most, MiB", "≤ 64", f"{memory / 2**20:.1f}", memory <= 64 << 20),
        row(f"{what}: rate over that of `fio`, whose data do not compress", "≥ 0.9", f"{share['fio']:.2f}", share["fio"] >= 0.9),
        row(f"{what}: rate over that of `dd`, whose data are zeros", "≥ 0.9", f"{share['dd']:.2f}", share["dd"] >= 0.9),
        row("GPT-2 124M in f32, on the disk: time over that of `cp` and `sync`", "≤ 1.3", *over(median, "fanin", "cp and sync")),
        row("GPT-2 124M in f32, `--no-sync`: time over that of `cp`", "≤ 1.3", *over(median, "fanin --no-sync", "cp")),
        "",
        f"Rates of {what}, in GB/s, the median of {len(long['dd'])} rounds and the best: "
        + ", ".join(f"{name} {rate(large_median[name])} and {rate(min(turns))}" for name, turns in long.items())
        + f". Seconds of {gpt2 / 1e9:.3f} GB, medians of {len(short['cp'])} rounds: "
        + ", ".join(f"{name} {seconds:.3f}" for name, seconds in median.items())
        + ". `cp` alone ends with the copy in memory; `fanin init` ends when the file is on the disk, as `dd conv=fsync` and `fio --end_fsync=1` do.",
        "",
        f"{len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.release()}, {datetime.date.today().isoformat()}: `python3 benches/peers/files.py`. The disk is shared with "
        "other machines, and its rate changes from minute to minute.",
    ]
    return "\n".join(lines)


def over(median, ours, theirs):
    ratio = median[ours] / median[theirs]
    return f"{ratio:.2f}", ratio <= 1.3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "target", help="on the disk that is measured")
    parser.add_argument("--layers", type=int, default=LAYERS, help="of the large model")
    parser.add_argument("--rounds", type=int, default=3, help="of the large model")
    parser.add_argument("--small-rounds", type=int, default=11)
    parser.add_argument("--print", action="store_true", help="print only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        folder = pathlib.Path(folder)
        small_turns = small(folder, options.small_rounds)
        text = report(large(folder, options.layers, options.rounds), small_turns)
    print(text)
    if not options.print:
        page = RESULTS.read_text()
        page = re.sub(r"(<!-- files -->\n).*(<!-- end of files -->)", lambda mark: mark[1] + text + "\n" + mark[2], page, flags=re.S)
        RESULTS.write_text(page)


if __name__ == "__main__":
    main()
