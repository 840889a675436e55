"""The CUDA driver by ctypes: modules and launches in the context that PyTorch uses."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache


@cache
def library() -> ctypes.CDLL:
    """Load the driver and initialise it.

    Raises
    ------
    RuntimeError
        If the machine has no NVIDIA driver.
    """
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(name)
    except OSError as error:
        raise RuntimeError(f"the CUDA kernel needs the NVIDIA driver, and {name} was not found") from error
    _check(driver, driver.cuInit(0), "cuInit")
    return driver


def _check(driver: ctypes.CDLL, status: int, call: str) -> None:
    if status == 0:
        return
    text = ctypes.c_char_p()
    driver.cuGetErrorString(status, ctypes.byref(text))
    message = text.value.decode() if text.value else "unknown error"
    raise RuntimeError(f"{call} failed: {message} ({status})")


@cache
def _context(device: int) -> ctypes.c_void_p:
    """Return the primary context of a device, which the CUDA runtime and so PyTorch use."""
    driver, handle, context = library(), ctypes.c_int(), ctypes.c_void_p()
    _check(driver, driver.cuDeviceGet(ctypes.byref(handle), device), "cuDeviceGet")
    _check(driver, driver.cuDevicePrimaryCtxRetain(ctypes.byref(context), handle), "cuDevicePrimaryCtxRetain")
    return context


@contextmanager
def _current(device: int) -> Iterator[ctypes.CDLL]:
    """Make the context of a device the thread's current one."""
    driver, previous = library(), ctypes.c_void_p()
    _check(driver, driver.cuCtxPushCurrent_v2(_context(device)), "cuCtxPushCurrent")
    try:
        yield driver
    finally:
        driver.cuCtxPopCurrent_v2(ctypes.byref(previous))


def load(device: int, image: bytes, name: str) -> ctypes.c_void_p:
    """Load machine code or PTX on a device, and return the function with a name. It stays loaded."""
    module, function = ctypes.c_void_p(), ctypes.c_void_p()
    with _current(device) as driver:
        _check(driver, driver.cuModuleLoadData(ctypes.byref(module), image), "cuModuleLoadData")
        status = driver.cuModuleGetFunction(ctypes.byref(function), module, name.encode())
        _check(driver, status, "cuModuleGetFunction")
    return function


def launch(
    device: int,
    function: ctypes.c_void_p,
    blocks: int,
    threads: int,
    stream: int,
    arguments: Sequence[object],
) -> None:
    """Start a function in a stream.

    Parameters
    ----------
    device : int
    function : c_void_p
        Of `load`, for the same device.
    blocks, threads : int
        Number of thread blocks, and threads of each.
    stream : int
        Handle of the stream.
    arguments : sequence of ctypes objects
    """
    pointers = (ctypes.c_void_p * len(arguments))()
    for index, argument in enumerate(arguments):
        pointers[index] = ctypes.cast(ctypes.byref(argument), ctypes.c_void_p)  # type: ignore[arg-type]
    with _current(device) as driver:
        status = driver.cuLaunchKernel(
            function, blocks, 1, 1, threads, 1, 1, 0, ctypes.c_void_p(stream), pointers, None
        )
        _check(driver, status, "cuLaunchKernel")
