"""Whole models on the disk: `fanin init` compared with `dd`, `fio` and `cp`, in interleaved rounds on one disk. Writes its section
of benches/RESULTS.md.

    cargo build --release -p init-cli
    python3 benches/peers/files.py                                                # 20 GB, about 20 minutes
    python3 benches/peers/files.py --layers 7 --rounds 3 --small-rounds 7         # 5 GB, at most 5 minutes

Needs Linux and room for a file of the larger size, and compares with fio if it is installed. Nothing else should use the disk
meanwhile.

`dd` writes zeros, which the host of a virtual disk need not store; `fio` writes data that do not compress, as weights do not.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time

from report import processor, table

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "benches/RESULTS.md"
FANIN = ROOT / "target/release/fanin"

LABELS = {
    "fanin": "`fanin init`",
    "fio": "`fio --rw=write --end_fsync=1`",
    "dd": "`dd conv=fsync`",
    "cp": "`cp`",
    "cp and sync": "`cp` and `sync`",
    "fanin --no-sync": "`fanin init --no-sync`",
}

# Llama 3.1 with 42 layers has 20 GB of bf16.
LARGE = ROOT / "crates/init-model/presets/llama-3.1-8b.json"
LAYERS = 42


def run(command):
    """Seconds until the command has ended, and its peak memory in bytes, which counts this program's own pages until the exec."""
    begin = time.perf_counter()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        raise SystemExit(f"{command}: {errors.decode()}")
    return seconds, usage.ru_maxrss * 1024


def settled(*paths):
    """Removes the files of the turn before, and waits until the disk has nothing to do."""
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
        if shutil.which("fio"):
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


def report(layers, large_turns, small_turns, seconds):
    size, long, memory = large_turns
    gpt2, short = small_turns
    rate = lambda seconds: f"{size / 1e9 / seconds:.2f}"
    ours = statistics.median(long["fanin"])
    large_rows = [
        [LABELS[name], rate(statistics.median(turns)), rate(min(turns)), f"{statistics.median(turns) / ours:.2f}"]
        for name, turns in long.items()
        if turns
    ]
    small_rows = [[LABELS[name], f"{statistics.median(turns):.3f}", f"{min(turns):.3f}"] for name, turns in short.items()]
    command = " ".join(["python3 benches/peers/files.py", *(word for word in sys.argv[1:] if word != "--print")])
    rounds = (len(long["fanin"]), len(short["cp"]))
    fio = " `fio` writes data that do not compress, as weights do not." if long["fio"] else ""
    method = f"""Medians and best of {rounds[0]} interleaved rounds. `dd` writes zeros.{fio} Each program ends when the file
    is on the disk. `fanin init` had at most {memory / 2**20:.1f} MiB of memory."""
    ends = f"""{rounds[1]} rounds. `cp` and `fanin init --no-sync` end when the system has the data, the others when the file is on
    the disk. The files are identical to the byte."""
    return f"""## Whole models on the disk

A model of {size / 1e9:.1f} GB in bf16 (Llama 3.1 with {layers} layers):

{table(["program", "GB/s, median", "GB/s, best", "time / time of fanin"], large_rows)}

{textwrap.fill(" ".join(method.split()), 100)}

GPT-2 in f32, {gpt2 / 1e9:.3f} GB:

{table(["command", "seconds, median", "seconds, best"], small_rows)}

{textwrap.fill(" ".join(ends.split()), 100)}

* Machine: {processor()}, {len(os.sched_getaffinity(0))} cores; {platform.system()} {platform.release()}
* Date: {datetime.date.today().isoformat()}, in {seconds / 60:.0f} minutes
* Command: `{command}`, after `cargo build --release -p init-cli`

The disk of a virtual machine is shared with others, and its rate changes from minute to minute.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "target", help="on the disk that is measured")
    parser.add_argument("--layers", type=int, default=LAYERS, help="layers of the large model (default 42, which is 20 GB)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the large model")
    parser.add_argument("--small-rounds", type=int, default=11, help="rounds of GPT-2")
    parser.add_argument("--print", action="store_true", help="print only")
    options = parser.parse_args()
    begin = time.time()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        folder = pathlib.Path(folder)
        small_turns = small(folder, options.small_rounds)
        large_turns = large(folder, options.layers, options.rounds)
    text = report(options.layers, large_turns, small_turns, time.time() - begin)
    print(text)
    if not options.print:
        page = re.sub(r"\n*## Whole models on the disk\n.*", "", RESULTS.read_text(), flags=re.S)
        RESULTS.write_text(f"{page.rstrip()}\n\n{text}")


if __name__ == "__main__":
    main()
