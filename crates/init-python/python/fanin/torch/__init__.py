"""PyTorch: `init` replaces torch.nn.init, and any model by parameter name, also sharded."""

from fanin.torch import adapters, init
from fanin.torch._tensor import fill_
from fanin.torch.distributed import materialize_
from fanin.torch.record import (
    ModelPlan,
    ModelVerification,
    RecordingWarning,
    build,
    init_,
    record,
    recording,
)

__all__ = [
    "ModelPlan",
    "ModelVerification",
    "RecordingWarning",
    "adapters",
    "build",
    "fill_",
    "init",
    "init_",
    "materialize_",
    "record",
    "recording",
    "verify",
]


def verify(model: object, plan: ModelPlan, seed: int) -> ModelVerification:
    """Compare a model with its initial values, bit for bit.

    Parameters
    ----------
    model : torch.nn.Module
    plan : ModelPlan
        As `record` or a recording returns it.
    seed : int

    Returns
    -------
    ModelVerification
        True if every parameter is exact.

    Examples
    --------
    >>> import torch, fanin.torch
    >>> model, plan = fanin.torch.record(torch.nn.Linear, 4, 2)
    >>> bool(fanin.torch.verify(plan.materialize_(model, seed=42), plan, seed=42))
    True
    """
    return plan.verify(model, seed)  # type: ignore[arg-type]
