"""docs/performance.md from build/bench.json: `python -m tests.load.report`.

`python -m tests.load.report --place docs/search-results.md speed` writes the table, and how it was measured, at that
place of another page instead.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.load.__main__ import OUT
from tests.load.figures import Figure, Goal
from tests.load.table import cells, headings
from tests.support.builders.marked import put

PAGE = Path("docs/performance.md")
ONCE = ("mixed", "hot-sku", "rebuild")
HEAD = """\
# Performance

Made by `python -m tests.load.report` from what `make bench` measured; do not edit by hand.

"""
MEASURED = """\
{processors} cores, shared with others; {versions}; PostgreSQL with fsync and synchronous_commit on. {products} \
products; the median of {runs} runs{once}, {began} to {ended} UTC. The load average \
was {before:.1f} before the bench began and {least:.1f} to {most:.1f} while it ran; a turn of an empty loop in Python \
took {quick:.0f} to {slow:.0f} ns, a measure of the machine's speed. The generators, the shop and its database \
share the cores, so a rate is what is left of them.

"""
TERMS = """\
* A number of connections alone is a closed loop: so many visitors, each sending the next request after the response.
* An open loop begins visits at a fixed rate; each is measured from its due time, so stalls are included.
* us is processor time for each operation: of the load generator (not the shop's), of both APIs, of the processes, of \
the projections and of PostgreSQL with all its backends. In `mixed` the shop's parts are in the notes.
* `errors` counts failed visits. A visit times out after 15 s; it counts as an error, and with that time among the \
latencies. A goal of a rate or a latency is not met with errors.

"""
CLOSING = """
Each scenario is a file in `tests/load/scenarios/`, described by its docstring. `python -m tests.load.profile \
checkout` samples which functions take the time. Further pages: [how fast pages are](page-speed.md), the cost of [a \
read](reading-fast-results.md), [a checkout](checkout-cost.md) and [a rebuild](rebuilding.md).
"""


def figure_of(line: Mapping[str, Any]) -> Figure:
    """A line of build/bench.json."""
    goal = line["goal"] and Goal(line["goal"]["text"], line["goal"]["figure"], line["goal"]["bound"])
    return Figure(**{**line, "goal": goal})


def page(figures: Sequence[Figure]) -> str:
    table = [*_table(figures), "", "## Notes", "", *_notes(figures)]
    return HEAD + _measured(figures) + TERMS + "\n".join(table) + "\n" + CLOSING


def excerpt(figures: Sequence[Figure]) -> str:
    """For a page on something else, which explains no columns."""
    return _measured(figures) + "\n".join([*_table(figures), "", *_notes(figures)])


def _measured(figures: Sequence[Figure]) -> str:
    measured = [figure.measured for figure in figures]
    loads, turns = [one["load_average"] for one in measured], [one["turn_ns"] for one in measured]
    moments = sorted(one["at"][:16].replace("T", " ") for one in measured)
    products = measured[0]["products"]
    once = any(figure.scenario.startswith(ONCE) for figure in figures)
    return MEASURED.format(
        once=" (`mixed`, `hot-sku` and `rebuild`: one)" if once else "",
        processors=measured[0]["processors"],
        versions=", ".join(f"{name} {number}" for name, number in figures[0].versions.items()),
        products="All 92,331" if products == "all" else f"{products:,}",
        runs=measured[0]["runs"],
        before=measured[0]["load_before"],
        least=min(loads),
        most=max(loads),
        quick=min(turns),
        slow=max(turns),
        began=moments[0],
        ended=moments[-1],
    )


def _table(figures: Sequence[Figure]) -> Iterator[str]:
    yield f"| {' | '.join(headings())} |"
    yield "| --- |" + " ---: |" * (len(headings()) - 3) + " --- | --- |"
    for figure in figures:
        yield f"| {' | '.join(cells(figure))} |"


def _notes(figures: Sequence[Figure]) -> Iterator[str]:
    yield from ("| scenario | conn. | note |", "| --- | ---: | --- |")
    for figure in figures:
        if figure.note:
            yield f"| {figure.scenario} | {figure.connections:,} | {figure.note} |"


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.load.report", description=__doc__)
    parser.add_argument("--place", nargs=2, metavar=("PAGE", "NAME"), help="write an excerpt there")
    asked = parser.parse_args()
    figures = [figure_of(line) for line in json.loads(OUT.read_text())]
    if asked.place:
        put(Path(asked.place[0]), asked.place[1], excerpt(figures))
    else:
        PAGE.write_text(page(figures))


if __name__ == "__main__":
    main()
