"""The functions of torch.nn.init, with the values of fanin.

Every function has PyTorch's name, parameters, semantics and warnings, and three more keyword parameters:

seed : int, optional
    The values are those of ``fanin.Stream(seed)``.
stream : fanin.Stream, optional
    The values are those of this stream.
name : str, optional
    The child of the stream to take, for instance the parameter's name.

Without seed and stream one word of `generator`, or of PyTorch's default generator, seeds the call, so that
``torch.manual_seed`` and ``generator=`` keep their meaning. A value belongs to the logical index of an
element: transposed and channels_last tensors get the same values as contiguous ones. Tensors of other dtypes
(complex) go to PyTorch's own functions. The values are not PyTorch's.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import torch
from torch.nn import init as _torch
from torch.nn.init import (
    _calculate_correct_fan,
    _calculate_fan_in_and_fan_out,
    calculate_gain,
    constant_,
    dirac_,
    eye_,
    ones_,
    zeros_,
)

from fanin._fanin import Initializer, Stream
from fanin.torch._tensor import DTYPES, fill_tensor, random_word

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def uniform_(
    tensor: torch.Tensor,
    a: float = 0.0,
    b: float = 1.0,
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor from the uniform distribution on [a, b), in place, and return it.

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.uniform_(torch.empty(3, 5), -1, 1, seed=42, name="fc.weight")
    >>> bool((w.abs() <= 1).all())
    True
    """
    if torch.overrides.has_torch_function_unary(tensor) and _overridden(tensor):
        return _override(uniform_, tensor, a=a, b=b, generator=generator, seed=seed, stream=stream, name=name)
    if tensor.dtype not in DTYPES or not a <= b:
        return _torch.uniform_(tensor, a, b, generator)
    source = _source(generator, seed, stream, name)
    if a == b:
        return _torch.constant_(tensor, a)
    fill_tensor(tensor, _initializer("uniform", low=a, high=b), source)
    return tensor


