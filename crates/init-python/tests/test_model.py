"""Recipes, plans, files and their checks: the same bytes and verdicts as the command line's library."""

from __future__ import annotations

import array
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import fanin
import ml_dtypes
import numpy as np
import pytest

RECIPE = """
seed = 3
[parameters]
"fc.weight" = [256, 784]
"fc.bias" = [256]
"q" = [64, 64]
[[rule]]
match = "*.weight"
init = "xavier_uniform"
[[rule]]
match = "*.bias"
init = "uniform(-0.1, 0.1)"
[[rule]]
match = "q"
init = "orthogonal"
"""
PACKED = """
[parameters]
"attn.qkv.weight" = [192, 64]
[[rule]]
match = "*"
init = "xavier_uniform"
blocks = { qkv = ["q", "k", "v"] }
"""


@pytest.fixture
def plan() -> fanin.Plan:
    return fanin.Recipe.parse(RECIPE).plan()


def arrays(plan: fanin.Plan, dtype: object = "float32") -> dict[str, np.ndarray]:
    return {name: plan.fill(name, fanin.empty(entry.shape, dtype)) for name, entry in plan.items()}


def test_a_plan_is_a_mapping_in_the_order_of_the_recipe(plan: fanin.Plan) -> None:
    from collections.abc import Mapping

    assert isinstance(plan, Mapping)
    assert list(plan) == list(plan.keys()) == ["fc.weight", "fc.bias", "q"]
    assert len(plan) == 3 and "q" in plan and "nothing" not in plan and 3 not in plan
    assert plan.get("nothing") is None and plan.get("nothing", 5) == 5
    assert plan == fanin.Recipe.parse(RECIPE).plan() and plan != plan.with_seed(9)
    with pytest.raises(KeyError, match="nothing"):
        plan["nothing"]
    entry = plan["fc.weight"]
    assert (entry.name, entry.shape, entry.dtype, entry.layout) == ("fc.weight", (256, 784), "f32", "torch")
    assert (entry.fan_in, entry.fan_out, entry.elements, entry.nbytes) == (784, 256, 200704, 802816)
    assert str(entry.initializer) == "xavier_uniform" and entry.distribution.kind == "uniform"
    assert plan["q"].distribution.kind == "structured"


def test_the_values_of_a_plan_are_those_of_fill_with_the_stream_of_the_name(plan: fanin.Plan) -> None:
    for name, entry in plan.items():
        got = plan.fill(name, np.empty(entry.shape, "float32"))
        expected = fanin.init(entry.shape, entry.initializer, fanin.Stream(3).child(name))
        assert got.tobytes() == expected.tobytes()
        assert plan.stream(name) == fanin.Stream(3).child(name)


def test_packed_parameters_have_the_values_of_their_blocks_in_any_memory() -> None:
    plan = fanin.Recipe.parse(PACKED).plan(seed=5)
    whole = plan.fill("attn.qkv.weight", np.empty((192, 64), "float32"))
    for index, block in enumerate("qkv"):
        alone = fanin.init((64, 64), "xavier_uniform", fanin.Stream(5).child(f"attn.{block}.weight"))
        assert (whole[64 * index :][:64] == alone).all()
    assert plan["attn.qkv.weight"].blocks == ("attn.q.weight", "attn.k.weight", "attn.v.weight")
    transposed = np.empty((64, 192), "float32").T
    assert (plan.fill("attn.qkv.weight", transposed) == whole).all()
    shard = fanin.Shard.of_runs((192, 64), [[(10, 5), (100, 7)], [(3, 4)]])
    part = plan.fill("attn.qkv.weight", np.empty((12, 4), "float32"), shard=shard)
    assert (part == whole[np.r_[10:15, 100:107], 3:7]).all()


