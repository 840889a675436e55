"""Streams, initializers, shards and resolved distributions: values of Python, with the library's messages."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable

import fanin
import numpy as np
import pytest
from fanin import _fanin, initializer


def test_streams_are_values() -> None:
    stream = fanin.Stream(42).child("h.0.attn.weight")
    same = fanin.Stream(42).child("h.0.attn.weight")
    assert stream == same and hash(stream) == hash(same) and len({stream, same}) == 1
    assert stream != fanin.Stream(42).child("h.1.attn.weight") and stream != "stream"
    assert pickle.loads(pickle.dumps(stream)) == copy.deepcopy(stream) == copy.copy(stream) == stream
    assert (
        fanin.Stream.from_key(*stream.key) == stream
        and eval(repr(stream), {"Stream": fanin.Stream}) == stream
    )
    assert fanin.Stream(7).child(3) != fanin.Stream(7).child("3")
    assert fanin.Stream(np.uint64(7)) == fanin.Stream(7) and fanin.Stream(2**64 - 1).key
    assert fanin.Stream(0).child("").child("ü").child("\0") == fanin.Stream(0).child("").child("ü").child(
        "\0"
    )


def test_streams_are_those_of_every_language() -> None:
    by_key = fanin.init(4, "uniform", fanin.Stream.from_key(*fanin.Stream(42).key))
    assert by_key.view("uint32").tolist() == [1000532480, 1059073343, 1055330214, 1061304662]
    assert fanin.init(4, "uniform", 42).tobytes() == by_key.tobytes()


@pytest.mark.parametrize(
    ("seed", "error"),
    [
        (-1, ValueError),
        (2**64, ValueError),
        (1.5, TypeError),
        ("42", TypeError),
        (None, TypeError),
        ([], TypeError),
    ],
)
def test_invalid_seeds_are_refused(seed: object, error: type[Exception]) -> None:
    for call in [
        fanin.Stream,
        lambda seed: fanin.fill(np.empty(3, "float32"), "normal", seed),
        fanin.bit_generator,
        lambda seed: fanin.plan(parameters={"w": (3,)}, rules={"w": "zeros"}).with_seed(seed),
    ]:
        with pytest.raises(error, match="seed|stream"):
            call(seed)


def test_invalid_children_are_refused() -> None:
    for name in [-1, 2**64, 1.5, None, b"w"]:
        with pytest.raises(TypeError, match="name of a child"):
            fanin.Stream(0).child(name)
    with pytest.raises(ValueError, match="from 0 to"):
        fanin.Stream.from_key(-1, 0)


def test_initializers_are_values_whose_text_parses_back() -> None:
    for row in fanin.initializers():
        for text in row.examples:
            made = fanin.Initializer(text)
            assert made == fanin.Initializer(str(made)) == pickle.loads(pickle.dumps(made)), text
            assert hash(made) == hash(fanin.Initializer(str(made))) and made.name == row.name
            assert eval(repr(made), {"Initializer": fanin.Initializer}) == made
    made = fanin.Initializer("torch.nn.init.kaiming_normal_(mode=fan_out, a=0.2)")
    assert (made.name, made.parameters["mode"], made.parameters["a"]) == ("kaiming_normal", "fan_out", 0.2)
    assert fanin.Initializer(made) == made != fanin.Initializer("kaiming_normal") and made != str(made)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "initializer"),
        ("kaiming_normol", "did you mean `kaiming_normal`"),
        ("normal(std=-1)", "at least 0"),
        ("normal(std=nan)", "number"),
        ("uniform(1, 0)", "low"),
        ("normal(std=0.02", "never closed"),
        ("normal(colour=3)", "colour"),
        ("mup", "initializer"),
    ],
)
def test_invalid_texts_are_refused_with_the_library_s_message(text: str, message: str) -> None:
    for call in [fanin.Initializer, lambda text: fanin.fill(np.empty((3, 3), "float32"), text, 0)]:
        with pytest.raises(ValueError, match=message):
            call(text)
    with pytest.raises(TypeError, match="must be a string such as"):
        fanin.Initializer(7)


def test_every_initializer_has_a_function_with_its_parameters_and_defaults() -> None:
    import inspect

    assert sorted(initializer.__all__) == sorted(row.name for row in fanin.initializers())
    for row in fanin.initializers():
        function = getattr(initializer, row.name)
        signature = inspect.signature(function)
        assert list(signature.parameters) == [
            *(item.name for item in row.parameters if item.required),
            *(item.name for item in row.parameters if not item.required),
        ]
        for item in row.parameters:
            found = signature.parameters[item.name].default
            assert found == (inspect.Parameter.empty if item.required else item.default), (
                row.name,
                item.name,
            )
        required = fanin.Initializer(row.examples[0]).parameters
        given = {item.name: required[item.name] for item in row.parameters if item.required}
        assert function(**given) == fanin.Initializer(row.examples[0]), row.name
        assert function.__doc__ and row.summary[:10] in function.__doc__.replace("\n    ", " ")


def test_functions_take_what_their_types_say() -> None:
    assert initializer.icnr(2, init=initializer.lecun_normal()) == fanin.Initializer(
        "icnr(2, init=lecun_normal)"
    )
    assert initializer.normal(std=np.float32(0.5)) == fanin.Initializer("normal(std=0.5)")
    assert initializer.xavier_uniform(gain="relu") == fanin.Initializer("xavier_uniform(gain=relu)")
    assert initializer.truncated_normal(low=-math.inf) == fanin.Initializer("truncated_normal(low=-inf)")
    with pytest.raises(TypeError, match="std must be a number"):
        initializer.normal(std=[1])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 0"):
        initializer.normal(std=-1)


def test_resolved_says_what_is_drawn() -> None:
    found = fanin.resolve("xavier_uniform", (256, 784))
    bound = math.sqrt(6 / (256 + 784))
    assert (found.kind, found.fan_in, found.fan_out) == ("uniform", 784, 256)
    assert found.parameters == pytest.approx({"low": -bound, "high": bound}, rel=1e-14) and found.mean == 0
    assert found.std == pytest.approx(bound / math.sqrt(3), rel=1e-14)
    assert fanin.resolve(found.text, (2,)).parameters == found.parameters
    assert fanin.Initializer("xavier_uniform").resolve((256, 784)).text == found.text
    jax = fanin.resolve("lecun_normal", (784, 256), "jax")
    assert jax.fan_in == 784 and jax.kind == "normal"
    odd = fanin.resolve("orthogonal", (4, 4))
    assert (odd.kind, odd.parameters, odd.mean, odd.std) == ("structured", {}, None, None)
    assert fanin.resolve("zeros", ()).fan_in is None
    with pytest.raises(ValueError, match="shape|fan"):
        fanin.resolve("xavier_uniform", (3,))
    with pytest.raises(ValueError, match="layout"):
        fanin.resolve("xavier_uniform", (3, 3), "tensorflo")


def test_fans_and_gains() -> None:
    assert fanin.fans((64, 3, 7, 7)) == (147, 3136)
    assert fanin.fans((7, 7, 3, 64), "jax") == (147, 3136)
    assert fanin.gain("relu") == math.sqrt(2) and fanin.gain("leaky_relu", 0.2) == math.sqrt(2 / 1.04)
    assert fanin.gain("tanh") == 5 / 3
    with pytest.raises(ValueError, match="did you mean"):
        fanin.gain("rel")


def test_shards_are_values() -> None:
    box = fanin.Shard((8, 4), (2, 0), (3, 4))
    runs = fanin.Shard.of_runs((8, 4), [[(2, 1), (3, 2)], [(0, 4)]])
    assert box == runs and hash(box) == hash(runs), "adjacent runs are one"
    assert (box.whole, box.shape, box.runs) == ((8, 4), (3, 4), [[(2, 3)], [(0, 4)]])
    assert pickle.loads(pickle.dumps(box)) == copy.deepcopy(box) == box != fanin.Shard((8, 4), (1, 0), (3, 4))
    assert eval(repr(box), {"Shard": fanin.Shard}) == box
    assert fanin.Shard((0, 4), (0, 0), (0, 4)).shape == (0, 4) and fanin.Shard((), (), ()).shape == ()
    assert fanin.Shard.of_runs((8,), [[(6, 2), (0, 2)]]).runs == [[(6, 2), (0, 2)]], (
        "the order of runs is kept"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((8, 4), (6, 0), (3, 4)), "axis 0"),
        (((8, 4), (0,), (3, 4)), "dimensions"),
        (((8, 4), (0, 0), (3,)), "dimensions"),
        (((8, 4), (-1, 0), (3, 4)), "from 0 to"),
        (((1 << 62, 4), (0, 0), (3, 4)), "2\\^63"),
        (((8, 4), (2**63, 2**63), (2**63, 2**63)), "axis 0|from 0"),
    ],
)
def test_invalid_boxes_are_refused(arguments: tuple[tuple[int, ...], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fanin.Shard(*arguments)


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([[(0, 2), (1, 2)]], "two runs contain index 1"),
        ([[(0, 9)]], "exceeds the size 8"),
        ([[(7, 2**63)]], "exceeds the size 8"),
        ([[(0, 2)], [(0, 2)]], "an entry for each axis"),
        ([[(-1, 2)]], "from 0 to"),
    ],
)
def test_invalid_runs_are_refused(runs: list[list[tuple[int, int]]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fanin.Shard.of_runs((8,), runs)


def test_addresses_are_checked() -> None:
    out = np.zeros(8, "float32")
    address = out.ctypes.data
    _fanin.fill_address(address, "f32", (2, 4), None, "normal", 7)
    assert out.tolist() == fanin.init((2, 4), "normal", 7).ravel().tolist()
    _fanin.fill_address(address, "f32", (2, 4), (1, 2), "normal", 7)
    assert np.array_equal(out.reshape(4, 2).T, fanin.init((2, 4), "normal", 7))
    _fanin.fill_range(address, "f32", (100, 9), "normal", 7, 450, 8)
    assert out.tolist() == fanin.init((100, 9), "normal", 7).ravel()[450:458].tolist()
    before = out.copy()
    for arguments, message in [
        ((0, "f32", (8,), None), "not 0"),
        ((address + 1, "f32", (7,), None), "multiple of 4"),
        ((-address, "f32", (8,), None), "from 0 to"),
        ((address, "f32", (8,), (0,)), "share memory"),
        ((address, "f32", (2, 4), (1,)), "2 entries"),
        ((address, "f32", (1 << 40, 1 << 40), None), "too many elements"),
        ((address, "f32", (-8,), None), "from 0 to"),
    ]:
        with pytest.raises(ValueError, match=message):
            _fanin.fill_address(*arguments, "normal", 7)
    with pytest.raises(TypeError, match="int8"):
        _fanin.fill_address(address, "int8", (8,), None, "normal", 7)
    for offset, length in [(895, 8), (2**64 - 1, 8), (901, 0)]:
        with pytest.raises(ValueError, match="exceeds the 900 elements"):
            _fanin.fill_range(address, "f32", (100, 9), "normal", 7, offset, length)
    with pytest.raises(ValueError, match="not 0"):
        _fanin.fill_range(0, "f32", (100, 9), "normal", 7, 0, 8)
    _fanin.fill_address(0, "f32", (0, 3), None, "normal", 7)
    assert np.array_equal(out, before)


def test_arguments_that_do_not_fit_the_array_are_refused_before_anything_is_written() -> None:
    out = np.zeros((4, 4), "float32")
    for keywords, error, message in [
        ({"shape": (4, 5)}, ValueError, "20 elements"),
        ({"shape": (-4, -4)}, ValueError, "from 0 to"),
        ({"shard": fanin.Shard((8, 8), (0, 0), (4, 5))}, ValueError, "of the shard"),
        ({"shard": "all"}, TypeError, "shard"),
        ({"threads": -1}, ValueError, "from 0 to"),
        ({"threads": 5000}, ValueError, "at most 1024"),
        ({"layout": "torc"}, ValueError, "layout"),
        ({"layout": 3}, TypeError, "layout"),
        ({"colour": 3}, TypeError, "colour"),
    ]:
        with pytest.raises(error, match=message):
            fanin.fill(out, "ones", 0, **keywords)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="float16|f16"):
        fanin.fill(np.zeros(4, "float16"), "constant(1e6)", 0)
    assert not out.any()


def test_the_table_of_initializers_is_the_library_s() -> None:
    rows = {row.name: row for row in fanin.initializers()}
    assert len(rows) >= 26 and rows["xavier_uniform"].aliases == ("glorot_uniform",)
    low = rows["truncated_normal"].parameters[2]
    assert (low.name, low.aliases, low.required, low.default, low.computed) == (
        "low",
        ("a",),
        False,
        None,
        "mean + lower*std",
    )
    gate = rows["gate_bias"].parameters[1]
    assert (gate.type, gate.default) == ("int", 1) and isinstance(gate.default, int)
    assert isinstance(fanin.Initializer("icnr(2)").parameters["r"], int)
    assert rows["orthogonal"].structured and not rows["normal"].needs_fans and rows["lecun_normal"].needs_fans


@pytest.mark.parametrize(
    "call",
    [
        lambda: fanin.resolve("normal", 3),
        lambda: fanin.resolve("normal", (3.5,)),
        lambda: fanin.resolve("normal", "33"),
        lambda: fanin.fans(None),
        lambda: fanin.Shard("ab", (0, 0), (1, 1)),
        lambda: fanin.Shard.of_runs((4,), [(0, 4)]),
        lambda: fanin.set_num_threads("all"),
        lambda: fanin.fill(np.zeros(4, "float32"), "normal", 0, threads=1.5),
    ],
)
def test_what_is_not_a_size_is_a_type_error_that_says_what_is(call: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="must be integers from 0 to"):
        call()
