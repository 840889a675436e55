"""Memory for models on the meta device; tied parameters stay tied."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from fanin.torch._tensor import is_dtensor
from fanin.torch.record._names import MODULE_ATTRIBUTES


def allocate(model: torch.nn.Module, device: torch.device) -> None:
    """Replace all meta tensors of a model by uninitialised ones on a device."""
    replaced: dict[int, torch.Tensor] = {}
    memory: dict[int, torch.Tensor] = {}
    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            for name, tensor in tensors.items():
                if tensor is not None and tensor.is_meta:
                    if id(tensor) not in replaced:
                        replaced[id(tensor)] = _with_memory(tensor, device, memory)
                    tensors[name] = replaced[id(tensor)]  # type: ignore[assignment]
    for module in model.modules():
        for attribute, value in list(vars(module).items()):
            if attribute not in MODULE_ATTRIBUTES and isinstance(value, (torch.Tensor, list, tuple, dict)):
                given = _given_memory(value, device, replaced, memory)
                if given is not value:
                    vars(module)[attribute] = given
    for module in model.modules():
        _tell_fsdp(module)


def _given_memory(
    value: Any, device: torch.device, replaced: dict[int, torch.Tensor], memory: dict[int, torch.Tensor]
) -> Any:
    """Return a plain attribute with memory for its meta tensors; lists and dicts are changed in place."""
    if isinstance(value, torch.Tensor):
        lazy = isinstance(value, (UninitializedParameter, UninitializedBuffer))
        if lazy or not value.is_meta or value.layout is not torch.strided:
            return value
        if id(value) not in replaced:
            replaced[id(value)] = _with_memory(value, device, memory)
        return replaced[id(value)]
    if isinstance(value, (list, dict)):
        items: Any = list(value.items() if isinstance(value, dict) else enumerate(value))
        for key, item in items:
            if isinstance(item, (torch.Tensor, list, tuple, dict)):
                value[key] = _given_memory(item, device, replaced, memory)
    elif type(value) is tuple and any(isinstance(item, torch.Tensor) for item in value):
        return tuple(_given_memory(item, device, replaced, memory) for item in value)
    return value


def _tell_fsdp(module: torch.nn.Module) -> None:
    """Let FSDP2 take the new parameters, as it does itself after `Module._apply`.

    `_apply` cannot be used: it swaps tensors, which PyTorch refuses while a plan refers to them.
    """
    get_state = getattr(module, "_get_fsdp_state", None)
    if get_state is None:
        return
    state = get_state()
    groups = getattr(state, "_fsdp_param_groups", None)
    if groups is None:
        groups = [state._fsdp_param_group] if state._fsdp_param_group else []
    with torch.no_grad():
        for group in groups:
            for parameter in group.fsdp_params:
                parameter.reset_sharded_param()


def _with_memory(tensor: torch.Tensor, device: torch.device, memory: dict[int, torch.Tensor]) -> torch.Tensor:
    """Return a tensor with memory for a meta tensor; views of one storage share it again."""
    if is_dtensor(tensor):
        local = torch.empty_like(tensor, device=device)
        return (
            torch.nn.Parameter(local, tensor.requires_grad)
            if isinstance(tensor, torch.nn.Parameter)
            else local
        )
    storage = tensor.untyped_storage()
    key = storage._cdata
    if key not in memory:
        memory[key] = torch.empty(
            storage.nbytes() // tensor.element_size(), dtype=tensor.dtype, device=device
        )
    real = memory[key].as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())
    if isinstance(tensor, torch.nn.Parameter):
        parameter = torch.nn.Parameter(real, requires_grad=tensor.requires_grad)
        if type(tensor) is not torch.nn.Parameter:
            parameter.__class__ = type(tensor)
        vars(parameter).update(vars(tensor))
        return parameter
    return real
