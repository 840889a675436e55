"""A stream's raw bits behind NumPy's generators."""

from __future__ import annotations

import copy
import pickle
import threading

import fanin
import numpy as np
import pytest

# Of `fanin bits --seed 42 --limit 32`.
BITS_OF_SEED_42 = "d7d34581453f2d20f5d287f352563942fbdba6c24a39cf1c01debadf3407e932"


def test_words_are_those_that_the_library_draws_from() -> None:
    bits = fanin.bit_generator(42)
    assert bits.random_raw(4).tobytes().hex() == BITS_OF_SEED_42
    halves = np.random.Generator(fanin.bit_generator(42)).integers(0, 2**32, 8, dtype=np.uint32)
    assert halves.tobytes().hex() == BITS_OF_SEED_42


def test_a_name_gives_other_bits_and_a_generator_draws_from_them() -> None:
    stream = fanin.Stream(42).child("dropout")
    rng = np.random.Generator(fanin.bit_generator(stream))
    assert isinstance(rng.bit_generator, np.random.BitGenerator) and rng.bit_generator.stream == stream
    values = rng.normal(size=100_000)
    assert abs(values.mean()) < 0.02 and abs(values.std() - 1) < 0.02
    uniform = rng.random(100_000)
    assert 0 <= uniform.min() and uniform.max() < 1 and abs(uniform.mean() - 0.5) < 0.005
    assert fanin.bit_generator(stream).random_raw() != fanin.bit_generator(42).random_raw()


@pytest.mark.parametrize("drawn", [0, 1, 7, 8, 2047, 2048, 100_001])
def test_states_pickles_and_copies_continue_where_they_were(drawn: int) -> None:
    bits = fanin.bit_generator(7)
    bits.random_raw(drawn)
    state, pickled, copied = bits.state, pickle.dumps(np.random.Generator(bits)), copy.deepcopy(bits)
    expected = bits.random_raw(20).tolist()
    assert state["state"]["position"] == 2 * drawn
    assert pickle.loads(pickled).bit_generator.random_raw(20).tolist() == expected
    assert copied.random_raw(20).tolist() == expected
    other = fanin.bit_generator(7)
    other.state = state
    assert other.random_raw(20).tolist() == expected


def test_a_state_of_another_stream_is_refused() -> None:
    with pytest.raises(ValueError, match="of another stream"):
        fanin.bit_generator(7).state = fanin.bit_generator(8).state
    with pytest.raises(ValueError, match="must be that of a generator of fanin"):
        fanin.bit_generator(7).state = np.random.PCG64(1).state


def test_spawned_generators_are_new_children_each_time() -> None:
    bits = fanin.bit_generator(7)
    first, second = bits.spawn(2)
    (third,) = np.random.Generator(bits).spawn(1)
    assert (first.stream, second.stream) == (fanin.Stream(7).child(0), fanin.Stream(7).child(1))
    assert third.bit_generator.stream == fanin.Stream(7).child(2)


def test_threads_share_a_generator_without_losing_words() -> None:
    rng = np.random.Generator(fanin.bit_generator(3))
    threads = [threading.Thread(target=lambda: [rng.random(100) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rng.bit_generator.state["state"]["position"] == 2 * 4 * 200 * 100


def test_what_is_not_a_stream_is_refused() -> None:
    with pytest.raises((TypeError, ValueError), match="seed"):
        fanin.bit_generator("seed")
    with pytest.raises(ValueError, match="seed must be from 0"):
        fanin.bit_generator(-1)
