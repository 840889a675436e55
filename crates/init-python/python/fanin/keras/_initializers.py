"""Initializers of Keras with the values of fanin."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

import fanin
from fanin._fanin import Initializer, Stream

_PACKAGE = "fanin"


def register(cls: type) -> type:
    """Register a class with Keras' serialisation."""
    registered: type = keras.saving.register_keras_serializable(package=_PACKAGE)(cls)
    return registered


class _Base(keras.initializers.Initializer):  # type: ignore[misc]
    """What all initializers share: a seed, and filling.

    Parameters
    ----------
    seed : int or keras.random.SeedGenerator, optional
        The values are those of ``fanin.Stream(seed)``: an initializer with a number gives the same values at
        every
        call, as Keras' own do. A SeedGenerator gives new ones at each call. None takes a number from Python's
        `random`, which ``keras.utils.set_random_seed`` seeds.
    """

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, dict):
            seed = keras.saving.deserialize_keras_object(seed)
        if seed is not None and not isinstance(seed, (int, keras.random.SeedGenerator)):
            raise ValueError(
                f"seed must be an int or a keras.random.SeedGenerator, got {type(seed).__name__}"
            )
        self._given_seed = seed
        self.seed = random.randint(1, int(1e9)) if seed is None else seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Return a tensor of the active backend."""
        return _tensor(self._text(), shape, dtype, self._stream(), "keras")

    def _text(self) -> str:
        raise NotImplementedError

    def _stream(self) -> Stream:
        if isinstance(self.seed, int):
            return Stream(self.seed)
        words = np.asarray(keras.ops.convert_to_numpy(self.seed.next())).astype(np.uint64)
        return Stream(int(words[0])).child(int(words[-1]))

    def _seed_config(self) -> dict[str, Any]:
        seed = self._given_seed
        return {
            "seed": seed
            if seed is None or isinstance(seed, int)
            else keras.saving.serialize_keras_object(seed)
        }

    def get_config(self) -> dict[str, Any]:
        """Return the parameters from which `from_config` makes the same initializer."""
        return self._seed_config()


def _tensor(text: str | Initializer, shape: Sequence[int], dtype: Any, stream: Stream, layout: str) -> Any:
    name = keras.backend.standardize_dtype(dtype or keras.config.floatx())
    sizes = tuple(int(size) for size in shape)
    return keras.ops.convert_to_tensor(fanin.init(sizes, text, stream, dtype=name, layout=layout), dtype=name)


@register
class FaninInitializer(_Base):
    """Any initializer of fanin, by its text.

    Parameters
    ----------
    initializer : str
    seed : int or keras.random.SeedGenerator, optional
    layout : str
        What each axis means.

    Examples
    --------
    >>> import fanin.keras
    >>> fanin.keras.FaninInitializer("kaiming_normal(mode=fan_out)", seed=1)((3, 4)).shape[1]
    4
    """

    def __init__(self, initializer: str, seed: Any = None, layout: str = "keras") -> None:
        super().__init__(seed)
        self.initializer = str(Initializer(initializer))
        self.layout = layout

    def _text(self) -> str:
        return self.initializer

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Return a tensor of the active backend."""
        return _tensor(self.initializer, shape, dtype, self._stream(), self.layout)

    def get_config(self) -> dict[str, Any]:
        """Return the parameters from which `from_config` makes the same initializer."""
        return {"initializer": self.initializer, "layout": self.layout, **self._seed_config()}


