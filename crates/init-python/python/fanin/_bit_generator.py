"""A stream's raw bits as a bit generator of NumPy. Importing this module imports NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from fanin import _fanin


class StreamBits(np.random.BitGenerator):
    """A bit generator of NumPy that draws a stream's raw bits, those of ``fanin bits``.

    Parameters
    ----------
    stream : Stream
    position : int, default 0
        The number of 32-bit words to leave out.
    """

    def __init__(self, stream: _fanin.Stream, position: int = 0) -> None:
        super().__init__(0)
        self._bits = _fanin.RawBits(stream, position)
        self._bits.install(self.capsule)
        self._children = 0

    @property
    def stream(self) -> _fanin.Stream:
        """The stream whose bits are drawn."""
        return self._bits.stream

    @property
    def state(self) -> Mapping[str, Any]:
        """The stream's key, and the number of 32-bit words that were drawn."""
        with self.lock:
            position = self._bits.position()
        return {"bit_generator": "StreamBits", "state": {"key": self.stream.key, "position": position}}

    @state.setter
    def state(self, value: Mapping[str, Any]) -> None:
        if not isinstance(value, Mapping) or value.get("bit_generator") != "StreamBits":
            raise ValueError("state must be that of a generator of fanin.bit_generator")
        if tuple(value["state"]["key"]) != self.stream.key:
            raise ValueError("the state is of another stream; make a generator of that stream")
        with self.lock:
            self._bits.seek(value["state"]["position"])

    def spawn(self, n_children: int) -> list[Self]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return that many generators of new child streams of this stream.

        Parameters
        ----------
        n_children : int

        Returns
        -------
        list of StreamBits
        """
        first = self._children
        self._children += n_children
        return [type(self)(self.stream.child(index)) for index in range(first, first + n_children)]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.stream, self.state["state"]["position"], self._children)


def _restored(stream: _fanin.Stream, position: int, children: int) -> StreamBits:
    """Return a generator as it was when it was pickled."""
    bits = StreamBits(stream, position)
    bits._children = children
    return bits
