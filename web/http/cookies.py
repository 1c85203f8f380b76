"""The two cookies: the session's secret, and a marker that scripts can read.

`__Host-s` is bound to this host and to TLS by its prefix (RFC 6265bis). Without TLS browsers do not accept it; on
loopback, where a shop is tried out, the cookie is `s`.
"""

from starlette.requests import Request
from starlette.responses import Response

from web.http.headers import is_loopback
from web.ports import Shop

SECURE_NAME, PLAIN_NAME, MARKER = "__Host-s", "s", "m"
LONGEST = 64


def secret_in(request: Request, shop: Shop) -> str | None:
    """The secret that the browser has sent, if it may be one."""
    secret = request.cookies.get(_name(request, shop))
    return secret if secret is not None and 0 < len(secret) <= LONGEST and secret.isascii() else None


def set_session(response: Response, request: Request, shop: Shop, secret: str, lasts: int) -> None:
    """Give the browser a session for so many seconds, and the marker that makes pages fetch what is personal."""
    secure = not _is_plain(request, shop)
    name = _name(request, shop)
    response.set_cookie(name, secret, max_age=lasts, path="/", secure=secure, httponly=True, samesite="lax")
    response.set_cookie(MARKER, "1", max_age=lasts, path="/", secure=secure, samesite="lax")


def end_session(response: Response, request: Request, shop: Shop) -> None:
    secure = not _is_plain(request, shop)
    response.delete_cookie(_name(request, shop), path="/", secure=secure, httponly=True, samesite="lax")
    response.delete_cookie(MARKER, path="/", secure=secure, samesite="lax")


def _name(request: Request, shop: Shop) -> str:
    return PLAIN_NAME if _is_plain(request, shop) else SECURE_NAME


def _is_plain(request: Request, shop: Shop) -> bool:
    return not shop.is_secure and is_loopback(request.headers)
