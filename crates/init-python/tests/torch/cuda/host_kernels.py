"""The kernels of fill.cu compiled for this machine's CPU."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from fanin import Stream, _fanin
from fanin.torch.cuda.kernel import SAMPLERS, program
from fanin.torch.cuda.kernel._arguments import Part, blocks_of, key_of, numbers_of

KERNELS = [(sampler, dtype) for sampler in SAMPLERS for dtype in ("f32", "bf16", "f16", "f64")]
KERNELS.remove(("central", "f64"))

BITS = {"f32": np.uint32, "f64": np.uint64, "bf16": np.uint16, "f16": np.uint16}
"""NumPy's type for the bits of each dtype."""


@cache
def library() -> ctypes.CDLL:
    """Compile fill.cu with a C++ compiler, every kernel, and load it."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    programs = [program(*kernel) for kernel in KERNELS]
    lines = [
        f"{line}\nFANIN_RUN({name.removeprefix('fanin_')}, {element})" for line, name, element in programs
    ]
    source = "\n".join(['#include "host.h"', '#include "fill.cu"', *lines, ""])
    fused = ["-mfma"] if platform.machine() in ("x86_64", "AMD64") and "fma" in _flags() else []
    with TemporaryDirectory() as folder:
        built = Path(folder) / "kernels.so"
        kernel = files("fanin.torch.cuda.kernel")
        includes = ["-I", str(Path(__file__).parent), "-I", str(kernel)]
        options = [
            "-O2",
            "-std=c++17",
            "-ffp-contract=off",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-shared",
            "-fPIC",
        ]
        command = [compiler, *options, *fused, *includes, "-x", "c++", "-", "-o", str(built)]
        done = subprocess.run(command, input=source, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return ctypes.CDLL(str(built))


def _flags() -> str:
    try:
        return Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""


def run(sampler: str, dtype: str, numbers: Sequence[float], stream: Stream, part: Part, address: int) -> None:
    """Run a kernel on the CPU for all its threads."""
    block, threads = blocks_of(part)
    function = getattr(library(), f"run_{sampler}_{dtype}")
    key, values = key_of(stream.key), numbers_of(numbers)
    function(
        ctypes.c_void_p(address),
        ctypes.c_uint64(threads),
        ctypes.c_uint64(block),
        ctypes.byref(key),
        ctypes.byref(values),
        ctypes.byref(part),
    )


def kernel_range(
    initializer: str, dtype: str, stream: Stream, offset: int, length: int
) -> tuple[str, np.ndarray]:
    """Return the name of the kernel that an initializer needs and the bits of a range of its values."""
    sampler, numbers = _fanin.resolve(initializer, (length,)).prepared(dtype)
    out = np.zeros(length, BITS[dtype])
    part = Part(first=offset, count=length)
    run(sampler, dtype, list(numbers.values()), stream, part, out.ctypes.data)
    return sampler, out


def engine_range(initializer: str, dtype: str, stream: Stream, offset: int, length: int) -> np.ndarray:
    """Return the bits that the engine gives a range of values."""
    out = np.zeros(length, BITS[dtype])
    _fanin.fill_range(out.ctypes.data, dtype, (offset + length,), initializer, stream, offset, length)
    return out
