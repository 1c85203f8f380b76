"""No log of any part holds a name, an address, an e-mail address or a token, whatever shoppers send."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from pydantic import SecretStr

from infra.bootstrap import composition
from infra.bootstrap.data_folder import with_secrets
from infra.settings import Settings
from tests.e2e.shop import LIFETIME, Client, data_folder
from tests.e2e.test_up import open_shop, stock_mugs, until

NAME, STREET, CITY = "Zenobia Quakenbush", "Wurzelgasse 77", "Quirlingen"
EMAIL = "zenobia@planted.example"
ADDRESS = {"name": NAME, "street": STREET, "postal_code": "80333", "city": CITY, "country": "DE"}
FORGED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6ZW5vYmlhIn0.cGxhbnRlZC1zaWduYXR1cmU"
ADDRESS_SHOWN = "address { name street postalCode city country }"
ORDER = f"query($id: ID!) {{ order(id: $id) {{ delivery {{ {ADDRESS_SHOWN} }} }} checkout(id: $id) {{ phase }} }}"
DELIVERY = 499
PARTS = ("postgresql", "processes", "projections", "read-api", "web", "write-api")


class Shopper:
    """Zenobia, whom her tokens name by her e-mail address."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.tokens = composition.tokens(with_secrets(Settings(data=client.data)))
        self.token = self.tokens.issue(EMAIL, ["shopper"], LIFETIME)

    def send(self, path: str, said: object, token: str | None = None) -> httpx.Response:
        body = said if isinstance(said, str) else json.dumps(said)
        headers = {
            "Authorization": f"Bearer {token or self.token}",
            "Idempotency-Key": str(uuid4()),
            "Content-Type": "application/json",
        }
        url = self.client.read if path == "/graphql" else self.client.write
        return httpx.post(url + path, content=body, headers=headers, trust_env=False, timeout=60)

    def ask(self, query: str, **variables: Any) -> Any:
        return self.send("/graphql", {"query": query, "variables": variables}).json()

    def buy(self) -> str:
        """A mug, sent to her; answers the order's id once it is placed."""
        cart = self.send("/carts", {"items": [{"sku": "MUG", "quantity": 1}]}).json()["cart_id"]
        started = self.send(
            "/checkouts",
            {
                "cart_id": cart,
                "total_seen": {"amount": 1250 + DELIVERY, "currency": "USD"},
                "delivery_method": "standard",
                "address": ADDRESS,
                "payment_method": "pm_card_ok",
            },
        )
        assert started.status_code == 202, started.text
        order: str = started.json()["checkout_id"]
        until(lambda: self.ask(ORDER, id=order)["data"]["checkout"]["phase"] == "PLACED")
        return order


def odd_requests(order: str) -> Iterator[tuple[str, object]]:
    """What is refused, at each depth at which it can be."""
    checkout = {"cart_id": EMAIL, "delivery_method": "standard", "payment_method": EMAIL, "address": ADDRESS}
    yield "/checkouts", json.dumps(checkout)[:-9]
    yield "/checkouts", {**checkout, "total_seen": f"{NAME}, {STREET}"}
    yield "/checkouts", {**checkout, "cart_id": order, "total_seen": {"amount": 1, "currency": "USD"}}
    yield "/checkouts", {**checkout, "address": {**ADDRESS, "name": NAME * 99}}
    yield f"/checkouts/{order}/payments", {"payment_method": EMAIL}
    yield f"/orders/{order}/cancel", {"reason": f"Write to {EMAIL} instead."}
    yield f"/{EMAIL}", {}
    yield "/webhooks/payments", {"id": EMAIL, "type": NAME}
    yield "/graphql", {"query": f'{{ search(term: "{EMAIL} {NAME}", first: 1) {{ edges {{ cursor }} }} }}'}
    yield "/graphql", {"query": f'{{ order(id: "{EMAIL}") {{ {CITY} }} }}'}
    yield "/graphql", {"query": f'{{ orders(customer: "{EMAIL}") {{ edges {{ cursor }} }} }}'}
    yield "/graphql", json.dumps({"query": ORDER, "variables": {"id": EMAIL}})[:-4]


def logs(data: Path) -> dict[str, str]:
    """Everything that the parts, the supervisor and the database have written for people."""
    found = [
        *(data / "logs").glob("*.log*"),
        *data.rglob("postgresql.log*"),
        data.parent / "out",
        data.parent / "errors",
    ]
    return {file.name: file.read_text(errors="replace") for file in found}


def test_no_log_names_a_shopper() -> None:
    settings = {"COUNTERFOIL_LOG_LEVEL": "DEBUG", "COUNTERFOIL_LOG_FORMAT": "json"}
    with data_folder() as data:
        with open_shop(data, **settings) as (program, client):
            stock_mugs(client)
            shopper = Shopper(client)
            order = shopper.buy()
            address = shopper.ask(ORDER, id=order)["data"]["order"]["delivery"]["address"]
            assert address == {key.replace("postal_code", "postalCode"): value for key, value in ADDRESS.items()}
            statuses = [shopper.send(path, said).status_code for path, said in odd_requests(order)]
            statuses += [shopper.send(path, said, FORGED).status_code for path, said in odd_requests(order)]
            assert max(statuses) < 500
            assert program.stop() == 0
            secrets = [
                it.get_secret_value() for _, it in with_secrets(Settings(data=data)) if isinstance(it, SecretStr)
            ]
            assert len(secrets) == 3

        said = logs(data)
        assert [part for part in PARTS if not any(name.startswith(part) for name in said)] == []
        planted = [NAME, STREET, CITY, EMAIL, EMAIL.partition("@")[0], shopper.token, FORGED, *secrets]
        assert [(name, word) for name, text in said.items() for word in planted if word in text] == []
