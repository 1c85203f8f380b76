"""API keys: shown once, listed with their last use."""

from typing import Any

from domain.api_key.decider import KEY_PERMISSIONS
from domain.staff.permissions import STAFF_PERMISSIONS
from tests.support.fixtures.pages import UNREACHABLE, Browser, problem
from tests.web.back_office.administration import KEY, keys_page, sent
from tests.web.back_office.answers import AT
from web.back_office import api_keys
from web.ports import Reply
from web.texts.permissions import OF_KEYS, PERMISSIONS


async def test_keys_are_listed_with_their_last_use(admin: Browser) -> None:
    used = {**KEY, "keyId": "k2", "lastUsed": AT}
    over = {**KEY, "keyId": "k3", "expiresAt": AT}
    revoked = {**over, "keyId": "k4", "revokedAt": AT}
    admin.read.answers("DeskApiKeys", keys_page(KEY, used, over, revoked))
    page = await admin.get("/desk/api-keys")
    assert page.texts("h2[id^=k-] .tag") == ["in use", "in use", "over", "revoked"]
    time = "30 November 2026, 10:00"
    assert page.texts(".pairs dt:last-of-type + dd") == ["never", f"{time} to the hour", "never", "never"]
    assert page.texts("#k-k1 ~ dl dd")[:3] == ["cfk_k1_…", time, "1 May 2027, 00:00"]
    assert page.texts("#k-k4 ~ dl dt") == ["Key", "Issued", "Revoked", "Last use"]
    revocable = [it["action"] for it in page.html.select("form[action$='/revoke']")]
    assert revocable == ["/desk/api-keys/k1/revoke", "/desk/api-keys/k2/revoke"]
    assert [it["value"] for it in page.html.select("[name=permission]")] == list(OF_KEYS)


async def test_a_key_is_shown_once_whatever_the_read_api_does(admin: Browser) -> None:
    admin.write.answers("POST /api-keys", Reply(201, {"position": "7", "key_id": "k1", "key": "cfk_k1_secret"}))
    admin.read.answers("DeskApiKeys", UNREACHABLE)
    form: dict[str, Any] = {"key": "k", "name": "Label printer", "permission": "fulfilment", "last_day": "2027-04-30"}
    page = await admin.post("/desk/api-keys/issue", **form)
    assert (page.status, page.text(".secret"), page.response.headers["cache-control"]) == (
        200,
        "cfk_k1_secret",
        "no-store",
    )
    body = {"name": "Label printer", "permissions": ["fulfilment"], "expires_at": "2027-05-01T00:00:00+00:00"}
    assert sent(admin) == [("POST", "/api-keys", body)]
    admin.read.answers("DeskApiKeys", keys_page(KEY))
    for code in ("api-key-exists", "command-id-reused"):
        admin.write.answers("POST /api-keys", problem(409, code))
        page = await admin.post("/desk/api-keys/issue", **form)
        assert (page.status, page.text(".summary")) == (422, api_keys.NOT_AGAIN)
        assert "cfk_k1_secret" not in page.response.text


async def test_what_a_key_needs_is_told_at_its_fields(admin: Browser) -> None:
    page = await admin.post("/desk/api-keys/issue", key="k", last_day="tomorrow")
    assert (page.status, page.texts("form .fault")) == (
        422,
        ["Name the program that uses the key.", "Choose one permission or more.", "Choose a day."],
    )
    assert admin.write.sent == []
    errors = [{"field": "expires_at", "reason": "It is too late.", "fix": "Choose a day within a year."}]
    admin.write.answers("POST /api-keys", problem(422, "lifetime-out-of-bounds", errors=errors))
    page = await admin.post("/desk/api-keys/issue", key="k", name="P", permission="stock", last_day="2029-01-01")
    assert page.text("#last_day-fault") == "It is too late. Choose a day within a year."
    assert page.field("#last_day") == "2029-01-01"


def test_the_permissions_are_those_of_the_shop() -> None:
    assert (set(PERMISSIONS), set(OF_KEYS)) == (set(STAFF_PERMISSIONS), set(KEY_PERMISSIONS))
