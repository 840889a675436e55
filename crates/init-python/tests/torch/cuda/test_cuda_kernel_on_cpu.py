"""The CUDA source, compiled for the CPU, gives the engine's bits."""

from __future__ import annotations

import os

import numpy as np
import pytest
from fanin import Shard, Stream, _fanin
from fanin.torch.cuda.kernel._launch import parts
from host_kernels import BITS, KERNELS, engine_range, kernel_range, library, run

LONG = os.environ.get("FANIN_LONG") == "1"
LENGTH = 20_000_000 if LONG else 200_000

INF = float("inf")


def truncated(mean: float, std: float, low: float, high: float) -> str:
    """Return the text of a truncated normal initializer."""
    return f"truncated_normal(mean={mean!r}, std={std!r}, low={low!r}, high={high!r})"


# For each sampler, distributions that it samples: in the dtypes computed in f32, and in f64.
CASES: dict[str, tuple[list[str], list[str]]] = {
    "uniform": (
        [
            "uniform(low=-0.0759555, high=0.0759555)",
            "uniform(low=0.1, high=3.0)",
            "uniform(low=-2e-5, high=1e-7)",
        ],
        [
            "uniform(low=-0.0759555, high=0.0759555)",
            "uniform(low=0.1, high=3.0)",
            "uniform(low=-1e-200, high=3e-200)",
        ],
    ),
    "tiny_uniform": (
        ["uniform(low=-1e-30, high=1e-30)", "uniform(low=0, high=3e-38)"],
        ["uniform(low=-1e-290, high=1e-290)", "uniform(low=0, high=1e-305)"],
    ),
    "normal": (
        ["normal(std=0.02)", "normal(mean=0.3, std=1.5)", truncated(0.5, 1.0, -7.0, 8.0)],
        ["normal(std=0.02)", "normal(mean=0.3, std=1.5)", truncated(0.5, 1.0, -9.0, 10.0)],
    ),
    "central": (
        [
            truncated(0.0, 0.02, -0.04, 0.04),
            truncated(0.5, 1.0, -1.5, 0.75),
            truncated(0.0, 1.0, -0.001, 2.0),
        ],
        [],
    ),
    "interior": (
        [truncated(0.0, 1.0, -3.0, 3.0), truncated(-1.0, 0.5, 0.0, INF), truncated(0.0, 1.0, 6.0, 11.0)],
        [truncated(0.0, 0.02, -0.04, 0.04), truncated(-1.0, 0.5, 0.0, INF), truncated(0.0, 1.0, -11.0, -5.0)],
    ),
    "far": (
        [truncated(0.0, 1.0, 13.0, 14.0), truncated(0.0, 0.5, 9.0, INF), truncated(1.0, 0.1, -INF, -3.0)],
        [truncated(0.0, 1.0, 13.0, 13.5), truncated(0.0, 0.5, 9.0, INF), truncated(1.0, 0.1, -5.0, -3.0)],
    ),
    "narrow": (
        [truncated(0.0, 1.0, 0.001, 0.001004), truncated(0.0, 1e3, -0.003, 0.003)],
        [truncated(0.0, 1.0, 0.5, 0.500001), truncated(0.0, 1e6, -0.5, 0.5)],
    ),
}

# The smallest values of these are below the smallest f16, or no f16 is between their bounds.
NOT_F16 = ("1e-30", "3e-38")


def cases(sampler: str, dtype: str) -> list[str]:
    """Return the initializers to test a kernel with."""
    found = CASES[sampler][dtype == "f64"]
    if dtype == "f16" and sampler == "tiny_uniform":
        return []
    if dtype in ("f16", "bf16") and sampler == "narrow":
        return found[1:]
    return found


