"""The functions of fanin.torch.init: signatures, semantics, warnings and values beside torch.nn.init's."""

from __future__ import annotations

import inspect
import os
import warnings

import fanin
import fanin.torch
import pytest
import torch
from fanin.torch import init

RANDOM = {
    "uniform_": (),
    "normal_": (),
    "trunc_normal_": (),
    "xavier_uniform_": (),
    "xavier_normal_": (),
    "kaiming_uniform_": (),
    "kaiming_normal_": (),
    "orthogonal_": (),
    "sparse_": (0.25,),
}
DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]


def test_every_function_of_torch_is_there() -> None:
    assert set(torch.nn.init.__all__) <= set(init.__all__)


@pytest.mark.parametrize("name", RANDOM)
def test_signatures_are_those_of_torch_with_three_keywords(name: str) -> None:
    ours = list(inspect.signature(getattr(init, name)).parameters.values())
    theirs = list(inspect.signature(getattr(torch.nn.init, name)).parameters.values())
    assert [(p.name, p.default) for p in ours[:-3]] == [(p.name, p.default) for p in theirs]
    assert [p.name for p in ours[-3:]] == ["seed", "stream", "name"]
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in ours[-3:])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", RANDOM)
def test_values_depend_on_the_logical_index_only(name: str, dtype: torch.dtype) -> None:
    function = getattr(init, name)
    whole = function(torch.empty(12, 20, dtype=dtype), *RANDOM[name], seed=5, name="w")
    transposed = function(torch.empty(20, 12, dtype=dtype).T, *RANDOM[name], seed=5, name="w")
    strided = function(torch.empty(12, 40, dtype=dtype)[:, ::2], *RANDOM[name], seed=5, name="w")
    stream = function(torch.empty(12, 20, dtype=dtype), *RANDOM[name], stream=fanin.Stream(5).child("w"))
    for other in (transposed, strided, stream):
        assert torch.equal(other, whole)


def test_channels_last_has_the_values_of_contiguous() -> None:
    shape = (8, 4, 3, 3)
    last = torch.empty(shape).to(memory_format=torch.channels_last)
    assert torch.equal(init.kaiming_normal_(last, seed=1), init.kaiming_normal_(torch.empty(shape), seed=1))


@pytest.mark.parametrize("name", RANDOM)
def test_moments_are_those_of_torch(name: str) -> None:
    shape = (200, 300)
    ours = getattr(init, name)(torch.empty(shape), *RANDOM[name], seed=1)
    theirs = getattr(torch.nn.init, name)(torch.empty(shape), *RANDOM[name])
    # Six standard errors for 60,000 values.
    assert abs(float(ours.std() / theirs.std()) - 1) < 6 * 60000**-0.5
    assert abs(float(ours.mean() - theirs.mean())) < 6 * 2**0.5 * float(theirs.std()) / 60000**0.5
    assert ((ours == 0).sum(0) == (theirs == 0).sum(0)).all()


