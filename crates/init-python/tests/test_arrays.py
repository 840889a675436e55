"""Arrays in: each interface, dtype and stride gets the values of its logical indices, or is refused."""

from __future__ import annotations

import array
import ctypes
import mmap

import fanin
import ml_dtypes
import numpy as np
import pytest

DTYPES = ["float32", "float64", "float16", ml_dtypes.bfloat16]
DISTRIBUTIONS = [
    "normal(std=0.02)",
    "xavier_uniform",
    "truncated_normal",
    "orthogonal",
    "sparse(sparsity=0.5)",
    "constant(3)",
]


def expected(shape: tuple[int, ...], distribution: str, dtype: object) -> np.ndarray:
    return fanin.init(shape, distribution, 7, dtype=dtype)


def views(shape: tuple[int, ...], dtype: object) -> dict[str, np.ndarray]:
    """Arrays of one shape in memory of all kinds."""
    rank = len(shape)
    doubled = np.zeros(tuple(2 * size for size in shape), dtype)
    offset = np.zeros(tuple(size + 1 for size in shape), dtype)
    return {
        "contiguous": np.empty(shape, dtype),
        "fortran": np.empty(shape, dtype, order="F"),
        "transposed": np.empty(shape[::-1], dtype).transpose(),
        "every second": doubled[(slice(None, None, 2),) * rank],
        "reversed": np.empty(shape, dtype)[(slice(None, None, -1),) * rank],
        "part": offset[(slice(1, None),) * rank],
        "rows reversed": np.empty(shape, dtype)[::-1],
    }


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_any_strides_get_the_values_of_their_logical_indices(dtype: object, distribution: str) -> None:
    for shape in [(6, 10), (37, 65)]:
        whole = expected(shape, distribution, dtype)
        for kind, out in views(shape, dtype).items():
            assert fanin.fill(out, distribution, 7) is out
            assert out.tobytes() == whole.tobytes(), f"{kind}, {shape}"


def test_only_the_view_is_written() -> None:
    base = np.zeros((8, 10), "float32")
    fanin.fill(base[1:7:2, 3:8], "ones", 0)
    mask = np.zeros_like(base)
    mask[1:7:2, 3:8] = 1
    assert np.array_equal(base, mask)


@pytest.mark.parametrize(
    "shape", [(1, 1 << 20), (1 << 20, 1), (300, 1000, 3), (3, 2, 5, 7), (1 << 19,), (5, 1, 4)]
)
def test_large_and_deep_arrays_in_other_orders(shape: tuple[int, ...]) -> None:
    whole = expected(shape, "normal", "float32")
    for kind, out in views(shape, "float32").items():
        assert np.array_equal(fanin.fill(out, "normal", 7), whole), kind


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (0, 0, 2), (1,), (1, 1, 1)])
def test_scalars_and_empty_arrays(shape: tuple[int, ...]) -> None:
    assert np.array_equal(
        fanin.fill(np.empty(shape, "float32"), "normal", 7), expected(shape, "normal", "float32")
    )


def test_a_shard_of_any_view_has_the_values_of_the_whole() -> None:
    for distribution in ["normal", "orthogonal", "xavier_uniform"]:
        whole = expected((24, 18), distribution, "float32")
        box = fanin.Shard((24, 18), (3, 5), (7, 11))
        runs = fanin.Shard.of_runs((24, 18), [[(0, 2), (20, 4), (9, 1)], [(3, 4), (10, 6), (17, 1)]])
        for shard, index in [
            (box, np.ix_(range(3, 10), range(5, 16))),
            (runs, np.ix_([0, 1, 20, 21, 22, 23, 9], [3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 17])),
        ]:
            for kind, out in views(shard.shape, "float32").items():
                assert np.array_equal(fanin.fill(out, distribution, 7, shard=shard), whole[index]), (
                    distribution,
                    kind,
                )


def test_a_reshaped_view_takes_the_shape_of_the_tensor() -> None:
    flat = fanin.fill(np.empty(60, "float32"), "xavier_uniform", 7, shape=(6, 10))
    assert np.array_equal(flat.reshape(6, 10), expected((6, 10), "xavier_uniform", "float32"))
    with pytest.raises(ValueError, match="must have the 60 elements"):
        fanin.fill(np.empty(59, "float32"), "xavier_uniform", 7, shape=(6, 10))


