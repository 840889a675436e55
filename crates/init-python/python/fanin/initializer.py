"""Initializers as typed functions: each returns a `fanin.Initializer`.

Written by tools/initializer_functions.py from the library's table; do not edit.

Examples
--------
>>> from fanin import initializer
>>> str(initializer.kaiming_normal(mode="fan_out", nonlinearity="relu"))
'kaiming_normal(mode=fan_out, nonlinearity=relu)'
"""

from __future__ import annotations

from fanin._fanin import Initializer

__all__ = [
    "bilinear",
    "chrono",
    "constant",
    "delta_orthogonal",
    "dirac",
    "embedding",
    "eye",
    "gate_bias",
    "hadamard",
    "icnr",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "padded_identity",
    "sparse",
    "stft",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]


def zeros() -> Initializer:
    """Return `zeros`: every element 0.

    Returns
    -------
    Initializer
    """
    return _made("zeros")


def ones() -> Initializer:
    """Return `ones`: every element 1.

    Returns
    -------
    Initializer
    """
    return _made("ones")


def constant(value: float) -> Initializer:
    """Return `constant`: every element the same value.

    Parameters
    ----------
    value : float
        A finite number.

    Returns
    -------
    Initializer
    """
    return _made("constant", value=value)


def uniform(*, low: float = 0.0, high: float = 1.0) -> Initializer:
    """Return `uniform`: uniform on [low, high).

    Parameters
    ----------
    low : float, optional
        A finite number.
    high : float, optional
        A finite number.

    Returns
    -------
    Initializer

    References
    ----------
    PyTorch uniform_; JAX's is [0, scale), Keras's +-0.05.
    """
    return _made("uniform", low=low, high=high)


def normal(*, mean: float = 0.0, std: float = 1.0) -> Initializer:
    """Return `normal`: normal, not truncated.

    Parameters
    ----------
    mean : float, optional
        A finite number.
    std : float, optional
        A finite number of at least 0.

    Returns
    -------
    Initializer

    References
    ----------
    PyTorch normal_; not truncated in any framework.
    """
    return _made("normal", mean=mean, std=std)


def truncated_normal(
    *,
    mean: float = 0.0,
    std: float = 1.0,
    low: float | None = None,
    high: float | None = None,
    lower: float | None = None,
    upper: float | None = None,
    corrected: bool = False,
) -> Initializer:
    """Return `truncated_normal`: normal between bounds: low and high absolute, lower and upper in standard
    deviations.

    Parameters
    ----------
    mean : float, optional
        A finite number.
    std : float, optional
        A finite number above 0.
    low : float, optional
        A number or -inf. Without it: mean + lower*std.
    high : float, optional
        A number or inf. Without it: mean + upper*std.
    lower : float, optional
        A number or -inf. Without it: -2.
    upper : float, optional
        A number or inf. Without it: 2.
    corrected : bool, optional
        True or false.

    Returns
    -------
    Initializer

    References
    ----------
    PyTorch trunc_normal_ (low, high); JAX, Keras, TensorFlow (lower, upper).
    """
    return _made(
        "truncated_normal",
        mean=mean,
        std=std,
        low=low,
        high=high,
        lower=lower,
        upper=upper,
        corrected=corrected,
    )


def xavier_uniform(*, gain: float | str = 1.0, a: float | None = None) -> Initializer:
    """Return `xavier_uniform`: uniform on +-gain*sqrt(6/(fan_in+fan_out)); a is the slope of gain=leaky_relu.

    Parameters
    ----------
    gain : float or str, optional
        A finite number of at least 0 or a nonlinearity.
    a : float, optional
        A finite number. Without it: 0.01.

    Returns
    -------
    Initializer

    References
    ----------
    Glorot and Bengio 2010, equation 16.
    """
    return _made("xavier_uniform", gain=gain, a=a)


def xavier_normal(
    *, gain: float | str = 1.0, a: float | None = None, truncation: str = "none"
) -> Initializer:
    """Return `xavier_normal`: normal, std gain*sqrt(2/(fan_in+fan_out)); a is the slope of gain=leaky_relu.

    Parameters
    ----------
    gain : float or str, optional
        A finite number of at least 0 or a nonlinearity.
    a : float, optional
        A finite number. Without it: 0.01.
    truncation : str, optional
        None, corrected or uncorrected.

    Returns
    -------
    Initializer

    References
    ----------
    Glorot and Bengio 2010; truncated in JAX and Keras.
    """
    return _made("xavier_normal", gain=gain, a=a, truncation=truncation)


