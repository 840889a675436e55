"""The results of checks: verification, inspection and difference, each with rows for a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fanin._fanin import Plan


@dataclass(frozen=True)
class Difference:
    """A tensor that differs from its plan.

    Attributes
    ----------
    name : str
    kind : {"values", "dtype"}
        With ``"dtype"`` the values were not compared.
    shape : tuple of int
    dtype : str
        The element type found.
    expected_dtype : str
        The element type of the plan.
    count : int or None
        How many values have other bits.
    index : tuple of int or None
        Where the first of them is.
    expected, found : float or None
        The plan's value there, and the one found.
    """

    name: str
    kind: Literal["values", "dtype"]
    shape: tuple[int, ...]
    dtype: str
    expected_dtype: str
    count: int | None = None
    index: tuple[int, ...] | None = None
    expected: float | None = None
    found: float | None = None

    def __str__(self) -> str:
        if self.kind == "dtype":
            return f"{self.name}: {self.dtype} found, {self.expected_dtype} expected"
        return (
            f"{self.name}: {self.count} values differ, first at {self.index}: "
            f"expected {self.expected!r}, found {self.found!r}"
        )


@dataclass(frozen=True)
class Verification:
    """The result of `fanin.verify`; true if every bit is the plan's.

    Attributes
    ----------
    exact : bool
        Whether every bit of every tensor is the plan's.
    differences : list of Difference
        The tensors that differ.
    seed : int
        The seed that the values were compared with.
    tensors, elements : int
        How many tensors and values the plan has.
    """

    differences: list[Difference]
    seed: int
    tensors: int
    elements: int

    @classmethod
    def of(cls, plan: Plan, rows: list[dict[str, Any]]) -> Verification:
        """Return the verification by a plan that found these rows."""
        return cls([Difference(**row) for row in rows], plan.seed, len(plan), plan.elements)

    @property
    def exact(self) -> bool:
        """Whether every bit of every tensor is the plan's."""
        return not self.differences

    def __bool__(self) -> bool:
        return self.exact

    def rows(self) -> list[dict[str, Any]]:
        """Return a dict for each tensor that differs, as ``pandas.DataFrame`` takes them."""
        return [asdict(difference) for difference in self.differences]

    def to_dict(self) -> dict[str, Any]:
        """Return the verification as a dict of plain values."""
        return {"exact": self.exact, **asdict(self)}

    def __str__(self) -> str:
        if self.exact:
            return f"{self.tensors} tensors, {self.elements} values: bit for bit those of seed {self.seed}"
        lines = [f"{len(self.differences)} of {self.tensors} tensors differ from seed {self.seed}"]
        return "\n  ".join(lines + [str(difference) for difference in self.differences])


@dataclass(frozen=True)
class Inspection:
    """The result of `fanin.inspect`: statistics of tensors, and verdicts.

    Attributes
    ----------
    metadata : dict
        The file's metadata.
    scores : int
        The number of z-scores that were judged.
    limit : float
        The largest z-score, in either direction, that is not a fault.
    tensors : list of dict
        For each tensor: ``name``, ``shape``, ``dtype``, ``elements``, ``nan``, ``infinite``, ``mean``,
        ``std``, ``min``, ``max``, ``kurtosis``, ``histogram`` (minimum, maximum, counts), ``initializer``,
        ``distribution``, ``expected_mean``, ``expected_std``, ``mean_z``, ``std_z``, ``bound``, ``verdict``
        (``"expected"``, ``"faulty"`` or ``"not_judged"``), ``faults`` and ``reason``.
    """

    metadata: dict[str, str]
    scores: int
    limit: float
    tensors: list[dict[str, Any]]

    @property
    def faulty(self) -> list[str]:
        """The names of the tensors that are not as planned, or not finite."""
        return [row["name"] for row in self.tensors if row["verdict"] == "faulty"]

    def rows(self) -> list[dict[str, Any]]:
        """Return a dict for each tensor, without its histogram, as ``pandas.DataFrame`` takes them."""
        return [{key: value for key, value in row.items() if key != "histogram"} for row in self.tensors]

    def to_dict(self) -> dict[str, Any]:
        """Return the inspection as a dict of plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Diff:
    """The result of `fanin.diff`: how the tensors of two files differ.

    Attributes
    ----------
    tensors : list of dict
        For each common tensor: ``name``, ``shape_a``, ``shape_b``, ``dtype_a``, ``dtype_b``, ``equal``,
        ``differing`` (how many elements), ``not_finite``, ``max`` and ``rms`` of the changes, ``rms_a``, and
        ``relative`` (rms / rms_a).
    only_a, only_b : list of str
        The names that only one file has.
    """

    tensors: list[dict[str, Any]]
    only_a: list[str]
    only_b: list[str]

    @property
    def same(self) -> bool:
        """Whether both files have the same tensors, bit for bit."""
        return not self.only_a and not self.only_b and all(row["equal"] for row in self.tensors)

    def rows(self) -> list[dict[str, Any]]:
        """Return a dict for each common tensor, as ``pandas.DataFrame`` takes them."""
        return list(self.tensors)

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as a dict of plain values."""
        return {"same": self.same, **asdict(self)}
