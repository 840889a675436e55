"""Adapters against the real packages: torchtitan, Megatron-LM, Lightning, accelerate."""

from __future__ import annotations

import fanin.torch
import pytest

torch = pytest.importorskip("torch")


def whole(shape: tuple[int, ...], name: str, initializer: str = "normal(std=0.02)") -> torch.Tensor:
    return fanin.torch.fill_(torch.empty(shape), initializer, 42, name=name)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("initializer", ["xavier_uniform", "orthogonal"])
def test_megatron_parts_are_those_of_the_whole_weight(stride: int, dim: int, initializer: str) -> None:
    expected = whole((24, 16), "layer.weight", initializer)
    shape = [24, 16]
    shape[dim] //= 4
    blocks = torch.split(expected, shape[dim] // stride, dim)
    for rank in range(4):
        method = fanin.torch.adapters.init_method(
            initializer, 42, "layer.weight", partition_dim=dim, rank=rank, world=4, stride=stride
        )
        assert torch.equal(method(torch.empty(shape)), torch.cat(blocks[rank::4], dim))


def test_megatron_cpu_initialisation_takes_the_method() -> None:
    layers = pytest.importorskip("megatron.core.tensor_parallel.layers")
    method = fanin.torch.adapters.init_method("xavier_uniform", 42, "fc.weight")
    for rank in range(2):
        weight = torch.nn.Parameter(torch.empty(8, 12))
        layers._initialize_affine_weight_cpu(weight, 16, 12, 8, 0, method, rank=rank, world_size=2)
        assert torch.equal(weight, whole((16, 12), "fc.weight", "xavier_uniform")[8 * rank :][:8])


def test_megatron_wrong_arguments_are_refused() -> None:
    method = fanin.torch.adapters.init_method
    for arguments in ({"rank": 2, "world": 2}, {"stride": 0}):
        with pytest.raises(ValueError):
            method("normal", 0, "w", **arguments)
    with pytest.raises(ValueError, match="axis"):
        method("normal", 0, "w", partition_dim=2, world=2)(torch.empty(4, 4))
    with pytest.raises(ValueError, match="divisible"):
        method("normal", 0, "w", partition_dim=0, world=2, stride=2)(torch.empty(5, 4))


def test_torchtitan_modules_take_param_init_by_full_name() -> None:
    module = pytest.importorskip("torchtitan.protocols.module")

    class Linear(torch.nn.Linear, module.Module):
        pass

    class Model(module.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = Linear(4, 6)
            self.second = Linear(6, 3)

    model = fanin.torch.adapters.set_param_init(
        Model(), 42, {"*.weight": "normal(std=0.02)", "*.bias": "zeros"}
    )
    model.init_states()
    assert torch.equal(model.second.weight, whole((3, 6), "second.weight"))
    assert not model.first.bias.any()


def test_lightning_configure_model_materialises_what_it_built_on_meta() -> None:
    lightning = pytest.importorskip("lightning")

    class Model(lightning.LightningModule):
        def configure_model(self) -> None:
            if hasattr(self, "fc"):
                return
            with torch.device("meta"):
                self.fc = torch.nn.Linear(8, 4)
            fanin.torch.materialize_(self, seed=7)

        def training_step(self, batch: torch.Tensor) -> torch.Tensor:
            return self.fc(batch).sum()

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.0)

    model = Model()
    trainer = lightning.Trainer(
        max_steps=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False
    )
    trainer.fit(model, torch.utils.data.DataLoader(torch.ones(2, 8)))
    reference = torch.nn.ModuleDict({"fc": torch.nn.Linear(8, 4)})
    fanin.torch.init_(reference, seed=7)
    assert torch.equal(model.fc.weight, reference["fc"].weight)


def test_accelerate_empty_weights_are_materialised() -> None:
    accelerate = pytest.importorskip("accelerate")
    with accelerate.init_empty_weights():
        model = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.LayerNorm(4))
    fanin.torch.materialize_(model, seed=7)
    reference = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.LayerNorm(4))
    fanin.torch.init_(reference, seed=7)
    for name, value in reference.state_dict().items():
        assert torch.equal(model.state_dict()[name], value)
