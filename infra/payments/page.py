"""Where a shopper confirms a payment at the test gateway, as a bank's 3-D Secure page would have it."""

import base64
from collections.abc import Callable
from hashlib import sha256
from html import escape
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from domain.shared.ids import OrderId
from infra.payments.gateway import TestGateway

STYLE = """
:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:0;
min-height:100vh;display:grid;place-items:center;background:light-dark(#eef1f6,#12151b);color:light-dark(#17202e,#e8ecf3)}main{background:light-dark(#fff,#1b2029);
padding:2rem;border-radius:.5rem;max-width:24rem;margin:1rem;border:1px solid light-dark(#cdd5e2,#343c4a)}
h1{font-size:1.2rem;margin:0 0 1rem}code{overflow-wrap:anywhere;font-size:.85rem}form{margin-top:.75rem}
button{font:inherit;font-weight:600;width:100%;padding:.75rem;border-radius:.35rem;border:1px solid #2d4f8f;
background:#2d4f8f;color:#fff;cursor:pointer}form+form button{background:none;color:inherit}
"""
POLICY = (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    f"style-src 'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
HEADERS = {"Content-Security-Policy": POLICY}
HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    f"<title>Test bank</title><style>{STYLE}</style><main><h1>Test bank</h1>"
)
PAGE = """<p>Do you want to pay {amount}?</p><p>Payment <code>{ref}</code></p>
<form method="post" action="{ref}/approve"><button>Yes, pay</button></form>
<form method="post" action="{ref}/deny"><button>No</button></form></main></html>"""


def confirmation_page(gateway: TestGateway, shop_page: Callable[[OrderId], str]) -> APIRouter:
    """The page of one payment, and the two answers to it, which lead back to `shop_page` of its order."""
    router = APIRouter(tags=["test gateway"])

    @router.get("/{ref}", response_class=HTMLResponse)
    async def ask(ref: str) -> HTMLResponse:
        intent = await gateway.intent(ref)
        page = PAGE.format(ref=escape(ref, quote=True), amount=escape(str(intent.amount)))
        return HTMLResponse(HEAD + page, headers=HEADERS)

    @router.post("/{ref}/{answer}")
    async def answer(ref: str, answer: Literal["approve", "deny"]) -> RedirectResponse:
        await gateway.confirm(ref, approve=answer == "approve")
        return RedirectResponse(shop_page((await gateway.intent(ref)).order_id), 303)

    return router
