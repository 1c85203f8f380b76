"""Webhooks of Stripe: an event is stored and acknowledged, and applied later by another part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response

from infra.payments.signatures import WebhookRefused, verify
from infra.payments.stripe.events import Change, Verdict, read_event
from infra.payments.stripe.inbox import StripeInbox
from infra.payments.stripe.objects import Unexpected
from process_managers.engine.ports import Clock
from write_api.http.problems import answer, problem_of
from write_api.http.route import read

PATH = "/webhooks/stripe"


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Takes events in: those of live mode, or those of test mode. `count` gets the verdict on each."""

    inbox: StripeInbox
    secrets: Sequence[bytes]
    shop: str
    live: bool
    clock: Clock
    count: Callable[[str], None]

    async def take(self, body: bytes, signature: str) -> Verdict:
        """Raises WebhookRefused, StoreUnavailable."""
        try:
            verify(body, signature, self.clock(), self.secrets)
            change = read_event(body, self.shop, live=self.live)
        except Unexpected as fault:
            self.count("refused")
            raise WebhookRefused(str(fault)) from fault
        except WebhookRefused:
            self.count("refused")
            raise
        verdict = change if isinstance(change, Verdict) else await self._stored(change)
        self.count(verdict)
        return verdict

    async def _stored(self, change: Change) -> Verdict:
        return Verdict.STORED if await self.inbox.store([change]) else Verdict.KNOWN


def webhook_route(webhooks: Webhooks) -> APIRouter:
    """The endpoint. Anything but 2xx makes Stripe send the event again, for three days."""
    router = APIRouter(tags=["webhooks"])

    @router.post(PATH)
    async def stripe(request: Request, signature: Annotated[str, Header(alias="Stripe-Signature")] = "") -> Response:
        try:
            verdict = await webhooks.take(await read(request), signature)
        except WebhookRefused as refused:
            return answer({**problem_of(refused, PATH), "status": 400})
        return JSONResponse({"stored": verdict in (Verdict.STORED, Verdict.KNOWN)})

    return router
