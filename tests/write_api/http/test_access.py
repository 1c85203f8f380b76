"""Nobody does what they have no permission for: every operation is walked, with every permission and without any."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from fastapi.routing import APIRoute

from domain.staff.permissions import Permission
from tests.support.harness.front_desk import Desk, desk, problem
from tests.support.harness.permitted import PermittedTokens
from write_api.app import SUBJECTS
from write_api.http.route import CommandRoute

OPEN = {
    "POST /sessions",
    "POST /webhooks/payments",
    "POST /auth/register",
    "POST /auth/register/complete",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/logout",
    "POST /auth/password/forgotten",
    "POST /auth/password/reset",
    "POST /auth/email/confirm",
    "POST /staff/join",
    "POST /auth/second-factor/enrol",
    "POST /auth/login/second-factor",
    "POST /auth/register/passkey/options",
    "POST /staff/join/passkey/options",
    "POST /auth/login/passkey/options",
    "POST /auth/login/passkey",
    "POST /auth/provider/begin",
    "POST /auth/provider/complete",
}
ANY = " ".join(Permission)
"""Whoever has logged in, shopper or member of staff, on what they log in with."""

NEEDS = {
    "POST /carts": "shop",
    "POST /carts/{cart_id}/items": "shop",
    "PATCH /carts/{cart_id}/items/{sku}": "shop",
    "DELETE /carts/{cart_id}/items/{sku}": "shop",
    "POST /carts/{cart_id}/price-changes/accept": "shop",
    "PUT /carts/{cart_id}/items/{sku}/agreed-price": "till",
    "POST /checkouts": "shop",
    "GET /checkouts/{checkout_id}/confirmation": "shop",
    "POST /checkouts/{checkout_id}/payments": "shop",
    "POST /checkouts/{checkout_id}/cancel": "shop",
    "POST /orders/{order_id}/cancel": "shop orders",
    "POST /orders/{order_id}/lines/{sku}/cancel": "orders",
    "GET /auth/sessions": "shop",
    "DELETE /auth/sessions/{session_id}": "shop",
    "POST /auth/logout/everywhere": "shop",
    "GET /auth/login-methods": ANY,
    "POST /auth/passkey/options": ANY,
    "POST /auth/passkeys": ANY,
    "PATCH /auth/passkeys/{passkey_id}": ANY,
    "DELETE /auth/passkeys/{passkey_id}": ANY,
    "POST /auth/authenticator-app": ANY,
    "POST /auth/authenticator-app/confirm": ANY,
    "PUT /auth/password": "shop",
    "POST /auth/email": "shop",
    "GET /account": "shop",
    "PATCH /account": "shop",
    "DELETE /account": "shop",
    "GET /account/data": "shop",
    "GET /account/guest-orders": "shop",
    "POST /account/guest-orders/claim": "shop",
    "GET /account/addresses": "shop",
    "POST /account/addresses": "shop",
    "PUT /account/addresses/{address_id}": "shop",
    "DELETE /account/addresses/{address_id}": "shop",
    "GET /account/consents": "shop",
    "PUT /account/consents/{purpose}": "shop",
    "DELETE /account/consents/{purpose}": "shop",
    "POST /products": "catalogue",
    "PUT /products/{product_id}/description": "catalogue",
    "POST /products/{product_id}/variants": "catalogue",
    "POST /products/{product_id}/variants/{sku}/prices": "prices",
    "DELETE /products/{product_id}/variants/{sku}": "catalogue",
    "DELETE /products/{product_id}/variants/{sku}/prices/{valid_from}": "prices",
    "PUT /products/{product_id}/category": "catalogue",
    "POST /products/{product_id}/media": "catalogue",
    "DELETE /products/{product_id}/media": "catalogue",
    "POST /products/{product_id}/publish": "catalogue",
    "POST /products/{product_id}/unpublish": "catalogue",
    "POST /products/{product_id}/discontinue": "catalogue",
    "POST /promotions": "prices",
    "PUT /promotions/{promotion_id}": "prices",
    "PUT /promotions/{promotion_id}/schedule": "prices",
    "POST /promotions/{promotion_id}/end": "prices",
    "POST /promotions/{promotion_id}/replace": "prices",
    "POST /categories": "catalogue",
    "PUT /categories/{category_id}/name": "catalogue",
    "PUT /categories/{category_id}/parent": "catalogue",
    "DELETE /categories/{category_id}": "catalogue",
    "POST /stock/{warehouse}/{sku}/receipts": "stock",
    "POST /stock/{warehouse}/{sku}/adjustments": "stock",
    "PUT /stock/{warehouse}/{sku}/backorder-limit": "stock",
    "POST /shipments/{shipment_id}/pick": "fulfilment",
    "POST /shipments/{shipment_id}/short-pick": "fulfilment",
    "POST /shipments/{shipment_id}/pack": "fulfilment",
    "POST /shipments/{shipment_id}/dispatch": "fulfilment",
    "POST /shipments/{shipment_id}/tracking": "fulfilment",
    "POST /shipments/{shipment_id}/delivery": "fulfilment",
    "POST /shipments/{shipment_id}/loss": "fulfilment",
    "POST /shipments/{shipment_id}/return-to-sender": "fulfilment",
    "POST /shipments/{shipment_id}/cancel": "fulfilment",
    "POST /payments/{payment_id}/refunds": "refunds",
    "POST /people/forget": "customers",
    "POST /staff": "admin",
    "POST /staff/{subject}/invitation": "admin",
    "PUT /staff/{subject}/roles/{role}": "admin",
    "DELETE /staff/{subject}/roles/{role}": "admin",
    "POST /staff/{subject}/remove": "admin",
    "DELETE /staff/{subject}/second-factor": "admin",
    "PUT /roles/{role}": "admin",
    "DELETE /roles/{role}": "admin",
    "POST /api-keys": "admin",
    "POST /api-keys/{key_id}/revoke": "admin",
    "POST /processes/parked-commands/{command_id}/resend": "operations",
    "POST /processes/parked-inputs/{entry_id}/resend": "operations",
    "POST /processes/parked-commands/{command_id}/skip": "operations",
    "POST /processes/parked-inputs/{entry_id}/skip": "operations",
    "POST /dead-letters/{event_id}/resend": "operations",
    "POST /read-models/{name}/rebuild": "operations",
}
"""Which permissions let a caller do what: any one of them. Written by hand, whatever the code says."""

LOGIN = {
    "POST /auth/passkey/options",
    "POST /auth/passkeys",
    "DELETE /auth/passkeys/{passkey_id}",
    "POST /auth/authenticator-app",
    "POST /auth/authenticator-app/confirm",
    "POST /people/forget",
    "POST /read-models/{name}/rebuild",
    "POST /staff",
    "POST /staff/{subject}/invitation",
    "PUT /staff/{subject}/roles/{role}",
    "DELETE /staff/{subject}/roles/{role}",
    "POST /staff/{subject}/remove",
    "DELETE /staff/{subject}/second-factor",
    "PUT /roles/{role}",
    "DELETE /roles/{role}",
    "POST /api-keys",
    "POST /api-keys/{key_id}/revoke",
}
"""What people do only within ten minutes of a login, and API keys never."""


def stated() -> Iterator[tuple[str, set[str]]]:
    """Each operation of the document, and the permissions that it states."""
    for path, methods in SHOP.app.openapi()["paths"].items():
        for method, operation in methods.items():
            needed = {one for need in operation.get("security", []) for each in need.values() for one in each}
            yield f"{method.upper()} {path}", needed


def shop() -> Desk:
    made = desk()
    made.app.state.ports = replace(made.app.state.ports, tokens=PermittedTokens())
    return made


SHOP = shop()


@asynccontextmanager
async def caller(token: str) -> AsyncIterator[httpx.AsyncClient]:
    async with SHOP.client(None) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def filled(operation: str) -> tuple[str, str]:
    """Its method, and its path with values in the place of names."""
    method, path = operation.split(" ")
    path = re.sub(r"\{(command|entry|event|passkey)_id\}", "00000000-0000-0000-0000-000000000001", path)
    return method, path.replace("{", "").replace("}", "")


def test_every_route_is_in_the_document_and_states_the_permissions_it_should() -> None:
    routes = [route for subject in SUBJECTS for route in subject.router.routes if isinstance(route, APIRoute)]
    document = dict(stated())
    assert set(document) == {f"{method} {route.path}" for route in routes for method in route.methods or ()}
    assert document == {operation: set(needs.split()) for operation, needs in NEEDS.items()} | {
        key: set() for key in OPEN
    }
    assert {route.path for route in routes if not isinstance(route, CommandRoute)} == {
        operation.partition(" ")[2] for operation in OPEN
    }


def test_the_document_says_in_words_what_is_needed() -> None:
    operation = SHOP.app.openapi()["paths"]["/orders/{order_id}/cancel"]["post"]
    assert operation["description"].startswith("Needs the permission `shop` or `orders`. ")


@pytest.mark.parametrize("operation", NEEDS)
async def test_nobody_is_admitted_without_a_token_or_a_permission(operation: str) -> None:
    method, path = filled(operation)
    before = SHOP.stored
    async with SHOP.client(None) as nobody:
        answer = await nobody.request(method, path, json={})
    assert (answer.status_code, problem(answer)["type"]) == (401, "urn:counterfoil:problem:not-authenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="counterfoil"'
    others = [permission for permission in Permission if permission not in NEEDS[operation].split()]
    for token in ("nothing", "+".join(others or ["none"])):
        async with caller(token) as eve:
            answer = await eve.request(method, path, json={})
        assert (answer.status_code, problem(answer)["type"]) == (403, "urn:counterfoil:problem:not-allowed"), token
    assert SHOP.stored == before


@pytest.mark.parametrize("operation", NEEDS)
async def test_each_single_permission_that_suffices_admits(operation: str) -> None:
    method, path = filled(operation)
    for permission in NEEDS[operation].split():
        async with caller(permission) as olga:
            answer = await olga.request(method, path, json={})
        assert answer.status_code in (200, 201, 404, 422, 503), answer.text


@pytest.mark.parametrize("operation", NEEDS)
async def test_what_is_dangerous_needs_a_login_within_ten_minutes(operation: str) -> None:
    method, path = filled(operation)
    dangerous = operation in LOGIN
    everything = "+".join(Permission)
    for minutes, status in ((9, None), (11, 403)):
        async with caller(f"{everything}@{minutes}") as olga:
            answer = await olga.request(method, path, json={})
        assert (answer.status_code == 403) is (dangerous and status == 403), answer.text
        if answer.status_code == 403:
            assert problem(answer)["type"] == "urn:counterfoil:problem:reauthentication-required"
    async with caller(f"{everything}@key") as program:
        answer = await program.request(method, path, json={})
    assert (answer.status_code == 403) is dangerous, answer.text


async def test_a_large_refund_needs_a_login_and_a_small_one_does_not() -> None:
    async def refunded(cents: int) -> int:
        body = {"amount": {"amount": cents, "currency": "USD"}, "reason": "Arrived late"}
        async with caller("refunds@11") as olga:
            return (await olga.post("/payments/p1/refunds", json=body)).status_code

    assert (await refunded(50_000), await refunded(50_001)) == (404, 403)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x.y.z", "Basic YW5uYTo=", "bearer  ", "Bearer \xff"])
async def test_a_header_that_is_no_token_opens_nothing(header: str) -> None:
    async with desk().client(None) as nobody:
        nobody.headers.encoding = "latin-1"
        nobody.headers["Authorization"] = header
        answer = await nobody.post("/carts", json={})
    assert (answer.status_code, problem(answer)["status"]) == (401, 401)
