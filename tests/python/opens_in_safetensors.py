"""A GPT-2 of `fanin init` opens in Python's safetensors, with the published names and shapes and the expected statistics.

python opens_in_safetensors.py gpt2.safetensors
"""

import sys

import numpy as np
from safetensors import safe_open

LAYERS, WIDTH = 12, 768

shapes = {
    "wte.weight": (50257, WIDTH),
    "wpe.weight": (1024, WIDTH),
    "ln_f.weight": (WIDTH,),
    "ln_f.bias": (WIDTH,),
}
for layer in range(LAYERS):
    for name, shape in {
        "ln_1.weight": (WIDTH,),
        "ln_1.bias": (WIDTH,),
        "attn.c_attn.weight": (WIDTH, 3 * WIDTH),
        "attn.c_attn.bias": (3 * WIDTH,),
        "attn.c_proj.weight": (WIDTH, WIDTH),
        "attn.c_proj.bias": (WIDTH,),
        "ln_2.weight": (WIDTH,),
        "ln_2.bias": (WIDTH,),
        "mlp.c_fc.weight": (WIDTH, 4 * WIDTH),
        "mlp.c_fc.bias": (4 * WIDTH,),
        "mlp.c_proj.weight": (4 * WIDTH, WIDTH),
        "mlp.c_proj.bias": (WIDTH,),
    }.items():
        shapes[f"h.{layer}.{name}"] = shape


def check(what, fine):
    if not fine:
        sys.exit(f"{what}: not as expected")


with safe_open(sys.argv[1], framework="np") as file:
    check("format", file.metadata().get("format") == "pt")
    check("names", set(file.keys()) == set(shapes))
    parameters = 0
    for name, shape in shapes.items():
        tensor = file.get_tensor(name)
        check(f"{name}: shape", tensor.shape == shape and tensor.dtype == np.float32)
        parameters += tensor.size
        if name.endswith("bias"):
            check(name, not tensor.any())
        elif "ln_" in name:
            check(name, (tensor == 1).all())
        else:
            std = 0.02 / np.sqrt(2 * LAYERS) if "c_proj" in name else 0.02
            values = tensor.astype(np.float64)
            error = np.sqrt(tensor.size)
            check(f"{name}: mean", abs(values.mean()) < 5 * std / error)
            check(f"{name}: std", abs(values.std() / std - 1) < 5 / np.sqrt(2) / error)
    check("parameters", parameters == 124_439_808)
print(f"{parameters:,} parameters read by Python, as expected")
