"""Search: a term, filters and an order; a page of products, and the numbers with which to narrow it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types.nodes import SelectedField, Selection

from domain.shared.ids import CategoryId
from projections.search.projection import PROJECTION
from projections.search.question import LONGEST_TERM, PRICE_STEPS, Counts, Engine, Found, Question, Sort, Wanted
from projections.search.question import SearchEngine as Port
from read_api.categories import Category
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import After, Connection, Cursors, First, Number, edges, key_of, page_info, window
from read_api.graphql.values import described
from read_api.product_lists import Total
from read_api.products import Product

MODEL = PROJECTION.name
MOST_BRANDS = 50
MOST_COMPLETIONS, USUAL_COMPLETIONS = 20, 8
COUNTED = {"total", "facets"}

strawberry.enum(Sort, name="SearchSort", description="The order of what was found.")
strawberry.enum(Engine, name="SearchEngine", description="What can answer a search.")

CURSORS = {
    Sort.RELEVANCE: Cursors("hits by relevance", Number, Number, str),
    Sort.TITLE: Cursors("hits by title", str, str),
    Sort.CHEAPEST: Cursors("hits by price", Number, str),
    Sort.DEAREST: Cursors("hits by falling price", Number, str),
    Sort.NEWEST: Cursors("hits by age", Number, str),
}

Term = Annotated[str, strawberry.argument(description=f"At most {LONGEST_TERM} characters; without one all is found.")]
Beginning = Annotated[str, strawberry.argument(description=f"At most {LONGEST_TERM} characters.")]
Completions = Annotated[int, strawberry.argument(description=f"How many; at most {MOST_COMPLETIONS}.")]


@strawberry.input(description="All that is given has to hold.")
class SearchFilter:
    category: strawberry.ID | None = strawberry.field(default=None, description="Or below it.")
    brands: list[str] | None = strawberry.field(default=None, description=f"One of these, at most {MOST_BRANDS}.")
    min_price: int | None = strawberry.field(default=None, description="In minor units.")
    max_price: int | None = strawberry.field(default=None, description="In minor units.")
    available: bool | None = strawberry.field(default=None, description="Whether a unit can be promised.")


@strawberry.type(description="How much was found in a category, or below it.")
class CategoryFacet:
    category_id: strawberry.ID
    count: int

    @strawberry.field
    async def category(self, info: Info) -> Category | None:
        state = await info.context.loaders.categories.load(CategoryId(self.category_id))
        return Category.of(state) if state else None


@strawberry.type(description="How much was found of a brand.")
class BrandFacet:
    brand: str
    count: int


@strawberry.type(description="How much was found in a range of prices.")
class PriceFacet:
    min_price: int = strawberry.field(description="In minor units.")
    max_price: int | None = strawberry.field(description="In minor units; None: no bound.")
    count: int


@strawberry.type(description="How much was found that can be promised now, and that cannot.")
class AvailabilityFacet:
    available: int
    sold_out: int


@strawberry.type(description="Numbers with which to narrow a search. A filter does not narrow its own numbers.")
class SearchFacets:
    categories: list[CategoryFacet] = strawberry.field(description="Departments, or the children of the chosen one.")
    brands: list[BrandFacet]
    prices: list[PriceFacet] = strawberry.field(description="From cheap to dear.")
    availability: AvailabilityFacet


@strawberry.type(description="A page of what was found.")
class SearchConnection(Connection[Product]):
    did_you_mean: str | None = strawberry.field(
        description="What was searched for, as nothing matches the term itself."
    )
    engine: Engine = strawberry.field(description="What answered.")
    fallback: str | None = strawberry.field(description="Why it was not the engine that is set up; None: it was.")
    counts: strawberry.Private[Counts | None]

    @described("How much was found.")
    def total(self) -> Total:
        assert self.counts is not None
        return Total(at_least=self.counts.total, exact=True)

    @strawberry.field
    def facets(self) -> SearchFacets:
        assert self.counts is not None
        return _facets(self.counts)


async def find_products(
    info: Info,
    term: Term = "",
    filter: SearchFilter | None = None,
    sort: Sort = Sort.RELEVANCE,
    first: First = None,
    after: After = None,
) -> SearchConnection:
    cursors = CURSORS[sort]
    asked = window(cursors, first, after)
    question = Question(
        term=_bounded(term),
        wanted=_wanted(filter),
        sort=sort,
        size=asked.size,
        after=asked.after,
        counts=any(name in COUNTED for field in info.selected_fields for name in _names(field.selections)),
    )
    engine, elsewhere = await _engine(info)
    async with info.context.turn(elsewhere=elsewhere):
        found = await engine.search(question, info.context.now)
    return _connection(found, cursors, info.context.now)


async def complete_text(info: Info, text: Beginning, first: Completions = USUAL_COMPLETIONS) -> list[str]:
    if not 1 <= first <= MOST_COMPLETIONS:
        raise BadUserInput(f"Ask for 1 to {MOST_COMPLETIONS} at once, not for {first}.")
    beginning = _bounded(text)
    engine, elsewhere = await _engine(info)
    async with info.context.turn(elsewhere=elsewhere):
        return list(await engine.complete(beginning, first))


def _names(selections: Iterable[Selection]) -> Iterator[str]:
    """The fields that are asked for, in fragments too."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection.name
        else:
            yield from _names(selection.selections)


async def _engine(info: Info) -> tuple[Port, bool]:
    """What to ask, and whether that is elsewhere than in our database."""
    await info.context.tables(MODEL)
    ports, fresh = info.context.ports, info.context.after is not None
    return ports.search(ports.models.apart(MODEL), fresh=fresh), ports.searches_elsewhere and not fresh


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TERM:
        raise BadUserInput(f"Search for at most {LONGEST_TERM} characters, not for {len(text)}.")
    return text


def _wanted(asked: SearchFilter | None) -> Wanted:
    if asked is None:
        return Wanted()
    if asked.brands is not None and len(asked.brands) > MOST_BRANDS:
        raise BadUserInput(f"Filter by at most {MOST_BRANDS} brands, not by {len(asked.brands)}.")
    return Wanted(
        category_id=CategoryId(key_of("Category", asked.category)) if asked.category is not None else None,
        brands=None if asked.brands is None else tuple(asked.brands),
        price_from=asked.min_price,
        price_to=asked.max_price,
        available=asked.available,
    )


def _connection(found: Found, cursors: Cursors, now: datetime) -> SearchConnection:
    shown = edges(found.page, cursors, lambda hit: Product.on_shelf(hit, now))
    return SearchConnection(
        edges=shown,
        page_info=page_info(found.page, shown),
        did_you_mean=found.corrected,
        engine=found.engine,
        fallback=found.instead,
        counts=found.counts,
    )


def _facets(counts: Counts) -> SearchFacets:
    ends = dict(zip((0, *PRICE_STEPS), PRICE_STEPS, strict=False))
    return SearchFacets(
        categories=[CategoryFacet(category_id=strawberry.ID(it), count=n) for it, n in counts.categories.items()],
        brands=[BrandFacet(brand=brand, count=n) for brand, n in counts.brands.items()],
        prices=[
            PriceFacet(min_price=start, max_price=ends[start] - 1 if start in ends else None, count=n)
            for start, n in sorted(counts.prices.items())
        ],
        availability=AvailabilityFacet(
            available=counts.available.get(True, 0), sold_out=counts.available.get(False, 0)
        ),
    )
