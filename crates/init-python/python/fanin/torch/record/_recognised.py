"""What several operations write out together: truncated normals, and embeddings with a padding row.

timm and older models have their own copy of the inverse-CDF method: uniform_, erfinv_, mul_, add_, clamp_. It
is recognised as the truncated normal that it computes; PyTorch's erfinv in f32 can reach 1, which gives the
bound far too often.
"""

from __future__ import annotations

import math
import re

import torch

from fanin.torch.record._tape import Draw, Node, Replay

_UNIFORM = re.compile(r"uniform\(low=([^,]+), high=([^)]+)\)")
_STEPS = ["erfinv_", "mul_", "add_", "clamp_"]


def as_truncated_normal(nodes: list[Node]) -> Draw | None:
    """Return the draw that the nodes write out, or None if they are anything else."""
    first, *rest = nodes
    if not isinstance(first, Draw) or [str(node) for node in rest] != _STEPS:
        return None
    match = _UNIFORM.fullmatch(first.text)
    steps = [node for node in rest if isinstance(node, Replay)]
    if match is None or len(steps) != len(_STEPS):
        return None
    low_cdf, high_cdf = ((float(word) + 1) / 2 for word in match.groups())
    scale, mean = steps[1].args[1], steps[2].args[1]
    bounds = list(steps[3].args[1:]) or [steps[3].kwargs.get("min"), steps[3].kwargs.get("max")]
    numbers = [scale, mean, *bounds]
    if len(bounds) != 2 or not all(isinstance(number, (int, float)) for number in numbers):
        return None
    std = _std(scale)
    if not std > 0:
        return None
    for bound, cdf in zip(bounds, (low_cdf, high_cdf), strict=True):
        if abs((1 + math.erf((bound - mean) / std / math.sqrt(2))) / 2 - cdf) > 1e-6:
            return None
    low, high = bounds
    text = f"truncated_normal(mean={float(mean)!r}, std={std!r}, low={float(low)!r}, high={float(high)!r})"
    return Draw(first.target, text)


def as_embedding(nodes: list[Node], root: torch.Tensor) -> Draw | None:
    """Return the draw of a table whose padding row is set to 0 afterwards, or None."""
    if len(nodes) != 2 or root.ndim < 2 or not root.is_contiguous():
        return None
    first, second = nodes
    if not isinstance(first, Draw) or not isinstance(second, Replay) or str(second) not in ("fill_", "zero_"):
        return None
    row = second.args[0]
    if str(second) == "fill_" and (isinstance(second.args[1], torch.Tensor) or second.args[1] != 0):
        return None
    if first.target.shape != root.shape or row.shape != root.shape[1:] or row.stride() != root.stride()[1:]:
        return None
    index, rest = divmod(row.storage_offset() - root.storage_offset(), root.stride(0))
    if rest or not first.text.startswith(("normal(", "uniform(", "truncated_normal(")):
        return None
    return Draw(first.target, f"embedding(padding_idx={index}, init={first.text})")


def _std(scale: float) -> float:
    """Return the standard deviation of which `scale` is √2 times, without the rounding of that product."""
    std = scale / math.sqrt(2)
    short = float(f"{std:.12g}")
    return short if short * math.sqrt(2) == scale else std
