"""fanin.torch.init beside torch.nn.init, and models beside their libraries, interleaved in one process.

Run: python benches/torch_init.py [--models]. Prints medians of paired rounds, and checks what was computed.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable

import fanin
import fanin.torch
import torch
from fanin.torch import init

ROUNDS = 9


def seconds(call: Callable[[], object]) -> float:
    """Return the wall time of a call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare(
    name: str, theirs: Callable[[], object], ours: Callable[[], object], rounds: int = ROUNDS
) -> None:
    """Print the median of the ratios of paired rounds."""
    theirs(), ours()
    pairs = [(seconds(theirs), seconds(ours)) for _ in range(rounds)]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{name:<34} torch {a * 1e3:10.3f} ms   fanin {b * 1e3:10.3f} ms   {ratio:7.2f} x")


def fills() -> None:
    """Compare fills of 4096 × 4096 in place."""
    for dtype in (torch.float32, torch.bfloat16):
        tensor = torch.empty(4096, 4096, dtype=dtype)
        for name in ("uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "kaiming_normal_"):
            ours, theirs = getattr(init, name), getattr(torch.nn.init, name)
            compare(
                f"{name} 4096² {dtype}".replace("torch.", ""),
                lambda f=theirs, t=tensor: f(t),
                lambda f=ours, t=tensor: f(t, seed=1),
            )
        init.normal_(tensor, seed=1)
        deviation = float(tensor.double().std())
        assert abs(deviation - 1) < 6 * (2 * tensor.numel()) ** -0.5 + 2e-3, deviation
    matrix = torch.empty(2048, 2048)
    compare(
        "orthogonal_ 2048² float32",
        lambda: torch.nn.init.orthogonal_(matrix),
        lambda: init.orthogonal_(matrix, seed=1),
        3,
    )
    assert float((matrix @ matrix.T - torch.eye(2048)).abs().max()) < 1e-5


def calls() -> None:
    """Compare small tensors, in ms per thousand calls."""
    for size in (1, 16, 256, 4096):
        tensor = torch.empty(size)
        for name, options in (("normal_", {}), ("normal_", {"seed": 1}), ("uniform_", {})):
            theirs, ours = getattr(torch.nn.init, name), getattr(init, name)
            compare(
                f"{name} n={size} {'seed' if options else ''}, 1000 calls",
                lambda f=theirs, t=tensor: [f(t) for _ in range(1000)],
                lambda f=ours, o=options, t=tensor: [f(t, **o) for _ in range(1000)],
            )


def models() -> None:
    """Compare the time to an initialised model of transformers."""
    import transformers

    llama = transformers.LlamaConfig(
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        num_key_value_heads=8,
        vocab_size=128256,
        tie_word_embeddings=True,
    )
    cases = (
        ("GPT-2 124M float32", transformers.GPT2LMHeadModel, transformers.GPT2Config(), torch.float32),
        ("Llama 1.2B bfloat16", transformers.LlamaForCausalLM, llama, torch.bfloat16),
    )
    for name, kind, config, dtype in cases:
        torch.set_default_dtype(dtype)
        try:
            times: dict[str, list[float]] = {"torch": [], "fanin": []}
            for _ in range(3):
                times["torch"].append(seconds(lambda k=kind, c=config: k(c)))
                gc.collect()
                times["fanin"].append(seconds(lambda k=kind, c=config: fanin.torch.build(k, c, seed=1)))
                gc.collect()
        finally:
            torch.set_default_dtype(torch.float32)
        ratio = statistics.median(a / b for a, b in zip(times["torch"], times["fanin"], strict=True))
        a, b = (statistics.median(times[side]) for side in ("torch", "fanin"))
        print(f"{name:<34} transformers {a:6.2f} s   fanin {b:6.2f} s   {ratio:6.2f} x")


def recorder() -> None:
    """Print what the recorder costs for each parameter."""
    count = 500

    def build() -> torch.nn.Module:
        return torch.nn.ModuleList(torch.nn.Linear(8, 8) for _ in range(count))

    plain = statistics.median(seconds(build) for _ in range(5))
    ours = statistics.median(seconds(lambda: fanin.torch.build(build, seed=1)) for _ in range(5))
    print(f"recorder: {(ours - plain) / (2 * count) * 1e3:.3f} ms more per parameter than torch's own draws")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", action="store_true", help="whole models too; needs 6 GB of memory")
    arguments = parser.parse_args()
    print(fanin.info(), torch.__version__, f"{torch.get_num_threads()} threads")
    fills()
    calls()
    recorder()
    if arguments.models:
        models()
