"""Commands: sent again with the same key until their outcome is known, and what a refusal says."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web.api.faults import AccessRefused, NotFound, SessionOver, TryLater
from web.ports import Api, ApiUnreachable, Reply

PAUSES = (0.1, 0.4, 1.0)
"""Seconds before each further attempt of a command whose outcome is unknown."""

SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What the APIs take as an id or a code."""

TOLD = {
    "wrong-credentials",
    "reauthentication-required",
    "second-factor-required",
    "wrong-code",
    "challenge-over",
    "passkey-refused",
    "provider-refused",
    "not-invited",
}
"""Problems with status 401 or 403 that are about what the visitor did, and not about the session."""

PROBLEM = "urn:counterfoil:problem:"


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was carried out."""

    position: str
    revision: int
    document: Mapping[str, Any]


class Refused(Exception):
    """A problem document: the command cannot be carried out like this."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(document.get("detail", ""))
        self.status = status
        self.document = document

    @property
    def code(self) -> str:
        """The kind of problem, such as `total-changed`."""
        return str(self.document.get("type", "")).removeprefix(PROBLEM)

    @property
    def errors(self) -> Sequence[Mapping[str, str]]:
        """The fields at fault."""
        return self.document.get("errors") or ()


def segment(text: str) -> str:
    """An id or a code as a part of a path. Raises NotFound for what can be neither."""
    if not SEGMENT.fullmatch(text):
        raise NotFound
    return text


def headers(token: str | None, address: str | None) -> dict[str, str]:
    """Who asks: by a token, and from which address, so that limits count the visitor."""
    named = {} if token is None else {"Authorization": f"Bearer {token}"}
    return named if address is None else {**named, "X-Forwarded-For": address}


async def send(
    api: Api, method: str, path: str, body: Mapping[str, Any] | None, *, headers: Mapping[str, str], key: str
) -> Done:
    """Carry out a command once. Raises Refused, SessionOver, AccessRefused, TryLater."""
    reply = await _sent(api, method, path, body, {**headers, "Idempotency-Key": key})
    if reply.status in (200, 201, 202):
        document = reply.document
        return Done(str(document.get("position", "")), int(document.get("revision", 0)), document)
    refused = Refused(reply.status, reply.document)
    match reply.status:
        case 401 if refused.code not in TOLD:
            raise SessionOver
        case 403 if refused.code not in TOLD:
            raise AccessRefused
        case 503:
            raise TryLater
    raise refused


async def look(api: Api, path: str, *, headers: Mapping[str, str]) -> Mapping[str, Any]:
    """Read something of the write API. Raises Refused, SessionOver, AccessRefused, NotFound, TryLater."""
    try:
        reply = await api.send("GET", path, None, headers)
    except ApiUnreachable:
        raise TryLater from None
    match reply.status:
        case 200:
            return reply.document
        case 401:
            raise SessionOver
        case 403:
            refused = Refused(reply.status, reply.document)
            raise refused if refused.code in TOLD else AccessRefused
        case 404:
            raise NotFound
    raise TryLater


async def _sent(api: Api, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Reply:
    for pause in PAUSES:
        try:
            reply = await api.send(method, path, body, headers)
            if reply.status != 503:
                return reply
        except ApiUnreachable:
            pass
        await asyncio.sleep(pause)
    try:
        return await api.send(method, path, body, headers)
    except ApiUnreachable:
        raise TryLater from None
