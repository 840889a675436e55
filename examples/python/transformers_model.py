"""A transformers model: its own code, by parameter name, in memory and as a file."""

import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

import fanin
import fanin.torch

config = transformers.GPT2Config(n_layer=2, n_embd=64, n_head=4, vocab_size=1000, n_positions=64)

# The constructor and _init_weights run unchanged; each parameter comes from the stream of its name.
model = fanin.torch.build(transformers.GPT2LMHeadModel, config, seed=42)
print(model.transformer.h[0].attn.c_attn.weight.std())

# Without memory for the weights: record on the meta device, then write the file.
_, plan = fanin.torch.record(transformers.GPT2LMHeadModel, config)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.safetensors"
    plan.write(path, seed=42)
    stored = load_file(path)

state = model.state_dict()
assert all(torch.equal(state[name], value) for name, value in stored.items())
print(f"{len(stored)} tensors of the file equal the model's")

# Which parameters still have their initial values?
print(fanin.torch.verify(model, plan, seed=42))
