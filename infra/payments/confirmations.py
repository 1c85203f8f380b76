"""Where shoppers confirm payments: at the test gateway's page, or at the page that Stripe has for one payment."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from process_managers.engine.ports import GatewayUnavailable
from write_api.http.errors import NotReady

if TYPE_CHECKING:
    from infra.payments.stripe.present import Present


@dataclass(frozen=True, slots=True)
class TestGatewayConfirmations:
    """Implements write_api.ports.Confirmations. `page` is the address of the pages, up to the reference."""

    __test__ = False

    page: str

    async def address(self, gateway_ref: str) -> str | None:
        return f"{self.page}{gateway_ref}"


@dataclass(frozen=True, slots=True)
class StripeConfirmations:
    """Implements write_api.ports.Confirmations."""

    present: "Present"

    async def address(self, gateway_ref: str) -> str | None:
        try:
            return await self.present.redirect(gateway_ref)
        except GatewayUnavailable as away:
            raise NotReady("The payment gateway does not answer. Try again in a moment.") from away
