"""A CUDA kernel with the values of the CPU (experimental): source text, compiled by NVRTC at first use."""

from fanin.torch.cuda.kernel._launch import fill_by_kernel
from fanin.torch.cuda.kernel._source import SAMPLERS, program, text

__all__ = ["SAMPLERS", "fill_by_kernel", "program", "text"]