def kaiming_uniform(*, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Initializer:
    """Return `kaiming_uniform`: uniform on +-gain*sqrt(3/fan); a is the slope of leaky_relu.

    Parameters
    ----------
    a : float, optional
        A finite number.
    mode : str, optional
        A mode.
    nonlinearity : str, optional
        A nonlinearity.

    Returns
    -------
    Initializer

    References
    ----------
    He et al. 2015, arXiv:1502.01852, equations 10, 14, 15.
    """
    return _made("kaiming_uniform", a=a, mode=mode, nonlinearity=nonlinearity)


def kaiming_normal(
    *, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", truncation: str = "none"
) -> Initializer:
    """Return `kaiming_normal`: normal, std gain/sqrt(fan); a is the slope of leaky_relu.

    Parameters
    ----------
    a : float, optional
        A finite number.
    mode : str, optional
        A mode.
    nonlinearity : str, optional
        A nonlinearity.
    truncation : str, optional
        None, corrected or uncorrected.

    Returns
    -------
    Initializer

    References
    ----------
    He et al. 2015, arXiv:1502.01852, equations 10, 14, 15; truncated in JAX and Keras.
    """
    return _made("kaiming_normal", a=a, mode=mode, nonlinearity=nonlinearity, truncation=truncation)


def lecun_uniform() -> Initializer:
    """Return `lecun_uniform`: uniform on +-sqrt(3/fan_in).

    Returns
    -------
    Initializer

    References
    ----------
    LeCun et al. 1998, Efficient BackProp, section 4.6.
    """
    return _made("lecun_uniform")


def lecun_normal(*, truncation: str = "none") -> Initializer:
    """Return `lecun_normal`: normal, std sqrt(1/fan_in).

    Parameters
    ----------
    truncation : str, optional
        None, corrected or uncorrected.

    Returns
    -------
    Initializer

    References
    ----------
    LeCun et al. 1998, Efficient BackProp, section 4.6; truncated in JAX and Keras.
    """
    return _made("lecun_normal", truncation=truncation)


def variance_scaling(
    *, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal"
) -> Initializer:
    """Return `variance_scaling`: any family of distributions with variance scale/fan, as in JAX.

    Parameters
    ----------
    scale : float, optional
        A finite number above 0.
    mode : str, optional
        A mode.
    distribution : str, optional
        A distribution.

    Returns
    -------
    Initializer

    References
    ----------
    JAX and Keras VarianceScaling.
    """
    return _made("variance_scaling", scale=scale, mode=mode, distribution=distribution)


def eye(*, gain: float = 1.0) -> Initializer:
    """Return `eye`: gain on the diagonal of the last two axes.

    Parameters
    ----------
    gain : float, optional
        A finite number.

    Returns
    -------
    Initializer

    References
    ----------
    PyTorch eye_, Keras Identity; Le et al. 2015, arXiv:1504.00941.
    """
    return _made("eye", gain=gain)


def dirac(*, groups: int | None = None, centre: str = "upper") -> Initializer:
    """Return `dirac`: a convolution that passes its input channels through unchanged.

    Parameters
    ----------
    groups : int, optional
        A whole number from 1 to 2147483647. Without it: the layout's.
    centre : str, optional
        Upper or lower.

    Returns
    -------
    Initializer

    References
    ----------
    PyTorch dirac_.
    """
    return _made("dirac", groups=groups, centre=centre)


def orthogonal(
    *, gain: float | str = 1.0, a: float | None = None, column_axis: int | None = None
) -> Initializer:
    """Return `orthogonal`: gain times orthonormal rows or columns, uniformly distributed (Haar); a is the
    slope of gain=leaky_relu.

    Parameters
    ----------
    gain : float or str, optional
        A finite number of at least 0 or a nonlinearity.
    a : float, optional
        A finite number. Without it: 0.01.
    column_axis : int, optional
        A whole number, negative to count from the end. Without it: the outputs.

    Returns
    -------
    Initializer

    References
    ----------
    Saxe et al. 2014, arXiv:1312.6120; Mezzadri 2007, arXiv:math-ph/0609050.
    """
    return _made("orthogonal", gain=gain, a=a, column_axis=column_axis)


def delta_orthogonal(
    *, gain: float | str = 1.0, a: float | None = None, centre: str = "upper"
) -> Initializer:
    """Return `delta_orthogonal`: a convolution that is orthogonal at its centre tap; centre=lower in JAX.

    Parameters
    ----------
    gain : float or str, optional
        A finite number of at least 0 or a nonlinearity.
    a : float, optional
        A finite number. Without it: 0.01.
    centre : str, optional
        Upper or lower.

    Returns
    -------
    Initializer

    References
    ----------
    Xiao et al. 2018, arXiv:1806.05393, algorithm 2.
    """
    return _made("delta_orthogonal", gain=gain, a=a, centre=centre)


def sparse(sparsity: float, *, std: float = 0.01) -> Initializer:
    """Return `sparse`: normal, with a fraction of the weights of each input set to 0.

    Parameters
    ----------
    sparsity : float
        A number from 0 to 1.
    std : float, optional
        A finite number of at least 0.

    Returns
    -------
    Initializer

    References
    ----------
    PyTorch sparse_; Martens 2010.
    """
    return _made("sparse", sparsity=sparsity, std=std)


def bilinear(*, diagonal: bool = False) -> Initializer:
    """Return `bilinear`: linear interpolation, for transposed convolutions that upsample.

    Parameters
    ----------
    diagonal : bool, optional
        True or false.

    Returns
    -------
    Initializer

    References
    ----------
    Caffe, MXNet, Paddle; diagonal: Long et al. 2015, arXiv:1411.4038.
    """
    return _made("bilinear", diagonal=diagonal)


def icnr(r: int, *, init: str | Initializer | None = None, tiled: bool | None = None) -> Initializer:
    """Return `icnr`: filters repeated for a sub-pixel convolution of factor r.

    Parameters
    ----------
    r : int
        A whole number from 1 to 2147483647.
    init : str or Initializer, optional
        An initializer that resolves to a distribution. Without it: kaiming_normal.
    tiled : bool, optional
        True or false. Without it: the layout's.

    Returns
    -------
    Initializer

    References
    ----------
    Aitken et al. 2017, arXiv:1707.02937.
    """
    return _made("icnr", r=r, init=init, tiled=tiled)


def stft(
    *, side: str = "real", window: str = "hann", scaling: str = "density", periodic: bool = False
) -> Initializer:
    """Return `stft`: cosines or sines of a short-time Fourier transform, for (frame, 1, bins).

    Parameters
    ----------
    side : str, optional
        Real or imag.
    window : str, optional
        A window.
    scaling : str, optional
        Density, spectrum or none.
    periodic : bool, optional
        True or false.

    Returns
    -------
    Initializer

    References
    ----------
    Keras STFTInitializer.
    """
    return _made("stft", side=side, window=window, scaling=scaling, periodic=periodic)


def padded_identity(*, gain: float = 1.0) -> Initializer:
    """Return `padded_identity`: an identity that is repeated where the matrix is not square.

    Parameters
    ----------
    gain : float, optional
        A finite number.

    Returns
    -------
    Initializer

    References
    ----------
    Pan et al. 2025, arXiv:2503.04626 (IDInit).
    """
    return _made("padded_identity", gain=gain)


def hadamard(*, gain: float = 1.0, centre: str = "upper") -> Initializer:
    """Return `hadamard`: an identity, or part of a Hadamard matrix where there are more outputs than inputs;
    at the centre tap.

    Parameters
    ----------
    gain : float, optional
        A finite number.
    centre : str, optional
        Upper or lower.

    Returns
    -------
    Initializer

    References
    ----------
    Zhao et al. 2021, arXiv:2110.12661 (ZerO), algorithms 1 and 2.
    """
    return _made("hadamard", gain=gain, centre=centre)


def embedding(padding_idx: int, *, init: str | Initializer | None = None) -> Initializer:
    """Return `embedding`: any distribution, with one row of zeros.

    Parameters
    ----------
    padding_idx : int
        A whole number, negative to count from the end.
    init : str or Initializer, optional
        An initializer that resolves to a distribution. Without it: normal.

    Returns
    -------
    Initializer

    References
    ----------
    PyTorch nn.Embedding(padding_idx).
    """
    return _made("embedding", padding_idx=padding_idx, init=init)


def gate_bias(*, value: float = 1.0, gate: int = 1, gates: int = 4) -> Initializer:
    """Return `gate_bias`: a recurrent layer's bias: value in one gate, 0 in the others.

    Parameters
    ----------
    value : float, optional
        A finite number.
    gate : int, optional
        A whole number from 0 to 2147483647.
    gates : int, optional
        A whole number from 1 to 2147483647.

    Returns
    -------
    Initializer

    References
    ----------
    Gers et al. 2000; Jozefowicz et al. 2015.
    """
    return _made("gate_bias", value=value, gate=gate, gates=gates)


def chrono(longest: float, *, forget: int = 1, input: int = 0, gates: int = 4) -> Initializer:
    """Return `chrono`: an LSTM's bias for memories of up to longest steps.

    Parameters
    ----------
    longest : float
        A finite number of at least 2.
    forget : int, optional
        A whole number from 0 to 2147483647.
    input : int, optional
        A whole number from 0 to 2147483647.
    gates : int, optional
        A whole number from 1 to 2147483647.

    Returns
    -------
    Initializer

    References
    ----------
    Tallec and Ollivier 2018, arXiv:1804.11188, equation 16.
    """
    return _made("chrono", longest=longest, forget=forget, input=input, gates=gates)


def _made(name: str, **parameters: float | bool | str | Initializer | None) -> Initializer:
    """Return the initializer of a name and parameters; None leaves a parameter out."""
    given = {key: value for key, value in parameters.items() if value is not None}
    texts = [f"{key}={_text(key, value)}" for key, value in given.items()]
    return Initializer(f"{name}({', '.join(texts)})")


def _text(key: str, value: float | bool | str | Initializer) -> str:
    """Return a parameter's value as the text form has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Initializer):
        return str(value)
    if hasattr(value, "__index__"):
        return repr(int(value))
    if hasattr(value, "__float__"):
        return repr(float(value))
    raise TypeError(f"{key} must be a number, a string or an initializer, got {type(value).__name__}")
