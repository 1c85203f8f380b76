"""Sessions of browsers: opened by a POST, kept under their secret, ended with it."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from web.api.faults import SessionOver, TryLater
from web.ports import ApiUnreachable, Ports, Reply, Session

FRESH_FOR = 30.0
"""Seconds for which pages wait for the result of the last command."""

REFRESH_BEFORE = 30.0
"""Seconds before its end that a token is replaced."""


async def guest(ports: Ports, headers: Mapping[str, str]) -> Session:
    """A new session of a visitor without an account. Raises TryLater."""
    reply = await _answered(ports, "/sessions", None, headers)
    if reply.status != 201:
        raise TryLater
    told = reply.document
    ends = datetime.fromisoformat(told["expires_at"]).timestamp()
    return Session(subject=told["subject"], roles=("shopper",), token=told["token"], expires=ends, ends=ends)


def logged_in(
    tokens: dict[str, Any], roles: tuple[str, ...], name: str | None = None, email: str | None = None
) -> Session:
    """The session of a person who has just logged in, with the cart that their account has open."""
    return Session(
        subject=tokens["subject"],
        roles=roles,
        token=tokens["access_token"],
        expires=datetime.fromisoformat(tokens["expires_at"]).timestamp(),
        refresh=tokens["refresh_token"],
        ends=datetime.fromisoformat(tokens["refresh_expires_at"]).timestamp(),
        name=name,
        email=email,
        cart=(tokens.get("cart") or {}).get("cart_id"),
    )


async def with_living_token(ports: Ports, secret: str, session: Session, *, lasting: float = REFRESH_BEFORE) -> Session:
    """The session with a token that is valid for so many seconds, if any is.

    It is refreshed once, by the first of all processes and tabs. Raises SessionOver, TryLater.
    """
    now = ports.clock().timestamp()
    if session.refresh is None or now + lasting < session.expires:
        return session

    async def refreshed(present: Session) -> Session:
        if present.refresh is None or now + lasting < present.expires:
            return present
        reply = await _answered(ports, "/auth/refresh", {"refresh_token": present.refresh})
        if reply.status in (400, 401, 403, 404, 422):
            raise SessionOver
        if reply.status != 200:
            raise TryLater
        fresh = logged_in(dict(reply.document), present.roles)
        return replace(present, token=fresh.token, expires=fresh.expires, refresh=fresh.refresh, ends=fresh.ends)

    living = await ports.sessions.change(secret, refreshed)
    if living is None:
        raise SessionOver
    return living


async def _answered(
    ports: Ports, path: str, body: dict[str, Any] | None, headers: Mapping[str, str] | None = None
) -> Reply:
    try:
        return await ports.write.send("POST", path, body, headers)
    except ApiUnreachable:
        raise TryLater from None


def waits_for(session: Session, now: float) -> str | None:
    """The position that pages have to show still."""
    return session.position if now - session.position_at < FRESH_FOR else None


def derived_key(secret: str, *what: object) -> str:
    """An Idempotency-Key that is equal for a repeat in the same session. It does not reveal the secret."""
    return sha256("\n".join(map(str, (secret, *what))).encode()).hexdigest()