def test_objects_with_the_buffer_protocol() -> None:
    whole = expected((12,), "normal", "float32")
    for out in [array.array("f", bytes(48)), memoryview(bytearray(48)).cast("f"), (ctypes.c_float * 12)()]:
        assert fanin.fill(out, "normal", 7) is out
        assert bytes(out) == whole.tobytes()
    doubles = (ctypes.c_double * 3 * 4)()
    fanin.fill(doubles, "normal", 7)
    assert bytes(doubles) == expected((4, 3), "normal", "float64").tobytes()
    strided = memoryview(bytearray(48)).cast("f")[::2]
    fanin.fill(strided, "normal", 7)
    assert strided.tolist() == whole[:6].tolist()
    halves = memoryview(np.zeros(12, "float16"))
    fanin.fill(halves, "normal", 7)
    assert bytes(halves) == expected((12,), "normal", "float16").tobytes()


def test_a_memory_map_is_filled_in_place() -> None:
    memory = mmap.mmap(-1, 4096)
    fanin.fill(np.frombuffer(memory, "float32"), "normal", 7)
    assert memory[:] == expected((1024,), "normal", "float32").tobytes()


class Dlpack:
    """An array that has DLPack alone, optionally of before version 1."""

    def __init__(self, array: np.ndarray, old: bool = False) -> None:
        self.array, self.old = array, old

    def __dlpack__(self, **options: object) -> object:
        if self.old:
            if options:
                raise TypeError("__dlpack__() got an unexpected keyword argument")
            return self.array.__dlpack__()
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_dlpack_of_both_versions_in_any_strides(dtype: str, old: bool) -> None:
    whole = expected((6, 10), "normal", dtype)
    for kind, out in views((6, 10), dtype).items():
        fanin.fill(Dlpack(out, old), "normal", 7)
        assert out.tobytes() == whole.tobytes(), kind


def test_dlpack_of_torch_with_bfloat16_and_an_offset() -> None:
    torch = pytest.importorskip("torch")
    base = torch.zeros(9, 12, dtype=torch.bfloat16)
    out = base[1:7, 1:11]
    fanin.fill(out, "normal", 7)
    whole = expected((6, 10), "normal", ml_dtypes.bfloat16).view("uint16")
    assert np.array_equal(out.contiguous().view(torch.uint16).numpy(), whole)
    assert base[0].count_nonzero() == 0 and base[7:].count_nonzero() == 0
    with pytest.raises(ValueError, match="cannot be exported by DLPack"):
        fanin.fill(torch.nn.Parameter(torch.zeros(3)), "normal", 7)
    with pytest.raises((ValueError, TypeError)):
        fanin.fill(torch.empty(3, device="meta"), "normal", 7)


def test_a_capsule_is_only_looked_at_and_its_memory_is_freed() -> None:
    import gc
    import weakref

    class Owner(np.ndarray):
        pass

    owner = np.zeros(4, "float32").view(Owner)
    gone = weakref.ref(owner)
    fanin.fill(Dlpack(owner), "normal", 7)
    fanin.fill(owner, "normal", 7)
    del owner
    gc.collect()
    assert gone() is None


def test_read_only_arrays_are_refused_and_unchanged() -> None:
    frozen = np.zeros(4, "float32")
    frozen.flags.writeable = False
    for out in [frozen, Dlpack(frozen), memoryview(bytes(16)).cast("f")]:
        with pytest.raises((ValueError, BufferError), match="read-only|readonly"):
            fanin.fill(out, "ones", 0)
    assert frozen.tolist() == [0, 0, 0, 0]


