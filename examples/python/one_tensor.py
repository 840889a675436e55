"""One tensor: fill an array, a part of it, and ask what an initializer resolves to."""

import numpy as np

import fanin

stream = fanin.Stream(42).child("fc.weight")
weight = np.empty((256, 784), dtype=np.float32)
fanin.fill(weight, "xavier_uniform", stream)

resolved = fanin.resolve("xavier_uniform", (256, 784))
print(f"xavier_uniform for 784 inputs and 256 outputs: {resolved.text}")
print(f"first weight: {weight[0, 0]:.9g}")

# Rows 64 to 127 alone have the values of the whole.
rows = np.empty((64, 784), dtype=np.float32)
fanin.fill(rows, "xavier_uniform", stream, shard=fanin.Shard((256, 784), (64, 0), (64, 784)))
assert np.array_equal(rows, weight[64:128])

# A transposed array has the values of its logical index.
transposed = np.empty((784, 256), dtype=np.float32).T
fanin.fill(transposed, "xavier_uniform", stream)
assert np.array_equal(transposed, weight)

# A new array in one call.
assert np.array_equal(fanin.init((256, 784), "xavier_uniform", stream), weight)
print("a shard and a transposed array have the same values")
