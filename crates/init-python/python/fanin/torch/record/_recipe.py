"""The text of a recipe for tensors and their initializers."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from fanin.torch._tensor import DTYPES


def recipe_text(
    tensors: Mapping[str, tuple[tuple[int, ...], torch.dtype]], initializers: Mapping[str, str]
) -> str:
    """Return a recipe of the tensors that have an initializer; comments name the others.

    Parameters
    ----------
    tensors : mapping of str to (shape, dtype)
        In the order of the recipe.
    initializers : mapping of str to str
        The text of each one's initializer.
    """
    left = [name for name in tensors if name not in initializers]
    lines = [f"# not in this recipe: {name} ({tensors[name][1]})" for name in left]
    lines.append("[parameters]")
    lines += [f"{_quoted(name)} = {list(tensors[name][0])}" for name in tensors if name in initializers]
    for name, text in initializers.items():
        dtype = DTYPES[tensors[name][1]]
        lines += ["", "[[rule]]", f"match = {_quoted(_escaped(name))}", f"init = {_quoted(text)}"]
        if dtype != "f32":
            lines.append(f'dtype = "{dtype}"')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(name: str) -> str:
    """Return a glob that matches a name alone."""
    return "".join(f"[{character}]" if character in "*?[]{}\\" else character for character in name)