def test_jax_arrays_are_refused_with_what_works() -> None:
    jnp = pytest.importorskip("jax.numpy")
    with pytest.raises(ValueError, match="fanin.jax"):
        fanin.fill(jnp.zeros(4), "ones", 0)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.broadcast_to(np.zeros(3, "float32"), (2, 3)), "read-only"),
        (np.lib.stride_tricks.as_strided(np.zeros(9, "float32"), (2, 3), (0, 4)), "share memory"),
        (np.lib.stride_tricks.as_strided(np.zeros(9, "float32"), (4, 4), (4, 4)), "share memory"),
        (np.lib.stride_tricks.as_strided(np.zeros(9, "float32"), (2, 3), (8, 4)), "share memory"),
    ],
)
def test_overlapping_views_are_refused(out: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fanin.fill(out, "ones", 0)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros(3, "int32"), "float32, float64, bfloat16 or float16"),
        (np.zeros(3, "complex64"), "float32, float64, bfloat16 or float16"),
        (np.zeros(3, "bool"), "float32, float64, bfloat16 or float16"),
        (np.zeros(3, "O"), "float32, float64, bfloat16 or float16"),
        (np.zeros(3, ">f4"), "byte order"),
        (np.zeros(3, ml_dtypes.float8_e4m3fn), "float32, float64, bfloat16 or float16"),
        (np.zeros(3, [("a", "f4")]), "float32, float64, bfloat16 or float16"),
        (Dlpack(np.zeros(3, "int64")), "float32, float64, bfloat16 or float16"),
        (array.array("i", [0]), "float32, float64 or float16"),
        (bytearray(8), "float32, float64 or float16"),
        ([0.0, 0.0], "got list"),
        (3.0, "got float"),
        (None, "got NoneType"),
        ("weights", "got str"),
    ],
)
def test_what_is_not_an_array_of_floats_is_a_type_error(out: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        fanin.fill(out, "ones", 0)


def test_fields_of_records_are_filled_where_strides_allow() -> None:
    aligned = np.zeros(5, [("a", "f4"), ("b", "f4")])
    fanin.fill(aligned["b"], "ones", 0)
    assert aligned["b"].tolist() == [1] * 5 and aligned["a"].tolist() == [0] * 5
    packed = np.zeros(5, [("a", "i1"), ("b", "f4")])
    with pytest.raises(ValueError, match="multiples of the element size|multiple of 4"):
        fanin.fill(packed["b"], "ones", 0)


@pytest.mark.parametrize(
    "interface",
    [
        {},
        {"data": (0, False)},
        {"data": (0, False), "typestr": "<f4", "shape": (4,), "version": 3},
        {"data": (3, False), "typestr": "<f4", "shape": (4,), "version": 3},
        {"data": None, "typestr": "<f4", "shape": (4,), "version": 3},
        {"data": (64, False), "typestr": "<f4", "shape": (-4,), "version": 3},
        {"data": (64, False), "typestr": "<f4", "shape": (4,), "strides": (4, 4), "version": 3},
        {"data": (64, False), "typestr": 4, "shape": (4,), "version": 3},
        {"data": (64, False), "typestr": "<f4", "shape": (1 << 62, 1 << 62), "version": 3},
        {"data": (64, False), "typestr": "<f4", "shape": (2, 2), "strides": (1 << 62, 4), "version": 3},
        7,
    ],
)
def test_a_broken_interface_never_crashes(interface: object) -> None:
    class Broken:
        __array_interface__ = interface

    with pytest.raises((TypeError, ValueError, OverflowError)):
        fanin.fill(Broken(), "ones", 0)


def test_a_dlpack_method_that_returns_something_else_is_refused() -> None:
    class Broken:
        def __init__(self, value: object) -> None:
            self.value = value

        def __dlpack__(self, **options: object) -> object:
            if isinstance(self.value, Exception):
                raise self.value
            return self.value

    for value in [None, 3, "capsule", np.zeros(3), RuntimeError("no")]:
        with pytest.raises((TypeError, ValueError)):
            fanin.fill(Broken(value), "ones", 0)
    import datetime

    with pytest.raises((TypeError, ValueError)):
        fanin.fill(Broken(datetime.datetime_CAPI), "ones", 0)  # A capsule of another name.


def test_new_arrays_begin_at_a_cache_line_and_have_the_dtype() -> None:
    for dtype in [*DTYPES, "f32", "bf16", np.float16, np.dtype("float64")]:
        out = fanin.empty((3, 5), dtype)
        assert out.ctypes.data % 64 == 0 and out.shape == (3, 5) and out.flags.c_contiguous
    assert fanin.empty(4).shape == (4,) and fanin.init(4, "ones", 0).tolist() == [1, 1, 1, 1]
    for shape in [-1, (2, -1)]:
        with pytest.raises(ValueError, match="at least 0"):
            fanin.empty(shape)
    with pytest.raises(TypeError, match="int8"):
        fanin.empty(3, "int8")
    with pytest.raises((ValueError, MemoryError)):
        fanin.empty(1 << 62)
