"""Members of staff and their roles, as forms."""

import pytest

from tests.support.fixtures.pages import Browser, accepted, problem
from tests.web.back_office.administration import sent, staff_page
from tests.web.back_office.answers import LAST_PAGE
from web.back_office import roles
from web.texts.permissions import PERMISSIONS

# Staff


async def test_members_are_listed_with_their_roles(admin: Browser) -> None:
    page = await admin.get("/desk/staff?role=administrator")
    assert admin.read.sent[-1].body["variables"] == {  # type: ignore[index]
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
    admin.read.answers("DeskStaff", staff_page(info={**LAST_PAGE, "hasNextPage": True, "endCursor": "e"}))
    page = await admin.get("/desk/staff?role=till")
    assert (page.text(".empty"), page.html.select("[rel=next]")[0]["href"]) == (
        "Nobody has this role.",
        "/desk/staff?role=till&after=e",
    )


async def test_a_person_is_invited_with_roles(admin: Browser) -> None:
    admin.write.answers("POST /staff", accepted(7, 3, subject="staff-3"))
    await admin.client.post(
        "/desk/staff/invite",
        data={"key": "k", "email": "cy@shop.example", "name": "Cy", "role": ["till", "night.shift"]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    await admin.post("/desk/staff/invite", key="k", email="cy@shop.example", name=" ", role="till")
    assert sent(admin) == [
        ("POST", "/staff", {"email": "cy@shop.example", "roles": ["till", "night.shift"], "name": "Cy"}),
        ("POST", "/staff", {"email": "cy@shop.example", "roles": ["till"]}),
    ]


async def test_an_invitation_without_address_or_role_reaches_no_api(admin: Browser) -> None:
    page = await admin.post("/desk/staff/invite", key="k", name="Cy")
    assert (page.status, page.text("#email-fault"), page.text("#role-fault"), page.field("#name")) == (
        422,
        "Enter the e-mail address of the person.",
        "Choose one role or more.",
        "Cy",
    )
    assert admin.write.sent == []


async def test_a_refused_invitation_keeps_what_was_chosen(admin: Browser) -> None:
    errors = [{"field": "email", "reason": "It is taken.", "fix": "Choose another."}]
    admin.write.answers("POST /staff", problem(422, "invalid", errors=errors))
    page = await admin.post("/desk/staff/invite", key="k", email="cy@shop.example", role="night.shift")
    assert (page.text("#email-fault"), page.field("#email")) == ("It is taken. Choose another.", "cy@shop.example")
    assert [it["value"] for it in page.html.select("[name=role][checked]")] == ["night.shift"]


@pytest.mark.parametrize("path", ["staff/staff-2/remove", "api-keys/k1/revoke"])
async def test_removing_and_revoking_need_a_reason(admin: Browser, path: str) -> None:
    page = await admin.post(f"/desk/{path}", key="k", reason=" ")
    assert (page.status, page.texts(".summary li")) == (422, ["Say why: it stays in the history."])
    assert admin.write.sent == []


@pytest.mark.parametrize(("role", "status"), [("", 422), ("../x", 404)])
async def test_no_role_but_a_name_is_given(admin: Browser, role: str, status: int) -> None:
    assert (await admin.post("/desk/staff/staff-2/give", key="k", role=role)).status == status
    assert admin.write.sent == []


# Roles


async def test_roles_are_shown_with_what_they_permit(admin: Browser) -> None:
    page = await admin.get("/desk/roles")
    assert page.texts("h2[id^=r-]") == ["administrator 1 member", "night.shift no members"]
    assert page.texts("section[aria-labelledby^=r-] > p") == ["orders admin second factor", "Permits nothing"]
    first = "form[action='/desk/roles/administrator/set'] "
    assert [it["value"] for it in page.html.select(f"{first}[checked]")] == ["orders", "admin", "yes"]
    assert [it["value"] for it in page.html.select(f"{first}[name=permission]")] == list(PERMISSIONS)
    removals = [it["action"] for it in page.html.select("form[action$='/remove']")]
    assert removals == ["/desk/roles/night.shift/remove"]


async def test_a_role_is_set_to_what_is_ticked(admin: Browser) -> None:
    admin.write.answers("PUT /roles/till", accepted(7, 3))
    headers = {"Sec-Fetch-Site": "same-origin"}
    ticked = {"key": "k", "permission": ["till", "orders"], "second_factor": "yes"}
    await admin.client.post("/desk/roles/till/set", data=ticked, headers=headers)
    await admin.post("/desk/roles/till/set", key="k")
    assert sent(admin) == [
        ("PUT", "/roles/till", {"permissions": ["till", "orders"], "second_factor": True}),
        ("PUT", "/roles/till", {"permissions": [], "second_factor": False}),
    ]


async def test_a_refused_change_keeps_what_was_ticked_open(admin: Browser) -> None:
    admin.write.answers("PUT /roles/administrator", problem(409, "last-administrator", detail="Nobody has admin."))
    page = await admin.post("/desk/roles/administrator/set", key="k", permission="stock")
    assert page.text(".summary") == "Nobody has admin."
    ticked = page.html.select("details[open] [checked]")
    assert [it["value"] for it in ticked] == ["stock"]


@pytest.mark.parametrize(
    ("name", "fault"), [("", roles.NAME_IT), ("night shift", roles.NAME_IT), ("night.shift", roles.THERE_IS_ONE)]
)
async def test_a_new_role_has_a_name_that_no_role_has(admin: Browser, name: str, fault: str) -> None:
    page = await admin.post("/desk/roles/create", key="k", role=name, permission="stock", second_factor="yes")
    assert (page.status, page.text("#role-fault"), page.field("#role")) == (422, fault, name)
    form = "form[action='/desk/roles/create'] "
    assert [it["value"] for it in page.html.select(f"{form}[checked]")] == ["stock", "yes"]
    assert admin.write.sent == []
