"""`make relevance`: ask both engines the questions of the table, and print their marks.

All of them go to build/relevance.json, the table to docs/search-results.md if both engines were there.
"""

import asyncio
import json
import logging
from argparse import ArgumentParser
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from infra.demo.catalogue import catalogue
from infra.demo.dataset import the_complete_journey
from infra.dev_servers.ports import ServiceMissing
from projections.search.postgres import PostgresSearch
from projections.search.question import Question, SearchEngine
from tests.load.folders import own_server, temporary_folder
from tests.relevance.judging import LOOKED_AT, Asked, Marks, marks, mean, questions
from tests.relevance.shelves import by_category, filled, indexed
from tests.support.builders.marked import put

OUT = Path("build/relevance.json")
PAGE, PLACE = Path("docs/search-results.md"), "relevance"
POSTGRESQL, OPENSEARCH = "PostgreSQL", "OpenSearch"

Given = dict[Asked, Marks]


async def judged(engine: SearchEngine, relevant: Mapping[Asked, Collection[str]]) -> Given:
    now, given = datetime.now(UTC), Given()
    for asked, expected in relevant.items():
        found = await engine.search(Question(term=asked.term, size=LOOKED_AT, counts=False), now)
        given[asked] = marks([entry.product_id for _, entry in found.page.items], expected)
    return given


async def measure(console: Console) -> dict[str, Given]:
    goods = catalogue(the_complete_journey())
    kinds, skus = by_category(goods), {entry.key: entry.key for entry in goods.entries}
    relevant = {asked: asked.relevant(kinds, skus) for asked in questions()}
    with own_server() as server, temporary_folder() as folder:
        console.print(f"Putting {len(goods.entries):,} products on the shelf")
        async with filled(server, goods) as model:
            given = {POSTGRESQL: await judged(PostgresSearch(model.tables), relevant)}
            try:
                console.print("Copying them to OpenSearch")
                async with indexed(model, folder) as copy:
                    given[OPENSEARCH] = await judged(copy.engine, relevant)
            except ServiceMissing as missing:
                console.print(f"OpenSearch was not judged: {missing}")
    return given


def rows(given: Mapping[str, Given], details: bool) -> Iterator[list[str]]:
    """Kind, number of questions, marks of each engine; all kinds together at last."""
    asked = list(next(iter(given.values())))
    for kind in dict.fromkeys(one.kind for one in asked):
        of_kind = [one for one in asked if one.kind == kind]
        yield [kind, str(len(of_kind)), *_cells(given, of_kind)]
        for one in of_kind if details else ():
            yield [f"  {one.term}", "", *_cells(given, [one])]
    yield ["all", str(len(asked)), *_cells(given, asked)]


def headings(given: Mapping[str, Given]) -> list[str]:
    return ["questions", "", *(f"{name} {what}" for name in given for what in ("MRR", f"recall@{LOOKED_AT}"))]


def table(given: Mapping[str, Given], details: bool) -> Table:
    shown = Table(*headings(given))
    for row in rows(given, details):
        shown.add_row(*row, style="bold" if row[0] == "all" else None)
    return shown


def page(given: Mapping[str, Given]) -> str:
    """The table as Markdown."""
    columns = headings(given)
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows(given, details=False)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(given: Mapping[str, Given], asked: Collection[Asked]) -> list[str]:
    means = [mean([marks_of[one] for one in asked]) for marks_of in given.values()]
    return [f"{number:.3f}" for one in means for number in (one.reciprocal_rank, one.recall)]


def main() -> None:
    parser = ArgumentParser(prog="make relevance", description=__doc__)
    parser.add_argument("--details", action="store_true", help="a line for each question")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    console = Console(width=140)
    given = asyncio.run(measure(console))
    OUT.parent.mkdir(exist_ok=True)
    lines = [
        {"engine": engine, "kind": one.kind, "term": one.term, "mrr": got.reciprocal_rank, "recall": got.recall}
        for engine, marks_of in given.items()
        for one, got in marks_of.items()
    ]
    OUT.write_text(json.dumps(lines, indent=1) + "\n")
    console.print(table(given, asked.details))
    if given.keys() == {POSTGRESQL, OPENSEARCH}:
        put(PAGE, PLACE, page(given))


if __name__ == "__main__":
    main()