@pytest.mark.parametrize(("sampler", "dtype"), KERNELS)
def test_each_kernel_gives_the_engines_bits_at_odd_offsets_and_lengths(sampler: str, dtype: str) -> None:
    stream = Stream(7).child("w")
    for initializer in cases(sampler, dtype):
        for offset, length in [
            (0, LENGTH),
            (12_345, LENGTH // 2 + 77),
            (2**43 + 4095, 2),
            (31, 1),
            (4096, 4096),
        ]:
            used, found = kernel_range(initializer, dtype, stream, offset, length)
            assert used == sampler, f"{initializer} is sampled by {used}"
            expected = engine_range(initializer, dtype, stream, offset, length)
            differing = int(np.count_nonzero(found != expected))
            assert differing == 0, f"{initializer}, {dtype}, offset {offset}: {differing} of {length} differ"


def test_every_kernel_has_a_case() -> None:
    covered = {(sampler, dtype) for sampler, dtype in KERNELS if cases(sampler, dtype)}
    # An f16 uniform so narrow that its f32 scale is subnormal has no values but 0.
    assert set(KERNELS) - covered == {("tiny_uniform", "f16")}


def test_rounding_to_f16_and_bf16_covers_subnormal_values_and_ties() -> None:
    for initializer in [
        "uniform(low=-7e-5, high=7e-5)",
        "normal(std=3e-7)",
        "uniform(low=-65504, high=65504)",
    ]:
        _, found = kernel_range(initializer, "f16", Stream(1), 5, LENGTH)
        assert np.array_equal(found, engine_range(initializer, "f16", Stream(1), 5, LENGTH))
    subnormal = np.count_nonzero(
        (found := kernel_range("normal(std=3e-7)", "f16", Stream(1), 0, 10_000)[1]) & 0x7C00
    )
    assert subnormal < 10 and np.count_nonzero(found & 0x3FF) > 5_000
    for initializer in ["uniform(low=-1e-38, high=1e-38)", "normal(std=1e-39)"]:
        _, found = kernel_range(initializer, "bf16", Stream(1), 5, LENGTH)
        assert np.array_equal(found, engine_range(initializer, "bf16", Stream(1), 5, LENGTH))


def test_the_comparison_finds_a_kernel_that_computes_with_another_number() -> None:
    sampler, numbers = _fanin.resolve("normal(std=0.02)", (8,)).prepared("f32")
    numbers["std"] = float(np.nextafter(np.float32(numbers["std"]), np.float32(1)))
    out = np.zeros(10_000, np.uint32)
    part = next(parts((10_000,), (1,), None))[1]
    run(sampler, "f32", list(numbers.values()), Stream(0), part, out.ctypes.data)
    assert np.count_nonzero(out != engine_range("normal(std=0.02)", "f32", Stream(0), 0, 10_000)) > 1_000


def fill_parts(out: np.ndarray, dtype: str, shard: Shard | None, initializer: str, stream: Stream) -> None:
    """Fill an array of any strides by the kernel, as `fill_by_kernel` does on a GPU."""
    whole = out.shape if shard is None else shard.whole
    sampler, numbers = _fanin.resolve(initializer, whole).prepared(dtype)
    strides = [stride // out.itemsize for stride in out.strides]
    for offset, part in parts(out.shape, strides, shard):
        run(sampler, dtype, list(numbers.values()), stream, part, out.ctypes.data + offset * out.itemsize)


SHARDS = [
    Shard((130, 70), (64, 0), (66, 70)),
    Shard((130, 70), (0, 35), (130, 35)),
    Shard((130, 70), (17, 3), (50, 40)),
    Shard.of_runs((128, 70), [[(0, 16), (64, 16)], [(0, 70)]]),
    Shard.of_runs((128, 70), [[(64, 16), (0, 16)], [(60, 10), (10, 5)]]),
    Shard((6, 5, 4, 3, 2), (1, 2, 0, 1, 0), (4, 3, 4, 2, 2)),
    Shard((9,), (4,), (1,)),
]


@pytest.mark.parametrize("shard", SHARDS, ids=str)
@pytest.mark.parametrize("dtype", ["f32", "f64", "bf16"])
def test_shards_get_the_values_of_the_whole_tensor(shard: Shard, dtype: str) -> None:
    for initializer in ["normal(std=0.5)", "uniform(low=-1, high=1)"]:
        found, expected = np.zeros(shard.shape, BITS[dtype]), np.zeros(shard.shape, BITS[dtype])
        fill_parts(found, dtype, shard, initializer, Stream(3))
        _fanin.fill_address(
            expected.ctypes.data, dtype, shard.shape, None, initializer, Stream(3), None, shard
        )
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("axes", [(0, 1, 2, 3), (0, 2, 3, 1), (3, 2, 1, 0), (1, 0, 2, 3)], ids=str)
def test_permuted_tensors_get_the_values_of_their_logical_index(axes: tuple[int, ...]) -> None:
    shape = (33, 17, 5, 3)
    memory = np.zeros([shape[axis] for axis in axes], np.uint32)
    found = memory.transpose(np.argsort(axes))
    assert found.shape == shape
    fill_parts(found, "f32", None, "normal(std=0.5)", Stream(3))
    assert np.array_equal(found.ravel(), engine_range("normal(std=0.5)", "f32", Stream(3), 0, found.size))


def test_elements_outside_a_strided_part_stay_as_they_were() -> None:
    memory = np.full((40, 90), 7, np.uint32)
    fill_parts(memory[3:37:2, 5:80:3], "f32", None, "normal(std=0.5)", Stream(3))
    written = np.zeros(memory.shape, bool)
    written[3:37:2, 5:80:3] = True
    assert (memory[~written] == 7).all() and (memory[written] != 7).all()


def test_a_compiler_is_there_in_continuous_integration() -> None:
    if os.environ.get("CI"):
        assert library()
