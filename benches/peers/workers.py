"""The Python peers, each in a separate process that speaks the meter's protocol.

A request is a line `fill DISTRIBUTION DTYPE ELEMENTS THREADS`; the answer is the seconds of one fill of a buffer whose
pages are mapped, or `none` if the peer does not support the fill. The peers get the easiest form of the work: no scaling
where the distribution does not require it.
"""

import concurrent.futures
import ctypes
import glob
import mmap
import os
import sys
import time

STD, BOUND = 0.02, 0.0759555
SIZES = {"f32": 4, "f64": 8, "bf16": 2}


class Buffer:
    """Returns anonymous memory in huge pages, every page touched, as large as the largest request."""

    def __init__(self):
        self.memory = mmap.mmap(-1, mmap.PAGESIZE)

    def view(self, elements, dtype):
        length = elements * SIZES[dtype]
        if len(self.memory) < length:
            self.memory = mmap.mmap(-1, length)
            if hasattr(mmap, "MADV_HUGEPAGE"):
                self.memory.madvise(mmap.MADV_HUGEPAGE)
            for page in range(0, length, mmap.PAGESIZE):
                self.memory[page] = 1
        return memoryview(self.memory)[:length]


class Halves:
    """Calls a function on equal parts, one per thread: serial peers release the interpreter's lock meanwhile."""

    def __init__(self):
        self.pools = {}

    def run(self, threads, elements, call):
        ends = [elements * part // threads for part in range(threads + 1)]
        if threads == 1:
            return call(0, 0, elements)
        if threads not in self.pools:
            self.pools[threads] = concurrent.futures.ThreadPoolExecutor(threads)
        parts = [self.pools[threads].submit(call, part, ends[part], ends[part + 1]) for part in range(threads)]
        for part in parts:
            part.result()


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class Torch:
    def __init__(self):
        import torch

        self.torch = torch
        self.name = f"torch {torch.__version__}"
        self.buffer = Buffer()
        self.dtypes = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16}

    def fill(self, distribution, dtype, elements, threads):
        torch = self.torch
        torch.set_num_threads(threads)
        tensor = torch.frombuffer(self.buffer.view(elements, dtype), dtype=self.dtypes[dtype])
        call = {
            "uniform": lambda: tensor.uniform_(-BOUND, BOUND),
            "normal": lambda: tensor.normal_(0.0, STD),
            "truncated_normal": lambda: torch.nn.init.trunc_normal_(tensor, 0.0, STD, -2 * STD, 2 * STD),
        }[distribution]
        with torch.no_grad():
            result = seconds(call)
            check(distribution, tensor[:100_000].double().std().item(), 1.0)
        return result


class NumPy:
    """`Generator`, the standard distributions, without scaling, with one generator per thread."""

    def __init__(self, generator):
        import numpy

        self.numpy = numpy
        self.name = f"NumPy {numpy.__version__} {generator}"
        self.generator = getattr(numpy.random, generator)
        self.generators = {}
        self.buffer, self.halves = Buffer(), Halves()

    def fill(self, distribution, dtype, elements, threads):
        numpy = self.numpy
        if distribution == "truncated_normal" or dtype == "bf16":
            return None
        kind = {"f32": numpy.float32, "f64": numpy.float64}[dtype]
        array = numpy.frombuffer(self.buffer.view(elements, dtype), dtype=kind)
        for part in range(threads):
            self.generators.setdefault(part, numpy.random.Generator(self.generator(part)))

        def call(part, start, end):
            generator = self.generators[part]
            method = generator.random if distribution == "uniform" else generator.standard_normal
            method(out=array[start:end], dtype=kind)

        result = seconds(lambda: self.halves.run(threads, elements, call))
        check(distribution, float(array[:100_000].std()), 1.0 / (2 * BOUND) if distribution == "uniform" else 1.0 / STD)
        return result


class Jax:
    """Jitted, with the output in the donated input's memory and XLA's own threads, one per core of the process."""

    def __init__(self):
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax = jax
        self.name = f"JAX {jax.__version__}"
        self.calls, self.arrays = {}, {}

    def fill(self, distribution, dtype, elements, threads):
        jax = self.jax
        kind = {"f32": jax.numpy.float32, "f64": jax.numpy.float64, "bf16": jax.numpy.bfloat16}[dtype]
        operation = (distribution, dtype, elements)
        if operation not in self.calls:

            def sample(array, seed):
                key, shape = jax.random.key(seed), array.shape
                if distribution == "uniform":
                    return jax.random.uniform(key, shape, kind, -BOUND, BOUND)
                if distribution == "normal":
                    return jax.random.normal(key, shape, kind) * kind(STD)
                return jax.random.truncated_normal(key, -2.0, 2.0, shape, kind) * kind(STD)

            self.arrays.clear()
            self.calls[operation] = jax.jit(sample, donate_argnums=0, keep_unused=True)
            self.arrays[operation] = self.calls[operation](jax.numpy.zeros(elements, kind), 0).block_until_ready()
        if operation not in self.arrays:
            self.arrays.clear()
            self.arrays[operation] = jax.numpy.zeros(elements, kind).block_until_ready()

        def call():
            self.arrays[operation] = self.calls[operation](self.arrays[operation], 42).block_until_ready()

        result = seconds(call)
        check(distribution, float(self.arrays[operation][:100_000].astype("float64").std()), 1.0)
        return result


