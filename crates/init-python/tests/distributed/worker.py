"""What every rank of a distributed test runs: `python worker.py CASES` under torchrun."""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile

import fanin
import fanin.torch
import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor, empty
from torch.distributed.tensor.debug import CommDebugMode
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module
from torch.distributed.tensor.placement_types import Partial, _StridedShard

SHAPES = [(8, 6), (7, 5), (12, 4, 3), (3,), (1, 9), (16, 16), (2, 2)]
INITIALIZERS = ["normal(std=0.02)", "xavier_uniform", "truncated_normal(std=0.02)", "orthogonal", "eye"]
DTYPES = [torch.float32, torch.bfloat16, torch.float64]


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Return whether two tensors have the same bits."""
    return a.shape == b.shape and torch.equal(
        a.contiguous().view(torch.uint8), b.contiguous().view(torch.uint8)
    )


def meshes(world: int) -> list[tuple[int, ...]]:
    """Return the mesh shapes of a number of ranks."""
    return (
        [(world,)] + [(a, world // a) for a in range(2, world) if world % a == 0] + [(1, world), (world, 1)]
    )


def placements(ndim: int, mesh_ndim: int) -> list[tuple[object, ...]]:
    """Return the placements of a tensor, interleaved ones among them."""
    single: list[object] = [Replicate(), *(Shard(axis) for axis in range(ndim))]
    strided = [_StridedShard(axis, split_factor=factor) for axis in range(ndim) for factor in (2, 3)]
    return list(itertools.product(single + strided, *([single] * (mesh_ndim - 1))))


def tensors() -> None:
    """Every placement of a tensor equals that part of the whole, without communication."""
    world = dist.get_world_size()
    count = 0
    for sizes in meshes(world):
        mesh = init_device_mesh("cpu", sizes)
        for shape, initializer in itertools.product(SHAPES, INITIALIZERS):
            if (
                len(shape) != 2
                and initializer == "eye"
                or len(shape) < 2
                and initializer not in INITIALIZERS[::2]
            ):
                continue
            if len(shape) < 2 and initializer == "orthogonal":
                continue
            for number, where in enumerate(placements(len(shape), len(sizes))):
                dtype = DTYPES[number % 3]
                stream = fanin.Stream(7).child(f"{shape}")
                whole = fanin.torch.fill_(torch.empty(shape, dtype=dtype), initializer, stream)
                expected = distribute_tensor(whole, mesh, where, src_data_rank=None)
                actual = DTensor.from_local(
                    torch.full_like(expected.to_local(), 77),
                    mesh,
                    where,
                    run_check=False,
                    shape=expected.shape,
                    stride=expected.stride(),
                )
                with CommDebugMode() as communication:
                    fanin.torch.fill_(actual, initializer, stream)
                assert communication.get_total_counts() == 0, "a fill must not communicate"
                assert same(actual.to_local(), expected.to_local()), (sizes, shape, where, initializer, dtype)
                count += 1
    if dist.get_rank() == 0:
        print(f"{count} tensors on {world} ranks")


class Block(torch.nn.Module):
    """A feed-forward block with a norm."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.up = torch.nn.Linear(width, hidden)
        self.down = torch.nn.Linear(hidden, width)
        self.norm = torch.nn.LayerNorm(width)


class Model(torch.nn.Module):
    """Embedding, blocks, and a tied head."""

    def __init__(self, width: int = 12, hidden: int = 30, layers: int = 2) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(17, width, padding_idx=2)
        self.blocks = torch.nn.ModuleList(Block(width, hidden) for _ in range(layers))
        self.head = torch.nn.Linear(width, 17, bias=False)
        self.head.weight = self.embedding.weight


def compare(model: torch.nn.Module, expected: torch.nn.Module, what: str) -> None:
    """Compare the local part of every parameter with the same part of a whole model's."""
    whole = dict(expected.named_parameters())
    for name, parameter in model.named_parameters():
        local = parameter
        value = whole[name].detach()
        if isinstance(parameter, DTensor):
            local = parameter.to_local()
            value = distribute_tensor(
                value, parameter.device_mesh, parameter.placements, src_data_rank=None
            ).to_local()
        assert same(local.detach(), value), (what, name)


