"""PyTorch tensors as destinations: checks, strides, devices, DTensors."""

from __future__ import annotations

import threading
from typing import Any

import torch
from torch.autograd.graph import increment_version

from fanin import _fanin
from fanin._fanin import Initializer, Shard, Stream

DTYPES: dict[torch.dtype, str] = {
    torch.float32: "f32",
    torch.float64: "f64",
    torch.bfloat16: "bf16",
    torch.float16: "f16",
}

_PLAIN = (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)
_scratch = threading.local()


def fill_(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream | int,
    *,
    name: str | None = None,
    layout: str = "torch",
    shard: Shard | None = None,
) -> torch.Tensor:
    """Fill a tensor with the values of an initializer, in place.

    Parameters
    ----------
    tensor : torch.Tensor
        Of float32, float64, bfloat16 or float16, with any strides, on the CPU or a GPU. A DTensor's local
        part is filled with the values that the whole tensor has there, without communication.
    initializer : str or fanin.Initializer
    stream : fanin.Stream or int
        A number is a seed.
    name : str, optional
        The child of `stream` to take, for instance the parameter's name.
    layout : str
        What each axis means: ``"torch"``, ``"jax"``, …
    shard : fanin.Shard, optional
        The part of a whole tensor that `tensor` is.

    Returns
    -------
    torch.Tensor
        `tensor`.

    Raises
    ------
    TypeError
        If the dtype is not one of the four, or the tensor subclass hides its memory.
    ValueError
        If elements share memory, or the initializer does not fit the shape.

    Examples
    --------
    >>> import torch, fanin.torch
    >>> w = fanin.torch.fill_(torch.empty(2, 2), "eye", 0)
    >>> w.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    source = stream if isinstance(stream, Stream) else Stream(stream)
    if name is not None:
        source = source.child(name)
    fill_tensor(tensor, initializer, source, layout=layout, shard=shard)
    return tensor


def fill_tensor(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream,
    *,
    layout: str | None = None,
    shard: Shard | None = None,
) -> None:
    """Fill a tensor wherever it is: the CPU, another device, a DTensor. Meta tensors have nothing to fill."""
    if type(tensor) in _PLAIN and tensor.is_cpu and not torch.compiler.is_compiling():
        fill_cpu(tensor, initializer, stream, layout, shard)
    else:
        _fill_other(tensor, initializer, stream, layout, shard)  # pyright: ignore[reportCallIssue]


def fill_cpu(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream,
    layout: str | None = None,
    shard: Shard | None = None,
) -> None:
    """Fill a plain tensor on the CPU, and tell autograd that it changed."""
    dtype = DTYPES.get(tensor.dtype)
    if dtype is None or tensor.layout is not torch.strided:
        raise TypeError(
            f"the tensor must be dense, of float32, float64, bfloat16 or float16, got {tensor.dtype} with "
            f"layout {tensor.layout}"
        )
    if tensor.is_neg():
        raise ValueError("the tensor is a negative view (of a conjugate); pass tensor.resolve_neg()")
    if tensor.requires_grad and not tensor.is_leaf and torch.is_grad_enabled():
        raise ValueError(
            "the tensor is the result of an operation that autograd recorded; fill it under no_grad"
        )
    strides = None if tensor.is_contiguous() else tensor.stride()
    _fanin.fill_address(
        tensor.data_ptr(),
        dtype,
        tensor.shape,
        strides,
        initializer,
        stream,
        layout,
        shard,
        torch.get_num_threads(),
    )
    if not tensor.is_inference():
        increment_version(tensor)


@torch.compiler.disable  # type: ignore[untyped-decorator]
def _fill_other(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream,
    layout: str | None,
    shard: Shard | None,
) -> None:
    """Fill a DTensor, a tensor on another device or one of another class."""
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"tensor must be a torch.Tensor, got {type(tensor).__name__}")
    if is_dtensor(tensor):
        if shard is not None:
            raise ValueError("a DTensor knows its part of the whole tensor; leave out shard")
        from fanin.torch.distributed import fill_dtensor

        fill_dtensor(tensor, initializer, stream, layout=layout)
        return
    if tensor.is_meta:
        _check_meta(tensor, initializer, layout, shard)
        return
    if is_wrapper(tensor):
        raise TypeError(
            f"a tensor of class {type(tensor).__name__} hides its memory; fill the tensors that it is made of"
        )
    if tensor.is_cpu:
        fill_cpu(tensor, initializer, stream, layout, shard)
        return
    from fanin.torch import cuda

    cuda.fill_(tensor, initializer, stream, layout=layout or "torch", shard=shard)


def _check_meta(
    tensor: torch.Tensor, initializer: str | Initializer, layout: str | None, shard: Shard | None
) -> None:
    """Refuse for a meta tensor what would be refused for one with memory."""
    if tensor.dtype not in DTYPES:
        raise TypeError(f"the tensor must be of float32, float64, bfloat16 or float16, got {tensor.dtype}")
    _fanin.resolve(initializer, tensor.shape if shard is None else shard.whole, layout)


def is_dtensor(tensor: Any) -> bool:
    """Return whether a tensor is a DTensor, without importing torch.distributed."""
    cls = type(tensor)
    return any(base.__name__ == "DTensor" for base in cls.__mro__) and hasattr(tensor, "placements")


def is_wrapper(tensor: torch.Tensor) -> bool:
    """Return whether a tensor subclass keeps its values in other tensors."""
    if type(tensor) in _PLAIN:
        return False
    from torch.utils._python_dispatch import is_traceable_wrapper_subclass

    return is_traceable_wrapper_subclass(tensor) or type(tensor).__name__ == "FakeTensor"


def random_word(generator: torch.Generator | None) -> int:
    """Return one 63-bit word of a generator, of PyTorch's default one without an argument."""
    word = getattr(_scratch, "word", None)
    if word is None or (generator is not None and generator.device.type != "cpu"):
        device = "cpu" if generator is None else generator.device
        word = torch.empty((), dtype=torch.int64, device=device)
        if device == "cpu":
            _scratch.word = word
    return int(word.random_(generator=generator).item())
