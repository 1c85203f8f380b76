"""Staff, roles and API keys are for administrators; each form is carried out or says why not."""

from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, accepted, failed, problem
from tests.web.back_office.answers import me, order_page, works
from web.back_office import api_keys, members, roles

ADMINISTRATION = ["Staff", "Roles", "API keys"]


async def test_the_pages_are_offered_to_administrators_alone(admin: Browser) -> None:
    page = await admin.get("/desk/roles")
    assert page.texts(".side h2") == ["Sell", "Administer"]
    assert page.texts(".side a:not(form a)")[-3:] == ADMINISTRATION
    admin.read.answers("DeskOrder", order_page())
    page = await admin.get("/desk/orders/o-1")
    assert (page.texts(".side h2"), page.html.select("a[href^='/desk/staff']")) == (["Sell", "Goods", "Prove"], [])


@pytest.mark.parametrize(
    ("path", "operation", "field"),
    [
        ("staff", "DeskStaff", "staff"),
        ("roles", "DeskRoles", "roles"),
        ("api-keys", "DeskApiKeys", "apiKeys"),
    ],
)
async def test_the_pages_are_refused_without_the_permission(
    admin: Browser, path: str, operation: str, field: str
) -> None:
    admin.read.answers(operation, failed("FORBIDDEN", field, me=me()))
    assert (await admin.get(f"/desk/{path}")).status == 403


FORMS = [
    ("staff/invite", {"email": "b@shop.example", "role": "till"}, "POST /staff"),
    ("staff/staff-2/give", {"role": "till"}, "PUT /staff/staff-2/roles/till"),
    ("staff/staff-2/withdraw", {"role": "till"}, "DELETE /staff/staff-2/roles/till"),
    ("staff/staff-2/invitation", {}, "POST /staff/staff-2/invitation"),
    ("staff/staff-2/second-factor", {}, "DELETE /staff/staff-2/second-factor"),
    ("staff/staff-2/remove", {"reason": "Left"}, "POST /staff/staff-2/remove"),
    ("roles/create", {"role": "packers", "permission": "stock"}, "PUT /roles/packers"),
    ("roles/till/set", {"permission": "till"}, "PUT /roles/till"),
    ("roles/till/remove", {}, "DELETE /roles/till"),
    ("api-keys/issue", {"name": "P", "permission": "stock", "last_day": "2027-04-30"}, "POST /api-keys"),
    ("api-keys/k1/revoke", {"reason": "Lost"}, "POST /api-keys/k1/revoke"),
]


@pytest.mark.parametrize(("path", "form", "command"), FORMS, ids=[it[0] for it in FORMS])
async def test_a_form_is_carried_out_or_says_why_not(
    admin: Browser, path: str, form: dict[str, Any], command: str
) -> None:
    home = f"/desk/{path.partition('/')[0]}"
    admin.write.answers(command, accepted(7, 3, key="cfk_k1_s"))
    page = await admin.post(f"/desk/{path}", key="key-7", **form)
    assert page.status in (200, 303)
    assert page.status == 200 or page.location == home
    assert admin.write.sent[-1].headers["Idempotency-Key"] == "key-7"
    admin.write.answers(command, problem(409, "last-administrator", detail="Nobody else has admin."))
    page = await admin.post(f"/desk/{path}", key="key-7", **form)
    assert (page.status, page.text(".summary")) == (422, "Nobody else has admin.")
    admin.write.answers(command, problem(403, "not-allowed"))
    assert (await admin.post(f"/desk/{path}", key="key-7", **form)).status == 403
    admin.write.answers(command, problem(403, "reauthentication-required"))
    page = await admin.post(f"/desk/{path}", key="key-7", **form)
    repeat = path.rpartition("/")[2]
    assert page.location == f"/desk/login/again?to={home.replace('/', '%2F')}&repeat={repeat}"
    page = await admin.get(f"{home}?repeat={repeat}")
    assert "send it again now" not in page.text(".note")


ROUTES = [it for module in (members, roles, api_keys) for it in module.ROUTES]


def path_of(route: Any) -> str:
    return str(route.path).replace("{id}", "x").replace("{role}", "x")


@pytest.mark.parametrize("route", ROUTES, ids=lambda it: f"{min(it.methods)} {it.path}")
async def test_the_pages_are_for_staff_and_their_forms_for_pages_of_ours(browser: Browser, route: Any) -> None:
    await browser.begin()
    page = await (browser.post(path_of(route)) if "POST" in route.methods else browser.get(path_of(route)))
    assert (page.status, page.location.partition("?")[0]) == (303, "/desk/login")
    await works(browser)
    if "POST" in route.methods:
        assert (await browser.post(path_of(route), site="cross-site")).status == 403
    assert (browser.read.sent, browser.write.sent) == ([], [])
