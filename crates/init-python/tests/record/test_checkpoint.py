"""The families that the command line knows: the same tensors and bytes from the libraries' own code."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fanin
import fanin.torch
import pytest
import torch
from torch import nn

TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 101,
}
DECODER = {**TINY, "num_key_value_heads": 2}
RESNET = {"embedding_size": 8, "hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]}
GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 4, "vocab_size": 101, "n_positions": 64}
TRANSFORMERS: dict[str, tuple[str, dict[str, Any], Any]] = {
    # Published files of GPT-2 have the names of the bare model; the library saves them with a prefix.
    "gpt2": ("GPT2LMHeadModel", GPT2, lambda name: name.removeprefix("transformer.")),
    "llama": ("LlamaForCausalLM", DECODER, "checkpoint"),
    "mistral": ("MistralForCausalLM", DECODER, "checkpoint"),
    "mixtral": ("MixtralForCausalLM", {**DECODER, "num_local_experts": 4}, "checkpoint"),
    "qwen2": ("Qwen2ForCausalLM", DECODER, "checkpoint"),
    "qwen3": ("Qwen3ForCausalLM", {**DECODER, "head_dim": 8}, "checkpoint"),
    "bert": ("BertForMaskedLM", TINY, "checkpoint"),
    "vit": ("ViTForImageClassification", {**TINY, "vocab_size": 2}, "checkpoint"),
    "resnet": ("ResNetForImageClassification", RESNET, "checkpoint"),
}
OTHERS = {
    "torchvision_resnet": {"model_type": "torchvision_resnet", "block": "basic", "layers": [2, 2, 2, 2]},
    "mlp": {"model_type": "mlp", "sizes": [20, 30, 5]},
}


def family(name: str) -> tuple[Callable[[], nn.Module], dict[str, Any], Any]:
    """Return how the library builds a model of a family, its configuration, and the names of checkpoints."""
    if name == "mlp":
        return lambda: nn.Sequential(nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 5)), OTHERS[name], "module"
    if name == "torchvision_resnet":
        torchvision = pytest.importorskip("torchvision")
        return torchvision.models.resnet18, OTHERS[name], "module"
    transformers = pytest.importorskip("transformers")
    architecture, options, names = TRANSFORMERS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = transformers.CONFIG_MAPPING[name](**options, architectures=[architecture])
    return lambda: getattr(transformers, architecture)(config), config.to_dict(), names


def parts(plan: fanin.torch.ModelPlan, model: nn.Module) -> dict[str, torch.Tensor]:
    """Return the values of the tensors of the checkpoint, as the model holds them."""
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {
        part.name: part.of(tensors[name].detach()) for name, pieces in plan._parts.items() for part in pieces
    }


@pytest.mark.parametrize("name", [*TRANSFORMERS, *OTHERS])
def test_recorded_models_have_the_bytes_of_the_families(name: str, tmp_path: Path) -> None:
    build, config, names = family(name)
    with fanin.torch.recording(strict=True) as rec:
        model = build()
    plan = rec.plan(model, names=names)
    plan.fill_(model, seed=42)
    held = parts(plan, model)
    expected = fanin.Recipe.of_config(config).plan(seed=42)
    recipe = fanin.Recipe.parse(plan.recipe()).plan(seed=42)
    assert set(recipe) == set(expected)
    for tensor in expected:
        value, again = torch.empty(expected[tensor].shape), torch.empty(expected[tensor].shape)
        expected.fill(tensor, value)
        recipe.fill(tensor, again)
        assert torch.equal(held[tensor], value) and torch.equal(again, value), tensor
    if "FANIN_COMMAND" in os.environ:
        compare_with_command(config, held, set(expected), tmp_path)


def compare_with_command(
    config: dict[str, Any], held: dict[str, torch.Tensor], names: set[str], directory: Path
) -> None:
    load_file = pytest.importorskip("safetensors.torch").load_file
    source, out = directory / "config.json", directory / "model.safetensors"
    source.write_text(json.dumps(config))
    command = [os.environ["FANIN_COMMAND"], "init", "--config", source, "--seed", "42", "-o", out]
    subprocess.run(command, check=True, capture_output=True)
    stored = load_file(out)
    assert set(stored) == names
    for name, value in stored.items():
        assert torch.equal(held[name], value), name


def test_fused_experts_hold_the_experts_of_the_checkpoint() -> None:
    build, _, names = family("mixtral")
    model = fanin.torch.build(build, seed=1, names=names)
    fused = model.model.layers[0].mlp.experts.gate_up_proj.detach()
    for expert in range(4):
        for half, part in enumerate(("w1", "w3")):
            name = f"model.layers.0.block_sparse_moe.experts.{expert}.{part}.weight"
            alone = fanin.torch.fill_(torch.empty(64, 32), "normal(std=0.02)", 1, name=name)
            assert torch.equal(fused[expert, half * 64 : half * 64 + 64], alone)
    from_meta, plan = fanin.torch.record(build)
    assert not torch.equal(plan.materialize_(from_meta, 1).model.layers[0].mlp.experts.gate_up_proj, fused)


def test_names_that_do_not_fit_are_refused() -> None:
    with fanin.torch.recording() as rec:
        model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    for names, message in [
        ("file", "must be"),
        ("checkpoint", "transformers"),
        (lambda name: "w", "both have"),
    ]:
        with pytest.raises(ValueError, match=message):
            rec.plan(model, names=names)
    plan = rec.plan(model, names={"0.weight": "first"})
    assert plan.checkpoint_names("0.weight") == ("first",) and plan.checkpoint_names("1.bias") == ("1.bias",)
