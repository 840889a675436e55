"""The package in a process: forks, threads, the interpreter's lock, and what an import brings in."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

import fanin
import numpy as np
import pytest
from fanin import _fanin

SHAPE = (1 << 11, 1 << 10)


def digest(seed: int = 7) -> bytes:
    import hashlib

    return hashlib.sha256(fanin.init(SHAPE, "normal", seed)).digest()


def run(code: str, **environment: str) -> str:
    """Return what a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_a_forked_child_fills_the_same_bits_and_ends() -> None:
    expected = digest()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, digest())
        finally:
            os._exit(0)
    end = time.monotonic() + 15
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child did not end within 15 s")
        time.sleep(0.01)
    assert os.read(reading, 100) == expected
    os.close(reading)
    os.close(writing)
    assert digest() == expected, "the parent fills on"


@pytest.mark.filterwarnings("ignore:.*fork.*")
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_give_the_same_bits(method: str) -> None:
    expected = [digest(seed) for seed in range(4)]
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(digest, range(4), timeout=60)) == expected


@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_a_child_forked_during_a_fill_of_another_thread_fills() -> None:
    expected = digest()
    stop = threading.Event()

    def fill() -> None:
        while not stop.is_set():
            fanin.init(SHAPE, "normal", 1)

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                os._exit(0 if digest() == expected else 1)
            end = time.monotonic() + 15
            while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
                if time.monotonic() > end:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                    pytest.fail("the child did not end within 15 s")
                time.sleep(0.01)
            assert done[1] == 0
    finally:
        stop.set()
        thread.join()


def test_eight_threads_fill_at_once() -> None:
    expected = [digest(seed) for seed in range(4)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(digest, [0, 1, 2, 3] * 8)) == expected * 8


def test_the_number_of_threads_changes_no_bit() -> None:
    before = fanin.get_num_threads()
    expected = digest()
    try:
        for count in [1, 2, 3, 7]:
            fanin.set_num_threads(count)
            assert fanin.get_num_threads() == count == fanin.info()["threads"]
            assert digest() == expected
    finally:
        fanin.set_num_threads(before)
    for threads in [1, 2, 5]:
        out = fanin.fill(np.empty(SHAPE, "float32"), "normal", 7, threads=threads)
        assert np.array_equal(out, fanin.init(SHAPE, "normal", 7))
    for count in [-1, 1025]:
        with pytest.raises(ValueError, match="1024|from 0 to"):
            fanin.set_num_threads(count)


def test_the_environment_sets_the_number_of_threads() -> None:
    code = "import fanin; print(fanin.get_num_threads())"
    assert run(code, FANIN_THREADS="3") == "3\n"
    code = "import fanin\ntry: fanin.get_num_threads()\nexcept ValueError as error: print(error)"
    assert "FANIN_THREADS must be a number" in run(code, FANIN_THREADS="many")


def test_another_thread_keeps_its_speed_during_a_fill() -> None:
    """A fill without the lock leaves it to others; one with the lock would stop them altogether."""
    out = np.empty(1 << 24, "float32")

    def counted(seconds: float) -> float:
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            count += 1
        return count / seconds

    stop = threading.Event()

    def fill() -> None:
        while not stop.is_set():
            fanin.fill(out, "truncated_normal", 0, threads=1)

    ratios = []
    for _ in range(7):
        alone = counted(0.1)
        stop.clear()
        thread = threading.Thread(target=fill)
        thread.start()
        during = counted(0.1)
        stop.set()
        thread.join()
        ratios.append(during / alone)
    # The maximum: other programs on the machine slow both, but never speed one up by much.
    assert max(ratios) >= 0.8, ratios


def test_small_and_large_fills_have_equal_values_around_the_release_of_the_lock() -> None:
    whole = fanin.init(5000, "normal", 3)
    for size in [1, 4095, 4096, 4097]:
        assert np.array_equal(fanin.init(size, "normal", 3), whole[:size])


def test_a_call_by_address_costs_at_most_a_microsecond() -> None:
    out = np.empty(1, "float32")
    address, initializer, stream = out.ctypes.data, fanin.Initializer("normal(std=0.02)"), fanin.Stream(0)
    times = []
    for _ in range(20):
        start = time.thread_time()
        for _ in range(1000):
            _fanin.fill_address(address, "f32", (1,), None, initializer, stream)
        times.append((time.thread_time() - start) / 1000)
    assert min(times) <= 1e-6, f"{min(times) * 1e6:.2f} µs"


def test_the_import_brings_in_no_other_package() -> None:
    code = "import sys, fanin; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    found = set(run(code).split())
    assert not found & {"numpy", "torch", "jax", "keras", "ml_dtypes", "dataclasses", "typing", "inspect"}
    fill = "fanin.fill(array.array('f', [0]), 'normal', 0)"
    assert run(f"import array, sys, fanin; {fill}; print('numpy' in sys.modules)") == "False\n"


def test_the_import_takes_less_than_50_ms() -> None:
    code = "import time; start = time.perf_counter(); import fanin; print(time.perf_counter() - start)"
    times = [float(run(code)) for _ in range(7)]
    assert min(times) < 0.05, f"{statistics.median(times) * 1e3:.1f} ms"


def test_every_public_name_is_there_and_documented() -> None:
    assert set(fanin.__all__) <= set(dir(fanin))
    for name in fanin.__all__:
        value = getattr(fanin, name)
        assert isinstance(value, str | int) or value.__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'fil'"):
        fanin.fil  # noqa: B018


def test_facts_of_the_build() -> None:
    info = fanin.info()
    assert set(info) == {"version", "value_format", "level", "threads"}
    assert info["version"] == fanin.__version__ and info["value_format"] == fanin.VALUE_FORMAT == 1


def test_a_host_that_flushes_subnormal_numbers_gets_the_same_bits() -> None:
    torch = pytest.importorskip("torch")
    plan = fanin.plan(parameters={"w": (1000,)}, rules={"w": "uniform(high=1e-40)"})
    expected = fanin.init(1000, "uniform(high=1e-40)", fanin.Stream(0).child("w")).tobytes()
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush subnormal numbers")
    try:
        assert fanin.init(1000, "uniform(high=1e-40)", fanin.Stream(0).child("w")).tobytes() == expected
        out = plan.fill("w", np.empty(1000, "float32"))
        assert out.tobytes() == expected and fanin.verify({"w": out}, plan)
    finally:
        torch.set_flush_denormal(False)
    assert np.frombuffer(expected, "float32").any()
