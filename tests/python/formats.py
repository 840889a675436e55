"""Shared by the checks of NumPy's and llama.cpp's files: a recipe, and the files that `fanin init` writes from it."""

import json
import pathlib
import subprocess
import sys

from safetensors import safe_open

# Scalars, single elements, odd sizes, values of more than one MiB, and the most dimensions of each format.
SHAPES = {
    "scalar": (), "one": (1,), "rows.weight": (3, 5), "b/deep:0": (7, 1, 3, 2), "слой": (2, 2), "large": (300007,), "after": (1, 1),
    "square": (33, 33), "last": (2,),
}


def recipe(shapes):
    parameters = "".join(f'"{name}" = {list(shape)}\n' for name, shape in shapes.items())
    rules = '[[rule]]\nmatch = "square"\noptional = true\ninit = "orthogonal"\n\n[[rule]]\nmatch = "**"\noptional = true\ninit = "normal(0, 1)"\n'
    return f"seed = 18446744073709551615\n\n[parameters]\n{parameters}\n{rules}"


def write(folder, out, shapes=SHAPES, dtype="f32", more=()):
    """Writes a file from the recipe, and returns its path."""
    source = folder / "recipe.toml"
    source.write_text(recipe(shapes), encoding="utf-8")
    fanin = pathlib.Path(sys.argv[1]).resolve()
    subprocess.run([fanin, "init", "-q", "--force", source, "--dtype", dtype, "-o", folder / out, *more], check=True)
    return folder / out


def bits(path):
    """Returns the shape, type and bytes of each tensor of a safetensors file, without NumPy, which has no bf16."""
    with safe_open(path, framework="np") as file:
        metadata = file.metadata()
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    header.pop("__metadata__")
    tensors = {}
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        tensors[name] = (tuple(tensor["shape"]), tensor["dtype"], raw[start + begin : start + end])
    return tensors, metadata


def check(what, fine):
    if not fine:
        sys.exit(f"{what}: not as expected")
