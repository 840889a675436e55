"""`ModelPlan`: what each parameter of a recorded model gets."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import torch

import fanin
from fanin._fanin import Stream
from fanin.torch._tensor import DTYPES, fill_tensor, is_dtensor
from fanin.torch.record._checkpoint import Names, Part, parts
from fanin.torch.record._names import canonical, named_attributes, named_tensors, unsaved_buffers
from fanin.torch.record._recipe import recipe_text
from fanin.torch.record._recognised import as_embedding, as_truncated_normal
from fanin.torch.record._recorder import Recorder
from fanin.torch.record._replay import Player
from fanin.torch.record._tape import Draw, Replay, same_memory, same_order, storage_key
from fanin.torch.record._verification import ModelVerification, same_bits


class ModelPlan(Mapping[str, str]):
    """What each parameter and buffer of a recorded model gets: a mapping from names to initializers.

    A parameter that is computed from random values has the text ``"replay: …"`` with its operations. Names
    are canonical: wrappers (DDP, torch.compile, FSDP, activation checkpointing) do not change them.

    Attributes
    ----------
    forced, foreign : list of str
        What could not be deferred; see `Recorder`.
    """

    def __init__(
        self,
        recorder: Recorder,
        model: torch.nn.Module,
        kept: Collection[int] = frozenset(),
        prefix: str = "",
        names: Names = "module",
    ) -> None:
        self._prefix = prefix
        self._parts = parts(model, names, prefix)
        self._tape = recorder.tape
        self.forced = list(recorder.forced)
        self.foreign = list(recorder.foreign)
        named = list(named_tensors(model))
        self._roots = {name: tensor for name, tensor in named if storage_key(tensor) in self._tape}
        self._unset = [
            name
            for name, tensor in named
            if storage_key(tensor) in recorder.unwritten
            or (tensor.is_meta and name not in self._roots and storage_key(tensor) not in kept)
        ]
        unsaved = unsaved_buffers(model)
        self._saved = {name: tensor for name, tensor in named if name not in unsaved}
        self._versions = {name: tensor._version for name, tensor in self._saved.items()}
        self._attributes: set[str] = set()
        self._add_attributes(model)
        self._simple: dict[str, str] = {}
        self._streams: dict[int, tuple[str, int | None]] = {}
        self._resolve()

    def _add_attributes(self, model: torch.nn.Module) -> None:
        """Take in recorded tensors that are plain attributes and share no memory with a parameter."""
        known = {storage_key(tensor) for tensor in self._roots.values()}
        for name, tensor in named_attributes(model):
            key = storage_key(tensor) if tensor.layout is torch.strided else 0
            if key in self._tape and key not in known:
                known.add(key)
                self._roots[name] = tensor
                self._parts[name] = [Part(self._prefix + name, tuple(tensor.shape))]
                self._attributes.add(name)

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

    def keys_of_storages(self) -> dict[str, int]:
        """Return what identifies the memory of each recorded tensor, by the names of its streams."""
        return {
            part.name: storage_key(tensor)
            for name, tensor in self._roots.items()
            for part in self._parts[name]
        }

    def checkpoint_names(self, name: str) -> tuple[str, ...]:
        """Return the names of the streams of a parameter: its own, or those of its parts in a checkpoint."""
        return tuple(part.name for part in self._parts[name])

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
            if isinstance(draw, Draw) and same_order(draw.target, root) and root.dtype in DTYPES:
                self._simple[name] = draw.text
            self._check_parts(name)
            draws = [index for index in indices if _is_random(self._tape.nodes[index])]
            mine = [index for index in draws if self._owner(index, owners) in (None, name)]
            for number, index in enumerate(mine):
                self._streams.setdefault(index, (name, None if len(mine) == 1 else number))
            left += [
                (name, len(mine) + number, index) for number, index in enumerate(draws) if index not in mine
            ]
        for name, number, index in left:
            self._streams.setdefault(index, (name, number))

    def _check_parts(self, name: str) -> None:
        """Refuse several tensors of a checkpoint in one parameter whose elements are not drawn one by one."""
        elementwise = ("normal(", "uniform(", "truncated_normal(", "constant(", "zeros", "ones")
        if len(self._parts[name]) > 1 and not self[name].startswith(elementwise):
            raise ValueError(
                f"{name} holds {len(self._parts[name])} tensors of the checkpoint and gets {self[name]}, "
                'whose elements depend on each other; use names="module"'
            )

    def _owner(self, index: int, owners: dict[int, str]) -> str | None:
        return owners.get(self._tape.nodes[index].writes[0])

    def _stream_of(self, seed: int) -> Any:
        root = Stream(seed)

        def stream_of(index: int) -> Stream:
            if index not in self._streams:
                return root
            name, number = self._streams[index]
            stream = root.child(self._parts[name][0].name)
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
        found = self._find(model)
        targets = self._match(found, strict)
        on_meta = [name for name in targets if found[name].is_meta]
        if on_meta:
            raise ValueError(
                f"{on_meta[0]} is on the meta device and has no memory; use materialize_, which allocates it"
            )
        self._fill(targets, seed)
        return model

    def _find(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """Return the tensors of a model by name."""
        found = dict(named_tensors(model))
        if self._attributes:
            attributes = named_attributes(model)
            found.update({name: tensor for name, tensor in attributes if name in self._attributes})
        return found

    def _match(self, found: dict[str, torch.Tensor], strict: bool) -> dict[str, torch.Tensor]:
        """Return the tensors to fill by name; checks names, shapes and dtypes."""
        missing = [name for name in self._roots if name not in found and name not in self._attributes]
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
                    self._fill_parts(name, target, root)
                else:
                    replayed[name] = target
            if replayed:
                self._replay(replayed, seed)

    def _fill_parts(self, name: str, target: torch.Tensor, root: Stream) -> None:
        """Fill a parameter, each tensor of the checkpoint that it holds from the stream of its name."""
        pieces, text = self._parts[name], self._simple[name]
        if pieces[0].stride is None:
            fill_tensor(target, text, root.child(pieces[0].name))
            return
        if is_dtensor(target):
            raise ValueError(
                f"{name} is sharded and holds {len(pieces)} tensors of the checkpoint; fill it before it is "
                'sharded, or use names="module"'
            )
        whole = target if target.is_contiguous() else torch.empty_like(target).contiguous()
        for piece in pieces:
            fill_tensor(piece.of(whole), text, root.child(piece.name))
        if whole is not target:
            target.copy_(whole)

    def _replay(self, targets: dict[str, torch.Tensor], seed: int) -> None:
        """Fill the parameters that are computed from several draws or operations."""
        first = next(iter(targets.values()))
        # PyTorch's own random operations run on the CPU, whose values do not depend on the device.
        nodes = self._tape.nodes_of(storage_key(self._roots[name]) for name in targets)
        on_cpu = is_dtensor(first) or any(isinstance(node, Replay) and node.random for node in nodes)
        device = torch.device("cpu") if on_cpu else first.device
        player = Player(self._tape, self._stream_of(seed), device)
        for name, target in targets.items():
            recorded = self._roots[name]
            if not is_dtensor(target) and target.device == device and same_memory(recorded, target):
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

        self._match(self._find(model), strict)
        allocate(model, torch.device(device))
        self._fill(self._match(self._find(model), False), seed)
        return model

    def recipe(self) -> str:
        """Return the plan as a recipe, from which the command line and C make the same values.

        The recipe has what the model's state dict has, except tensors of integers, such as
        ``num_batches_tracked``: element types that recipes do not have. A comment names them.

        Raises
        ------
        ValueError
            If a tensor is computed, or is not constant, which a recipe cannot say.

        Examples
        --------
        >>> import torch, fanin.torch
        >>> print(fanin.torch.record(torch.nn.Embedding, 4, 2)[1].recipe())
        [parameters]
        "weight" = [4, 2]
        <BLANKLINE>
        [[rule]]
        match = "weight"
        init = "normal(mean=0.0, std=1.0)"
        <BLANKLINE>
        """
        tensors, texts = {}, {}
        for name, tensor in self._saved.items():
            text = self._text(name) if tensor.dtype in DTYPES else None
            for part in self._parts[name]:
                tensors[part.name] = (part.shape, tensor.dtype)
                if text is not None:
                    texts[part.name] = text
        return recipe_text(tensors, texts)

    def _text(self, name: str) -> str:
        """Return the initializer of a tensor of the state dict."""
        if name in self._simple:
            return self._simple[name]
        tensor = self._saved[name]
        if name in self._roots or tensor.is_meta:
            what = f"computed ({self[name]})" if name in self._roots else "never set"
            raise ValueError(
                f"{name} is {what}, which a recipe cannot say: save the materialised model instead"
            )
        if tensor._version != self._versions[name]:
            raise ValueError(f"{name} has changed since the plan was made: call recipe before training")
        flat = tensor.detach().flatten()
        if flat.numel() and bool((flat == flat[0]).all()):
            return f"constant(value={float(flat[0])!r})"
        raise ValueError(
            f"{name} has values that the model's code computes, which a recipe cannot say: save the "
            "materialised model instead"
        )

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
        found = self._find(model)
        exact: list[str] = []
        different: list[str] = []
        for name, target in self._match(found, True).items():
            expected = torch.empty_like(target)
            self._fill({name: expected}, seed)
            (exact if same_bits(expected, target) else different).append(name)
        unknown = [name for name, tensor in model.named_parameters() if canonical(name) not in self._roots]
        return ModelVerification(tuple(exact), tuple(different), tuple(unknown))


def _is_random(node: Any) -> bool:
    return bool(node.random)
