"""Staff, roles and API keys: for administrators, as forms."""

from typing import Any

import pytest

from domain.api_key.decider import KEY_PERMISSIONS
from domain.staff.permissions import STAFF_PERMISSIONS
from tests.support.fixtures.pages import UNREACHABLE, Browser, accepted, data, failed, problem
from tests.web.back_office.answers import AT, LAST_PAGE, connection, me, order_page, works
from web.back_office import api_keys, members, roles
from web.ports import Reply
from web.texts.permissions import OF_KEYS, PERMISSIONS

ADMINISTRATION = ["Staff", "Roles", "API keys"]
ADA = {
    "subject": "ada",
    "email": "ada@shop.example",
    "name": "Ada <b>Byron</b>",
    "roles": ["administrator"],
    "invitedAt": AT,
    "joinedAt": AT,
}
BEN = {**ADA, "subject": "staff-2", "email": "ben@shop.example", "name": None, "roles": [], "joinedAt": None}
ROLES = [
    {"role": "administrator", "permissions": ["orders", "admin"], "secondFactor": True, "members": 1},
    {"role": "night.shift", "permissions": [], "secondFactor": False, "members": 0},
]
KEY = {
    "keyId": "k1",
    "name": "Label printer",
    "permissions": ["fulfilment"],
    "issuedAt": AT,
    "expiresAt": "2027-05-01T00:00:00+00:00",
    "revokedAt": None,
    "lastUsed": None,
}


@pytest.fixture
async def desk(browser: Browser) -> Browser:
    await works(browser)
    browser.read.answers("DeskStaff", staff_page(ADA, BEN))
    browser.read.answers("DeskRoles", data(me=me("admin"), roles=ROLES))
    browser.read.answers("DeskApiKeys", keys_page(KEY))
    return browser


def staff_page(*found: dict[str, Any], **more: Any) -> Reply:
    return data(me=me("admin"), roles=[{"role": it["role"]} for it in ROLES], **connection("staff", *found, **more))


def keys_page(*keys: dict[str, Any]) -> Reply:
    return data(me=me("admin"), **connection("apiKeys", *keys))


def sent(browser: Browser) -> list[tuple[str, str, Any]]:
    return [(it.method, it.path, it.body) for it in browser.write.sent]


# Who sees it


async def test_the_pages_are_offered_to_administrators_alone(desk: Browser) -> None:
    page = await desk.get("/desk/roles")
    assert page.texts(".side h2") == ["Sell", "Administer"]
    assert page.texts(".side a")[-3:] == ADMINISTRATION
    desk.read.answers("DeskOrder", order_page())
    page = await desk.get("/desk/orders/o-1")
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
    desk: Browser, path: str, operation: str, field: str
) -> None:
    desk.read.answers(operation, failed("FORBIDDEN", field, me=me()))
    assert (await desk.get(f"/desk/{path}")).status == 403


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
    desk: Browser, path: str, form: dict[str, str], command: str
) -> None:
    home = f"/desk/{path.partition('/')[0]}"
    desk.write.answers(command, accepted(7, 3, key="cfk_k1_s"))
    page = await desk.post(f"/desk/{path}", key="key-7", **form)
    assert page.status in (200, 303)
    assert page.status == 200 or page.location == home
    assert desk.write.sent[-1].headers["Idempotency-Key"] == "key-7"
    desk.write.answers(command, problem(409, "last-administrator", detail="Nobody else has admin."))
    page = await desk.post(f"/desk/{path}", key="key-7", **form)
    assert (page.status, page.text(".summary")) == (422, "Nobody else has admin.")
    desk.write.answers(command, problem(403, "not-allowed"))
    assert (await desk.post(f"/desk/{path}", key="key-7", **form)).status == 403
    desk.write.answers(command, problem(403, "reauthentication-required"))
    page = await desk.post(f"/desk/{path}", key="key-7", **form)
    repeat = path.rpartition("/")[2]
    assert page.location == f"/desk/login/again?to={home.replace('/', '%2F')}&repeat={repeat}"
    page = await desk.get(f"{home}?repeat={repeat}")
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


# Staff