def normal_(
    tensor: torch.Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor in place from the normal distribution with a mean and a standard deviation; return it.

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.normal_(torch.empty(1000), std=0.02, seed=42)
    >>> 0.018 < float(w.std()) < 0.022
    True
    """
    if torch.overrides.has_torch_function_unary(tensor) and _overridden(tensor):
        return _override(
            normal_, tensor, mean=mean, std=std, generator=generator, seed=seed, stream=stream, name=name
        )
    if tensor.dtype not in DTYPES or not std >= 0 or not math.isfinite(mean + std):
        return _torch.normal_(tensor, mean, std, generator)
    source = _source(generator, seed, stream, name)
    _normal(tensor, mean, std, source)
    return tensor


def trunc_normal_(
    tensor: torch.Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor from the normal distribution truncated to [a, b], in place, and return it.

    `a` and `b` are absolute, not in standard deviations. The distribution is exact for every mean and all
    bounds; PyTorch's warning about means outside the bounds is kept, so that a change of the import changes
    no warning.

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.trunc_normal_(torch.empty(1000), std=0.02, a=-0.04, b=0.04, seed=42)
    >>> bool((w.abs() <= 0.04).all())
    True
    """
    if tensor.is_meta:
        return tensor
    if (mean < a - 2 * std) or (mean > b + 2 * std):
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    if tensor.dtype not in DTYPES or not std > 0 or not a < b:
        return _torch.trunc_normal_(tensor, mean, std, a, b, generator)
    source = _source(generator, seed, stream, name)
    fill_tensor(tensor, _initializer("truncated_normal", mean=mean, std=std, low=a, high=b), source)
    return tensor


def xavier_uniform_(
    tensor: torch.Tensor,
    gain: float = 1.0,
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor from the uniform distribution within ±gain √(6 / (fan_in + fan_out)), and return it.

    Glorot and Bengio (2010), equation 16.

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.xavier_uniform_(torch.empty(256, 784), seed=42, name="fc.weight")
    >>> bool((w.abs() <= 0.0759556).all())
    True
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    if tensor.dtype not in DTYPES or not gain > 0 or tensor.numel() == 0:
        return _torch.xavier_uniform_(tensor, gain, generator)
    source = _source(generator, seed, stream, name)
    fill_tensor(tensor, _initializer("xavier_uniform", gain=gain), source)
    return tensor


def xavier_normal_(
    tensor: torch.Tensor,
    gain: float = 1.0,
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor from the normal distribution with std = gain √(2 / (fan_in + fan_out)), and return it.

    Glorot and Bengio (2010).

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.xavier_normal_(torch.empty(256, 784), seed=42, name="fc.weight")
    >>> 0.043 < float(w.std()) < 0.045
    True
    """
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    if tensor.dtype not in DTYPES or not gain > 0 or tensor.numel() == 0:
        return _torch.xavier_normal_(tensor, gain, generator)
    source = _source(generator, seed, stream, name)
    fill_tensor(tensor, _initializer("xavier_normal", gain=gain), source)
    return tensor


def kaiming_uniform_(
    tensor: torch.Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor from the uniform distribution within ±gain √(3 / fan), and return it.

    He et al. (2015).

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.kaiming_uniform_(torch.empty(64, 3, 7, 7), nonlinearity="relu", seed=42)
    >>> bool((w.abs() <= (6 / 147) ** 0.5).all())
    True
    """
    if torch.overrides.has_torch_function_unary(tensor) and _overridden(tensor):
        return _override(
            kaiming_uniform_,
            tensor,
            a=a,
            mode=mode,
            nonlinearity=nonlinearity,
            generator=generator,
            seed=seed,
            stream=stream,
            name=name,
        )
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    _calculate_correct_fan(tensor, mode)  # type: ignore[arg-type]
    calculate_gain(nonlinearity, a)  # type: ignore[arg-type]
    if tensor.dtype not in DTYPES or not math.isfinite(a):
        return _torch.kaiming_uniform_(tensor, a, mode, nonlinearity, generator)  # type: ignore[arg-type]
    source = _source(generator, seed, stream, name)
    fill_tensor(tensor, _kaiming("kaiming_uniform", a, mode, nonlinearity), source)
    return tensor


def kaiming_normal_(
    tensor: torch.Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor from the normal distribution with std = gain / √fan, and return it.

    He et al. (2015), equation 10.

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.kaiming_normal_(torch.empty(256, 784), nonlinearity="relu", seed=42)
    >>> 0.0495 < float(w.std()) < 0.0515
    True
    """
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    _calculate_correct_fan(tensor, mode)  # type: ignore[arg-type]
    calculate_gain(nonlinearity, a)  # type: ignore[arg-type]
    if tensor.dtype not in DTYPES or not math.isfinite(a):
        return _torch.kaiming_normal_(tensor, a, mode, nonlinearity, generator)  # type: ignore[arg-type]
    source = _source(generator, seed, stream, name)
    fill_tensor(tensor, _kaiming("kaiming_normal", a, mode, nonlinearity), source)
    return tensor


def orthogonal_(
    tensor: torch.Tensor,
    gain: float = 1,
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a tensor with a (semi-)orthogonal matrix times gain, trailing axes flattened, and return it.

    Saxe et al. (2013). The matrix is uniformly distributed (Haar).

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> q = init.orthogonal_(torch.empty(3, 5), seed=42)
    >>> bool(torch.allclose(q @ q.T, torch.eye(3), atol=1e-6))
    True
    """
    if tensor.ndimension() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0 or tensor.is_meta:
        return tensor
    if tensor.dtype not in DTYPES or not math.isfinite(gain):
        return _torch.orthogonal_(tensor, gain, generator)
    source = _source(generator, seed, stream, name)
    if gain == 0:
        return _torch.zeros_(tensor)
    fill_tensor(tensor, _initializer("orthogonal", gain=abs(gain)), source)
    if gain < 0:
        with torch.no_grad():
            tensor.neg_()
    return tensor


def sparse_(
    tensor: torch.Tensor,
    sparsity: float,
    std: float = 0.01,
    generator: torch.Generator | None = None,
    *,
    seed: int | None = None,
    stream: Stream | None = None,
    name: str | None = None,
) -> torch.Tensor:
    """Fill a matrix from a normal distribution, with ⌈sparsity · rows⌉ zeros in each column, and return it.

    Martens (2010).

    Examples
    --------
    >>> import torch
    >>> from fanin.torch import init
    >>> w = init.sparse_(torch.empty(10, 4), sparsity=0.25, seed=42)
    >>> (w == 0).sum(0).tolist()
    [3, 3, 3, 3]
    """
    if tensor.ndimension() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    if tensor.is_meta:
        return tensor
    if tensor.dtype not in DTYPES or not 0 <= sparsity <= 1 or not std > 0 or tensor.numel() == 0:
        return _torch.sparse_(tensor, sparsity, std, generator)
    source = _source(generator, seed, stream, name)
    fill_tensor(tensor, _initializer("sparse", sparsity=sparsity, std=std), source)
    return tensor


def _normal(tensor: torch.Tensor, mean: float, std: float, source: Stream) -> None:
    """Fill from a normal distribution, which is a constant if std is 0."""
    if std == 0:
        _torch.constant_(tensor, mean)
    else:
        fill_tensor(tensor, _initializer("normal", mean=mean, std=std), source)


def _source(
    generator: torch.Generator | None, seed: int | None, stream: Stream | None, name: str | None
) -> Stream:
    """Return the stream that the arguments name."""
    if stream is not None:
        if seed is not None:
            raise ValueError("pass seed or stream, not both: stream = fanin.Stream(seed)")
        source = stream if isinstance(stream, Stream) else Stream(stream)
    else:
        source = Stream(random_word(generator) if seed is None else seed)
    return source if name is None else source.child(name)


@functools.lru_cache(maxsize=1024)
def _initializer(name: str, **parameters: float) -> Initializer:
    """Return the initializer with parameters, parsed once."""
    inside = ", ".join(f"{key}={float(value)!r}" for key, value in parameters.items())
    return Initializer(f"{name}({inside})")


@functools.lru_cache(maxsize=1024)
def _kaiming(name: str, a: float, mode: str, nonlinearity: str) -> Initializer:
    """Return a kaiming initializer for PyTorch's words, parsed once."""
    gain = "linear" if nonlinearity.startswith("conv") else nonlinearity
    return Initializer(f"{name}(a={float(a)!r}, mode={mode.lower()}, nonlinearity={gain})")


def _overridden(tensor: torch.Tensor) -> bool:
    """Return whether a tensor subclass has a `__torch_function__` of its own, DTensor and Parameter apart."""
    function = type(tensor).__torch_function__
    return function is not torch._C._disabled_torch_function_impl and not hasattr(tensor, "placements")


def _override(function: Callable[..., Any], tensor: torch.Tensor, **arguments: Any) -> torch.Tensor:
    """Pass the call to the subclass."""
    filled: torch.Tensor = torch.overrides.handle_torch_function(
        function, (tensor,), tensor=tensor, **arguments
    )
    return filled


def _deprecated(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return the function under PyTorch's old name without an underscore, with its warning."""
    new_name = function.__name__
    old_name = new_name[:-1]

    def deprecated(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        warnings.warn(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{new_name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return function(*args, **kwargs)

    deprecated.__name__ = old_name
    deprecated.__doc__ = f"Call `{new_name}`, the name that PyTorch has now."
    return deprecated


uniform = _deprecated(uniform_)
normal = _deprecated(normal_)
constant = _deprecated(constant_)
eye = _deprecated(eye_)
dirac = _deprecated(dirac_)
xavier_uniform = _deprecated(xavier_uniform_)
xavier_normal = _deprecated(xavier_normal_)
kaiming_uniform = _deprecated(kaiming_uniform_)
kaiming_normal = _deprecated(kaiming_normal_)
orthogonal = _deprecated(orthogonal_)
sparse = _deprecated(sparse_)
