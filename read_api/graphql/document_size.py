"""How large a document is, seen before it is parsed: to make a tree of its tokens costs fifty times as much."""

import re
from itertools import islice

from graphql import GraphQLError

from read_api.graphql.errors import TooComplex
from read_api.graphql.limits import LONGEST_DOCUMENT, TOKENS

_BLANK = r'[^"#._A-Za-z0-9!$&()=:@\[\]{|}-]+|#[^\n\r]*'
_BLOCK = r'"{3}(?:\\"{3}|[^"\\]|\\(?!"{3})|"(?!""))*"{3}'
_STRING = r'(?!"{3})"(?:[^"\\\n\r]|\\.)*"'
_WORD = r"[_A-Za-z][_0-9A-Za-z]*|-?[0-9][0-9.eE+-]*"
_SIGN = r"\.\.\.|[!$&()=:@\[\]{|}]"
_UNENDED = r'"[\s\S]*'
"""The parser goes no further, so nothing behind it is looked at."""

_TOKEN = re.compile(f"{_BLANK}|({_BLOCK}|{_STRING}|{_WORD}|{_SIGN})|{_UNENDED}")
"""Lexical tokens (GraphQL, 2.1.6), in a group; what is ignored between them, outside of it."""


def size_fault(text: str) -> GraphQLError | None:
    """What is wrong with the size of a document, if anything."""
    if len(text) > LONGEST_DOCUMENT:
        error = TooComplex(
            f"The query has {len(text)} characters; {LONGEST_DOCUMENT} are allowed. Send long values as variables."
        )
        return GraphQLError(str(error), original_error=error)
    tokens = (1 for found in _TOKEN.finditer(text) if found.lastindex)
    if sum(islice(tokens, TOKENS + 1)) > TOKENS:
        message = f"The query has more than {TOKENS} tokens (names, values, brackets). Send several queries."
        return GraphQLError(message, extensions={"code": "GRAPHQL_PARSE_FAILED"})
    return None
