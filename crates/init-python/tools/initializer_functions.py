"""Writes python/fanin/initializer.py, a typed function for each initializer, from the library's own table.

Run it after a change of the table; with --check it only says whether the file is up to date.
"""

from __future__ import annotations

import argparse
import keyword
import sys
import textwrap
from pathlib import Path

from fanin import InitializerInfo, ParameterInfo, initializers

TARGET = Path(__file__).parent.parent / "python" / "fanin" / "initializer.py"
WIDTH = 110

HEAD = '''"""Initializers as typed functions: each returns a `fanin.Initializer`.

Written by tools/initializer_functions.py from the library's table; do not edit.

Examples
--------
>>> from fanin import initializer
>>> str(initializer.kaiming_normal(mode="fan_out", nonlinearity="relu"))
'kaiming_normal(mode=fan_out, nonlinearity=relu)'
"""

from __future__ import annotations

from fanin._fanin import Initializer

'''

HELPER = '''

def _made(name: str, **parameters: float | bool | str | Initializer | None) -> Initializer:
    """Return the initializer of a name and parameters; None leaves a parameter out."""
    given = {key: value for key, value in parameters.items() if value is not None}
    texts = [f"{key}={_text(key, value)}" for key, value in given.items()]
    return Initializer(f"{name}({', '.join(texts)})")


def _text(key: str, value: float | bool | str | Initializer) -> str:
    """Return a parameter's value as the text form has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Initializer):
        return str(value)
    if hasattr(value, "__index__"):
        return repr(int(value))
    if hasattr(value, "__float__"):
        return repr(float(value))
    raise TypeError(f"{key} must be a number, a string or an initializer, got {type(value).__name__}")
'''


def main() -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    options = parser.parse_args()
    text = module()
    if options.check:
        if TARGET.read_text() == text:
            return 0
        print(f"{TARGET} is out of date: run {Path(__file__).name}", file=sys.stderr)
        return 1
    TARGET.write_text(text)
    return 0


def module() -> str:
    """Return the text of the module."""
    rows = initializers()
    names = sorted(name(row.name) for row in rows)
    listed = "".join(f'    "{name}",\n' for name in names)
    functions = "".join(function(row) for row in rows)
    return f"{HEAD}__all__ = [\n{listed}]\n{functions}{HELPER}"


def name(word: str) -> str:
    """Return a word as a Python name."""
    return f"{word}_" if keyword.iskeyword(word) else word


def function(row: InitializerInfo) -> str:
    """Return the function of an initializer."""
    positional = [parameter for parameter in row.parameters if parameter.required]
    named = [parameter for parameter in row.parameters if not parameter.required]
    signature = [*map(declared, positional), *(["*"] if named else []), *map(declared, named)]
    one_line = f"def {name(row.name)}({', '.join(signature)}) -> Initializer:\n"
    if len(one_line) - 1 > WIDTH:
        one_line = f"def {name(row.name)}(\n    {', '.join(signature)}\n) -> Initializer:\n"
        if len(one_line.splitlines()[1]) > WIDTH:
            listed = "".join(f"    {item},\n" for item in signature)
            one_line = f"def {name(row.name)}(\n{listed}) -> Initializer:\n"
    call = ", ".join([f'"{row.name}"', *(f"{item.name}={name(item.name)}" for item in row.parameters)])
    body = f"    return _made({call})\n"
    if len(body) - 1 > WIDTH:
        parts = "".join(
            f"        {part},\n"
            for part in [f'"{row.name}"', *(f"{item.name}={name(item.name)}" for item in row.parameters)]
        )
        joined = f"        {call}\n"
        body = f"    return _made(\n{joined if len(joined) - 1 <= WIDTH else parts}    )\n"
    return f'\n\n{one_line}    """{documentation(row)}\n    """\n{body}'


def declared(parameter: ParameterInfo) -> str:
    """Return a parameter as a signature declares it."""
    kind = types(parameter)
    if parameter.required:
        return f"{name(parameter.name)}: {kind}"
    if parameter.default is None:
        return f"{name(parameter.name)}: {kind} | None = None"
    return f"{name(parameter.name)}: {kind} = {default(parameter)}"


def types(parameter: ParameterInfo) -> str:
    """Return the type of a parameter's values."""
    return "str | Initializer" if "an initializer" in parameter.accepts else parameter.type


def default(parameter: ParameterInfo) -> str:
    """Return a parameter's default as Python text."""
    return f'"{parameter.default}"' if isinstance(parameter.default, str) else repr(parameter.default)


def documentation(row: InitializerInfo) -> str:
    """Return the docstring of a function, in NumPy style."""
    lines = wrapped(f"Return `{row.name}`: {row.summary.rstrip('.')}.", "")
    if row.parameters:
        lines += ["", "Parameters", "----------"]
        for item in row.parameters:
            kind = types(item).replace(" | ", " or ")
            lines.append(f"{name(item.name)} : {kind}{'' if item.required else ', optional'}")
            computed = f" Without it: {item.computed}." if item.computed else ""
            lines += wrapped(f"{item.accepts[0].upper()}{item.accepts[1:]}.{computed}", "    ")
    lines += ["", "Returns", "-------", "Initializer"]
    if row.source:
        lines += ["", "References", "----------", *wrapped(row.source.rstrip(".") + ".", "")]
    return "\n".join(f"    {line}".rstrip() if index else line for index, line in enumerate(lines))


def wrapped(text: str, indent: str) -> list[str]:
    """Return a text as lines that fit."""
    width = WIDTH - 7  # Beyond the docstring's own indentation and its quotes.
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


if __name__ == "__main__":
    sys.exit(main())