def models() -> None:
    """FSDP2, tensor parallelism and both give the values of one process, from meta, without communication."""
    world = dist.get_world_size()
    expected = fanin.torch.build(Model, seed=5)
    mesh = init_device_mesh("cpu", (world,), mesh_dim_names=("dp",))
    for use_plan in (False, True):
        model, plan = fanin.torch.record(Model)
        for block in model.blocks:
            fully_shard(block, mesh=mesh)
        fully_shard(model, mesh=mesh)
        with CommDebugMode() as communication:
            fanin.torch.materialize_(model, seed=5, plan=plan if use_plan else None)
        assert communication.get_total_counts() == 0
        assert model.head.weight is model.embedding.weight, "tied parameters stay tied"
        compare(model, expected, f"fully_shard, plan {use_plan}")
        assert bool(fanin.torch.verify(model, plan, seed=5))
        output = model.head(model.blocks[0].norm(torch.ones(2, 12))) if world == 1 else None
        assert output is None
    if world % 2 == 0:
        mesh = init_device_mesh("cpu", (world // 2, 2), mesh_dim_names=("dp", "tp"))
        model, plan = fanin.torch.record(Model)
        for block in model.blocks:
            parallelize_module(block, mesh["tp"], {"up": ColwiseParallel(), "down": RowwiseParallel()})
            if world > 2:
                fully_shard(block, mesh=mesh["dp"])
        if world > 2:
            fully_shard(model, mesh=mesh["dp"])
        with CommDebugMode() as communication:
            fanin.torch.materialize_(model, seed=5, plan=plan)
        assert communication.get_total_counts() == 0
        compare(model, expected, "tensor parallel and fully_shard")
        fanin.torch.init_(model, 6)
        compare(model, fanin.torch.build(Model, seed=6), "init_ of a sharded model")


def transformers_models() -> None:
    """transformers' models from meta through fully_shard equal one process's."""
    import transformers

    tiny = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 48,
        "vocab_size": 101,
    }
    configs = [
        (transformers.LlamaForCausalLM, transformers.LlamaConfig(**tiny)),
        (transformers.LlamaForCausalLM, transformers.LlamaConfig(**tiny, tie_word_embeddings=True)),
        (
            transformers.BertModel,
            transformers.BertConfig(**{k: v for k, v in tiny.items() if "key_value" not in k}),
        ),
        (
            transformers.Qwen3MoeForCausalLM,
            transformers.Qwen3MoeConfig(**tiny, num_experts=4, moe_intermediate_size=16, head_dim=8),
        ),
    ]
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    for kind, config in configs:
        expected = fanin.torch.build(kind, config, seed=3)
        model, plan = fanin.torch.record(kind, config)
        fully_shard(model, mesh=mesh)
        with CommDebugMode() as communication:
            fanin.torch.materialize_(model, seed=3, plan=plan)
        assert communication.get_total_counts() == 0
        compare(model, expected, kind.__name__)


def checkpoints() -> None:
    """A distributed checkpoint of a sharded model loads into one process, bit for bit."""
    import torch.distributed.checkpoint as checkpoint

    folder = [tempfile.mkdtemp()] if dist.get_rank() == 0 else [""]
    dist.broadcast_object_list(folder)
    model, plan = fanin.torch.record(Model)
    fully_shard(model, mesh=init_device_mesh("cpu", (dist.get_world_size(),)))
    fanin.torch.materialize_(model, seed=5, plan=plan)
    checkpoint.save(model.state_dict(), checkpoint_id=folder[0])
    expected = fanin.torch.build(Model, seed=5).state_dict()
    loaded = {name: torch.zeros_like(value) for name, value in expected.items()}
    checkpoint.load(loaded, checkpoint_id=folder[0], no_dist=True)
    for name, value in expected.items():
        assert same(loaded[name], value), name
    dist.barrier()
    if dist.get_rank() == 0:
        shutil.rmtree(folder[0])


def raising_rank() -> None:
    """A rank that is refused says so, and the others are not held: a fill waits for nobody."""
    shape = (4, 4) if dist.get_rank() else (4,)
    if dist.get_rank() == 0:
        try:
            fanin.torch.fill_(torch.empty(shape), "xavier_uniform", 1)
        except ValueError as error:
            assert "fan" in str(error)
        else:
            raise AssertionError("a vector has no fans")
    else:
        fanin.torch.fill_(torch.empty(shape), "xavier_uniform", 1)


def refusals() -> None:
    """Partial placements and wrong meshes are refused, and nothing is written."""
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    partial = DTensor.from_local(torch.zeros(4, 4), mesh, [Partial()], run_check=False)
    for tensor, words in ((partial, "redistribute"),):
        try:
            fanin.torch.fill_(tensor, "normal", 0)
        except ValueError as error:
            assert words in str(error), error
        else:
            raise AssertionError(f"not refused: {tensor.placements}")
        assert not tensor.to_local().any()
    integers = empty(4, 4, device_mesh=mesh, placements=[Shard(0)], dtype=torch.int64)
    try:
        fanin.torch.fill_(integers, "normal", 0)
    except TypeError as error:
        assert "int64" in str(error)
    else:
        raise AssertionError("an integer tensor was not refused")


def main() -> None:
    """Run the named cases."""
    dist.init_process_group("gloo")
    for case in sys.argv[1:]:
        globals()[case]()
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
