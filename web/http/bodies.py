"""Bodies of forms, read up to a limit."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST = 100_000
MOST_FIELDS = 1_000
FORM = "application/x-www-form-urlencoded"


class Form(Mapping[str, str]):
    """What was typed, by the names of fields, without spaces at the ends. A field that was not sent is empty."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._exact = dict(pairs)
        self._pairs = [(name, value.strip()) for name, value in pairs]
        self._values = dict(self._pairs)

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def exact(self, name: str) -> str:
        """A value with the spaces around it, which may belong to a password."""
        return self._exact.get(name, "")

    def all(self, name: str) -> list[str]:
        """All values of a field that is there more than once, such as chosen rows."""
        return [value for at, value in self._pairs if at == name]


async def form_of(request: Request) -> Form:
    """The fields of a form. Raises HTTPException (400, 413, 415)."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise HTTPException(413)
    if body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise HTTPException(400) from None
    return Form([(name, value.replace("\0", "")) for name, value in pairs])
