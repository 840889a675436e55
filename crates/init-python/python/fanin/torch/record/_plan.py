"""`ModelPlan`: what each parameter of a recorded model gets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

import fanin
from fanin._fanin import Stream
from fanin.torch._tensor import DTYPES, fill_tensor, is_dtensor
from fanin.torch.record._names import canonical, named_tensors
from fanin.torch.record._recognised import as_embedding, as_truncated_normal
from fanin.torch.record._recorder import Recorder
from fanin.torch.record._replay import Player
from fanin.torch.record._tape import Draw, is_dense, storage_key


@dataclass(frozen=True)
class ModelVerification:
    """Which parameters have exactly their initial values.

    Attributes
    ----------
    exact : tuple of str
        Names whose values are those of the plan and the seed, bit for bit.
    different : tuple of str
        Names whose values differ.
    unknown : tuple of str
        Names of the model that the plan does not have.
    """

    exact: tuple[str, ...]
    different: tuple[str, ...]
    unknown: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return not self.different and not self.unknown

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each parameter, for pandas.DataFrame."""
        states = (("exact", self.exact), ("different", self.different), ("unknown", self.unknown))
        return [{"name": name, "state": state} for state, names in states for name in names]

    def __str__(self) -> str:
        text = f"{len(self.exact)} parameters have their initial values"
        if self.different:
            text += f", {len(self.different)} differ: {', '.join(self.different[:5])}"
        if self.unknown:
            text += f", {len(self.unknown)} are not in the plan: {', '.join(self.unknown[:5])}"
        return text


