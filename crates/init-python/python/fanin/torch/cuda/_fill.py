"""`fill_`: the entry for tensors that are not on the CPU, and its choice between the ring and the kernel."""

from __future__ import annotations

import torch

from fanin import _fanin
from fanin._fanin import Initializer, Resolved, Shard, Stream
from fanin.torch._tensor import DTYPES, fill_cpu
from fanin.torch.cuda._ring import ring_to
from fanin.torch.cuda._stage import stage

_kernel_in_use = False


def use_kernel(enabled: bool = True) -> bool:
    """Choose whether `fill_` runs a CUDA kernel for tensors on NVIDIA GPUs. Off by default.

    The kernel is experimental: its values have been compared with the engine's on the CPU, not yet on a GPU.

    Parameters
    ----------
    enabled : bool

    Returns
    -------
    bool
        The previous choice.

    Examples
    --------
    >>> import fanin.torch.cuda
    >>> previous = fanin.torch.cuda.use_kernel(True)
    >>> fanin.torch.cuda.use_kernel(previous)
    True
    """
    global _kernel_in_use
    previous, _kernel_in_use = _kernel_in_use, bool(enabled)
    return previous


def kernel_in_use() -> bool:
    """Return whether `fill_` runs the CUDA kernel where it can.

    Examples
    --------
    >>> import fanin.torch.cuda
    >>> fanin.torch.cuda.kernel_in_use()
    False
    """
    return _kernel_in_use


def fill_(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream | int,
    *,
    layout: str | None = "torch",
    shard: Shard | None = None,
    kernel: bool | None = None,
) -> torch.Tensor:
    """Fill a tensor on a GPU with the values that it would have on the CPU, in place.

    Parameters
    ----------
    tensor : torch.Tensor
        Of float32, float64, bfloat16 or float16, with any strides, on cuda, xpu, mps or the CPU. The values
        are written in the device's current stream, as those of any operation.
    initializer : str or fanin.Initializer
    stream : fanin.Stream or int
        A number is a seed.
    layout : str, optional
        What each axis means.
    shard : fanin.Shard, optional
        The part of a whole tensor that `tensor` is.
    kernel : bool, optional
        Whether to run the CUDA kernel; the default is what `use_kernel` chose. Structured initializers, such
        as ``orthogonal``, are computed on the CPU either way.

    Returns
    -------
    torch.Tensor
        `tensor`.

    Raises
    ------
    TypeError
        If the dtype is not one of the four, or the tensor is not dense.
    ValueError
        If elements share memory, the initializer does not fit, or the tensor has no memory.
    RuntimeError
        If ``kernel=True`` and the tensor is not on an NVIDIA GPU, or NVRTC is missing.

    Examples
    --------
    >>> import torch, fanin.torch.cuda
    >>> device = "cuda" if torch.cuda.is_available() else "cpu"
    >>> fanin.torch.cuda.fill_(torch.empty(3, device=device), "ones", 0).tolist()
    [1.0, 1.0, 1.0]
    """
    source = stream if isinstance(stream, Stream) else Stream(stream)
    dtype = _check(tensor)
    if tensor.is_cpu:
        if kernel:
            raise RuntimeError("the CUDA kernel needs a tensor on an NVIDIA GPU, got one on the CPU")
        fill_cpu(tensor, initializer, source, layout, shard)
        return tensor
    if shard is not None and tuple(tensor.shape) != tuple(shard.shape):
        raise ValueError(
            f"the tensor must have the shape {shard.shape} of the shard, got {tuple(tensor.shape)}"
        )
    resolved = _fanin.resolve(initializer, tensor.shape if shard is None else shard.whole, layout)
    with torch.no_grad():
        _fill(tensor, resolved, initializer, source, dtype, layout, shard, kernel)
    return tensor


def _fill(
    tensor: torch.Tensor,
    resolved: Resolved,
    initializer: str | Initializer,
    stream: Stream,
    dtype: str,
    layout: str | None,
    shard: Shard | None,
    kernel: bool | None,
) -> None:
    """Fill a checked tensor in the way that suits what the initializer resolves to."""
    sampler, numbers = resolved.prepared(dtype)
    if tensor.numel() == 0:
        return
    if sampler == "constant":
        tensor.fill_(numbers["value"])
        return
    wanted = kernel if kernel is not None else _kernel_in_use and tensor.is_cuda
    if wanted and sampler != "structured":
        from fanin.torch.cuda.kernel import fill_by_kernel

        fill_by_kernel(tensor, sampler, list(numbers.values()), stream, shard)
        return
    with ring_to(tensor.device, tensor.numel() * tensor.element_size()) as ring:
        stage(tensor, resolved, initializer, stream, layout, shard, ring)


def _check(tensor: torch.Tensor) -> str:
    """Return the dtype's name, or raise for a tensor that cannot be filled."""
    dtype = DTYPES.get(tensor.dtype)
    if dtype is None or tensor.layout is not torch.strided:
        raise TypeError(
            "the tensor must be dense, of float32, float64, bfloat16 or float16, "
            f"got {tensor.dtype} with layout {tensor.layout}"
        )
    if tensor.is_meta:
        raise ValueError(
            "a meta tensor has no memory to fill; allocate it first, for instance by to_empty(device=…)"
        )
    if tensor.is_neg():
        raise ValueError("the tensor is a negative view (of a conjugate); pass tensor.resolve_neg()")
    if tensor.requires_grad and not tensor.is_leaf and torch.is_grad_enabled():
        raise ValueError(
            "the tensor is the result of an operation that autograd recorded; fill it under no_grad"
        )
    if _shares_memory(tensor.shape, tensor.stride()):
        raise ValueError(
            f"elements of the tensor share memory: shape {tuple(tensor.shape)}, strides {tensor.stride()}; "
            "fill the tensor that it was expanded from"
        )
    return dtype


def _shares_memory(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Return whether two elements may have one address."""
    reach = 0
    for stride, size in sorted(pair for pair in zip(strides, shape, strict=True) if pair[1] > 1):
        if stride <= reach:
            return True
        reach += stride * (size - 1)
    return False
