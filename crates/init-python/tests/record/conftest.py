"""What all tests of recorded models share: the checks of one model."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable

import fanin.torch
import pytest

torch = pytest.importorskip("torch")
LONG = bool(os.environ.get("FANIN_LONG"))


def check_model(make: Callable[[], torch.nn.Module]) -> fanin.torch.ModelPlan:
    """Check a model of a library against its own initialisation.

    Nothing is forced or foreign, PyTorch's generator does not move, a build on the CPU and one from the meta
    device
    have the same bits, constants are the library's, and standard deviations are within eight standard errors.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = torch.get_rng_state()
        with fanin.torch.recording() as recording:
            model = make()
        plan = recording.plan(model)
        plan.fill_(model, seed=3)
        assert torch.equal(state, torch.get_rng_state()), "the generator of PyTorch moved"
        assert not recording.forced and not recording.foreign, (recording.forced, recording.foreign)
        values = model.state_dict()
        del model
        on_meta, meta_plan = fanin.torch.record(make)
        meta_plan.materialize_(on_meta, seed=3)
        for name, value in on_meta.state_dict().items():
            assert torch.equal(value.nan_to_num(), values[name].nan_to_num()), f"{name} differs from meta"
        del on_meta
        torch.manual_seed(0)
        reference = make()
    for name, tensor in [*reference.named_parameters(), *reference.named_buffers()]:
        check_tensor(name, values.get(name), tensor.detach(), name in plan)
    return plan


def check_tensor(name: str, value: torch.Tensor | None, expected: torch.Tensor, recorded: bool) -> None:
    """Compare one tensor with the library's own."""
    if value is None or expected.numel() == 0:
        return
    wide = expected.double()
    constant = not expected.is_floating_point() or not recorded or float(wide.std(unbiased=False)) < 1e-12
    if constant:
        assert torch.equal(value.nan_to_num(), expected.nan_to_num()), f"{name} is not the library's constant"
        return
    # A robust spread: PyTorch's erfinv gives timm single values of 100 standard deviations.
    ours, theirs = spread(value), spread(expected)
    assert abs(ours / theirs - 1) < 12 * expected.numel() ** -0.5 + 2e-3, (name, ours, theirs)


def spread(tensor: torch.Tensor) -> float:
    """Return the median distance from the median."""
    flat = tensor.double().flatten()
    return float((flat - flat.median()).abs().median())
