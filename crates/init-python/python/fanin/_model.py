"""Whole models: plans, files, and checks of files and arrays, as the command line has them."""

from __future__ import annotations

from collections.abc import Mapping

from fanin import _fanin

TYPE_CHECKING = False  # As type checkers read it; importing typing takes longer than this package.
if TYPE_CHECKING:
    import os
    from typing import Any

    from fanin._checks import Diff, Inspection, Verification
    from fanin._fanin import Plan, Recipe

    Path = str | os.PathLike[str]


def plan(
    recipe: Recipe | Path | None = None,
    *,
    config: Path | dict[str, Any] | None = None,
    preset: str | None = None,
    like: Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    rules: Recipe | Path | Mapping[str, Any] | None = None,
    seed: int | None = None,
    dtype: object = None,
    layout: str | None = None,
) -> Plan:
    """Return what each parameter of a model gets.

    Give one of `recipe`, `config`, `preset`, `like` and `parameters`.

    Parameters
    ----------
    recipe : Recipe, str or os.PathLike, optional
        A recipe, or the path of one.
    config : str, os.PathLike or dict, optional
        The ``config.json`` of a published model, as its path or its contents.
    preset : str, optional
        A published model by name; `presets` lists them.
    like : str or os.PathLike, optional
        A model file whose names, shapes and dtypes are taken; with `rules`.
    parameters : mapping, optional
        From names to shapes, to pairs of a shape and a dtype, or to arrays; with `rules`.
    rules : Recipe, str, os.PathLike or mapping, optional
        Rules for `like` and `parameters`, or in place of those of `config`: a recipe without parameters, its
        path, or a mapping from globs to initializers (or to pairs of an initializer and a layout).
    seed : int, optional
        Stands above the recipe's; 0 if neither is given.
    dtype : str or dtype, optional
        Of all parameters for which no rule names one; stands above the recipe's.
    layout : str, optional
        Of all rules without one; stands above the recipe's.

    Returns
    -------
    Plan

    Raises
    ------
    OSError
        If a file cannot be read.
    TypeError
        If none or several of the models are given.
    ValueError
        If a parameter has no rule, a rule no parameter, or an initializer does not fit a shape.

    Examples
    --------
    >>> import fanin
    >>> shapes = {"fc.weight": (256, 784), "fc.bias": (256,)}
    >>> plan = fanin.plan(parameters=shapes, rules={"*.weight": "xavier_uniform", "*.bias": "zeros"}, seed=42)
    >>> plan["fc.weight"].distribution.kind
    'uniform'
    """
    made = _fanin.make_recipe(recipe, config, preset, like, parameters, rules)
    return made.plan(seed, dtype=dtype, layout=layout)


def init_file(
    path: Path,
    recipe: Recipe | Path | None = None,
    *,
    config: Path | dict[str, Any] | None = None,
    preset: str | None = None,
    like: Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    rules: Recipe | Path | Mapping[str, Any] | None = None,
    seed: int | None = None,
    dtype: object = None,
    layout: str | None = None,
    shard_size: int | str | None = None,
    resume: bool = False,
    replace: bool = False,
) -> list[str]:
    """Write the initial weights of a model to a file, as ``fanin init`` does.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write; its extension selects the format: ``.safetensors``, ``.npy``, ``.npz`` or
        ``.gguf``.
    recipe, config, preset, like, parameters, rules, seed, dtype, layout
        The model, as for `plan`.
    shard_size : int or str, optional
        Divide the model into files of at most this size, with an index, such as ``"5GB"``.
    resume : bool
        Resume what an interrupted call has left.
    replace : bool
        Replace an earlier file of this name.

    Returns
    -------
    list of str
        The paths of the files.

    Raises
    ------
    FileExistsError
        If there is a file of this name and `replace` is false.
    OSError
        If the system refuses to read or write.
    ValueError
        As for `plan`, or if the format cannot represent the model.

    Examples
    --------
    >>> import fanin, os, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> path = os.path.join(folder, "lenet.safetensors")
    >>> fanin.init_file(path, preset="lenet-300-100", seed=42) == [path]
    True
    """
    made = plan(
        recipe,
        config=config,
        preset=preset,
        like=like,
        parameters=parameters,
        rules=rules,
        seed=seed,
        dtype=dtype,
        layout=layout,
    )
    return made.write(path, shard_size=shard_size, resume=resume, replace=replace)


