"""Every layout of ranks gives the values of one process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

WORKER = Path(__file__).with_name("worker.py")


def run(ranks: int, *cases: str) -> str:
    """Run cases of the worker on a number of ranks, and return what they print."""
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        str(ranks),
        str(WORKER),
        *cases,
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "FANIN_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stdout


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_every_placement_equals_that_part_of_the_whole(ranks: int) -> None:
    assert f"on {ranks} ranks" in run(ranks, "tensors", "refusals")


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_sharded_models_equal_one_process(ranks: int) -> None:
    run(ranks, "models", "checkpoints", "raising_rank")


@pytest.mark.parametrize("ranks", [2, 3])
def test_transformers_through_fully_shard_equal_one_process(ranks: int) -> None:
    pytest.importorskip("transformers")
    run(ranks, "transformers_models")