@register
class RandomNormal(_Base):
    """The normal distribution with a mean and a standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = float(mean), float(stddev)

    def _text(self) -> str:
        return f"normal(mean={self.mean!r}, std={self.stddev!r})"

    def get_config(self) -> dict[str, Any]:
        """Return the parameters from which `from_config` makes the same initializer."""
        return {"mean": self.mean, "stddev": self.stddev, **self._seed_config()}


@register
class TruncatedNormal(RandomNormal):
    """The normal distribution truncated to two standard deviations around its mean."""

    def _text(self) -> str:
        return f"truncated_normal(mean={self.mean!r}, std={self.stddev!r}, lower=-2.0, upper=2.0)"


@register
class RandomUniform(_Base):
    """The uniform distribution on [minval, maxval)."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = float(minval), float(maxval)

    def _text(self) -> str:
        return f"uniform(low={self.minval!r}, high={self.maxval!r})"

    def get_config(self) -> dict[str, Any]:
        """Return the parameters from which `from_config` makes the same initializer."""
        return {"minval": self.minval, "maxval": self.maxval, **self._seed_config()}


@register
class Orthogonal(_Base):
    """(Semi-)orthogonal matrices times gain."""

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = float(gain)

    def _text(self) -> str:
        return f"orthogonal(gain={self.gain!r})"

    def get_config(self) -> dict[str, Any]:
        """Return the parameters from which `from_config` makes the same initializer."""
        return {"gain": self.gain, **self._seed_config()}


@register
class VarianceScaling(_Base):
    """The distribution with variance scale / fan."""

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        super().__init__(seed)
        if scale <= 0:
            raise ValueError(f"scale must be positive, got {scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"mode must be 'fan_in', 'fan_out' or 'fan_avg', got {mode!r}")
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in ("uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(
                "distribution must be 'uniform', 'truncated_normal' or 'untruncated_normal', got "
                f"{distribution!r}"
            )
        self.scale, self.mode, self.distribution = float(scale), mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def _text(self) -> str:
        name = {"untruncated_normal": "normal"}.get(self.distribution, self.distribution)
        return f"variance_scaling(scale={self.scale!r}, mode={self.mode}, distribution={name})"

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Return a tensor of the active backend."""
        layout = "keras"
        if self.input_axes is not None or self.output_axes is not None:
            inputs, outputs = _axes(self.input_axes, -2), _axes(self.output_axes, -1)
            layout = f"axes(in={inputs}, out={outputs}, batch=[])"
        return _tensor(self._text(), shape, dtype, self._stream(), layout)

    def get_config(self) -> dict[str, Any]:
        """Return the parameters from which `from_config` makes the same initializer."""
        return {
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
            **self._seed_config(),
        }


def _axes(axes: Any, default: int) -> list[int]:
    if axes is None:
        return [default]
    return [axes] if isinstance(axes, int) else [int(axis) for axis in axes]


class _Named(VarianceScaling):
    """A case of variance scaling with a name."""

    _scale: float
    _mode: str
    _distribution: str

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(self._scale, self._mode, self._distribution, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """Return the parameters from which `from_config` makes the same initializer."""
        return {"input_axes": self.input_axes, "output_axes": self.output_axes, **self._seed_config()}


@register
class GlorotUniform(_Named):
    """Glorot and Bengio (2010): uniform within ±√(6 / (fan_in + fan_out))."""

    _scale, _mode, _distribution = 1.0, "fan_avg", "uniform"


@register
class GlorotNormal(_Named):
    """Glorot and Bengio (2010): truncated normal with variance 2 / (fan_in + fan_out)."""

    _scale, _mode, _distribution = 1.0, "fan_avg", "truncated_normal"


@register
class LecunUniform(_Named):
    """LeCun et al. (1998): uniform with variance 1 / fan_in."""

    _scale, _mode, _distribution = 1.0, "fan_in", "uniform"


@register
class LecunNormal(_Named):
    """LeCun et al. (1998): truncated normal with variance 1 / fan_in."""

    _scale, _mode, _distribution = 1.0, "fan_in", "truncated_normal"


@register
class HeUniform(_Named):
    """He et al. (2015): uniform with variance 2 / fan_in."""

    _scale, _mode, _distribution = 2.0, "fan_in", "uniform"


@register
class HeNormal(_Named):
    """He et al. (2015): truncated normal with variance 2 / fan_in."""

    _scale, _mode, _distribution = 2.0, "fan_in", "truncated_normal"