async def test_members_are_listed_with_their_roles(desk: Browser) -> None:
    page = await desk.get("/desk/staff?role=administrator")
    assert desk.read.sent[-1].body["variables"] == {  # type: ignore[index]
        "role": "administrator",
        "first": 20,
        "after": None,
    }
    assert page.texts("h2[id^=m-]") == ["Ada <b>Byron</b> you", "ben@shop.example"]
    assert page.texts("section[aria-labelledby^=m-] > p") == [
        "ada@shop.example administrator",
        "Joined 30 November 2026",
        "No role",
        "Invited 30 November 2026, has not joined yet",
    ]
    forms = [it["action"].removeprefix("/desk/staff/") for it in page.html.select("section[aria-labelledby^=m-] form")]  # type: ignore[union-attr]
    assert forms == [
        "ada/give",
        "ada/withdraw",
        "ada/invitation",
        "ada/second-factor",
        "ada/remove",
        "staff-2/give",
        "staff-2/invitation",
        "staff-2/remove",
    ]
    assert page.texts("#r-ada option") == ["night.shift"]
    assert page.texts("form[action$='/invitation'] button") == ["Mail a new link", "Send the invitation again"]
    desk.read.answers("DeskStaff", staff_page(info={**LAST_PAGE, "hasNextPage": True, "endCursor": "e"}))
    page = await desk.get("/desk/staff?role=till")
    assert (page.text(".empty"), page.html.select("[rel=next]")[0]["href"]) == (
        "Nobody has this role.",
        "/desk/staff?role=till&after=e",
    )