def test_a_rank_has_its_part(plan: fanin.Plan) -> None:
    whole = arrays(plan)
    for rank in range(4):
        part = plan.for_rank({"fc.*": 0, "q": -1}, rank, 4)
        values = arrays(part)
        assert (values["fc.weight"] == whole["fc.weight"][64 * rank :][:64]).all()
        assert (values["q"] == whole["q"][:, 16 * rank :][:, :16]).all()
    with pytest.raises(ValueError, match="rank must be at least 0 and below"):
        plan.for_rank({"*": 0}, 4, 4)
    with pytest.raises(ValueError, match="already the plan of one rank"):
        part.for_rank({"*": 0}, 0, 2)


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".gguf"])
def test_a_file_verifies_and_one_changed_bit_is_found(plan: fanin.Plan, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    assert plan.write(path) == [str(path)]
    assert fanin.verify(path, plan)
    assert fanin.verify(str(path), plan.with_seed(8)).exact, "the seed of the file's metadata is taken"
    assert not fanin.verify(path, plan, seed=8)
    data = bytearray(path.read_bytes())
    first = plan.fill("q", np.empty((64, 64), "float32")).tobytes()
    at = data.index(first) + 4 * (5 * 64 + 7)
    data[at] ^= 1
    path.write_bytes(data)
    if suffix == ".npz":
        return  # Its checksum covers the member; the values are compared alike.
    found = fanin.verify(path, plan)
    assert [(item.name, item.kind, item.count, item.index) for item in found.differences] == [
        ("q", "values", 1, (5, 7))
    ]
    assert "q: 1 values differ, first at (5, 7)" in str(found)


def test_files_are_those_of_the_command_line_by_digest(plan: fanin.Plan, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    path = tmp_path / "model.safetensors"
    plan.write(path, seed=11)
    values = load_file(path)
    for name, entry in plan.items():
        assert (
            values[name].tobytes()
            == fanin.init(entry.shape, entry.initializer, fanin.Stream(11).child(name)).tobytes()
        )
    metadata = fanin.inspect(path).metadata
    assert (metadata["fanin.plan"], metadata["fanin.seed"]) == (plan.digest, "11")


def test_dtype_and_seed_of_write_stand_above_the_plan(plan: fanin.Plan, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    plan.write(path, dtype=ml_dtypes.bfloat16, seed=1)
    assert not fanin.verify(path, plan)
    assert fanin.verify(path, plan.with_dtype("bfloat16"))
    assert {item.kind for item in fanin.verify(path, plan).differences} == {"dtype"}


def test_shards_get_an_index(plan: fanin.Plan, tmp_path: Path) -> None:
    files = plan.write(tmp_path / "model.safetensors", shard_size="800KiB")
    assert [os.path.basename(file) for file in files] == [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
    ]
    assert fanin.verify(tmp_path, plan)
    for size in ["", "5 apples", 0, -1, "0GB", 1.5]:
        with pytest.raises(ValueError, match="shard_size must be a number of bytes or text"):
            plan.write(tmp_path / "other.safetensors", shard_size=size)


def test_an_existing_file_is_kept_unless_it_is_to_be_replaced(plan: fanin.Plan, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists"):
        plan.write(path)
    assert path.read_text() == "mine"
    plan.write(path, replace=True)
    assert fanin.verify(path, plan)


def test_errors_of_the_system_are_os_errors(plan: fanin.Plan, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for call in [
        lambda: fanin.Recipe.read(missing),
        lambda: fanin.Recipe.of_config(missing),
        lambda: fanin.verify(missing, plan),
        lambda: fanin.inspect(missing),
        lambda: fanin.diff(missing, missing),
        lambda: fanin.plan(like=missing, rules={"*": "zeros"}),
        lambda: plan.write(missing / "model.safetensors"),
    ]:
        with pytest.raises(FileNotFoundError):
            call()


def test_wrong_arguments_say_what_is_required(plan: fanin.Plan, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="give one of recipe, config, preset, like and parameters"):
        fanin.plan()
    with pytest.raises(TypeError, match="give rules too"):
        fanin.plan(parameters={"w": (3,)})
    with pytest.raises(TypeError, match="has its own rules"):
        fanin.plan(preset="gpt2", rules={"*": "zeros"})
    with pytest.raises(ValueError, match="did you mean `gpt2`"):
        fanin.plan(preset="gpt-2")
    with pytest.raises(ValueError, match="no rule matches|matches no rule|`v`"):
        fanin.plan(parameters={"w": (3,), "v": (3,)}, rules={"w": "zeros"})
    with pytest.raises(TypeError, match="must have a shape such as"):
        fanin.plan(parameters={"w": "large"}, rules={"w": "zeros"})
    with pytest.raises(ValueError, match="extension"):
        plan.write(tmp_path / "model.txt")
    with pytest.raises(TypeError, match="path must be a path"):
        plan.write(3)
    with pytest.raises(ValueError, match=r"shape \[256\].*\[255\]|\[256\], got an array of shape \[255\]"):
        plan.fill("fc.bias", np.empty(255, "float32"))
    with pytest.raises(TypeError, match=r"plan must be a fanin.Plan, got dict"):
        fanin.verify(tmp_path, {})


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", ml_dtypes.bfloat16])
def test_arrays_in_memory_verify_in_every_dtype_and_stride(dtype: object) -> None:
    parameters = {
        "w": ((1030, 515), dtype),
        "q": ((64, 64), dtype),
        "scalar": ((), dtype),
        "none": ((7,), dtype),
    }
    plan = fanin.plan(parameters=parameters, rules={"q": "orthogonal", "*": "normal"}, seed=2)
    values = arrays(plan, dtype)
    assert fanin.verify(values, plan)
    values["w"] = np.asfortranarray(values["w"])
    values["none"] = np.repeat(values["none"], 2)[::2]
    values["w"].flags.writeable = False
    assert fanin.verify(values, plan), "strided and read-only arrays are read by their indices"
    values["w"] = values["w"].copy()
    values["w"][1029, 514] += 1
    values["w"][7, 9] = -values["w"][7, 9]
    found = fanin.verify(values, plan)
    assert [(item.name, item.count, item.index) for item in found.differences] == [("w", 2, (7, 9))]
    assert found.differences[0].expected == -found.differences[0].found
    assert not fanin.verify(values, plan, seed=3)


def test_arrays_of_another_model_are_refused_by_name(plan: fanin.Plan) -> None:
    values = arrays(plan)
    with pytest.raises(ValueError, match="the arrays lack `q`; pass the plan of this model"):
        fanin.verify({name: value for name, value in values.items() if name != "q"}, plan)
    with pytest.raises(ValueError, match="the plan lacks `extra`"):
        fanin.verify({**values, "extra": values["q"]}, plan)
    with pytest.raises(ValueError, match="shape"):
        fanin.verify({**values, "q": values["q"][1:]}, plan)


def test_inspection_judges_and_gives_rows(plan: fanin.Plan, tmp_path: Path) -> None:
    import pandas

    path = tmp_path / "model.safetensors"
    plan.write(path)
    found = fanin.inspect(path, plan)
    frame = pandas.DataFrame(found.rows()).set_index("name")
    assert list(frame.verdict) == ["expected", "expected", "not_judged"]
    assert abs(frame.loc["fc.weight", "std"] / frame.loc["fc.weight", "expected_std"] - 1) < 0.01
    assert sum(found.tensors[0]["histogram"][2]) == 256 * 784
    other = fanin.plan(like=path, rules={"*.weight": "xavier_uniform(gain=2)", "*": "uniform(-0.1, 0.1)"})
    assert "fc.weight" in fanin.inspect(path, other).faulty
    assert [row["name"] for row in fanin.inspect(path, tensor="fc.*").tensors] == ["fc.weight", "fc.bias"]
    with pytest.raises(ValueError, match='has no tensor "x"'):
        fanin.inspect(path, tensor="x")
    json.dumps(found.to_dict())


def test_tables_are_made_of_plain_values(plan: fanin.Plan, tmp_path: Path) -> None:
    import pandas

    assert list(pandas.DataFrame(plan.rows()).name) == ["fc.weight", "fc.bias", "q"]
    json.dumps(plan.to_dict())
    a, b = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    plan.write(a)
    plan.write(b, seed=4)
    found = fanin.diff(a, b)
    assert not found.same and fanin.diff(a, a).same
    assert pandas.DataFrame(found.rows()).differing.tolist()[0] > 200_000
    json.dumps(found.to_dict())
    json.dumps(fanin.verify(b, plan, seed=3).to_dict())
    assert len(fanin.verify(b, plan, seed=3).rows()) == 3


def test_parameters_of_a_plan_may_be_arrays_and_their_shapes_are_taken(plan: fanin.Plan) -> None:
    values = {"w": np.zeros((3, 4), ml_dtypes.bfloat16), "b": np.zeros(3, "float16")}
    made = fanin.plan(
        parameters=values, rules={"w": ("lecun_normal", "jax"), "b": fanin.Initializer("zeros")}
    )
    assert [(entry.shape, entry.dtype, entry.layout) for entry in made.values()] == [
        ((3, 4), "bf16", "jax"),
        ((3,), "f16", "torch"),
    ]
    assert made["w"].fan_in == 3


CHILD = """
import sys, fanin
plan = fanin.plan(parameters={"w": (1 << 16, 1 << 16)}, rules={"w": "normal"})
print("start", flush=True)
try:
    plan.write(sys.argv[1], sync=False)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_long_write_and_leaves_nothing(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "m.safetensors")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stdout.readline() == "start\n"
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    start = time.monotonic()
    assert child.stdout.read() == "interrupted\n"
    assert child.wait(10) == 0 and time.monotonic() - start < 5
    assert list(tmp_path.iterdir()) == []


class Stopped(Exception):
    """What the handler of a signal raises."""


def test_the_exception_of_a_signal_handler_ends_a_write_which_resumes(tmp_path: Path) -> None:
    path, whole = tmp_path / "m.safetensors", tmp_path / "whole.safetensors"
    plan = fanin.plan(parameters={"w": (1 << 26,)}, rules={"w": "normal"})

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Stopped):
            plan.write(path, resume=True, sync=False)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not path.exists()
    assert [item.name for item in tmp_path.iterdir()] == [".m.safetensors.fanin.part"]
    with pytest.raises(ValueError, match="cannot be resumed"):
        plan.write(path, resume=True, seed=1)
    plan.write(path, resume=True, sync=False)
    plan.write(whole, sync=False)
    assert path.read_bytes() == whole.read_bytes()
    before_ns = path.stat().st_mtime_ns
    assert plan.write(path, resume=True) == [str(path)], "a complete file is kept"
    assert path.stat().st_mtime_ns == before_ns


@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_a_forked_child_writes_and_verifies(plan: fanin.Plan, tmp_path: Path) -> None:
    plan.write(tmp_path / "parent.safetensors")
    child = os.fork()
    if child == 0:
        try:
            plan.write(tmp_path / "child.safetensors")
            os._exit(0 if fanin.verify(tmp_path / "child.safetensors", plan) else 1)
        finally:
            os._exit(2)
    end = time.monotonic() + 15
    while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child hangs")
        time.sleep(0.01)
    assert done[1] == 0
    assert (tmp_path / "parent.safetensors").read_bytes() == (tmp_path / "child.safetensors").read_bytes()


@pytest.mark.skipif("FANIN_COMMAND" not in os.environ, reason="FANIN_COMMAND does not name the program fanin")
@pytest.mark.parametrize("name", ["lenet-300-100", "torchvision-resnet-18"])
def test_files_are_those_of_the_program_byte_for_byte(name: str, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.safetensors", tmp_path / "theirs.safetensors"
    fanin.init_file(ours, preset=name, seed=42, dtype="bf16")
    command = [os.environ["FANIN_COMMAND"], "init", "--preset", name, "--seed", "42", "--dtype", "bf16"]
    subprocess.run([*command, "--quiet", "-o", str(theirs)], check=True)
    assert ours.read_bytes() == theirs.read_bytes()


MEMORY = """
import resource, sys, fanin
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
plan = fanin.plan(parameters={f"w.{index}": (1 << 22,) for index in range(16)}, rules={"*": "normal"})
before = peak()
plan.write(sys.argv[1], sync=False)
fanin.verify(sys.argv[1], plan)
print(peak() - before)
"""


def test_a_file_of_256_mib_is_written_and_verified_in_less_than_64_mib(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MEMORY, str(tmp_path / "m.safetensors")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 64, f"{done.stdout} MiB"


def test_plain_buffers_are_filled_and_verified(plan: fanin.Plan) -> None:
    bias = plan.fill("fc.bias", array.array("f", bytes(1024)))
    assert np.array_equal(bias, plan.fill("fc.bias", np.empty(256, "float32")))
