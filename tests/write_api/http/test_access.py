"""Nobody does what their role does not allow: every endpoint is walked."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from tests.support.harness.front_desk import desk, problem
from write_api.app import SUBJECTS
from write_api.http.route import CommandRoute

OPEN = {("post", "/sessions"), ("post", "/webhooks/payments")}
ROLES = ("shopper", "back_office", "warehouse", "till", "analyst", "auditor")
SHOP = desk()
DOCUMENT: dict[str, Any] = SHOP.app.openapi()


def operations() -> Iterator[tuple[str, str, set[str]]]:
    """Method and path of every operation, and the roles that may carry it out."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            allowed = {role for need in operation.get("security", []) for roles in need.values() for role in roles}
            yield method, path, allowed


GUARDED = [(method, path, allowed) for method, path, allowed in operations() if (method, path) not in OPEN]


def test_every_endpoint_is_in_the_document_and_guarded_but_for_two() -> None:
    routes = [route for subject in SUBJECTS for route in subject.router.routes if isinstance(route, APIRoute)]
    assert {(method, path) for method, path, _ in operations()} == {
        (method.lower(), route.path) for route in routes for method in route.methods or ()
    }
    assert {(method, path) for method, path, allowed in operations() if not allowed} == OPEN
    assert {route.path for route in routes if not isinstance(route, CommandRoute)} == {path for _, path in OPEN}


def test_each_subject_is_open_to_those_whose_business_it_is() -> None:
    business = {
        "carts": {"shopper"},
        "checkouts": {"shopper"},
        "orders": {"shopper", "back_office"},
        "products": {"back_office"},
        "categories": {"back_office"},
        "stock": {"warehouse", "back_office"},
        "shipments": {"warehouse", "back_office"},
        "payments": {"back_office"},
        "processes": {"back_office"},
        "people": {"back_office"},
    }
    apart = {
        "/carts/{cart_id}/items/{sku}/agreed-price": {"till", "back_office"},
        "/orders/{order_id}/lines/{sku}/cancel": {"back_office"},
    }
    for _, path, allowed in GUARDED:
        assert allowed == apart.get(path, business[path.split("/")[1]]), path


def filled(path: str) -> str:
    return path.replace("{command_id}", "00000000-0000-0000-0000-000000000001").replace("{", "").replace("}", "")


@pytest.mark.parametrize(("method", "path", "allowed"), GUARDED)
async def test_who_has_no_token_or_another_role_is_turned_away(method: str, path: str, allowed: set[str]) -> None:
    before = SHOP.stored
    async with SHOP.client(None) as nobody:
        answer = await nobody.request(method, filled(path), json={})
    assert (answer.status_code, problem(answer)["type"]) == (401, "urn:counterfoil:problem:not-authenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="counterfoil"'
    for role in {*ROLES, "", "admin"} - allowed:
        async with SHOP.client("eve", role) as eve:
            answer = await eve.request(method, filled(path), json={})
        assert (answer.status_code, problem(answer)["type"]) == (403, "urn:counterfoil:problem:not-allowed"), role
    assert SHOP.stored == before


@pytest.mark.parametrize(("method", "path", "allowed"), GUARDED)
async def test_who_has_one_of_the_roles_is_let_in(method: str, path: str, allowed: set[str]) -> None:
    for role in allowed:
        async with SHOP.client("olga", role) as olga:
            answer = await olga.request(method, filled(path), json={})
        assert answer.status_code in (200, 201, 404, 422), answer.text


def test_the_back_office_may_do_all_that_staff_may_do() -> None:
    assert [path for _, path, allowed in GUARDED if allowed - {"shopper"} and "back_office" not in allowed] == []


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x.y.z", "Basic YW5uYTo=", "bearer  ", "Bearer \xff"])
async def test_a_header_that_is_no_token_opens_nothing(header: str) -> None:
    async with SHOP.client(None) as nobody:
        nobody.headers.encoding = "latin-1"
        nobody.headers["Authorization"] = header
        answer = await nobody.post("/carts", json={})
    assert (answer.status_code, problem(answer)["status"]) == (401, 401)