async def test_a_person_is_invited_with_roles(desk: Browser) -> None:
    desk.write.answers("POST /staff", accepted(7, 3, subject="staff-3"))
    await desk.client.post(
        "/desk/staff/invite",
        data={"key": "k", "email": "cy@shop.example", "name": "Cy", "role": ["till", "night.shift"]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    await desk.post("/desk/staff/invite", key="k", email="cy@shop.example", name=" ", role="till")
    assert sent(desk) == [
        ("POST", "/staff", {"email": "cy@shop.example", "roles": ["till", "night.shift"], "name": "Cy"}),
        ("POST", "/staff", {"email": "cy@shop.example", "roles": ["till"]}),
    ]


async def test_an_invitation_without_address_or_role_reaches_no_api(desk: Browser) -> None:
    page = await desk.post("/desk/staff/invite", key="k", name="Cy")
    assert (page.status, page.text("#email-fault"), page.text("#role-fault"), page.field("#name")) == (
        422,
        "Enter the e-mail address of the person.",
        "Choose one role or more.",
        "Cy",
    )
    assert desk.write.sent == []


async def test_a_refused_invitation_keeps_what_was_chosen(desk: Browser) -> None:
    errors = [{"field": "email", "reason": "It is taken.", "fix": "Choose another."}]
    desk.write.answers("POST /staff", problem(422, "invalid", errors=errors))
    page = await desk.post("/desk/staff/invite", key="k", email="cy@shop.example", role="night.shift")
    assert (page.text("#email-fault"), page.field("#email")) == ("It is taken. Choose another.", "cy@shop.example")
    assert [it["value"] for it in page.html.select("[name=role][checked]")] == ["night.shift"]


@pytest.mark.parametrize("path", ["staff/staff-2/remove", "api-keys/k1/revoke"])
async def test_removing_and_revoking_need_a_reason(desk: Browser, path: str) -> None:
    page = await desk.post(f"/desk/{path}", key="k", reason=" ")
    assert (page.status, page.texts(".summary li")) == (422, ["Say why: it stays in the history."])
    assert desk.write.sent == []


@pytest.mark.parametrize(("role", "status"), [("", 422), ("../x", 404)])
async def test_no_role_but_a_name_is_given(desk: Browser, role: str, status: int) -> None:
    assert (await desk.post("/desk/staff/staff-2/give", key="k", role=role)).status == status
    assert desk.write.sent == []


# Roles


async def test_roles_are_shown_with_what_they_permit(desk: Browser) -> None:
    page = await desk.get("/desk/roles")
    assert page.texts("h2[id^=r-]") == ["administrator 1 member", "night.shift no members"]
    assert page.texts("section[aria-labelledby^=r-] > p") == ["orders admin second factor", "Permits nothing"]
    first = "form[action='/desk/roles/administrator/set'] "
    assert [it["value"] for it in page.html.select(f"{first}[checked]")] == ["orders", "admin", "yes"]
    assert [it["value"] for it in page.html.select(f"{first}[name=permission]")] == list(PERMISSIONS)
    removals = [it["action"] for it in page.html.select("form[action$='/remove']")]
    assert removals == ["/desk/roles/night.shift/remove"]


async def test_a_role_is_set_to_what_is_ticked(desk: Browser) -> None:
    desk.write.answers("PUT /roles/till", accepted(7, 3))
    headers = {"Sec-Fetch-Site": "same-origin"}
    ticked = {"key": "k", "permission": ["till", "orders"], "second_factor": "yes"}
    await desk.client.post("/desk/roles/till/set", data=ticked, headers=headers)
    await desk.post("/desk/roles/till/set", key="k")
    assert sent(desk) == [
        ("PUT", "/roles/till", {"permissions": ["till", "orders"], "second_factor": True}),
        ("PUT", "/roles/till", {"permissions": [], "second_factor": False}),
    ]


async def test_a_refused_change_keeps_what_was_ticked_open(desk: Browser) -> None:
    desk.write.answers("PUT /roles/administrator", problem(409, "last-administrator", detail="Nobody has admin."))
    page = await desk.post("/desk/roles/administrator/set", key="k", permission="stock")
    assert page.text(".summary") == "Nobody has admin."
    ticked = page.html.select("details[open] [checked]")
    assert [it["value"] for it in ticked] == ["stock"]


@pytest.mark.parametrize(
    ("name", "fault"), [("", roles.NAME_IT), ("night shift", roles.NAME_IT), ("night.shift", roles.THERE_IS_ONE)]
)
async def test_a_new_role_has_a_name_that_no_role_has(desk: Browser, name: str, fault: str) -> None:
    page = await desk.post("/desk/roles/create", key="k", role=name, permission="stock", second_factor="yes")
    assert (page.status, page.text("#role-fault"), page.field("#role")) == (422, fault, name)
    form = "form[action='/desk/roles/create'] "
    assert [it["value"] for it in page.html.select(f"{form}[checked]")] == ["stock", "yes"]
    assert desk.write.sent == []


def test_the_permissions_are_those_of_the_shop() -> None:
    assert (set(PERMISSIONS), set(OF_KEYS)) == (set(STAFF_PERMISSIONS), set(KEY_PERMISSIONS))


# API keys


async def test_keys_are_listed_with_their_last_use(desk: Browser) -> None:
    used = {**KEY, "keyId": "k2", "lastUsed": AT}
    over = {**KEY, "keyId": "k3", "expiresAt": AT}
    revoked = {**over, "keyId": "k4", "revokedAt": AT}
    desk.read.answers("DeskApiKeys", keys_page(KEY, used, over, revoked))
    page = await desk.get("/desk/api-keys")
    assert page.texts("h2[id^=k-] .tag") == ["in use", "in use", "over", "revoked"]
    time = "30 November 2026, 10:00"
    assert page.texts(".pairs dt:last-of-type + dd") == ["never", f"{time} to the hour", "never", "never"]
    assert page.texts("#k-k1 ~ dl dd")[:3] == ["cfk_k1_…", time, "1 May 2027, 00:00"]
    assert page.texts("#k-k4 ~ dl dt") == ["Key", "Issued", "Revoked", "Last use"]
    revocable = [it["action"] for it in page.html.select("form[action$='/revoke']")]
    assert revocable == ["/desk/api-keys/k1/revoke", "/desk/api-keys/k2/revoke"]
    assert [it["value"] for it in page.html.select("[name=permission]")] == list(OF_KEYS)


async def test_a_key_is_shown_once_whatever_the_read_api_does(desk: Browser) -> None:
    desk.write.answers("POST /api-keys", Reply(201, {"position": "7", "key_id": "k1", "key": "cfk_k1_secret"}))
    desk.read.answers("DeskApiKeys", UNREACHABLE)
    form = {"key": "k", "name": "Label printer", "permission": "fulfilment", "last_day": "2027-04-30"}
    page = await desk.post("/desk/api-keys/issue", **form)
    assert (page.status, page.text(".secret"), page.response.headers["cache-control"]) == (
        200,
        "cfk_k1_secret",
        "no-store",
    )
    body = {"name": "Label printer", "permissions": ["fulfilment"], "expires_at": "2027-05-01T00:00:00+00:00"}
    assert sent(desk) == [("POST", "/api-keys", body)]
    desk.read.answers("DeskApiKeys", keys_page(KEY))
    for code in ("api-key-exists", "command-id-reused"):
        desk.write.answers("POST /api-keys", problem(409, code))
        page = await desk.post("/desk/api-keys/issue", **form)
        assert (page.status, page.text(".summary")) == (422, api_keys.NOT_AGAIN)
        assert "cfk_k1_secret" not in page.response.text


async def test_what_a_key_needs_is_told_at_its_fields(desk: Browser) -> None:
    page = await desk.post("/desk/api-keys/issue", key="k", last_day="tomorrow")
    assert (page.status, page.texts("form .fault")) == (
        422,
        ["Name the program that uses the key.", "Choose one permission or more.", "Choose a day."],
    )
    assert desk.write.sent == []
    errors = [{"field": "expires_at", "reason": "It is too late.", "fix": "Choose a day within a year."}]
    desk.write.answers("POST /api-keys", problem(422, "lifetime-out-of-bounds", errors=errors))
    page = await desk.post("/desk/api-keys/issue", key="k", name="P", permission="stock", last_day="2029-01-01")
    assert page.text("#last_day-fault") == "It is too late. Choose a day within a year."
    assert page.field("#last_day") == "2029-01-01"
