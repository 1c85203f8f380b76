"""The cookies: the session's secret, a marker that scripts can read, and a mark of a device that has logged in.

`__Host-s` is bound to this host and to TLS by its prefix (RFC 6265bis). Without TLS browsers do not accept it; on
loopback, where a shop is tried out, the cookie is `s`. The mark of a device, `__Host-d`, stays after a logout: it opens
nothing, and lets its owner log in while others try passwords for the same account. `__Host-o` names a login that is
under way at the identity provider, so that it is completed in the browser that began it.
"""

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from web.http.headers import is_loopback
from web.ports import Shop

SESSION, DEVICE, MARKER, LOGIN = "s", "d", "m", "o"
SECURE = "__Host-"
LONGEST, LONGEST_DEVICE = 64, 200
LONGEST_LOGIN, LOGIN_LASTS = 3_000, 600
DEVICE_LASTS = 31_536_000
"""Seconds: a year."""


def secret_in(request: Request, shop: Shop) -> str | None:
    """The secret that the browser has sent, if it may be one."""
    return _text(request.cookies.get(_name(SESSION, request, shop)), LONGEST)


def device_in(request: Request, shop: Shop) -> str | None:
    """The mark of a device that has logged in before."""
    return _text(request.cookies.get(_name(DEVICE, request, shop)), LONGEST_DEVICE)


def _text(cookie: str | None, longest: int) -> str | None:
    return cookie if cookie is not None and 0 < len(cookie) <= longest and cookie.isascii() else None


def set_session(response: Response, request: Request, shop: Shop, secret: str, lasts: int) -> None:
    """Give the browser a session for so many seconds, and the marker that makes pages fetch what is personal."""
    secure = not _is_plain(request, shop)
    name = _name(SESSION, request, shop)
    response.set_cookie(name, secret, max_age=lasts, path="/", secure=secure, httponly=True, samesite="lax")
    response.set_cookie(MARKER, "1", max_age=lasts, path="/", secure=secure, samesite="lax")


def set_device(response: Response, request: Request, shop: Shop, mark: str) -> None:
    name, secure = _name(DEVICE, request, shop), not _is_plain(request, shop)
    response.set_cookie(name, mark, max_age=DEVICE_LASTS, path="/", secure=secure, httponly=True, samesite="lax")


def begun_login_in(request: Request, shop: Shop) -> tuple[str, str]:
    """The state of a login at the identity provider, and where to go afterwards; empty where none was begun."""
    state, _, to = (_text(request.cookies.get(_name(LOGIN, request, shop)), LONGEST_LOGIN) or "").partition(".")
    return state, unquote(to)


def begin_login(response: Response, request: Request, shop: Shop, state: str, to: str) -> None:
    name, secure = _name(LOGIN, request, shop), not _is_plain(request, shop)
    value = f"{state}.{quote(to, safe='')}"
    response.set_cookie(name, value, max_age=LOGIN_LASTS, path="/", secure=secure, httponly=True, samesite="lax")


def end_login(response: Response, request: Request, shop: Shop) -> None:
    secure = not _is_plain(request, shop)
    response.delete_cookie(_name(LOGIN, request, shop), path="/", secure=secure, httponly=True, samesite="lax")


def end_session(response: Response, request: Request, shop: Shop) -> None:
    secure = not _is_plain(request, shop)
    response.delete_cookie(_name(SESSION, request, shop), path="/", secure=secure, httponly=True, samesite="lax")
    response.delete_cookie(MARKER, path="/", secure=secure, samesite="lax")


def _name(name: str, request: Request, shop: Shop) -> str:
    return name if _is_plain(request, shop) else SECURE + name


def _is_plain(request: Request, shop: Shop) -> bool:
    return not shop.is_secure and is_loopback(request.headers)
