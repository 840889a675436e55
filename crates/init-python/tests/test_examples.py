"""The examples of every docstring run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil

import fanin
import pytest
from fanin import _fanin

os.environ.setdefault("KERAS_BACKEND", "jax")
MODULES = ["fanin", *(item.name for item in pkgutil.walk_packages(fanin.__path__, "fanin."))]


def failures(tests: list[doctest.DocTest]) -> str:
    found: list[str] = []
    for test in tests:
        doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test, out=found.append)
    return "".join(found)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "fanin._fanin"])
def test_examples_of_a_module(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, "a module says what it is"
    assert not failures(doctest.DocTestFinder().find(module))


def test_examples_of_the_extension() -> None:
    tests = doctest.DocTestFinder().find(_fanin, "_fanin", module=False)
    assert sum(bool(test.examples) for test in tests) >= 15
    assert not failures(tests)
