"""Connections, cursors and global ids as Relay knows them (relay.dev/graphql/connections.htm)."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import GenericAlias
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import strawberry
from strawberry import relay

from projections.engine.paging import Page, Place, Window
from read_api.graphql.errors import BadUserInput
from read_api.graphql.text import check_text, checked_id

R = TypeVar("R")
N = TypeVar("N")

LARGEST, USUAL = 100, 20

First = Annotated[int | None, strawberry.argument(description=f"How many from the front; at most {LARGEST}.")]
Last = Annotated[int | None, strawberry.argument(description=f"How many from the back; at most {LARGEST}.")]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Nothing that is listed by time has another one."""

Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


@strawberry.interface(description="Something with an id that no other thing of any kind has.")
class Node:
    id: strawberry.ID


_json = msgspec.json.Encoder().encode


def global_id(kind: str, key: str) -> strawberry.ID:
    """As relay.GlobalID prints it, without its checks: the kind is ours."""
    return strawberry.ID(binascii.b2a_base64(f"{kind}:{key}".encode(), newline=False).decode())


def id_from(kind: str, attribute: str) -> Callable[..., strawberry.ID]:
    """A resolver of the global id of an object whose bare id is this attribute."""

    def resolver(self: Any) -> strawberry.ID:
        return global_id(kind, getattr(self, attribute))

    return resolver


@strawberry.type(description="An item of a list, and its place there.")
class Edge(Generic[N]):
    cursor: str
    node: N


@strawberry.type(description="A page of a list.")
class Connection(Generic[N]):
    edges: list[Edge[N]]
    page_info: relay.PageInfo


class Cursors:
    """Places in a list as opaque text; a cursor of another list, or of another order of it, is refused."""

    def __init__(self, of: str, *types: Any) -> None:
        self.of = of
        self._of = (of,)
        self._decoder = msgspec.json.Decoder(GenericAlias(tuple, (str, *types)))

    def write(self, place: Place) -> str:
        return binascii.b2a_base64(_json(self._of + place), newline=False).decode()

    def read(self, cursor: str) -> Place:
        """Those for URLs, as they were written once, are read too. Raises BadUserInput."""
        try:
            of, *place = self._decoder.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (msgspec.MsgspecError, binascii.Error, ValueError):
            of, place = None, []
        if of != self.of or not all(map(_fits, place)):
            raise BadUserInput(f"The cursor {cursor[:100]!r} is none of this list in this order.")
        check_text(place)
        return tuple(place)


def _fits(value: Any) -> bool:
    """Whether PostgreSQL has such a value: text without NUL, a time whose place on its own scale is certain."""
    match value:
        case str():
            return "\0" not in value
        case datetime():
            return value.tzinfo is not None and EARLIEST <= value <= LATEST
    return True


def window(
    cursors: Cursors, first: int | None, after: str | None, last: int | None = None, before: str | None = None
) -> Window:
    """The arguments of a connection as a window. Raises BadUserInput."""
    if first is not None and last is not None:
        raise BadUserInput("Ask for the first or for the last, not for both.")
    size = first if first is not None else last if last is not None else USUAL
    if not 1 <= size <= LARGEST:
        raise BadUserInput(f"Ask for 1 to {LARGEST} at once, not for {size}.")
    return Window(
        size=size,
        after=None if after is None else cursors.read(after),
        before=None if before is None else cursors.read(before),
        backwards=last is not None,
    )


def connection(page: Page[R], cursors: Cursors, shape: Callable[[R], N]) -> Connection[N]:
    """A page in the shape of the answer."""
    found = edges(page, cursors, shape)
    return Connection(edges=found, page_info=page_info(page, found))


def edges(page: Page[R], cursors: Cursors, shape: Callable[[R], N]) -> list[Edge[N]]:
    return [Edge(cursor=cursors.write(place), node=shape(item)) for place, item in page.items]


def page_info(page: Page[R], edges: Sequence[Edge[N]]) -> relay.PageInfo:
    return relay.PageInfo(
        has_previous_page=page.more_before,
        has_next_page=page.more_after,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )


def kind_and_key(text: str) -> tuple[str, str] | None:
    """What a global id names; None for what is none."""
    try:
        kind, colon, key = binascii.a2b_base64(text.encode()).decode().partition(":")
    except ValueError:
        return None
    return (kind, key) if colon else None


def key_of(kind: str, text: str) -> str:
    """The bare id, from itself or from a global id of that kind. Raises BadUserInput."""
    match kind_and_key(text):
        case (of, key) if of == kind:
            return checked_id(key)
    return checked_id(text)
