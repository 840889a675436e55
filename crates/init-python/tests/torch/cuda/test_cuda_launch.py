"""Launches of the kernel, with a driver that replaces NVIDIA's and runs the CPU's build of the kernel."""

from __future__ import annotations

import ctypes
from typing import Any

import fanin.torch.cuda as gpu
import pytest
import torch
from fanin import Shard
from fanin.torch import fill_
from fanin.torch.cuda.kernel import _driver, _launch, _nvrtc
from host_kernels import library

DTYPES = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16, "f16": torch.float16}


class Driver:
    """The functions of libcuda that are used: arguments are read from the same pointers as by NVIDIA's."""

    def __init__(self) -> None:
        self.contexts: list[int] = []
        self.names: list[str] = []
        self.launches: list[tuple[int, ...]] = []
        self.status = 0

    def cuDeviceGet(self, device: Any, ordinal: int) -> int:  # noqa: N802
        device._obj.value = ordinal
        return 0

    def cuDevicePrimaryCtxRetain(self, context: Any, device: ctypes.c_int) -> int:  # noqa: N802
        context._obj.value = 1000 + device.value
        return 0

    def cuCtxPushCurrent_v2(self, context: ctypes.c_void_p) -> int:  # noqa: N802
        self.contexts.append(context.value or 0)
        return 0

    def cuCtxPopCurrent_v2(self, context: Any) -> int:  # noqa: N802
        context._obj.value = self.contexts.pop()
        return 0

    def cuModuleLoadData(self, module: Any, image: bytes) -> int:  # noqa: N802
        assert image == b"machine code" and self.contexts == [1002]
        module._obj.value = 7
        return 0

    def cuModuleGetFunction(self, function: Any, module: ctypes.c_void_p, name: bytes) -> int:  # noqa: N802
        assert module.value == 7
        self.names.append(name.decode())
        function._obj.value = len(self.names)
        return 0

    def cuGetErrorString(self, status: int, text: Any) -> int:  # noqa: N802
        text._obj.value = b"out of luck"
        return 0

    def cuLaunchKernel(self, function: ctypes.c_void_p, *arguments: Any) -> int:  # noqa: N802
        if self.status:
            return self.status
        assert self.contexts == [1002]
        *sizes, shared, stream, pointers, extra = arguments
        assert sizes[1:3] == [1, 1] and sizes[4:] == [1, 1] and shared == 0 and extra is None
        threads = ctypes.c_uint64.from_address(pointers[1]).value
        assert sizes[0] * sizes[3] >= threads > (sizes[0] - 1) * sizes[3]
        name = self.names[function.value - 1].replace("fanin_", "run_")
        getattr(library(), name)(
            ctypes.c_void_p.from_address(pointers[0]),
            ctypes.c_uint64(threads),
            ctypes.c_uint64.from_address(pointers[2]),
            *[ctypes.c_void_p(pointers[index]) for index in (3, 4, 5)],
        )
        self.launches.append((stream.value, threads))
        return 0


class OnGpu(torch.Tensor):
    """A tensor in CPU memory that says it is on the GPU with index 2."""

    is_cpu = property(lambda self: False)  # type: ignore[assignment]
    is_cuda = property(lambda self: True)  # type: ignore[assignment]
    device = property(lambda self: torch.device("cuda:2"))  # type: ignore[assignment]


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    """Replace the driver, the compiler and the GPU's properties."""
    fake = Driver()

    class Stream:
        cuda_stream = 4242

    monkeypatch.setattr(_driver, "library", lambda: fake)
    monkeypatch.setattr(_nvrtc, "architectures", lambda: [80, 90])
    monkeypatch.setattr(
        _nvrtc, "compile_text", lambda source, target: b"machine code" if target == "sm_90" else b""
    )
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: Stream())
    monkeypatch.setattr(_launch, "_functions", {})
    _driver._context.cache_clear()
    yield fake
    _driver._context.cache_clear()
    assert fake.contexts == []


def on_gpu(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """Return a tensor of zeros that says it is on a GPU."""
    return torch.zeros(shape, dtype=dtype).as_subclass(OnGpu)


def check(tensor: torch.Tensor, initializer: str, shard: Shard | None = None) -> None:
    """Fill by the kernel and compare with the CPU."""
    version = tensor._version
    assert gpu.fill_(tensor, initializer, 9, shard=shard, kernel=True) is tensor
    expected = fill_(torch.empty(tensor.shape, dtype=tensor.dtype), initializer, 9, shard=shard)
    assert torch.equal(tensor.as_subclass(torch.Tensor), expected), initializer
    assert tensor._version == version + 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_arguments_reach_the_kernel(driver: Driver, dtype: str) -> None:
    for initializer in ["xavier_uniform", "normal(std=0.02)", "trunc_normal", "trunc_normal(a=-3, b=1)"]:
        check(on_gpu((83, 150), DTYPES[dtype]), initializer)
    assert driver.launches[0] == (4242, 32)


def test_strided_and_sharded_tensors_are_written_in_place(driver: Driver) -> None:
    check(on_gpu((50, 70), torch.float32).t(), "normal")
    check(on_gpu((9, 8, 5, 3), torch.bfloat16).permute(0, 3, 1, 2), "normal")
    check(on_gpu((4, 60), torch.float32)[1:3, 7:29], "normal")
    assert len(driver.launches) == 3
    for shard in [
        Shard((130, 70), (0, 35), (130, 35)),
        Shard.of_runs((128, 70), [[(64, 16), (0, 16)], [(60, 10), (10, 5)]]),
    ]:
        check(on_gpu(shard.shape, torch.float64), "normal", shard)
    # One for each combination of runs.
    assert len(driver.launches) == 3 + 1 + 4


def test_a_kernel_is_compiled_once_for_a_device(driver: Driver) -> None:
    for seed in range(3):
        gpu.fill_(on_gpu((10,), torch.float32), "normal", seed, kernel=True)
    gpu.fill_(on_gpu((10,), torch.float16), "normal", 0, kernel=True)
    assert driver.names == ["fanin_normal_f32", "fanin_normal_f16"]


def test_the_choice_of_the_process_is_followed(driver: Driver) -> None:
    previous = gpu.use_kernel()
    try:
        gpu.fill_(on_gpu((10,), torch.float32), "normal", 0)
        assert len(driver.launches) == 1
        # Structured fills and constants need no kernel.
        gpu.fill_(on_gpu((10,), torch.float32), "ones", 0)
        gpu.fill_(on_gpu((0,), torch.float32), "normal", 0)
        assert len(driver.launches) == 1
    finally:
        gpu.use_kernel(previous)


def test_an_error_of_the_driver_is_raised_with_its_text(driver: Driver) -> None:
    driver.status = 700
    with pytest.raises(RuntimeError, match=r"cuLaunchKernel failed: out of luck \(700\)"):
        gpu.fill_(on_gpu((10,), torch.float32), "normal", 0, kernel=True)


def test_without_the_driver_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(_driver.ctypes, "CDLL", missing)
    _driver.library.cache_clear()
    with pytest.raises(
        RuntimeError, match="needs the NVIDIA driver, and (libcuda.so.1|nvcuda.dll) was not found"
    ):
        _driver.library()
    _nvrtc.library.cache_clear()
    try:
        with pytest.raises(RuntimeError, match="install the package nvidia-cuda-nvrtc or a CUDA toolkit"):
            _nvrtc.library()
    finally:
        _nvrtc.library.cache_clear()
