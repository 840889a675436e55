"""Fills by the kernel: the boxes of a tensor or shard, one launch for each."""

from __future__ import annotations

import ctypes
import itertools
import threading
from collections.abc import Iterator, Sequence

import torch
from torch.autograd.graph import increment_version

from fanin._fanin import Shard, Stream
from fanin.torch._tensor import DTYPES
from fanin.torch.cuda.kernel import _driver, _nvrtc
from fanin.torch.cuda.kernel._arguments import Axis, Part, blocks_of, key_of, numbers_of, part_of
from fanin.torch.cuda.kernel._source import program, text

THREADS = 128

_functions: dict[tuple[int, str, str], ctypes.c_void_p] = {}
_lock = threading.Lock()


def fill_by_kernel(
    tensor: torch.Tensor, sampler: str, numbers: Sequence[float], stream: Stream, shard: Shard | None = None
) -> None:
    """Fill a tensor on an NVIDIA GPU, in PyTorch's current stream.

    Parameters
    ----------
    tensor : torch.Tensor
        On cuda, not empty, of float32, float64, bfloat16 or float16; no two elements share memory.
    sampler : str
        The name of a kernel, as `fanin.Resolved.prepared` gives it.
    numbers : sequence of float
        Its numbers, in the same order.
    stream : fanin.Stream
    shard : fanin.Shard, optional
        The part of a whole tensor that `tensor` is.

    Raises
    ------
    RuntimeError
        If the tensor is not on an NVIDIA GPU, or NVRTC or the driver is missing.
    """
    if not tensor.is_cuda or torch.version.hip is not None:
        raise RuntimeError(f"the CUDA kernel needs a tensor on an NVIDIA GPU, got one on {tensor.device}")
    device = tensor.device.index
    function = _function(device, sampler, DTYPES[tensor.dtype])
    key, values = key_of(stream.key), numbers_of(numbers)
    handle = torch.cuda.current_stream(tensor.device).cuda_stream
    for offset, part in parts(tensor.shape, tensor.stride(), shard):
        block, threads = blocks_of(part)
        address = ctypes.c_void_p(tensor.data_ptr() + offset * tensor.element_size())
        arguments = (address, ctypes.c_uint64(threads), ctypes.c_uint64(block), key, values, part)
        _driver.launch(device, function, -(-threads // THREADS), THREADS, handle, arguments)
    if not tensor.is_inference():
        increment_version(tensor)


def parts(shape: Sequence[int], strides: Sequence[int], shard: Shard | None) -> Iterator[tuple[int, Part]]:
    """Cut a tensor into boxes of consecutive indices: the offset of each in memory, and its part.

    Parameters
    ----------
    shape, strides : sequence of int
        Of the tensor that is filled, in elements.
    shard : fanin.Shard or None
        None: the tensor is the whole one.

    Examples
    --------
    >>> [(offset, part.first, part.count) for offset, part in parts((4, 4), (4, 1), None)]
    [(0, 0, 16)]
    """
    whole = tuple(shape) if shard is None else tuple(shard.whole)
    runs = [[(0, size)] for size in shape] if shard is None else shard.runs
    placed = [list(zip(axis, _positions(axis), strict=True)) for axis in runs]
    for box in itertools.product(*placed):
        axes = [
            Axis(size, start, extent, stride)
            for size, ((start, extent), _), stride in zip(whole, box, strides, strict=True)
        ]
        yield sum(at * stride for (_, at), stride in zip(box, strides, strict=True)), part_of(axes)


def _positions(runs: Sequence[tuple[int, int]]) -> list[int]:
    """Return the position of each run in the part."""
    return list(itertools.accumulate((length for _, length in runs), initial=0))[:-1]


def _function(device: int, sampler: str, dtype: str) -> ctypes.c_void_p:
    """Return the compiled kernel, compiling it at the first use on a device."""
    with _lock:
        found = _functions.get((device, sampler, dtype))
        if found is None:
            line, name, _ = program(sampler, dtype)
            major, minor = torch.cuda.get_device_capability(device)
            image = _nvrtc.compile_text(
                f"{text()}\n{line}\n", target_of(10 * major + minor, _nvrtc.architectures())
            )
            found = _functions[device, sampler, dtype] = _driver.load(device, image, name)
        return found


def target_of(capability: int, supported: Sequence[int]) -> str:
    """Return NVRTC's target for a GPU: its machine code, or PTX of the newest older one that NVRTC knows.

    Examples
    --------
    >>> target_of(90, [80, 90]), target_of(120, [80, 90])
    ('sm_90', 'compute_90')

    Raises
    ------
    RuntimeError
        If the GPU is older than all that NVRTC compiles for.
    """
    if capability in supported:
        return f"sm_{capability}"
    older = [known for known in supported if known < capability]
    if not older:
        raise RuntimeError(
            f"NVRTC compiles for compute capabilities from {min(supported)} on, got {capability}"
        )
    return f"compute_{max(older)}"
