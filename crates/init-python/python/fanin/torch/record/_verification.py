"""`ModelVerification`: which parameters have exactly their initial values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True)
class ModelVerification:
    """Which parameters have exactly their initial values.

    Attributes
    ----------
    exact : tuple of str
        Names whose values are those of the plan and the seed, bit for bit.
    different : tuple of str
        Names whose values differ.
    unknown : tuple of str
        Names of the model that the plan does not have.
    """

    exact: tuple[str, ...]
    different: tuple[str, ...]
    unknown: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return not self.different and not self.unknown

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each parameter, for pandas.DataFrame."""
        states = (("exact", self.exact), ("different", self.different), ("unknown", self.unknown))
        return [{"name": name, "state": state} for state, names in states for name in names]

    def __str__(self) -> str:
        text = f"{len(self.exact)} parameters have their initial values"
        if self.different:
            text += f", {len(self.different)} differ: {', '.join(self.different[:5])}"
        if self.unknown:
            text += f", {len(self.unknown)} are not in the plan: {', '.join(self.unknown[:5])}"
        return text


def same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Return whether two tensors of one shape and dtype have the same bits; of DTensors the local parts."""
    a, b = (getattr(tensor, "_local_tensor", tensor).detach() for tensor in (a, b))
    integers = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[a.element_size()]
    return torch.equal(a.contiguous().view(integers), b.contiguous().view(integers))
