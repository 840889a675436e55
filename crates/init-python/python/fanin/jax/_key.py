"""Keys of JAX as streams."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from fanin._fanin import Stream


def stream_of_key(key: Any) -> Stream:
    """Return the stream that a key's data select.

    The first two words w0, w1 of the data are the seed 2**32 w0 + w1; each further pair selects a child.

    Parameters
    ----------
    key : jax.Array or Stream
        A key of any implementation, typed or raw; a stream is returned as it is.

    Raises
    ------
    TypeError
        If it is a batch of keys, or no key.

    Examples
    --------
    >>> import jax, fanin.jax
    >>> fanin.jax.stream_of_key(jax.random.key(7)) == fanin.Stream(7)
    True
    """
    if isinstance(key, Stream):
        return key
    return stream_of_words(key_words(key))


def key_words(key: Any) -> Any:
    """Return the 32-bit words of one key, traced or not."""
    if not hasattr(key, "dtype"):
        raise TypeError(
            f"key must be a key of jax.random or a fanin.Stream, got {type(key).__name__}; "
            "jax.random.key(0) makes one"
        )
    words = jax.random.key_data(key) if jax.numpy.issubdtype(key.dtype, jax.dtypes.prng_key) else key
    if words.ndim != 1 or words.dtype != np.uint32:
        raise TypeError(
            f"key must be one key, got an array of shape {tuple(key.shape)} and dtype {key.dtype}; use "
            "jax.vmap for several"
        )
    return words


def stream_of_words(words: Any) -> Stream:
    """Return the stream of a key's words."""
    numbers = [int(word) for word in np.asarray(words)]
    numbers += [0] * (len(numbers) % 2)
    pairs = [high << 32 | low for high, low in zip(numbers[::2], numbers[1::2], strict=True)]
    stream = Stream(pairs[0])
    for pair in pairs[1:]:
        stream = stream.child(pair)
    return stream
