"""`materialize_`: memory and initial values for a model that was sharded on the meta device."""

from __future__ import annotations

from typing import Any

import torch

from fanin.torch.record._allocate import allocate
from fanin.torch.record._names import canonical
from fanin.torch.record._plan import ModelPlan
from fanin.torch.record._reset import fill_by_rules, own_plan


def materialize_(
    model: torch.nn.Module,
    seed: int = 0,
    *,
    plan: ModelPlan | None = None,
    rules: Any = None,
    device: torch.device | str | None = None,
    strict: bool = True,
) -> torch.nn.Module:
    """Give a model on the meta device memory and its initial values, and return it.

    After ``fully_shard`` or ``parallelize_module`` each rank allocates and fills its own shards only. The
    values are those of one process, whatever the mesh and the placements.

    Parameters
    ----------
    model : torch.nn.Module
        Parameters on the meta device get memory; others are filled where they are.
    seed : int
    plan : ModelPlan, optional
        As `fanin.torch.record` returned it for the model before sharding: the values of its constructor.
    rules : optional
        Initializers by name, as for `fanin.torch.init_`. Without plan and rules the modules' own
        ``reset_parameters`` are used.
    device : torch.device or str, optional
        Where the memory is; by default the device of the mesh, else the CPU.
    strict : bool
        Whether a parameter that nothing initialises is an error.

    Raises
    ------
    ValueError
        If names or shapes differ from the plan, or a parameter is left; nothing is written then.

    Examples
    --------
    >>> import torch, fanin.torch
    >>> with torch.device("meta"):
    ...     model = torch.nn.Linear(4, 2)
    >>> fanin.torch.materialize_(model, seed=42).weight.is_meta
    False
    """
    if plan is not None and rules is not None:
        raise ValueError("pass plan or rules, not both")
    where = torch.device(device) if device is not None else _mesh_device(model)
    if rules is not None:
        parameters = {canonical(name): tensor for name, tensor in model.named_parameters()}
        from fanin._rules import assign

        assign({name: tuple(tensor.shape) for name, tensor in parameters.items()}, rules, strict=strict)
        allocate(model, where)
        fill_by_rules(
            {canonical(name): tensor for name, tensor in model.named_parameters()}, seed, rules, strict
        )
        return model
    chosen = own_plan(model, strict) if plan is None else plan
    return chosen.materialize_(model, seed, where, strict=strict)


def _mesh_device(model: torch.nn.Module) -> torch.device:
    """Return the device of the first mesh among the parameters."""
    for parameter in model.parameters():
        mesh = getattr(parameter, "device_mesh", None)
        if mesh is not None:
            kind = mesh.device_type
            if kind == "cpu":
                return torch.device("cpu")
            return torch.device(kind, torch.get_device_module(kind).current_device())
    return torch.device("cpu")
