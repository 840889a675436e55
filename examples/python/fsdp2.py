"""FSDP2: each rank fills its own shards. Run: torchrun --nproc-per-node 2 examples/python/fsdp2.py"""

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor.debug import CommDebugMode

import fanin.torch


class Model(torch.nn.Module):
    """An embedding and four feed-forward layers."""

    def __init__(self, width: int = 256) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(1000, width)
        self.layers = torch.nn.ModuleList(torch.nn.Linear(width, width) for _ in range(4))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the last layer's values."""
        x = self.embedding(tokens)
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


dist.init_process_group("gloo")
mesh = init_device_mesh("cpu", (dist.get_world_size(),))

# No memory for the weights yet; the plan says what the constructor draws.
model, plan = fanin.torch.record(Model)
for layer in model.layers:
    fully_shard(layer, mesh=mesh)
fully_shard(model, mesh=mesh)

with CommDebugMode() as communication:
    fanin.torch.materialize_(model, seed=42, plan=plan)
assert communication.get_total_counts() == 0

# The shards are those of a model that one process initialised.
whole = fanin.torch.build(Model, seed=42)
for name, parameter in model.named_parameters():
    assert torch.equal(parameter.full_tensor(), dict(whole.named_parameters())[name]), name
model(torch.arange(10))
if dist.get_rank() == 0:
    print(f"{dist.get_world_size()} ranks hold the values of one process; 0 collectives")
dist.destroy_process_group()
