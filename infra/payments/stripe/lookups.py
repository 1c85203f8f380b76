"""Finds out whether a call was carried out, by the metadata that the shop writes on what Stripe makes."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.payments.stripe.api import StripeApi
from infra.payments.stripe.objects import CALL, Intent, Listed, Refund, read_as
from infra.payments.stripe.pace import Urgency
from process_managers.engine.ports import Clock

SEARCHABLE_AFTER = timedelta(minutes=10)
"""Stripe's search may be a minute behind. Until then the list is read, which never is."""

BEFORE = timedelta(minutes=5)
"""How much Stripe's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Raises what StripeApi raises, and Unexpected."""

    api: StripeApi
    clock: Clock

    async def intent(self, key: str, asked_at: datetime) -> Intent | None:
        """The intent that the call with this key made, if it was carried out."""
        if self.clock() - asked_at < SEARCHABLE_AFTER:
            since = int((asked_at - BEFORE).timestamp())
            found = self._pages("/v1/payment_intents", created={"gte": since}, expand=["data.latest_charge"])
        else:
            found = self._search(key)
        async for one in found:
            intent = read_as(Intent, one)
            if intent.metadata.get(CALL) == key:
                return intent
        return None

    async def refund(self, ref: str, key: str) -> Refund | None:
        """The refund of this intent that the call with this key made, if it was carried out."""
        async for one in self._pages("/v1/refunds", payment_intent=ref):
            refund = read_as(Refund, one)
            if (refund.metadata or {}).get(CALL) == key:
                return refund
        return None

    async def _search(self, key: str) -> AsyncIterator[Mapping[str, Any]]:
        query = f"metadata['{CALL}']:'{key}'"
        found = await self.api.get(
            "/v1/payment_intents/search", Urgency.LATER, query=query, expand=["data.latest_charge"]
        )
        for one in read_as(Listed, found).data:
            yield one

    async def _pages(self, path: str, **params: Any) -> AsyncIterator[Mapping[str, Any]]:
        """All objects of a list, the newest first."""
        further = dict[str, Any]()
        while True:
            page = read_as(Listed, await self.api.get(path, Urgency.LATER, limit=100, **params, **further))
            for one in page.data:
                yield one
            if not page.has_more or not page.data:
                return
            further = {"starting_after": page.data[-1]["id"]}
