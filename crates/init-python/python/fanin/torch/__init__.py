"""PyTorch: `init` in the place of torch.nn.init, and any model by parameter name, also sharded."""

from fanin.torch import init
from fanin.torch._tensor import fill_

__all__ = ["fill_", "init"]
