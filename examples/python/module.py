"""A PyTorch module: initialise it by its own code or by rules, and prove what is in it."""

import torch

import fanin.torch


class Classifier(torch.nn.Module):
    """Two linear layers, with PyTorch's own initialisation."""

    def __init__(self, layers: int = 2) -> None:
        super().__init__()
        sizes = [784] + [256] * (layers - 1) + [10]
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(inputs, outputs) for inputs, outputs in zip(sizes, sizes[1:], strict=False)
        )


# The module's own code, each parameter from the stream of its name.
model = fanin.torch.build(Classifier, seed=42)

# A layer more changes no other layer.
deeper = fanin.torch.build(Classifier, layers=3, seed=42)
assert torch.equal(model.layers[0].weight, deeper.layers[0].weight)

# By rules: every parameter needs one, and every rule must match.
rules = {"*.weight": "kaiming_normal(nonlinearity=relu)", "*.bias": "zeros"}
fanin.torch.init_(model, seed=42, rules=rules)
print(f"std of the first layer: {model.layers[0].weight.std():.4f}, expected {(2 / 784) ** 0.5:.4f}")

try:
    fanin.torch.init_(model, seed=42, rules=rules | {"*.scale": "ones"})
except ValueError as error:
    print(f"refused: {error}")
