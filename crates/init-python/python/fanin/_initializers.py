"""The table of initializers as objects."""

from __future__ import annotations

from dataclasses import dataclass

from fanin import _fanin


@dataclass(frozen=True)
class ParameterInfo:
    """A parameter of an initializer.

    Attributes
    ----------
    name : str
    aliases : tuple of str
    type : str
        ``"float"``, ``"int"``, ``"bool"``, ``"str"`` or ``"float | str"``.
    accepts : str
        What a value must be, in words.
    required : bool
    default : float, bool, str or None
        The default value; None if there is none or if it is computed.
    computed : str or None
        How a missing value is computed.
    """

    name: str
    aliases: tuple[str, ...]
    type: str
    accepts: str
    required: bool
    default: float | bool | str | None
    computed: str | None


@dataclass(frozen=True)
class InitializerInfo:
    """A row of the table of initializers.

    Attributes
    ----------
    name : str
    aliases : tuple of str
    summary : str
        The formula and what it is for.
    source : str
        The paper or library that defines it.
    needs_fans : bool
        Whether fan_in and fan_out of the shape are used.
    structured : bool
        Whether elements depend on each other or on their index.
    parameters : tuple of ParameterInfo
    examples : tuple of str
    """

    name: str
    aliases: tuple[str, ...]
    summary: str
    source: str
    needs_fans: bool
    structured: bool
    parameters: tuple[ParameterInfo, ...]
    examples: tuple[str, ...]


def initializers() -> list[InitializerInfo]:
    """Return all initializers with their parameters, from the library's own table.

    Returns
    -------
    list of InitializerInfo

    Examples
    --------
    >>> import fanin
    >>> [row.name for row in fanin.initializers()][:3]
    ['zeros', 'ones', 'constant']
    """
    return [
        InitializerInfo(
            name=row["name"],
            aliases=tuple(row["aliases"]),
            summary=row["summary"],
            source=row["source"],
            needs_fans=row["needs_fans"],
            structured=row["structured"],
            parameters=tuple(
                ParameterInfo(
                    name=item["name"],
                    aliases=tuple(item["aliases"]),
                    type=item["type"],
                    accepts=item["accepts"],
                    required=item["required"],
                    default=item.get("default"),
                    computed=item.get("computed"),
                )
                for item in row["parameters"]
            ),
            examples=tuple(row["examples"]),
        )
        for row in _fanin.initializer_table()
    ]
