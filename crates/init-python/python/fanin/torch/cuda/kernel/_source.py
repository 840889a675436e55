"""The source text of the kernels, and the program of each sampler and dtype."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_NARROW = {"f32": ("float", "F32"), "bf16": ("u16", "BF16"), "f16": ("u16", "F16")}

# The function of fill.cu for each sampler: for the dtypes computed in f32, and for f64.
SAMPLERS: dict[str, tuple[str, str | None]] = {
    "uniform": ("words32<Uniform32<false>, {}>", "words64<Uniform64<false>>"),
    "tiny_uniform": ("words32<Uniform32<true>, {}>", "words64<Uniform64<true>>"),
    "normal": ("normals32<{}>", "normals64"),
    "central": ("words32<Central32, {}>", None),
    "interior": ("words32<Truncated32<Interior>, {}>", "words64<Truncated64<Interior>>"),
    "far": ("words32<Truncated32<Far>, {}>", "words64<Truncated64<Far>>"),
    "narrow": ("words32<Truncated32<Narrow>, {}>", "words64<Truncated64<Narrow>>"),
}


@cache
def text() -> str:
    """Return the text of ``fill.cu``, which defines no kernel by itself."""
    return files("fanin.torch.cuda.kernel").joinpath("fill.cu").read_text(encoding="utf-8")


def program(sampler: str, dtype: str) -> tuple[str, str, str]:
    """Return the line that defines the kernel of a sampler and a dtype, its name and its element type.

    Parameters
    ----------
    sampler : str
        A key of `SAMPLERS`.
    dtype : str
        ``"f32"``, ``"f64"``, ``"bf16"`` or ``"f16"``.

    Raises
    ------
    ValueError
        If the kernel does not exist.

    Examples
    --------
    >>> from fanin.torch.cuda.kernel import program
    >>> program("normal", "f16")
    ('FANIN_FILL(normal_f16, u16, normals32<F16>)', 'fanin_normal_f16', 'u16')
    """
    single, double = SAMPLERS.get(sampler, (None, None))
    function: str | None
    if dtype in _NARROW:
        element, tag = _NARROW[dtype]
        function = None if single is None else single.format(tag)
    else:
        element, function = "double", double if dtype == "f64" else None
    if function is None:
        raise ValueError(f"there is no CUDA kernel for the sampler {sampler!r} and the dtype {dtype!r}")
    return f"FANIN_FILL({sampler}_{dtype}, {element}, {function})", f"fanin_{sampler}_{dtype}", element
