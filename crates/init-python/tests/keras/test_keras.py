"""Keras' initializers: values, seeds, serialisation, models, on the backend that KERAS_BACKEND names."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

import fanin  # noqa: E402
import fanin.keras  # noqa: E402

NAMES = [name for name in fanin.keras.__all__ if name not in ("init_", "FaninInitializer")]


def array(tensor: object) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor))


@pytest.mark.parametrize("name", NAMES)
def test_moments_and_dtype_are_those_of_keras(name: str) -> None:
    ours = array(getattr(fanin.keras, name)(seed=1)((300, 200)))
    theirs = array(getattr(keras.initializers, name)(seed=1)((300, 200)))
    assert ours.dtype == theirs.dtype
    # Six standard errors of the difference of two standard deviations of 60,000 values.
    assert abs(ours.std() / theirs.std() - 1) < 6 * 60000**-0.5
    assert abs(ours.mean() - theirs.mean()) < 6 * 2**0.5 * theirs.std() / 60000**0.5


@pytest.mark.parametrize("name", NAMES)
def test_configurations_make_the_same_initializer(name: str) -> None:
    first = getattr(fanin.keras, name)(seed=5)
    again = type(first).from_config(first.get_config())
    saved = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(first))
    for other in (again, saved):
        assert array(first((4, 6))).tobytes() == array(other((4, 6))).tobytes()
    assert set(first.get_config()) == set(getattr(keras.initializers, name)(seed=5).get_config())


@pytest.mark.parametrize("name", NAMES)
def test_a_number_repeats_and_a_generator_does_not(name: str) -> None:
    cls = getattr(fanin.keras, name)
    fixed, moving = cls(seed=5), cls(seed=keras.random.SeedGenerator(5))
    assert array(fixed((4, 6))).tobytes() == array(fixed((4, 6))).tobytes()
    assert array(moving((4, 6))).tobytes() != array(moving((4, 6))).tobytes()
    assert array(cls()((4, 6))).tobytes() != array(cls()((4, 6))).tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_every_dtype_has_the_values_of_fanin(dtype: str) -> None:
    value = fanin.keras.HeNormal(seed=3)((20, 30), dtype)
    assert keras.backend.standardize_dtype(value.dtype) == dtype
    expected = fanin.init((20, 30), "variance_scaling(scale=2, mode=fan_in)", 3, dtype=dtype, layout="keras")
    assert np.array_equal(array(keras.ops.cast(value, "float32")), expected.astype(np.float32))


def test_wrong_arguments_are_refused() -> None:
    for make in (
        lambda: fanin.keras.HeNormal(seed="a"),
        lambda: fanin.keras.VarianceScaling(scale=-1),
        lambda: fanin.keras.VarianceScaling(mode="fan"),
        lambda: fanin.keras.VarianceScaling(distribution="cauchy"),
        lambda: fanin.keras.FaninInitializer("nrmal"),
    ):
        with pytest.raises(ValueError):
            make()


def test_a_model_is_filled_by_paths_and_saved_with_its_initializers(tmp_path: object) -> None:
    layers = [
        keras.Input((4,)),
        keras.layers.Dense(3, name="fc", kernel_initializer=fanin.keras.HeNormal(seed=2)),
    ]
    model = keras.Sequential(layers, name="net")
    kernel = array(model.layers[0].kernel)
    assert np.array_equal(kernel, array(fanin.keras.HeNormal(seed=2)((4, 3))))
    fanin.keras.init_(model, 42, {"*kernel": "glorot_uniform", "*bias": "zeros"})
    path = model.layers[0].kernel.path
    expected = fanin.init((4, 3), "xavier_uniform", fanin.Stream(42).child(path), layout="keras")
    assert np.array_equal(array(model.layers[0].kernel), expected)
    with pytest.raises(ValueError, match="match"):
        fanin.keras.init_(model, 42, {"*kernel": "glorot_uniform", "*bias": "zeros", "*gamma": "ones"})
    clone = keras.Sequential.from_config(model.get_config())
    assert np.array_equal(array(clone.layers[0].kernel), kernel)


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_other_backends_pass_the_same_tests(backend: str) -> None:
    if os.environ.get("FANIN_KERAS_CHILD"):
        pytest.skip("already in a child")
    if backend == "torch":
        pytest.importorskip("torch")
    environment = os.environ | {"KERAS_BACKEND": backend, "FANIN_KERAS_CHILD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", __file__]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
