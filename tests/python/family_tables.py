"""Compares families with transformers: names, shapes, ties and first values of small models.

pip install -r tests/python/models-requirements.txt
cargo build -p init-cli
python tests/python/family_tables.py [FAMILY ...]

Each line of crates/init-model/tests/vectors/families.jsonl has a configuration. Its model is built by the class that
`architectures` names, after torch.manual_seed(0), and compared with `fanin plan`: the same names and shapes, tied
tensors left out, and mean, standard deviation, bounds and rows of zeros of every tensor within what the plan's
distribution allows. Then the line gets the hash of the plan's table, which `cargo test -p init-model --test families`
computes again. With names, only the lines of these families are compared and written.
"""

import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile

import torch
import transformers
from transformers.core_model_loading import revert_weight_conversion

ROOT = pathlib.Path(__file__).parents[2]
LINES = ROOT / "crates/init-model/tests/vectors/families.jsonl"
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def program():
    """Returns the path of the built program."""
    output = subprocess.run(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, capture_output=True, check=True)
    return pathlib.Path(json.loads(output.stdout)["target_directory"]) / "debug/fanin"


def planned(fanin, config):
    """Returns the rows of the plan of a configuration."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "config.json"
        path.write_text(json.dumps(config))
        run = subprocess.run([fanin, "plan", "--json", "--config", path], capture_output=True, text=True)
    if run.returncode:
        raise ValueError(run.stderr.strip())
    return json.loads(run.stdout)["tensors"]


def published(config):
    """Returns the tensors that the library's model would be saved with."""
    config = dict(config)
    [architecture] = config.pop("architectures")
    made = transformers.AutoConfig.for_model(config.pop("model_type"), **config)
    torch.manual_seed(0)
    model = getattr(transformers, architecture)(made)
    tied = set(model.all_tied_weights_keys)
    tensors = {}
    for name, tensor in model.state_dict().items():
        if name not in tied and tensor.is_floating_point():
            # One at a time, because the reversal sorts its argument.
            tensors.update(revert_weight_conversion(model, {name: tensor}))
    return tensors


def moments(values):
    """Returns mean, standard deviation, kurtosis, bounds and the share of zero rows of what a plan's row resolves to."""
    name, arguments = re.fullmatch(r"(\w+)\((.*)\)", values).groups()
    number = {key: float(value) for key, value in re.findall(r"(\w+)=(-?(?:[\d.]+(?:e-?\d+)?|inf))", arguments)}
    if name == "constant":
        return number["value"], 0.0, 1.0, number["value"], number["value"]
    if name == "uniform":
        low, high = number["low"], number["high"]
        return (low + high) / 2, (high - low) / math.sqrt(12), 1.8, low, high
    if name == "normal":
        return number["mean"], number["std"], 3.0, -math.inf, math.inf
    if name == "truncated_normal" and number["high"] >= 10 * number["std"]:
        return number["mean"], number["std"], 3.0, number["low"], number["high"]
    raise ValueError(f"no moments of {values}")


def compare(row, tensor):
    """Says how a tensor of the library differs from the plan's row; nothing if it does not."""
    wide = tensor.double().flatten()
    values, zero_rows = row["values"], 0
    if found := re.fullmatch(r"zero_row\(row=\d+, (.*)\)", values):
        values, zero_rows = found[1], 1
        rows = (tensor == 0).all(dim=-1)
        if int(rows.sum()) != 1:
            return f"{int(rows.sum())} rows of zeros, not 1"
        wide = tensor[~rows].double().flatten()
    mean, std, kurtosis, low, high = moments(values)
    near = 1e-6 * max(abs(low), abs(high), 1e-9) if math.isfinite(low) else 0.0
    if wide.min() < low - near or wide.max() > high + near:
        return f"{float(wide.min())} ... {float(wide.max())} is not within {values}"
    n = wide.numel()
    if abs(float(wide.mean()) - mean) > 5 * std / math.sqrt(n) + near:
        return f"mean {float(wide.mean())}, not that of {values}"
    spread = float(wide.std(correction=0)) if n > 1 else None
    if std and spread is not None and n > 8 and abs(spread / std - 1) > 5 * math.sqrt((kurtosis - 1) / 4 / n) + 1 / n:
        return f"std {spread}, not that of {values}"
    return None


def table_hash(rows):
    """Returns FNV-1a of the sorted lines of name, shape and values."""
    lines = sorted(f"{row['name']} {row['shape']} {row['values']}\n" for row in rows)
    value = 0xCBF29CE484222325
    for byte in "".join(lines).encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def check(fanin, config):
    """Returns the hash of a configuration's table, or raises ValueError with the first differences."""
    rows = planned(fanin, config)
    theirs = published(config)
    ours = {row["name"]: row for row in rows}
    problems = [f"{name}: missing in the plan" for name in theirs if name not in ours]
    problems += [f"{name}: not in the library" for name in ours if name not in theirs]
    for name in ours.keys() & theirs.keys():
        if list(theirs[name].shape) != ours[name]["shape"]:
            problems.append(f"{name}: {ours[name]['shape']}, not {list(theirs[name].shape)}")
        elif problem := compare(ours[name], theirs[name]):
            problems.append(f"{name}: {problem}")
    if problems:
        raise ValueError("\n  ".join(problems[:12]))
    return table_hash(rows)


def main():
    fanin, names, failed = program(), sys.argv[1:], 0
    lines = [json.loads(line) for line in LINES.read_text().splitlines()]
    for line in lines:
        family = line["config"]["model_type"]
        if names and family not in names:
            continue
        line.pop("hash", None)
        try:
            line["hash"] = check(fanin, line["config"])
        except Exception as error:
            failed += 1
            print(f"{family} {line['config']['architectures'][0]}: {error}")
    LINES.write_text("".join(json.dumps(line) + "\n" for line in lines))
    print(f"transformers {transformers.__version__}, torch {torch.__version__}: {failed} of {len(lines)} differ")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
