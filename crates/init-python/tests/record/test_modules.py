"""PyTorch's own modules, ties, wrappers, refusals and plans."""

from __future__ import annotations

import copy
import functools
import os
import subprocess
import warnings
from pathlib import Path

import fanin
import fanin.torch
import pytest
import torch
from torch import nn

from .conftest import check_model

MODULES = {
    "linear": lambda: nn.Linear(30, 40),
    "convolution": lambda: nn.Conv2d(8, 16, 3, groups=2),
    "transposed convolution": lambda: nn.ConvTranspose2d(8, 16, 3),
    "lstm": lambda: nn.LSTM(20, 30, 2),
    "gru": lambda: nn.GRU(20, 30),
    "embedding": lambda: nn.Embedding(100, 30, padding_idx=3),
    "embedding bag": lambda: nn.EmbeddingBag(100, 30),
    "attention": lambda: nn.MultiheadAttention(32, 4),
    "transformer": lambda: nn.Transformer(32, 4, 1, 2, 64),
    "batch norm": lambda: nn.BatchNorm2d(30),
    "bilinear": lambda: nn.Bilinear(10, 20, 30),
    "spectral norm": lambda: nn.utils.spectral_norm(nn.Linear(30, 40)),
    "weight norm": lambda: nn.utils.parametrizations.weight_norm(nn.Linear(30, 40)),
    "spectral parametrization": lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(30, 40)),
    "prelu": lambda: nn.PReLU(),
    "adaptive softmax": lambda: nn.AdaptiveLogSoftmaxWithLoss(30, 100, [10, 50]),
}


@pytest.mark.parametrize("name", MODULES)
def test_modules_of_torch(name: str) -> None:
    check_model(MODULES[name])


def sequential(width: int = 8, layers: int = 2) -> nn.Module:
    return nn.Sequential(*(nn.Linear(width, width) for _ in range(layers)))


def test_a_layer_more_changes_no_other_layer() -> None:
    two, three = (fanin.torch.build(sequential, layers=layers, seed=1) for layers in (2, 3))
    for name, value in two.state_dict().items():
        assert torch.equal(three.state_dict()[name], value)


def test_wrappers_do_not_change_the_values() -> None:
    model = sequential()
    plan = fanin.torch.record(sequential)[1]
    plan.fill_(model, 1)
    wrapped = nn.DataParallel(sequential())
    plan.fill_(wrapped, 1)
    compiled = torch.compile(sequential())
    plan.fill_(compiled, 1)
    for other in (wrapped.module, compiled._orig_mod):
        for name, value in model.state_dict().items():
            assert torch.equal(other.state_dict()[name], value)


class Tied(nn.Module):
    """A head that shares the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.head = nn.Linear(4, 10, bias=False)
        self.head.weight = self.embedding.weight


def test_tied_parameters_stay_tied() -> None:
    model, plan = fanin.torch.record(Tied)
    plan.materialize_(model, 1)
    assert model.head.weight is model.embedding.weight and list(plan) == ["embedding.weight"]


class Momentum(nn.Module):
    """A copy of an encoder, as contrastive learning has it."""

    def __init__(self) -> None:
        super().__init__()
        self.online = nn.Linear(4, 4)
        self.target = copy.deepcopy(self.online)
        nn.init.normal_(self.online.bias)
        with torch.no_grad():
            self.target.bias.copy_(self.online.bias * 2)


def test_copies_have_the_values_of_what_they_copy() -> None:
    for model in (fanin.torch.build(Momentum, seed=1), record_and_fill(Momentum)):
        assert torch.equal(model.target.weight, model.online.weight)
        assert torch.equal(model.target.bias, model.online.bias * 2)
        assert torch.equal(
            model.online.bias, fanin.torch.fill_(torch.empty(4), "normal", 1, name="online.bias")
        )


def record_and_fill(make: type[nn.Module]) -> nn.Module:
    model, plan = fanin.torch.record(make)
    return plan.materialize_(model, 1)


FUNCTIONS = {"orthogonal": nn.init.orthogonal_}
PARTIAL = functools.partial(nn.init.trunc_normal_, std=0.02)


class Kept(nn.Module):
    """Functions of torch.nn.init that a library keeps in a dict and in a partial."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.empty(4, 4)), nn.Parameter(torch.empty(3, 4))
        self.c = nn.Parameter(torch.randn(5) * 0.02)
        FUNCTIONS["orthogonal"](self.a)
        PARTIAL(self.b)


def test_functions_kept_by_libraries_are_recorded_and_restored() -> None:
    code = nn.init.orthogonal_.__code__
    _, plan = fanin.torch.record(Kept)
    assert plan["a"] == "orthogonal(gain=1.0)" and plan["b"].startswith("truncated_normal(mean=0.0, std=0.02")
    assert plan["c"].startswith("replay: normal") and nn.init.orthogonal_.__code__ is code


