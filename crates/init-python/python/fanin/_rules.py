"""Rules by name for the parameters of a model: one reader for PyTorch, JAX and Keras."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from fanin._fanin import Initializer, Recipe


def assign(
    shapes: Mapping[str, tuple[int, ...]], rules: Any, *, strict: bool = True, layout: str | None = None
) -> dict[str, tuple[Initializer, str]]:
    """Return the initializer and the layout of each parameter.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        The parameters of the model.
    rules : Recipe, path, str or mapping
        A recipe, the path of one, its text, or a mapping from globs to initializers or (initializer, layout).
    strict : bool
        Whether an unmatched rule and a parameter without a rule are errors.
    layout : str, optional
        The layout where a mapping names none.

    Raises
    ------
    ValueError
        If the rules are invalid, one matches nothing, or a parameter has none.
    """
    chosen = rules
    if isinstance(rules, str) and ("\n" in rules or "[[" in rules):
        chosen = Recipe.parse(rules)
    elif isinstance(rules, (str, os.PathLike)):
        chosen = Recipe.read(rules)
    if isinstance(chosen, Mapping):
        if layout is not None:
            chosen = {
                glob: rule if isinstance(rule, tuple) else (rule, layout) for glob, rule in chosen.items()
            }
        if not strict:
            return _loose(shapes, chosen)
    elif not isinstance(chosen, Recipe):
        raise TypeError(
            "rules must be a mapping from globs to initializers, a fanin.Recipe, its text or path, got "
            f"{type(rules).__name__}"
        )
    plan = Recipe.of(shapes, chosen).plan(seed=0)
    return {name: (entry.initializer, entry.layout) for name, entry in plan.items()}


def _loose(
    shapes: Mapping[str, tuple[int, ...]], rules: Mapping[str, Any]
) -> dict[str, tuple[Initializer, str]]:
    """Assign what matches, and leave the rest."""
    assigned: dict[str, tuple[Initializer, str]] = {}
    for glob, rule in rules.items():
        remaining = {name: shape for name, shape in shapes.items() if name not in assigned}
        for name, shape in remaining.items():
            try:
                entry = Recipe.of({name: shape}, {glob: rule}).plan(seed=0)[name]
            except ValueError as error:
                if "match" in str(error):
                    continue
                raise
            assigned[name] = (entry.initializer, entry.layout)
    return assigned
