"""Which questions are asked by everybody alike, so that one answer serves all."""

import re
from functools import lru_cache
from typing import Any

import msgspec
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, OperationType, parse

from read_api.graphql.document_size import size_fault
from read_api.graphql.limits import TOKENS

LONGEST = 8_000
PUBLIC = frozenset({"product", "products", "popular", "search", "autocomplete", "category", "categories"})
"""Fields of Query whose answer is the same for everybody without a token."""

CATALOGUE_AGE, STOCK_AGE = 5.0, 1.0
"""Seconds. A price that begins at a time is shown late by so much at the most, and so is what is in stock."""

OF_STOCK = re.compile(r"\b(inStock|available|availability|search)\b")


class _Question(msgspec.Struct):
    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815  # the specification's name


_DECODER = msgspec.json.Decoder(_Question)


def lifetime(body: bytes) -> float | None:
    """How long the answer may be remembered (seconds); None: not at all."""
    if len(body) > LONGEST or b"@after" in body:
        return None
    try:
        return _lifetime(_DECODER.decode(body).query)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


@lru_cache(maxsize=1_000)
def _lifetime(query: str) -> float | None:
    if size_fault(query) is not None:
        return None
    try:
        document = parse(query, max_tokens=TOKENS, no_location=True)
    except (GraphQLError, RecursionError):
        return None
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is not OperationType.QUERY or operations[0].directives:
        return None
    fields = operations[0].selection_set.selections
    if not all(isinstance(field, FieldNode) and field.name.value in PUBLIC for field in fields):
        return None
    return STOCK_AGE if OF_STOCK.search(query) else CATALOGUE_AGE
