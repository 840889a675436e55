"""On a real GPU: the ring and the kernel give the CPU's bits. Skipped where there is none."""

from __future__ import annotations

import itertools

import fanin.torch.cuda as gpu
import pytest
import torch
from fanin import Shard, _fanin
from fanin.torch import fill_
from host_kernels import KERNELS
from test_cuda_kernel_on_cpu import cases

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")

DTYPES = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16, "f16": torch.float16}


def bits(tensor: torch.Tensor) -> torch.Tensor:
    """Return the bits of a tensor, on the CPU."""
    integers = {2: torch.int16, 4: torch.int32, 8: torch.int64}
    return tensor.detach().cpu().contiguous().view(integers[tensor.element_size()])


def check(tensor: torch.Tensor, initializer: str, kernel: bool, shard: Shard | None = None) -> None:
    """Fill a tensor on the GPU and compare it with the CPU's."""
    expected = fill_(torch.empty(tensor.shape, dtype=tensor.dtype), initializer, 11, shard=shard)
    gpu.fill_(tensor, initializer, 11, shard=shard, kernel=kernel)
    differing = int((bits(tensor) != bits(expected)).sum())
    assert differing == 0, f"{initializer}: {differing} of {tensor.numel()} differ"


@pytest.mark.parametrize(("sampler", "dtype"), KERNELS)
def test_the_kernel_gives_the_bits_of_the_cpu(sampler: str, dtype: str) -> None:
    for initializer in cases(sampler, dtype):
        assert _fanin.resolve(initializer, (4,)).prepared(dtype)[0] == sampler
        for shape in [(1_000_003,), (4096, 257), (3,)]:
            check(torch.empty(shape, dtype=DTYPES[dtype], device="cuda"), initializer, kernel=True)


@pytest.mark.parametrize("kernel", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_large_strided_and_sharded_tensors(kernel: bool, dtype: str) -> None:
    options = {"dtype": DTYPES[dtype], "device": "cuda"}
    for initializer in ["xavier_uniform", "normal(std=0.02)", "orthogonal"]:
        check(torch.empty(2500, 500, **options), initializer, kernel)
        check(torch.empty(500, 300, **options).t(), initializer, kernel)
        check(torch.empty(64, 32, 3, 5, **options).to(memory_format=torch.channels_last), initializer, kernel)
    for shard in [Shard((999, 70), (500, 0), (499, 70)), Shard((130, 700), (0, 350), (130, 350))]:
        check(torch.empty(shard.shape, **options), "normal", kernel, shard)
    check(torch.empty(70_000_000, **options), "normal", kernel)


@pytest.mark.parametrize("kernel", [False, True])
def test_fills_follow_the_order_of_the_current_stream(kernel: bool) -> None:
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream), gpu.staging():
        tensors = [torch.zeros(3_000_000, device="cuda") for _ in range(8)]
        for seed, tensor in enumerate(tensors):
            gpu.fill_(tensor, "normal", seed, kernel=kernel)
        sums = [tensor.clone() for tensor in tensors]
    stream.synchronize()
    for seed, (tensor, copy) in enumerate(zip(tensors, sums, strict=True)):
        expected = bits(fill_(torch.empty(tensor.shape), "normal", seed))
        assert torch.equal(bits(tensor), expected) and torch.equal(bits(copy), expected)


def test_the_pinned_buffers_are_given_back() -> None:
    tensor = torch.empty(20_000_000, device="cuda")
    gpu.fill_(tensor, "normal", 0)
    before = torch.cuda.host_memory_stats()["allocated_bytes.current"]
    for _ in range(3):
        gpu.fill_(tensor, "normal", 0)
    assert torch.cuda.host_memory_stats()["allocated_bytes.current"] <= before


def test_autograd_sees_that_the_kernel_changed_a_tensor() -> None:
    weight = torch.ones(4, device="cuda", requires_grad=True)
    product = weight * weight
    gpu.fill_(weight, "normal", 0, kernel=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.sum().backward()


@pytest.mark.parametrize(("kernel", "dtype"), list(itertools.product([False, True], DTYPES)))
def test_speed_is_printed(kernel: bool, dtype: str) -> None:
    tensor = torch.empty(1 << 26, dtype=DTYPES[dtype], device="cuda")
    for initializer in ["uniform(low=-1, high=1)", "normal", "trunc_normal(std=0.02, a=-0.04, b=0.04)"]:
        times = []
        for _ in range(5):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            gpu.fill_(tensor, initializer, 0, kernel=kernel)
            end.record()
            end.synchronize()
            times.append(start.elapsed_time(end))
        rate = tensor.numel() * tensor.element_size() / min(times) / 1e6
        print(f"{dtype} {initializer} {'kernel' if kernel else 'ring'}: {min(times):.2f} ms, {rate:.1f} GB/s")
