"""The CUDA source: its constants are the engine's, its PTX rounds as it is written."""

from __future__ import annotations

import os
import re
import struct
from collections import Counter
from math import pi
from pathlib import Path

import pytest
from fanin.torch.cuda.kernel import SAMPLERS, _nvrtc, program, text
from host_kernels import KERNELS

TARGETS = ["compute_80", "compute_90", "compute_100"]
ROOT = Path(__file__).parents[5]


def f32(number: float) -> float:
    """Return the nearest f32."""
    return struct.unpack("f", struct.pack("f", number))[0]


def constants_of_the_source() -> dict[str, list[float]]:
    """Return the numbers of each macro of fill.cu."""
    joined = text().replace("\\\n", "")
    found = {}
    for name, values in re.findall(r"^#define ([A-Z0-9_]+) (\{?-?0x[^\n]*)$", joined, re.MULTILINE):
        found[name] = [float.fromhex(value.strip(" {}f")) for value in values.split(",")]
    return found


def constants_of_the_engine() -> dict[str, list[float]]:
    """Return the numbers of each polynomial of init-kernels."""
    found = {}
    for path in (ROOT / "crates/init-kernels/src/math").glob("*.rs"):
        for name, kind, values in re.findall(r"const (\w+): ([^=]+)=(.*?);\n", path.read_text(), re.DOTALL):
            values = values.replace("FRAC_PI_2", repr(pi / 2)).replace("_", "")
            numbers = [float(value) for value in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", values)]
            if "Polynomial" in kind:
                # The first number is the reach.
                found[name] = [f32(number) for number in numbers[1:]]
            elif "f32" in kind:
                found[name] = [f32(number) for number in numbers]
            elif "f64" in kind:
                found[name] = numbers
    return found


def constants_of_the_page() -> dict[str, list[float]]:
    """Return the numbers of each table of the value format."""
    page = (ROOT / "docs/value-format.md").read_text().split("## Coefficients")[1]
    found: dict[str, list[float]] = {}
    names, current = [""], ""
    for line in page.splitlines():
        if heading := re.match(r"\*\*([A-Z0-9, ]+)\*\*", line):
            names = heading[1].split(", ")
            current = names[0]
        elif line in names:
            current = line
        elif line.startswith(("0x", "-0x")):
            found.setdefault(current, []).append(float.fromhex(line))
    return found


POLYNOMIALS = ["LOG32", "SIN32", "COS32", "P32", "Q32", "LOG64", "SIN64", "COS64", "PQ64", "QQ64", "MILLS"]


@pytest.mark.skipif(not (ROOT / "docs/value-format.md").exists(), reason="not in the repository")
def test_constants_are_those_of_the_engine_and_of_the_value_format() -> None:
    source, engine, page = constants_of_the_source(), constants_of_the_engine(), constants_of_the_page()
    for name in [*POLYNOMIALS, "LNMILLS"]:
        assert source[name] == engine["LN_MILLS" if name == "LNMILLS" else name] == page[name], name
    assert source["CENTRE32"] == engine["CENTRE32"]
    assert source["SQRT_TWO_LN_2"] == engine["SQRT_TWO_LN_2"]
    single, double = source["NEG_TWO_LN_2_F32"][0], source["NEG_TWO_LN_2"][0]
    assert single == f32(double) and abs(double / 2 + 0.6931471805599453) == 0


# Operations on floating-point numbers that round to nearest, once, or not at all.
ALLOWED = re.compile(
    r"(fma|add|sub|mul|div|sqrt|rcp)\.rn\.f(32|64)|cvt\.rn\.f(32\.([su]32|f64)|64\.s32)"
    r"|(mov|selp|neg|min|max)\.f(32|64)|setp\.\w+\.f(32|64)|(ld\.param|st\.global)\.f(32|64)"
)


def operations(ptx: bytes) -> Counter[str]:
    """Count the instructions of PTX that have a floating-point type."""
    body = ptx.rstrip(b"\0").decode().split("{", 1)[1]
    found = re.findall(r"^\s+(?:@!?%p\d+\s+)?([a-z][\w.]*)", body, re.MULTILINE)
    return Counter(name for name in found if re.search(r"\.b?f(16|32|64)", name))


def compiled(source: str, target: str, *options: str) -> bytes:
    """Compile to PTX, or skip the test where NVRTC is missing."""
    try:
        _nvrtc.library()
    except RuntimeError as error:
        pytest.skip(str(error))
    return _nvrtc.compile_text(source, target, options or _nvrtc._EXACT)


@pytest.mark.parametrize("target", TARGETS)
def test_ptx_has_exactly_rounded_operations_only(target: str) -> None:
    for kernel in KERNELS:
        ptx = compiled(f"{text()}\n{program(*kernel)[0]}\n", target)
        found = operations(ptx)
        assert found.total() > 5, kernel
        assert not [name for name in found if not ALLOWED.fullmatch(name)], kernel
        assert b".ftz" not in ptx and b".approx" not in ptx and b"local_depot" not in ptx


@pytest.mark.parametrize("target", TARGETS if os.environ.get("FANIN_LONG") == "1" else ["compute_90"])
def test_ptx_is_the_same_where_the_compiler_may_fuse(target: str) -> None:
    for kernel in KERNELS:
        source = f"{text()}\n{program(*kernel)[0]}\n"
        fusing = compiled(source, target, "--fmad=true", *_nvrtc._EXACT[1:])
        assert compiled(source, target) == fusing, kernel


def test_the_checks_find_what_they_forbid() -> None:
    plain = 'extern "C" __global__ void k(float *x) { x[0] = x[1] * x[2] + x[3]; x[4] = x[5] / x[6]; }'
    exact, fast = compiled(plain, "compute_90"), compiled(plain, "compute_90", "--use_fast_math")
    fused = compiled(plain, "compute_90", "--fmad=true", *_nvrtc._EXACT[1:])
    assert "fma.rn.f32" in operations(fused) and "fma.rn.f32" not in operations(exact) and exact != fused
    assert [name for name in operations(fast) if not ALLOWED.fullmatch(name) and "ftz" in name]
    assert b".ftz" in fast and b".approx" in fast


def test_each_kernel_compiles_to_machine_code() -> None:
    for kernel in [("normal", "f32"), ("far", "f64"), ("central", "bf16")]:
        image = compiled(f"{text()}\n{program(*kernel)[0]}\n", "sm_90")
        assert image[:4] == b"\x7fELF" and program(*kernel)[1].encode() in image


def test_an_error_of_the_compiler_is_shown() -> None:
    compiled(text(), "compute_90")
    with pytest.raises(_nvrtc.CompileError, match="identifier .*missing"):
        compiled(text() + "\nDEVICE int f() { return missing; }\n", "compute_90")


def test_every_sampler_of_the_engine_has_a_kernel() -> None:
    page = ROOT / "crates/init-kernels/src/prepared.rs"
    if not page.exists():
        pytest.skip("not in the repository")
    table = [line for line in page.read_text().splitlines() if line.startswith("/// | `")]
    named = {name for line in table for name in re.findall(r"`(\w+)`", line)}
    assert named == {*SAMPLERS, "constant"}
