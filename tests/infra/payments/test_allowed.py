"""The test gateway is served only where the settings allow it."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from domain.payment.commands import RecordFailure
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.ids import CustomerId, OrderId, PaymentId, RefundId
from domain.shared.money import Money
from infra.bootstrap.data_folder import with_secrets
from infra.bootstrap.local_stack import allowing_the_gateway, parts_of
from infra.bootstrap.write_api import write_side
from infra.payments.none import NoGateway
from infra.settings import Settings
from process_managers.engine.ports import GatewayUnavailable

EURO = Money(100, "EUR")
PAYMENT, ORDER = PaymentId("p"), OrderId("p")


@pytest.mark.parametrize(
    ("host", "told", "served"),
    [
        ("127.0.0.1", None, True),
        ("::1", None, True),
        ("localhost", None, True),
        ("0.0.0.0", None, False),
        ("::", None, False),
        ("192.0.2.1", None, False),
        ("shop.example", None, False),
        ("0.0.0.0", True, True),
        ("127.0.0.1", False, False),
    ],
)
def test_up_serves_it_on_loopback_unless_told_otherwise(
    tmp_path: Path, host: str, told: bool | None, served: bool
) -> None:
    settings = allowing_the_gateway(Settings(data=tmp_path, host=host, test_gateway=told))
    assert settings.test_gateway is served
    (part,) = parts_of("write-api", settings, 1)
    assert part.environment["COUNTERFOIL_TEST_GATEWAY"] == str(served).lower()


@pytest.mark.parametrize(
    ("told", "kind"), [(None, "unknown-path"), (False, "unknown-path"), (True, "intent-not-found")]
)
async def test_its_pages_are_not_there_where_it_is_not_allowed(
    tmp_path: Path, database_url: str, told: bool | None, kind: str
) -> None:
    settings = with_secrets(Settings(data=tmp_path, database=database_url, test_gateway=told))
    async with (
        write_side(settings) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client,
    ):
        answer = await client.get("/test-gateway/pi_1")
        assert (answer.status_code, answer.json()["type"]) == (404, f"urn:counterfoil:problem:{kind}")


async def test_without_a_gateway_payments_fail_and_nothing_else_is_answered() -> None:
    gateway = NoGateway()
    asked = PaymentRequested(
        payment_id=PAYMENT, order_id=ORDER, customer_id=CustomerId("anna"), attempt=2, amount=EURO, method="pm_card_ok"
    )
    failure = RecordFailure(payment_id=PAYMENT, attempt=2, reason="no_payment_gateway")
    assert await gateway.authorise(asked, "key") == failure
    money: dict[str, Any] = {"payment_id": PAYMENT, "order_id": ORDER, "gateway_ref": "r"}
    with pytest.raises(GatewayUnavailable, match="COUNTERFOIL_TEST_GATEWAY=true"):
        await gateway.capture(CaptureRequested(**money, amount=EURO), "key")
    with pytest.raises(GatewayUnavailable):
        await gateway.void(VoidRequested(**money, reason="x"), "key")
    with pytest.raises(GatewayUnavailable):
        await gateway.refund(RefundRequested(**money, refund_id=RefundId("f"), amount=EURO, reason="x"), "key")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stripe_key": "pk_test_1"}, "use a secret key"),
        ({"stripe_key": "sk_test_1"}, "go together"),
        ({"stripe_publishable_key": "pk_test_1"}, "go together"),
        ({"stripe_key": "sk_live_1", "stripe_publishable_key": "pk_test_1"}, "take both from one mode"),
        (
            {"stripe_key": "sk_test_1", "stripe_publishable_key": "pk_test_1", "test_gateway": True},
            "COUNTERFOIL_TEST_GATEWAY=true or COUNTERFOIL_STRIPE_KEY, not both",
        ),
    ],
)
def test_settings_of_stripe_that_do_not_fit_together_are_refused_and_not_shown(given: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as refused:
        Settings(**given)
    assert "sk_live_1" not in refused.value.errors()[0]["msg"]


def test_a_shop_that_is_paid_at_stripe_serves_no_test_gateway() -> None:
    settings = Settings(stripe_key=SecretStr("rk_live_1"), stripe_publishable_key="pk_live_1")
    assert (settings.stripe_is_live, allowing_the_gateway(settings).test_gateway) == (True, None)