class Mkl:
    """MKL's vector statistics, with the generator and method that are fastest on this machine for the fill."""

    GENERATORS = {"MCG31": 1, "MCG59": 4, "MT2203": 9, "SFMT19937": 13, "ARS5": 15, "PHILOX4X32X10": 16}
    METHODS = {"uniform": {"STD": 0}, "normal": {"BOXMULLER": 0, "BOXMULLER2": 1, "ICDF": 2}}
    TRIAL = 1 << 20

    def __init__(self):
        import importlib.metadata

        (library, *_) = glob.glob(os.path.join(sys.prefix, "lib", "libmkl_rt.so*"))
        self.mkl = ctypes.CDLL(library)
        self.mkl.MKL_Set_Num_Threads(1)
        self.name = f"MKL {importlib.metadata.version('mkl')}"
        self.streams, self.best = {}, {}
        self.buffer, self.halves = Buffer(), Halves()

    def stream(self, generator, part):
        if (generator, part) not in self.streams:
            stream = ctypes.c_void_p()
            status = self.mkl.vslNewStream(ctypes.byref(stream), self.GENERATORS[generator] << 20, 42 + part)
            if status:
                raise RuntimeError(f"vslNewStream of {generator}: {status}")
            self.streams[generator, part] = stream
        return self.streams[generator, part]

    def call(self, choice, distribution, dtype, elements, threads):
        generator, method = choice
        view = self.buffer.view(elements, dtype)
        address = ctypes.addressof(ctypes.c_char.from_buffer(view))
        real = {"f32": ctypes.c_float, "f64": ctypes.c_double}[dtype]
        prefix = {"f32": "vs", "f64": "vd"}[dtype]
        function = getattr(self.mkl, prefix + ("RngUniform" if distribution == "uniform" else "RngGaussian"))
        a, b = (-BOUND, BOUND) if distribution == "uniform" else (0.0, STD)
        streams = [self.stream(generator, part) for part in range(threads)]

        def part(index, start, end):
            address_of_part = ctypes.c_void_p(address + start * SIZES[dtype])
            method_id = self.METHODS[distribution][method]
            status = function(method_id, streams[index], end - start, address_of_part, real(a), real(b))
            if status:
                raise RuntimeError(f"{function.__name__} with {choice}: {status}")

        result = seconds(lambda: self.halves.run(threads, elements, part))
        import array

        head = array.array("f" if dtype == "f32" else "d")
        head.frombytes(view[: min(100_000, elements) * SIZES[dtype]])
        mean = sum(head) / len(head)
        check(distribution, (sum((x - mean) ** 2 for x in head) / len(head)) ** 0.5, 1.0)
        return result

    def fill(self, distribution, dtype, elements, threads):
        if distribution not in self.METHODS or dtype == "bf16":
            return None
        if (distribution, dtype) not in self.best:
            choices = [(generator, method) for generator in self.GENERATORS for method in self.METHODS[distribution]]
            times = {
                choice: min(self.call(choice, distribution, dtype, self.TRIAL, 1) for _ in range(5)) for choice in choices
            }
            self.best[distribution, dtype] = min(times, key=times.get)
        return self.call(self.best[distribution, dtype], distribution, dtype, elements, threads)

    def choice(self, distribution, dtype):
        return " ".join(self.best.get((distribution, dtype), ()))


def check(distribution, std, scale):
    """Raises an error if the values of a peer do not have the standard deviation of the distribution."""
    expected = {"uniform": 2 * BOUND / 12**0.5, "normal": STD, "truncated_normal": 0.8796257 * STD}[distribution] * scale
    if abs(std / expected - 1) > 0.02:
        raise RuntimeError(f"{distribution}: the standard deviation is {std}, must be {expected}")


PEERS = {
    "torch": Torch,
    "numpy-sfc64": lambda: NumPy("SFC64"),
    "numpy-pcg64": lambda: NumPy("PCG64"),
    "jax": Jax,
    "mkl": Mkl,
}


def main(peer):
    peer = PEERS[peer]()
    print("ready", peer.name, flush=True)
    for line in sys.stdin:
        operation, distribution, dtype, *rest = line.split()
        if operation == "choice":
            print(peer.choice(distribution, dtype) if hasattr(peer, "choice") else "", flush=True)
            continue
        elements, threads = map(int, rest)
        result = peer.fill(distribution, dtype, elements, threads)
        print("none" if result is None else f"{result:.9f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
