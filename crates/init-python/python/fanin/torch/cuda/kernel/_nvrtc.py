"""NVRTC by ctypes: CUDA source text to machine code or PTX, without a GPU."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# No fused operation that the source does not name, no flush to zero, no approximate division or root.
_EXACT = ("--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++17")


class CompileError(RuntimeError):
    """NVRTC refused the source text."""


@cache
def library() -> ctypes.CDLL:
    """Load NVRTC: the one that came with PyTorch, else the system's.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    tried = []
    for candidate in [*_beside_torch(), "libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12"]:
        try:
            nvrtc = ctypes.CDLL(str(candidate))
        except OSError:
            tried.append(str(candidate))
            continue
        nvrtc.nvrtcGetErrorString.restype = ctypes.c_char_p
        return nvrtc
    raise RuntimeError(
        "the CUDA kernel is compiled by NVRTC, which was not found; install the package nvidia-cuda-nvrtc or "
        f"a CUDA toolkit, or leave the kernel off (tried {', '.join(tried)})"
    )


def _beside_torch() -> list[Path]:
    """Return the NVRTC libraries of the NVIDIA packages and of PyTorch itself, newest first."""
    folders = []
    nvidia = find_spec("nvidia")
    for root in (nvidia.submodule_search_locations or []) if nvidia is not None else []:
        folders += sorted(Path(root).glob("cu[0-9]*/lib"), reverse=True)
        folders += [Path(root) / "cuda_nvrtc" / "lib", Path(root) / "cuda_nvrtc" / "bin"]
    torch = find_spec("torch")
    if torch is not None and torch.origin is not None:
        folders.append(Path(torch.origin).parent / "lib")
    pattern = re.compile(
        r"nvrtc64_\d+_0\.dll" if sys.platform == "win32" else r"libnvrtc(-[0-9a-f]+)?\.so[.\d]*"
    )
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.iterdir(), reverse=True)
        if pattern.fullmatch(path.name)
    ]


def _check(status: int, call: str) -> None:
    if status != 0:
        message = library().nvrtcGetErrorString(status).decode()
        raise CompileError(f"{call} failed: {message}")


def architectures() -> list[int]:
    """Return the compute capabilities, as 90 for 9.0, that NVRTC compiles for."""
    count = ctypes.c_int()
    _check(library().nvrtcGetNumSupportedArchs(ctypes.byref(count)), "nvrtcGetNumSupportedArchs")
    found = (ctypes.c_int * count.value)()
    _check(library().nvrtcGetSupportedArchs(found), "nvrtcGetSupportedArchs")
    return list(found)


def compile_text(source: str, target: str, options: Sequence[str] = _EXACT) -> bytes:
    """Compile source text.

    Parameters
    ----------
    source : str
    target : str
        ``"sm_90"`` for machine code of a GPU, ``"compute_90"`` for PTX, which the driver compiles.
    options : sequence of str
        The default forbids everything that changes a rounding.

    Returns
    -------
    bytes
        What ``cuModuleLoadData`` takes.

    Raises
    ------
    CompileError
        With NVRTC's log, if it refuses the source or the target.
    """
    nvrtc, program = library(), ctypes.c_void_p()
    status = nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"fill.cu", 0, None, None)
    _check(status, "nvrtcCreateProgram")
    try:
        flags = [f"--gpu-architecture={target}".encode(), *(option.encode() for option in options)]
        status = nvrtc.nvrtcCompileProgram(program, len(flags), (ctypes.c_char_p * len(flags))(*flags))
        if status != 0:
            log = _read(program, "ProgramLog").rstrip(b"\0").decode(errors="replace")
            raise CompileError(f"NVRTC does not compile fill.cu for {target}:\n{log}")
        return _read(program, "CUBIN" if target.startswith("sm_") else "PTX")
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _read(program: ctypes.c_void_p, what: str) -> bytes:
    """Return a result of a program: its size, then its bytes."""
    size = ctypes.c_size_t()
    _check(getattr(library(), f"nvrtcGet{what}Size")(program, ctypes.byref(size)), f"nvrtcGet{what}Size")
    data = ctypes.create_string_buffer(size.value)
    _check(getattr(library(), f"nvrtcGet{what}")(program, data), f"nvrtcGet{what}")
    return data.raw
