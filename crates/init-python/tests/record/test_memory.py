"""Nothing keeps arbitrary memory without being said, and what is refused is not written."""

from __future__ import annotations

import copy
import threading
import warnings
from collections.abc import Callable

import fanin
import fanin.torch
import pytest
import torch
from torch import nn


def dirty(*sizes: int) -> None:
    """Leave memory of small tensors with values that no test expects."""
    left = [torch.full((size,), 7.0) for size in sizes for _ in range(200)]
    del left


class Unset(nn.Module):
    """A parameter that no code sets, directly and as a copy."""

    def __init__(self, convert: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.weight = nn.Parameter(convert(torch.empty(3)))


@pytest.mark.parametrize("convert", [lambda t: t, torch.clone, torch.Tensor.double, copy.deepcopy])
def test_a_parameter_on_the_cpu_that_nothing_sets_is_refused(convert: Callable[..., torch.Tensor]) -> None:
    with pytest.raises(ValueError, match="never sets weight"):
        fanin.torch.build(Unset, convert, seed=1)
    assert fanin.torch.build(Unset, convert, seed=1, strict=False).weight.shape == (3,)


class Plain(nn.Module):
    """Random tensors that are neither parameters nor buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.noise = torch.randn(5)
        self.more = [torch.rand(2), {"a": torch.randn(3)}]
        self.pair = (torch.ones(2), torch.randn(2))


def test_random_tensors_that_are_plain_attributes_are_filled_by_name() -> None:
    dirty(2, 3, 5)
    model, plan = fanin.torch.record(Plain)
    plan.materialize_(model, 1)
    for built in (fanin.torch.build(Plain, seed=1), model):
        for name, tensor, text in [
            ("noise", built.noise, "normal"),
            ("more.0", built.more[0], "uniform"),
            ("more.1.a", built.more[1]["a"], "normal"),
            ("pair.1", built.pair[1], "normal"),
        ]:
            assert torch.equal(tensor, fanin.torch.fill_(torch.empty_like(tensor), text, 1, name=name)), name
        assert built.pair[0].tolist() == [1, 1]


@pytest.mark.parametrize("read", [lambda tensor: tensor.tolist(), lambda tensor: tensor.numpy().tolist()])
def test_memory_that_a_program_reads_has_its_values(read: Callable[[torch.Tensor], list[float]]) -> None:
    dirty(4)
    with pytest.warns(fanin.torch.RecordingWarning, match="asks for a value"), fanin.torch.recording() as rec:
        model = nn.Linear(2, 4)
        seen = read(model.bias.detach())
    rec.plan(model).fill_(model, 1)
    assert seen == model.bias.tolist() and len(rec.forced) == 1
    assert "numpy" not in vars(torch.Tensor) and "tolist" not in vars(torch.Tensor)


def test_other_threads_draw_as_always_during_a_recording() -> None:
    weight = torch.full((50,), 7.0)
    thread = threading.Thread(target=lambda: nn.init.trunc_normal_(weight))
    with fanin.torch.recording():
        thread.start()
        thread.join()
    assert float(weight.abs().max()) <= 2


def test_recordings_of_two_threads_do_not_mix() -> None:
    results: dict[int, torch.Tensor] = {}
    barrier = threading.Barrier(2)

    def work(seed: int) -> None:
        barrier.wait()
        for _ in range(20):
            results[seed] = fanin.torch.build(Orthogonal, seed=seed).weight.detach()

    code = nn.init.orthogonal_.__code__
    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, weight in results.items():
        assert torch.equal(weight, fanin.torch.build(Orthogonal, seed=seed).weight)
    assert nn.init.orthogonal_.__code__ is code and len(results) == 2


class Orthogonal(nn.Module):
    """A function of torch.nn.init that is caught as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.orthogonal_(torch.empty(6, 4)))