def verify(model: Path | Mapping[str, Any], plan: Plan, seed: int | None = None) -> Verification:
    """Compare a model with what a plan gives, bit for bit.

    Parameters
    ----------
    model : str, os.PathLike or mapping
        A model file, or a mapping from names to arrays on the CPU, such as ``model.state_dict()``.
    plan : Plan
    seed : int, optional
        Without it the seed that the file's metadata names, and else the plan's.

    Returns
    -------
    Verification
        True if every bit of every tensor is the plan's.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If names or shapes are not those of the plan.

    Examples
    --------
    >>> import array, fanin
    >>> plan = fanin.plan(parameters={"b": (4,)}, rules={"b": "normal"}, seed=7)
    >>> b = plan.fill("b", array.array("f", bytes(16)))
    >>> fanin.verify({"b": b}, plan).exact
    True
    >>> b[2] = 0
    >>> fanin.verify({"b": b}, plan).differences[0].index
    (2,)
    """
    from fanin._checks import Verification

    if not isinstance(plan, _fanin.Plan):
        raise TypeError(f"plan must be a fanin.Plan, got {type(plan).__name__}")
    if seed is None and not isinstance(model, Mapping):
        seed = _fanin.file_seed(model)
    if seed is not None and seed != plan.seed:
        plan = plan.with_seed(seed)
    if isinstance(model, Mapping):
        return Verification.of(plan, _fanin.verify_arrays(model, plan))
    return Verification.of(plan, _fanin.verify_file(model, plan))


def inspect(path: Path, plan: Plan | None = None, *, tensor: str | None = None, bins: int = 48) -> Inspection:
    """Measure the tensors of a model file, and judge them by a plan.

    Parameters
    ----------
    path : str or os.PathLike
    plan : Plan, optional
        Without it only NaN and infinities are faults.
    tensor : str, optional
        The name of a tensor, or a glob: only these are measured.
    bins : int, default 48
        Bins of each histogram.

    Returns
    -------
    Inspection

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not a model file, or names or shapes are not those of the plan.

    Examples
    --------
    >>> import fanin, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "lenet.safetensors")
    >>> plan = fanin.plan(preset="lenet-300-100", seed=42)
    >>> _ = plan.write(path)
    >>> fanin.inspect(path, plan).faulty
    []
    """
    from fanin._checks import Inspection

    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    facts, rows = _fanin.inspect_file(path, plan, tensor, bins)
    return Inspection(metadata=facts["metadata"], scores=facts["scores"], limit=facts["limit"], tensors=rows)


def diff(a: Path, b: Path) -> Diff:
    """Compare two model files, tensor by tensor.

    Parameters
    ----------
    a, b : str or os.PathLike

    Returns
    -------
    Diff

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If a file is not a model file.

    Examples
    --------
    >>> import fanin, os, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> a, b = os.path.join(folder, "a.npz"), os.path.join(folder, "b.npz")
    >>> plan = fanin.plan(parameters={"w": (3, 2)}, rules={"w": "normal"})
    >>> _ = plan.write(a, seed=1), plan.write(b, seed=2)
    >>> found = fanin.diff(a, b)
    >>> found.same, found.tensors[0]["differing"]
    (False, 6)
    """
    from fanin._checks import Diff

    rows, only_a, only_b = _fanin.diff_files(a, b)
    return Diff(tensors=rows, only_a=only_a, only_b=only_b)
