"""States of the domain as JSON documents in rows."""

from functools import cache
from types import GenericAlias
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec
from immutables import Map

T = TypeVar("T")


def _to_json(value: Any) -> Any:
    if isinstance(value, Map):
        return dict(value)
    raise NotImplementedError(type(value))


@cache
def _holder(of: Any) -> type[Any]:
    """A class that holds the dict of a map: a bare dict's types would be taken apart each time."""
    return msgspec.defstruct("Holder", [("value", GenericAlias(dict, get_args(of)))])


def _from_json(into: Any, value: Any) -> Any:
    if get_origin(into) is not Map:
        raise NotImplementedError(into)
    return Map(msgspec.convert({"value": value}, _holder(into), dec_hook=_from_json).value) if value else Map()


_ENCODER = msgspec.json.Encoder(enc_hook=_to_json, order="deterministic")


class Document(Generic[T]):
    """One class of documents. Equal states make equal texts, so that two builds of a read model can be compared.

    When the class changes its shape, the version of the read model that stores it has to change too.
    """

    def __init__(self, of: type[T]) -> None:
        self.of = of
        self._decoder = msgspec.json.Decoder(of, dec_hook=_from_json)

    def write(self, state: T) -> str:
        return _ENCODER.encode(state).decode()

    def read(self, text: str | bytes) -> T:
        state: T = self._decoder.decode(text)
        return state
