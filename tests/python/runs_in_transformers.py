"""A GPT-2 of `fanin init` loads with transformers' from_pretrained and runs forward and backward, from one file and from shards.

python tests/python/runs_in_transformers.py path/to/fanin
"""

import math
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch
from transformers import GPT2LMHeadModel, logging

logging.set_verbosity_error()
logging.disable_progress_bar()

# The configuration of `--preset gpt2`.
CONFIG = pathlib.Path(__file__).parents[2] / "crates/init-model/presets/gpt2.json"


def load(fanin, folder, options):
    shutil.copy(CONFIG, folder / "config.json")
    run = [fanin, "init", "-q", "--preset", "gpt2", "--seed", "42", "-o", folder / "model.safetensors", *options]
    subprocess.run(run, check=True)
    model, found = GPT2LMHeadModel.from_pretrained(folder, output_loading_info=True)
    if found["missing_keys"] or found["unexpected_keys"] or found["mismatched_keys"]:
        sys.exit(f"{options}: {found}")
    return model.eval()


def main():
    fanin = pathlib.Path(sys.argv[1]).resolve()
    tokens = torch.randint(50257, (2, 64), generator=torch.Generator().manual_seed(1))
    losses = []
    for options in ([], ["--shard-size", "200MB"]):
        with tempfile.TemporaryDirectory() as folder:
            model = load(fanin, pathlib.Path(folder), options)
        loss = model(tokens, labels=tokens).loss
        loss.backward()
        gradients = [parameter.grad.norm().item() for parameter in model.parameters()]
        if not all(map(math.isfinite, gradients)) or not any(gradients):
            sys.exit(f"{options}: gradients {gradients}")
        losses.append(loss.item())
    # Logits of variance 768 * 0.02^2 = 0.31 add half of it to the logarithm of the vocabulary; the labels are independent of them,
    # except for the token itself, which a tied head favours.
    if not math.log(50257) - 1 < losses[0] < math.log(50257) + 1 or losses[0] != losses[1]:
        sys.exit(f"losses {losses}")
    print(f"GPT-2 runs in transformers: loss {losses[0]:.3f}, a uniform guess {math.log(50257):.3f}")


if __name__ == "__main__":
    main()
