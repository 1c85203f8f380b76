"""A flame graph of all parts of the shop: `python -m tests.load.flame build/profile docs/images/checkout.svg TITLE`.

Each stack file of the folder becomes one flame, as wide as the processor time its part took. A frame is as wide as the
time in it and in all that it called, and stands on its caller; colours tell whose code it is. Frames under a thousandth
of the whole are left out. The width per checkout of two graphs compares when both were made with as many checkouts.
"""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from tests.load.sampling import EVERY

WIDTH, ROW, LETTER = 1200, 15, 5.6
LEAST = 0.001
INVISIBLE = ("OneLine.main", "_run ", "run (infra/cli", "Runner.run (asyncio")
"""What every stack goes through before anything is done."""

COLOURS: Mapping[str, str] = {
    "domain": "#7fb069",
    "commands": "#e6aa68",
    "process_managers": "#ca6680",
    "projections": "#5b8e7d",
    "read_api": "#8cb4d9",
    "write_api": "#8cb4d9",
    "infra": "#d9c78c",
    "": "#d4d4d4",
}


@dataclass(slots=True)
class Frame:
    """Samples in a function called from one place, and what it called."""

    samples: int = 0
    called: dict[str, "Frame"] = field(default_factory=dict)

    def add(self, stack: list[str], samples: int) -> None:
        self.samples += samples
        if stack:
            self.called.setdefault(stack[0], Frame()).add(stack[1:], samples)

    @property
    def depth(self) -> int:
        return 1 + max((frame.depth for frame in self.called.values()), default=0)


def read(folder: Path) -> Frame:
    """All parts, each under its name."""
    root = Frame()
    for file in sorted(folder.glob("*.txt")):
        if file.stem.endswith("-pauses"):
            continue
        for line in file.read_text().splitlines():
            stack, _, samples = line.rpartition(" ")
            root.add([file.stem, *_seen(stack.split(";"))], int(samples))
    return root


def _seen(stack: list[str]) -> list[str]:
    starts = [n for n, name in enumerate(stack[:25], start=1) if name.startswith(INVISIBLE)]
    return stack[max(starts, default=0) :]


def drawn(root: Frame, title: str) -> str:
    """The graph as SVG."""
    depth = root.depth + 1
    height = (depth + 1) * ROW
    boxes = "\n".join(_boxes(root, f"{title}: {root.samples * EVERY:.1f} s of processor time", 0.0, height - ROW, root))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace" '
        f'font-size="9">\n<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n{boxes}\n</svg>\n'
    )


def _boxes(frame: Frame, name: str, left: float, top: int, root: Frame) -> Iterator[str]:
    share = frame.samples / root.samples
    if share < LEAST:
        return
    width = WIDTH * share
    label = escape(name if len(name) * LETTER < width else name[: int(width / LETTER)])
    told = escape(f"{name}: {share:.1%}")
    yield (
        f'<g><title>{told}</title><rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 1}" '
        f'fill="{_colour(name)}"/><text x="{left + 2:.1f}" y="{top + ROW - 5}">{label}</text></g>'
    )
    for called, inside in sorted(frame.called.items()):
        yield from _boxes(inside, called, left, top - ROW, root)
        left += WIDTH * inside.samples / root.samples


def _colour(name: str) -> str:
    return COLOURS.get(name.rpartition("(")[2].partition("/")[0], COLOURS[""])


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("title")
    asked = parser.parse_args()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(drawn(read(asked.folder), asked.title))


if __name__ == "__main__":
    main()