def test_the_generators_of_torch_keep_their_meaning() -> None:
    torch.manual_seed(3)
    first, second = init.normal_(torch.empty(9)), init.normal_(torch.empty(9))
    torch.manual_seed(3)
    assert torch.equal(init.normal_(torch.empty(9)), first) and not torch.equal(first, second)
    a, b = (init.normal_(torch.empty(9), generator=torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(a, b)
    state = torch.get_rng_state()
    init.normal_(torch.empty(9), seed=1)
    assert torch.equal(state, torch.get_rng_state()), "a seed leaves the generator alone"


@pytest.mark.parametrize("gain", [-2.0, 0.0, 0.5])
def test_orthogonal_takes_every_gain(gain: float) -> None:
    q = init.orthogonal_(torch.empty(30, 20, dtype=torch.float64), gain, seed=1)
    assert torch.allclose(q.T @ q, gain**2 * torch.eye(20, dtype=torch.float64), atol=1e-12)
    positive = init.orthogonal_(torch.empty(30, 20, dtype=torch.float64), 1.0, seed=1)
    assert torch.allclose(q, gain * positive)


INVALID = [
    lambda module: module.xavier_uniform_(torch.empty(3)),
    lambda module: module.kaiming_normal_(torch.empty(3)),
    lambda module: module.kaiming_normal_(torch.empty(3, 3), mode="fan"),
    lambda module: module.kaiming_uniform_(torch.empty(3, 3), nonlinearity="gelu"),
    lambda module: module.orthogonal_(torch.empty(3)),
    lambda module: module.sparse_(torch.empty(3), 0.1),
    lambda module: module.eye_(torch.empty(3)),
    lambda module: module.dirac_(torch.empty(3, 3)),
    lambda module: module.uniform_(torch.empty(3), 2, 1),
    lambda module: module.normal_(torch.empty(3), 0, -1),
    lambda module: module.calculate_gain("gelu"),
]


@pytest.mark.parametrize("call", INVALID)
def test_what_torch_refuses_is_refused_with_its_error(call: object) -> None:
    errors = []
    for module in (init, torch.nn.init):
        with pytest.raises((ValueError, RuntimeError)) as caught:
            call(module)
        errors.append((type(caught.value), str(caught.value)))
    assert errors[0] == errors[1]


def test_warnings_are_those_of_torch() -> None:
    calls = [
        lambda module: module.kaiming_normal_(torch.empty(0, 3)),
        lambda module: module.trunc_normal_(torch.empty(3), mean=9.0),
        lambda module: module.normal(torch.empty(3)),
        lambda module: module.xavier_uniform(torch.empty(3, 3)),
    ]
    for call in calls:
        seen = []
        for module in (init, torch.nn.init):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                call(module)
            seen.append([(item.category, str(item.message)) for item in caught])
        assert seen[0] == seen[1] and len(seen[0]) == 1


def test_degenerate_parameters_give_constants() -> None:
    assert init.uniform_(torch.empty(3), 2, 2, seed=1).tolist() == [2, 2, 2]
    assert init.normal_(torch.empty(3), 2, 0, seed=1).tolist() == [2, 2, 2]
    assert init.normal_(torch.empty(0), seed=1).numel() == 0


def test_parameters_are_filled_outside_of_autograd() -> None:
    weight = torch.nn.Parameter(torch.empty(3, 3))
    version = weight._version
    assert init.normal_(weight, seed=1) is weight
    assert weight.requires_grad and weight._version > version and weight.grad_fn is None


def test_meta_tensors_stay_and_other_dtypes_go_to_torch() -> None:
    assert init.normal_(torch.empty(3, device="meta"), seed=1).is_meta
    assert init.normal_(torch.empty(3, dtype=torch.complex64)).abs().sum() > 0


def test_what_shares_memory_or_hides_it_is_refused() -> None:
    with pytest.raises(ValueError, match="share memory"):
        init.normal_(torch.empty(1, 3).expand(4, 3), seed=1)
    with pytest.raises(ValueError, match="not both"):
        init.normal_(torch.empty(3), seed=1, stream=fanin.Stream(1))
    with pytest.raises(TypeError, match="int64"):
        fanin.torch.fill_(torch.zeros(3, dtype=torch.int64), "normal", 1)
    with pytest.raises(TypeError, match=r"torch\.Tensor"):
        fanin.torch.fill_([1.0], "normal", 1)


def test_a_shard_is_that_part_of_the_whole() -> None:
    whole = fanin.torch.fill_(torch.empty(8, 6), "normal", 1)
    shard = fanin.Shard.of_runs((8, 6), [[(0, 2), (5, 1)], [(1, 3)]])
    part = fanin.torch.fill_(torch.empty(3, 3), "normal", 1, shard=shard)
    assert torch.equal(part, whole[[0, 1, 5], 1:4])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_workers_of_a_data_loader_fill_with_the_same_bits() -> None:
    expected = init.normal_(torch.empty(300_000), seed=1)

    class Data(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> torch.Tensor:
            return init.normal_(torch.empty(300_000), seed=1)

    loader = torch.utils.data.DataLoader(Data(), batch_size=None, num_workers=2, timeout=15)
    assert all(torch.equal(item, expected) for item in loader)


def test_a_compiled_function_may_initialise() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        return init.normal_(torch.empty(5), seed=1) + x

    compiled = torch.compile(function, backend="eager")
    assert torch.equal(compiled(torch.zeros(5)), function(torch.zeros(5)))