class Asking(nn.Module):
    """Code that reads a random value before parameters have names."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(3).normal_())
        self.scale = float(self.weight[0])
        self.order = torch.randperm(4)


def test_what_cannot_be_deferred_is_reported_and_refused_when_strict() -> None:
    state = torch.get_rng_state()
    with (
        pytest.warns(fanin.torch.RecordingWarning, match="asks for a value"),
        fanin.torch.recording() as recording,
    ):
        Asking()
    assert len(recording.forced) == 1 and "randperm" in recording.foreign[0]
    assert torch.equal(state, torch.get_rng_state())
    with pytest.raises(RuntimeError, match="cannot be deferred"), fanin.torch.recording(strict=True):
        Asking()


def test_values_asked_for_by_order_repeat() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fanin.torch.RecordingWarning)
        a, b = (fanin.torch.build(Asking, seed=1) for _ in range(2))
    assert a.scale == b.scale and a.scale == float(a.weight[0]) and torch.equal(a.order, b.order)


def test_a_parameter_that_nothing_sets_is_refused() -> None:
    class Unset(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.empty(3))

    model, plan = fanin.torch.record(Unset)
    with pytest.raises(ValueError, match="never sets weight"):
        plan.materialize_(model, 1)
    assert model.weight.is_meta
    with pytest.raises(ValueError, match="no module resets weight"):
        fanin.torch.init_(Unset(), 1)


def test_rules_cover_the_model_both_ways_and_nothing_is_written_otherwise() -> None:
    model = sequential()
    before = copy.deepcopy(model.state_dict())
    for rules in ({"*.weight": "xavier_uniform"}, {"*": "zeros", "*.scale": "ones"}, {"*": "xavier_uniform"}):
        with pytest.raises(ValueError):
            fanin.torch.init_(model, 1, rules)
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    fanin.torch.init_(model, 1, {"*.weight": "xavier_uniform"}, strict=False)
    assert torch.equal(model.state_dict()["0.bias"], before["0.bias"])
    assert torch.equal(
        model[0].weight, fanin.torch.fill_(torch.empty(8, 8), "xavier_uniform", 1, name="0.weight")
    )


def test_lazy_integer_and_mismatched_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="lazy"):
        fanin.torch.init_(nn.LazyLinear(3), 1, {"*": "zeros"})
    with pytest.raises(TypeError, match="int8"):
        fanin.torch.init_(
            nn.ParameterList([nn.Parameter(torch.zeros(3, dtype=torch.int8), False)]), 1, {"*": "zeros"}
        )
    plan = fanin.torch.record(sequential)[1]
    with pytest.raises(ValueError, match="shape"):
        plan.fill_(sequential(width=9), 1)
    with pytest.raises(ValueError, match="no 1.weight"):
        plan.fill_(sequential(layers=1), 1)
    with pytest.raises(TypeError, match="Module"):
        fanin.torch.build(lambda: 3)


def test_frozen_parameters_are_filled_and_stay_frozen() -> None:
    model = sequential()
    model.requires_grad_(False)
    fanin.torch.init_(model, 1)
    assert not model[0].weight.requires_grad
    assert torch.equal(model[0].weight, fanin.torch.build(sequential, seed=1)[0].weight)


def test_verify_finds_the_parameter_that_changed() -> None:
    model, plan = fanin.torch.record(sequential)
    plan.materialize_(model, 1)
    assert fanin.torch.verify(model, plan, 1) and not fanin.torch.verify(model, plan, 2)
    with torch.no_grad():
        model[1].bias[3] += 1
    assert fanin.torch.verify(model, plan, 1).different == ("1.bias",)


def test_the_recipe_and_the_file_have_the_values_of_the_model(tmp_path: Path) -> None:
    load_file = pytest.importorskip("safetensors.torch").load_file
    model, plan = fanin.torch.record(MODULES["embedding"])
    plan.write(tmp_path / "model.safetensors", seed=1)
    plan.materialize_(model, 1)
    assert torch.equal(load_file(tmp_path / "model.safetensors")["weight"], model.weight)
    assert fanin.Recipe.parse(plan.recipe()).plan(seed=1)["weight"].shape == (100, 30)
    with pytest.raises(ValueError, match="computed"):
        fanin.torch.record(Kept)[1].recipe()


FAMILIES = {
    "llama": ("LlamaForCausalLM", {}),
    "mistral": ("MistralForCausalLM", {}),
    "qwen2": ("Qwen2ForCausalLM", {}),
    "qwen3": ("Qwen3ForCausalLM", {"head_dim": 8}),
    "bert": ("BertModel", {}),
}


@pytest.mark.skipif("FANIN_COMMAND" not in os.environ, reason="FANIN_COMMAND names the built program")
@pytest.mark.parametrize("family", FAMILIES)
def test_the_command_line_writes_the_same_bits(family: str, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    load_file = pytest.importorskip("safetensors.torch").load_file
    name, extra = FAMILIES[family]
    tiny = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "vocab_size": 101,
        **({} if family == "bert" else {"num_key_value_heads": 2}),
        **extra,
    }
    config = transformers.CONFIG_MAPPING[family](**tiny, architectures=[name])
    config.save_pretrained(tmp_path)
    out = tmp_path / "model.safetensors"
    command = [
        os.environ["FANIN_COMMAND"],
        "init",
        "--config",
        str(tmp_path / "config.json"),
        "--seed",
        "42",
        "-o",
        str(out),
    ]
    subprocess.run(command, check=True, capture_output=True)
    state = fanin.torch.build(getattr(transformers, name), config, seed=42).state_dict()
    stored = load_file(out)
    assert len(stored) > 20
    for key, value in stored.items():
        assert torch.equal(state[key], value), key
