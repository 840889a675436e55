"""Initializers in the form that training frameworks ask for."""

from fanin.torch.adapters._megatron import init_method
from fanin.torch.adapters._torchtitan import param_init, set_param_init

__all__ = ["init_method", "param_init", "set_param_init"]
