"""NumPy files of `fanin init` open in NumPy, equal the files that NumPy writes, and have the values of the safetensors file.

python tests/python/opens_in_numpy.py path/to/fanin
"""

import io
import json
import pathlib
import tempfile

import numpy as np

from formats import SHAPES, bits, check, write

TYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16}


def main():
    arrays = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for dtype, kind in TYPES.items():
            expected, metadata = bits(write(folder, "all.safetensors", dtype=dtype))
            with np.load(write(folder, "all.npz", dtype=dtype)) as found:
                check("names", found.files == list(SHAPES))
                check("checksums", found.zip.testzip() is None)
                own = {key: value for key, value in metadata.items() if key.startswith("fanin.")}
                check("metadata", len(own) == 4 and json.loads(found.zip.comment) == own)
                for name, (shape, _, data) in expected.items():
                    array = found[name]
                    check(f"{name} of .npz", array.shape == shape and array.dtype == kind and array.tobytes() == data)
                    arrays += 1
            for name, (shape, _, data) in expected.items():
                path = write(folder, "one.npy", {name: SHAPES[name]}, dtype)
                array, mapped = np.load(path), np.load(path, mmap_mode="r")
                for each in (array, mapped):
                    check(f"{name} of .npy", each.shape == shape and each.dtype == kind and each.tobytes() == data)
                check(f"{name}: mapped", isinstance(mapped, np.memmap) and mapped.offset % 64 == 0)
                saved = io.BytesIO()
                np.save(saved, array)
                check(f"{name}: the file that NumPy writes", path.read_bytes() == saved.getvalue())
                arrays += 1
        # Headers of every length.
        for ndim in range(33):
            path = write(folder, "one.npy", {"a": (1,) * ndim})
            saved = io.BytesIO()
            np.save(saved, np.load(path))
            check(f"{ndim} dimensions", path.read_bytes() == saved.getvalue())
    print(f"{arrays} arrays read by NumPy {np.__version__}, bit for bit equal to safetensors")


if __name__ == "__main__":
    main()
