"""`fanin.torch.cuda.fill_`: checks, constants, the choice between the ring and the kernel."""

from __future__ import annotations

import fanin.torch.cuda as gpu
import pytest
import torch
from fanin import Shard
from fanin.torch.cuda import _fill
from fanin.torch.cuda._boxes import boxes
from fanin.torch.cuda.kernel._launch import target_of
from fanin.torch.cuda.kernel._source import program


def test_cpu_tensors_are_filled_like_everywhere() -> None:
    tensor = gpu.fill_(torch.empty(5, 3), "normal", 0)
    assert torch.equal(tensor, fanin_fill(torch.empty(5, 3)))


def fanin_fill(tensor: torch.Tensor) -> torch.Tensor:
    from fanin.torch import fill_

    return fill_(tensor, "normal", 0)


def test_what_cannot_be_filled_is_refused_with_the_reason() -> None:
    with pytest.raises(TypeError, match=r"got torch.int64"):
        gpu.fill_(torch.empty(3, dtype=torch.int64), "ones", 0)
    with pytest.raises(TypeError, match=r"sparse_coo"):
        gpu.fill_(torch.eye(3).to_sparse(), "ones", 0)
    with pytest.raises(ValueError, match=r"to_empty"):
        gpu.fill_(torch.empty(3, device="meta"), "ones", 0)
    with pytest.raises(ValueError, match=r"share memory: shape \(4, 3\), strides \(0, 1\)"):
        gpu.fill_(torch.empty(3).expand(4, 3), "ones", 0)
    with pytest.raises(ValueError, match=r"no_grad"):
        gpu.fill_(torch.ones(3, requires_grad=True) * 2, "ones", 0)
    with pytest.raises(RuntimeError, match=r"NVIDIA GPU, got one on the CPU"):
        gpu.fill_(torch.empty(3), "normal", 0, kernel=True)


@pytest.mark.parametrize(
    ("shape", "strides", "shares"),
    [
        ((4, 3), (3, 1), False),
        ((4, 3), (1, 4), False),
        ((4, 3), (0, 1), True),
        ((4, 3), (2, 1), True),
        ((1, 3), (0, 1), False),
        ((0, 3), (0, 1), False),
        ((3, 2), (7, 3), False),
        ((), (), False),
        ((2,), (0,), True),
    ],
)
def test_shared_memory_is_recognised(shape: tuple[int, ...], strides: tuple[int, ...], shares: bool) -> None:
    assert _fill._shares_memory(shape, strides) is shares


class Elsewhere(torch.Tensor):
    """A tensor in CPU memory that says it is elsewhere."""

    @property
    def is_cpu(self) -> bool:  # type: ignore[override]
        return False


def elsewhere(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return a tensor of zeros that `fill_` takes for one on another device."""
    return torch.zeros(*shape, dtype=dtype).as_subclass(Elsewhere)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16], ids=str)
def test_tensors_on_another_device_get_the_bits_of_the_cpu(dtype: torch.dtype) -> None:
    for initializer in [
        "xavier_uniform",
        "normal(std=0.02)",
        "orthogonal",
        "constant(0.3)",
        "zeros",
        "trunc_normal",
    ]:
        for shard in [None, Shard((30, 20), (10, 0), (15, 20))]:
            shape = (30, 20) if shard is None else shard.shape
            tensor = elsewhere(*shape, dtype=dtype)
            version = tensor._version
            assert gpu.fill_(tensor, initializer, 3, shard=shard) is tensor
            from fanin.torch import fill_

            expected = fill_(torch.empty(shape, dtype=dtype), initializer, 3, shard=shard)
            assert torch.equal(tensor.as_subclass(torch.Tensor), expected), initializer
            assert tensor._version > version


def test_constants_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_ring(*_: object) -> None:
        raise AssertionError("a constant needs no ring")

    monkeypatch.setattr(_fill, "ring_to", no_ring)
    tensor = gpu.fill_(elsewhere(5, dtype=torch.bfloat16), "constant(0.3)", 0)
    assert tensor.tolist() == [0.30078125] * 5
    assert gpu.fill_(elsewhere(0, 4), "normal", 0).shape == (0, 4)


def test_a_leaf_that_requires_grad_is_filled_without_a_graph() -> None:
    tensor = elsewhere(4, 4).requires_grad_()
    gpu.fill_(tensor, "normal", 0)
    assert tensor.is_leaf and tensor.grad_fn is None and tensor.abs().sum() > 0


def test_invalid_arguments_change_nothing() -> None:
    tensor = elsewhere(4, 4)
    with pytest.raises(ValueError, match="f16|65504"):
        gpu.fill_(elsewhere(4, 4, dtype=torch.float16), "normal(std=1e5)", 0)
    with pytest.raises(ValueError, match=r"shape \(2, 4\) of the shard, got \(4, 4\)"):
        gpu.fill_(tensor, "normal", 0, shard=Shard((4, 4), (0, 0), (2, 4)))
    with pytest.raises(ValueError, match="kaiming_unifrom"):
        gpu.fill_(tensor, "kaiming_unifrom", 0)
    assert tensor.count_nonzero() == 0


def test_the_kernel_is_off_unless_chosen_and_refused_where_there_is_no_nvidia_gpu() -> None:
    assert gpu.kernel_in_use() is False
    with pytest.raises(RuntimeError, match="needs a tensor on an NVIDIA GPU"):
        gpu.fill_(elsewhere(4, 4), "normal", 0, kernel=True)
    assert gpu.use_kernel() is False
    try:
        assert gpu.kernel_in_use() is True
        tensor = gpu.fill_(elsewhere(4, 4), "normal", 0)
        assert torch.equal(tensor.as_subclass(torch.Tensor), fanin_fill(torch.empty(4, 4)))
    finally:
        assert gpu.use_kernel(False) is True


def test_boxes_cover_a_shape_once_in_order() -> None:
    for shape in [(), (1,), (7,), (3, 4, 5), (2, 1, 3), (4, 0, 2)]:
        for limit in [1, 2, 5, 13, 1000]:
            index = torch.arange(torch.Size(shape).numel()).view(shape)
            seen = [
                index[tuple(slice(s, s + n) for s, n in box)].flatten().tolist()
                for box in boxes(shape, limit)
            ]
            assert all(len(part) <= limit for part in seen)
            assert [i for part in seen for i in part] == index.flatten().tolist()


def test_the_kernel_is_compiled_for_the_gpu_or_for_its_driver() -> None:
    assert target_of(90, [80, 90, 100]) == "sm_90"
    assert target_of(95, [80, 100, 90]) == "compute_90"
    with pytest.raises(RuntimeError, match="from 75 on, got 70"):
        target_of(70, [75, 80])


def test_a_kernel_that_does_not_exist_is_an_error() -> None:
    for sampler, dtype in [("central", "f64"), ("constant", "f32"), ("normal", "i32")]:
        with pytest.raises(ValueError, match="no CUDA kernel"):
            program(sampler, dtype)
