"""Workers forked by multiprocessing fill the same values as the parent. Takes the path of libfanin.so."""

import ctypes
import hashlib
import multiprocessing
import sys

LEN = 1_000_000


class Stream(ctypes.Structure):
    _fields_ = [("k0", ctypes.c_uint64), ("k1", ctypes.c_uint64)]


class Distribution(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_uint32), ("reserved", ctypes.c_uint32)] + [
        (name, ctypes.c_double) for name in ("mean", "std", "low", "high")
    ]


fanin = ctypes.CDLL(sys.argv[1])
fanin.fanin_stream_new.argtypes = [ctypes.c_uint64]
fanin.fanin_stream_new.restype = Stream
fanin.fanin_normal.argtypes = [ctypes.c_double, ctypes.c_double]
fanin.fanin_normal.restype = Distribution
fanin.fanin_fill_f32.argtypes = [ctypes.c_void_p, ctypes.c_size_t, Distribution, Stream]
fanin.fanin_fill_f32.restype = ctypes.c_uint32


def digest(seed: int) -> str:
    values = (ctypes.c_float * LEN)()
    status = fanin.fanin_fill_f32(values, LEN, fanin.fanin_normal(0, 1), fanin.fanin_stream_new(seed))
    assert status == 0, status
    return hashlib.sha256(bytes(values)).hexdigest()


def main() -> None:
    seeds = [1, 2, 3, 1, 2, 3, 1, 2, 3]
    expected = [digest(seed) for seed in seeds]
    context = multiprocessing.get_context("fork")
    for _ in range(3):
        with context.Pool(4) as pool:
            assert pool.map_async(digest, seeds).get(timeout=120) == expected
    assert [digest(seed) for seed in seeds] == expected


main()