class Free(nn.Module):
    """A norm that has reset code, and a parameter that has none."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.free = nn.Parameter(torch.full((3,), 4.0))


def test_init_by_reset_code_that_is_refused_writes_nothing() -> None:
    model = Free()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.fill_(5)
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(ValueError, match="no module resets free"):
        fanin.torch.init_(model, 1)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    parameter = model.norm.weight
    fanin.torch.init_(model, 1, strict=False)
    assert model.norm.weight is parameter and parameter.tolist() == [1, 1, 1]
    assert model.norm.running_mean.tolist() == [0, 0, 0] and model.free.tolist() == [5, 5, 5]


class Scaled(nn.Linear):
    """Reset code that reads a buffer and writes a part of a parameter."""

    def __init__(self) -> None:
        super().__init__(3, 2)
        self.register_buffer("scale", torch.tensor([2.0, 4.0]))

    def reset_parameters(self) -> None:
        with torch.no_grad():
            self.weight[0].normal_()
            if hasattr(self, "scale"):
                self.bias.copy_(self.scale * 2)


def test_reset_code_reads_buffers_and_keeps_what_it_does_not_write() -> None:
    model = Scaled()
    with torch.no_grad():
        model.weight.fill_(3)
    fanin.torch.init_(model, 1)
    assert model.bias.tolist() == [4, 8] and model.weight[1].tolist() == [3, 3, 3]
    expected = fanin.torch.fill_(torch.empty(3), "normal", 1, name="weight")
    assert torch.equal(model.weight[0], expected) and model.scale.tolist() == [2, 4]


class Part(nn.Module):
    """A parameter with values that are drawn in part and then changed."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.ones(4))
        with torch.no_grad():
            self.a[:2].normal_()
            self.a.add_(1)


def test_a_plan_fills_the_same_values_again() -> None:
    with fanin.torch.recording() as rec:
        model = Part()
    plan = rec.plan(model)
    first = plan.fill_(model, 1).a.tolist()
    plan.fill_(model, 2)
    assert plan.fill_(model, 1).a.tolist() == first and first[2:] == [2, 2]


class Foreign(nn.Module):
    """Random operations that fanin does not have."""

    def __init__(self, extra: bool = False) -> None:
        super().__init__()
        if extra:
            self.first = nn.Parameter(torch.empty(9).exponential_())
        self.weight = nn.Parameter(torch.empty(9).exponential_())
        self.register_buffer("order", torch.randperm(9))


def test_foreign_draws_depend_on_seed_and_name_alone() -> None:
    state = torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fanin.torch.RecordingWarning)
        one, again, other = (
            fanin.torch.build(Foreign, extra, seed=s) for extra, s in [(0, 1), (1, 1), (0, 2)]
        )
        meta, plan = fanin.torch.record(Foreign)
        plan.materialize_(meta, 1)
    for name in ("weight", "order"):
        assert torch.equal(getattr(one, name), getattr(again, name))
        assert torch.equal(getattr(one, name), getattr(meta, name))
    assert not torch.equal(one.weight, other.weight) and len(plan.foreign) == 2
    assert sorted(one.order.tolist()) == list(range(9)) and torch.equal(state, torch.get_rng_state())


def test_two_models_of_one_recording_need_prefixes() -> None:
    with fanin.torch.recording() as rec:
        a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    rec.plan(a), rec.plan(a)
    with pytest.raises(ValueError, match="prefix"):
        rec.plan(b)
    rec.plan(b, prefix="b.").fill_(b, 1)
    expected = fanin.torch.fill_(
        torch.empty(2, 2), "uniform(-0.7071067811865475, 0.7071067811865475)", 1, name="b.weight"
    )
    assert torch.equal(b.weight, expected)


def norms() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.LayerNorm(4), nn.PReLU())


@pytest.mark.parametrize("on_meta", [False, True])
def test_the_recipe_has_all_of_the_state_dict(on_meta: bool) -> None:
    with fanin.torch.recording() as rec, torch.device("meta" if on_meta else "cpu"):
        model = norms()
    plan = rec.plan(model)
    recipe = plan.recipe()
    built = fanin.torch.build(norms, seed=1)
    written = fanin.Recipe.parse(recipe).plan(seed=1)
    expected = {name: value for name, value in built.state_dict().items() if value.is_floating_point()}
    assert list(written) == [name for name in dict(plan_order(built)) if name in expected]
    for name, value in expected.items():
        assert torch.equal(
            fanin.torch.fill_(torch.empty_like(value), str(written[name].initializer), 1, name=name), value
        )
    assert "not in this recipe: 1.num_batches_tracked" in recipe


def plan_order(model: nn.Module) -> list[tuple[str, torch.Tensor]]:
    return [*model.named_parameters(), *model.named_buffers()]


def test_recurrent_layers_from_the_meta_device_run() -> None:
    model, plan = fanin.torch.record(nn.LSTM, 3, 4, 2)
    plan.materialize_(model, 1)
    built = fanin.torch.build(nn.LSTM, 3, 4, 2, seed=1)
    example = torch.ones(2, 1, 3)
    assert torch.equal(model(example)[0], built(example)[0])
