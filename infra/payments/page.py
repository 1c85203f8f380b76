"""Where a shopper confirms a payment at the test gateway, as a bank's 3-D Secure page would have it."""

from html import escape
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from infra.payments.gateway import TestGateway

PAGE = """<!doctype html><html lang="en"><title>Test bank</title>
<h1>Test bank</h1><p>Did you order the payment <code>{ref}</code>?</p>
<form method="post" action="{ref}/approve"><button>Yes, pay</button></form>
<form method="post" action="{ref}/deny"><button>No</button></form></html>"""
DONE = """<!doctype html><html lang="en"><title>Test bank</title><p>Thank you. The shop will hear of it.</p></html>"""


def confirmation_page(gateway: TestGateway) -> APIRouter:
    """The page of one payment, and the two answers to it."""
    router = APIRouter(tags=["test gateway"])

    @router.get("/{ref}", response_class=HTMLResponse)
    async def ask(ref: str) -> str:
        return PAGE.format(ref=escape(ref, quote=True))

    @router.post("/{ref}/{answer}", response_class=HTMLResponse)
    async def answer(ref: str, answer: Literal["approve", "deny"]) -> str:
        await gateway.confirm(ref, approve=answer == "approve")
        return DONE

    return router
