"""DTensors: each rank fills its own part with the values of the whole tensor, without communication."""

from fanin.torch.distributed._fill import copy_part, fill_dtensor
from fanin.torch.distributed._materialize import materialize_
from fanin.torch.distributed._placements import placement_runs, shard_of

__all__ = ["copy_part", "fill_dtensor", "materialize_", "placement_runs", "shard_of"]
