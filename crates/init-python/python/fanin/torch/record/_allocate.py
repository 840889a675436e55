"""Memory for models on the meta device; tied parameters stay tied."""

from __future__ import annotations

import torch

from fanin.torch._tensor import is_dtensor


def allocate(model: torch.nn.Module, device: torch.device) -> None:
    """Replace all meta tensors of a model by uninitialised ones on a device."""
    parameters = [tensor for tensor in model.parameters() if tensor.is_meta]
    if any(is_dtensor(parameter) for parameter in parameters):
        _allocate_sharded(model, device)
        return
    replaced: dict[int, torch.Tensor] = {}
    memory: dict[int, torch.Tensor] = {}
    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            for name, tensor in tensors.items():
                if tensor is not None and tensor.is_meta:
                    if id(tensor) not in replaced:
                        replaced[id(tensor)] = _with_memory(tensor, device, memory)
                    tensors[name] = replaced[id(tensor)]  # type: ignore[assignment]


def _with_memory(tensor: torch.Tensor, device: torch.device, memory: dict[int, torch.Tensor]) -> torch.Tensor:
    """Return a tensor with memory for a meta tensor; views of one storage share it again."""
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


def _allocate_sharded(model: torch.nn.Module, device: torch.device) -> None:
    """Allocate through `_apply`, which FSDP2 follows, and tie again what was tied."""
    places: dict[int, list[tuple[torch.nn.Module, str]]] = {}
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                places.setdefault(id(parameter), []).append((module, name))
    memory: dict[int, torch.Tensor] = {}

    def with_memory(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_meta:
            return tensor
        if id(tensor) not in memory:
            memory[id(tensor)] = torch.empty_like(tensor, device=device)
        return memory[id(tensor)]

    model._apply(with_memory)  # type: ignore[no-untyped-call]
    for tied in places.values():
        module, name = tied[0]
        for other, other_name in tied[1:]:
            other._parameters[other_name] = module._parameters[name]
