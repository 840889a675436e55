"""Draws the fills of two threads in f32 from benches/RESULTS.md as bars: docs/pictures/peers.svg, the chart of the README.

    python3 benches/peers/chart.py [--threads 2] [--dtype f32] [-o docs/pictures/peers.svg]

Needs nothing but Python. The colours follow the reader's light or dark scheme.
"""

import argparse
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "benches/RESULTS.md"

FILLS = [
    ("uniform", "uniform"),
    ("normal", "normal"),
    ("truncated_normal", "normal, truncated at ±2σ"),
]
NAMES = {"torch": "PyTorch"}
WIDTH, LEFT, RIGHT = 800, 110, 150
BAR, GAP, HEAD = 20, 6, 38
STYLE = """
  .ground { fill: #ffffff; stroke: #d0d7de }
  text { font: 15px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 17px }
  .note { fill: #59636e }
  .peer { fill: #afb8c1 }
  .ours { fill: #0969da }
  .strong { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .peer { fill: #59636e }
    .ours { fill: #4493f8 }
  }
"""


def table(page):
    """The rows of the page's first table, by fill, dtype and threads: each program's nanoseconds and, of a peer, the ratio."""
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    head = next(line for line in lines if line[0] == "fill")
    times = {}
    for line in lines[lines.index(head) + 2 :]:
        if len(line) != len(head):
            break
        row = dict(zip(head, line))
        found = {}
        for title, cell in row.items():
            if title.endswith(", ns") and (numbers := re.findall(r"[\d.]+", cell)):
                found[title.removesuffix(", ns")] = [*map(float, numbers)]
        times[row["fill"], row["dtype"], int(row["threads"])] = found
    return times


def chart(times, dtype, threads):
    parts, y = [], 44
    for fill, title in FILLS:
        found = sorted(times[fill, dtype, threads].items(), key=lambda pair: pair[1])
        longest = found[-1][1][0]
        y += HEAD - BAR
        parts.append(f'<text class="strong" x="{LEFT}" y="{y}">{title}</text>')
        y += 10
        for name, (time, *ratio) in found:
            is_ours = name == "fanin"
            width = max(2, (WIDTH - LEFT - RIGHT) * time / longest)
            label = ", ".join([f"{time:.2f} ns", *(f"{times:.{0 if times > 9.95 else 1}f} ×" for times in ratio)])
            weight = ' class="strong"' if is_ours else ""
            middle = y + BAR - 5
            parts.append(f'<text{weight} x="{LEFT - 10}" y="{middle}" text-anchor="end">{NAMES.get(name, name)}</text>')
            parts.append(
                f'<rect class="{"ours" if is_ours else "peer"}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>'
            )
            parts.append(f'<text{weight} x="{LEFT + width + 8:.1f}" y="{middle}">{label}</text>')
            y += BAR + GAP
    height = y + 14
    cores = "1 thread" if threads == 1 else f"{threads} threads"
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img"',
        f'  aria-label="Time per value of fanin and other programs, {dtype}, {cores}">',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
        f'<text class="title" x="20" y="32">Time per {dtype} value, {cores}</text>',
        f'<text class="note" x="{WIDTH - 20}" y="32" text-anchor="end">shorter is better</text>',
    ]
    return "\n".join([*head, *parts, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", default="f32")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "docs/pictures/peers.svg")
    options = parser.parse_args()
    options.output.write_text(chart(table(RESULTS.read_text()), options.dtype, options.threads))


if __name__ == "__main__":
    main()