class ModelPlan(Mapping[str, str]):
    """What each parameter and buffer of a recorded model gets: a mapping from names to initializers.

    A parameter that is computed from random values has the text ``"replay: …"`` with its operations. Names
    are canonical: wrappers (DDP, torch.compile, FSDP, activation checkpointing) do not change them.

    Attributes
    ----------
    forced, foreign : list of str
        What could not be deferred; see `Recorder`.
    """

    def __init__(self, recorder: Recorder, model: torch.nn.Module) -> None:
        self._tape = recorder.tape
        self.forced = list(recorder.forced)
        self.foreign = list(recorder.foreign)
        named = list(named_tensors(model))
        self._roots = {name: tensor for name, tensor in named if storage_key(tensor) in self._tape}
        self._unset = [name for name, tensor in named if tensor.is_meta and name not in self._roots]
        self._simple: dict[str, str] = {}
        self._streams: dict[int, tuple[str, int | None]] = {}
        self._resolve()

    def __getitem__(self, name: str) -> str:
        if name in self._simple:
            return self._simple[name]
        steps = [str(node) for node in self._tape.nodes_of([storage_key(self._roots[name])])]
        return "replay: " + ", ".join(steps)

    def __iter__(self) -> Iterator[str]:
        return iter(self._roots)

    def __len__(self) -> int:
        return len(self._roots)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a parameter, of a sharded one that of the whole."""
        return tuple(self._roots[name].shape)

    def __repr__(self) -> str:
        return f"ModelPlan({len(self)} tensors, {len(self) - len(self._simple)} of them replayed)"

    def _resolve(self) -> None:
        """Find for each name whether one draw makes it, and for each draw the stream that it takes."""
        owners = {storage_key(tensor): name for name, tensor in reversed(self._roots.items())}
        left: list[tuple[str, int, int]] = []
        for name, root in self._roots.items():
            indices = self._tape.closure([storage_key(root)])
            nodes = [self._tape.nodes[index] for index in indices]
            draw = nodes[0] if len(nodes) == 1 else as_truncated_normal(nodes) or as_embedding(nodes, root)
            if isinstance(draw, Draw) and _covers(draw.target, root) and root.dtype in DTYPES:
                self._simple[name] = draw.text
            draws = [index for index in indices if _is_random(self._tape.nodes[index])]
            mine = [index for index in draws if self._owner(index, owners) in (None, name)]
            for number, index in enumerate(mine):
                self._streams.setdefault(index, (name, None if len(mine) == 1 else number))
            left += [
                (name, len(mine) + number, index) for number, index in enumerate(draws) if index not in mine
            ]
        for name, number, index in left:
            self._streams.setdefault(index, (name, number))

    def _owner(self, index: int, owners: dict[int, str]) -> str | None:
        node = self._tape.nodes[index]
        return owners.get(storage_key(node.target)) if isinstance(node, Draw) else None

    def _stream_of(self, seed: int) -> Any:
        root = Stream(seed)

        def stream_of(index: int) -> Stream:
            if index not in self._streams:
                return root
            name, number = self._streams[index]
            stream = root.child(name)
            return stream if number is None else stream.child(number)

        return stream_of

    def fill_(self, model: torch.nn.Module, seed: int, *, strict: bool = True) -> torch.nn.Module:
        """Fill a model that has memory, each parameter from the stream of its name, and return it.

        Parameters
        ----------
        model : torch.nn.Module
            With the names and shapes of the recorded model; wrapped, on any device, or sharded as DTensors.
        seed : int
        strict : bool
            Whether a name of the plan that the model does not have is an error.

        Raises
        ------
        ValueError
            If names or shapes differ; nothing is written then.
        """
        found = dict(named_tensors(model))
        targets = self._match(found, strict)
        on_meta = [name for name in targets if found[name].is_meta]
        if on_meta:
            raise ValueError(
                f"{on_meta[0]} is on the meta device and has no memory; use materialize_, which allocates it"
            )
        self._fill(targets, seed)
        return model

    def _match(self, found: dict[str, torch.Tensor], strict: bool) -> dict[str, torch.Tensor]:
        """Return the tensors to fill by name; checks names, shapes and dtypes."""
        missing = [name for name in self._roots if name not in found]
        if missing and strict:
            raise ValueError(
                f"the model has no {missing[0]} ({len(missing)} names of the plan are missing); pass the "
                "model that "
                "was recorded, or strict=False"
            )
        if strict and self._unset:
            raise ValueError(
                f"the model's code never sets {self._unset[0]} ({len(self._unset)} such tensors), so that "
                "it would keep "
                "arbitrary values; initialise it in the model, or pass strict=False"
            )
        targets = {name: found[name] for name in self._roots if name in found}
        for name, target in targets.items():
            root = self._roots[name]
            if target.shape != root.shape:
                raise ValueError(
                    f"{name} has shape {tuple(target.shape)} in the model and {tuple(root.shape)} in the plan"
                )
            if root.dtype.is_floating_point and not target.dtype.is_floating_point:
                raise TypeError(f"{name} has dtype {target.dtype}; only floating-point parameters are filled")
        return targets

    def _fill(self, targets: dict[str, torch.Tensor], seed: int) -> None:
        from fanin.torch.cuda._ring import staging

        root = Stream(seed)
        with staging(), torch.no_grad():
            replayed = {}
            for name, target in targets.items():
                if name in self._simple and target.dtype in DTYPES:
                    fill_tensor(target, self._simple[name], root.child(name))
                else:
                    replayed[name] = target
            if replayed:
                self._replay(replayed, seed)

    def _replay(self, targets: dict[str, torch.Tensor], seed: int) -> None:
        """Fill the parameters that are computed from several draws or operations."""
        first = next(iter(targets.values()))
        device = torch.device("cpu") if is_dtensor(first) else first.device
        player = Player(self._tape, self._stream_of(seed), device)
        for name, target in targets.items():
            recorded = self._roots[name]
            if not is_dtensor(target) and target.device == device and _same_memory(recorded, target):
                player.place(recorded, target.detach())
        player.run(storage_key(self._roots[name]) for name in targets)
        for name, target in targets.items():
            value = player.value(self._roots[name])
            if is_dtensor(target):
                from fanin.torch.distributed import copy_part

                copy_part(target, value)
            elif value.data_ptr() != target.data_ptr():
                target.copy_(value)

    def materialize_(
        self,
        model: torch.nn.Module,
        seed: int,
        device: torch.device | str = "cpu",
        *,
        strict: bool = True,
    ) -> torch.nn.Module:
        """Give a model on the meta device memory and its initial values, and return it.

        Tied parameters stay tied. Parameters that have memory are filled where they are.

        Parameters
        ----------
        model : torch.nn.Module
            The recorded model, or one with the same names; sharded with ``fully_shard`` or not.
        seed : int
        device : torch.device or str
            Where parameters on the meta device go.
        strict : bool
            Whether a parameter that the model's code never sets is an error.
        """
        from fanin.torch.record._allocate import allocate

        self._match(dict(named_tensors(model)), strict)
        allocate(model, torch.device(device))
        self._fill(self._match(dict(named_tensors(model)), False), seed)
        return model

    def recipe(self) -> str:
        """Return the plan as a recipe, from which the command line and C make the same values.

        Raises
        ------
        ValueError
            If a parameter is computed from random values, which a recipe cannot say.
        """
        self._only_simple("a recipe")
        lines = ["[parameters]"]
        lines += [f"{_quoted(name)} = {list(self.shape(name))}" for name in self._simple]
        for name, text in self._simple.items():
            dtype = DTYPES[self._roots[name].dtype]
            lines += ["", "[[rule]]", f"match = {_quoted(_escaped(name))}", f"init = {_quoted(text)}"]
            if dtype != "f32":
                lines.append(f'dtype = "{dtype}"')
        return "\n".join(lines) + "\n"

    def write(
        self,
        path: str | os.PathLike[str],
        seed: int,
        *,
        dtype: object = None,
        replace: bool = False,
        **options: Any,
    ) -> Any:
        """Write the model's initial values to a file, without memory for the model.

        Parameters
        ----------
        path : path-like
            ``.safetensors``, ``.npy``, ``.npz`` or ``.gguf``.
        seed : int
        dtype : optional
            Another element type for all tensors.
        replace : bool
            Whether an existing file is replaced.
        **options
            Of `fanin.Plan.write`: shard_size, resume, …

        Raises
        ------
        ValueError
            If a parameter is computed from random values: save the materialised model instead.
        """
        recipe = fanin.Recipe.parse(self.recipe(), "recorded model")
        plan = recipe.plan(seed=seed) if dtype is None else recipe.plan(seed=seed, dtype=dtype)
        return plan.write(path, replace=replace, **options)

    def verify(self, model: torch.nn.Module, seed: int) -> ModelVerification:
        """Compare a model with its initial values, bit for bit; at most one more parameter is in memory "
        "at a time."""
        found = dict(named_tensors(model))
        exact: list[str] = []
        different: list[str] = []
        for name, target in self._match(found, True).items():
            expected = torch.empty_like(target)
            self._fill({name: expected}, seed)
            (exact if _same_bits(expected, target) else different).append(name)
        unknown = [name for name, tensor in model.named_parameters() if canonical(name) not in self._roots]
        return ModelVerification(tuple(exact), tuple(different), tuple(unknown))

    def _only_simple(self, what: str) -> None:
        replayed = [name for name in self._roots if name not in self._simple]
        if replayed:
            raise ValueError(
                f"{replayed[0]} is computed ({self[replayed[0]]}), which {what} cannot say; "
                f"{len(replayed)} such tensors"
            )


def _is_random(node: Any) -> bool:
    return isinstance(node, Draw) and node.random


def _covers(target: torch.Tensor, root: torch.Tensor) -> bool:
    """Return whether filling `target` fills `root` in the same order of elements."""
    return target.shape == root.shape and target.stride() == root.stride() and is_dense(target)


def _same_memory(recorded: torch.Tensor, target: torch.Tensor) -> bool:
    """Return whether the target can stand for the memory of a recorded tensor."""
    return (
        is_dense(recorded)
        and is_dense(target)
        and recorded.dtype == target.dtype
        and recorded.shape == target.shape
        and recorded.stride() == target.stride()
    )


def _same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    a, b = (getattr(tensor, "_local_tensor", tensor).detach() for tensor in (a, b))
    integers = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[a.element_size()]
    return torch.equal(a.contiguous().view(integers), b.contiguous().view(integers))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(name: str) -> str:
    """Return a glob that matches a name alone."""
    return "".join(f"[{character}]" if character in "*?[]{}\\" else character for character in name)
