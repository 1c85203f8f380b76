"""Signing out of devices: one, all others, all."""

import pytest

from tests.support.fixtures.pages import Browser, problem
from tests.web.storefront.account.test_own import TAKEN, devices


@pytest.mark.parametrize("ids", [("s-1",), ("s-1", "s-2")])
async def test_all_devices_are_signed_out_this_one_too(anna: Browser, ids: tuple[str, ...]) -> None:
    devices(anna, *ids)
    button = (await anna.get("/account/devices")).text("form[action='/account/devices/all/end'] button")
    assert button == "Sign out everywhere, this device too"
    anna.write.answers("POST /auth/logout/everywhere", TAKEN)
    page = await anna.post("/account/devices/all/end")
    assert (page.location, anna.sessions.kept) == ("/account/login?after=everywhere", {})
    sent = anna.write.sent[-1]
    assert (sent.path, sent.headers["Authorization"]) == ("/auth/logout/everywhere", "Bearer access-1")
    assert (await anna.get(page.location)).text(".note") == "All devices are signed out, this one too."


async def test_while_nobody_can_be_signed_out_this_device_stays(anna: Browser) -> None:
    anna.write.answers("POST /auth/logout/everywhere", problem(503, "store-unavailable"))
    assert (await anna.post("/account/devices/all/end")).status == 503
    assert anna.session.refresh == "refresh-1"


async def test_devices_are_signed_out_one_by_one_or_all_others(anna: Browser) -> None:
    devices(anna, "s-1", "s-2", "s-3")
    page = await anna.get("/account/devices")
    assert page.texts(".devices b") == ["s-1", "s-2", "s-3"]
    assert [it["action"] for it in page.html.select("main form")] == [
        "/account/devices/s-2/end",
        "/account/devices/s-3/end",
        "/account/devices/others/end",
        "/account/devices/all/end",
    ]
    anna.write.answers("DELETE /auth/sessions/s-2", TAKEN)
    anna.write.answers("DELETE /auth/sessions/s-3", problem(404, "session-not-found"))
    assert (await anna.post("/account/devices/s-2/end")).location == "/account/devices"
    assert (await anna.post("/account/devices/others/end")).location == "/account/devices"
    ended = [it.path for it in anna.write.sent if it.method == "DELETE"]
    assert ended == ["/auth/sessions/s-2", "/auth/sessions/s-2", "/auth/sessions/s-3"]
