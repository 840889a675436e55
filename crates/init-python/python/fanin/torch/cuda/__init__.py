"""Tensors on GPUs: filled on the CPU and copied through pinned memory, or by a CUDA kernel (experimental)."""

from fanin.torch.cuda._fill import fill_, kernel_in_use, use_kernel
from fanin.torch.cuda._ring import staging

__all__ = ["fill_", "kernel_in_use", "staging", "use_kernel"]
