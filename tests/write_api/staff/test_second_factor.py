"""Second factors: enrolled at a login, each code good once, demanded by roles."""

from time import time
from typing import Any

import pyotp

from tests.support.harness.accounts import PASSWORD, bearer
from tests.support.harness.front_desk import problem
from tests.support.harness.staff import StaffShop

LOGIN: dict[str, Any] = {"email": "ada@shop.example", "password": PASSWORD, "as": "staff"}


async def challenged(shop: StaffShop, *, enrolled: bool) -> str:
    """The challenge of a login with the right password."""
    answer = await shop.shop.client.post("/auth/login", json=LOGIN)
    told = problem(answer)
    assert (answer.status_code, told["type"]) == (401, "urn:counterfoil:problem:second-factor-required")
    assert told["enrolled"] is enrolled
    challenge: str = told["challenge"]
    return challenge


async def demanded(shop: StaffShop) -> None:
    """Administrators need a second factor from now on."""
    permissions = ["orders", "admin"]
    await shop.send("ada", "PUT", "/roles/administrator", 200, permissions=permissions, second_factor=True)


async def enrolled(shop: StaffShop) -> tuple[str, Any]:
    """Her secret, and what the first code got her."""
    challenge = await challenged(shop, enrolled=False)
    told = await shop.shop.post("/auth/second-factor/enrol", 200, challenge=challenge)
    assert told["uri"].startswith(f"otpauth://totp/Counterfoil:ada%40shop.example?secret={told['secret']}")
    assert told["qr_svg"].startswith("<svg")
    code = code_of(told["secret"])
    return told["secret"], await shop.shop.post("/auth/login/second-factor", 200, challenge=challenge, code=code)


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(time()) + 30 * steps)


async def refused(shop: StaffShop, challenge: str, code: str) -> str:
    answer = await shop.shop.client.post("/auth/login/second-factor", json={"challenge": challenge, "code": code})
    assert answer.status_code == 401, answer.text
    return str(problem(answer)["type"]).rpartition(":")[2]


async def test_a_role_that_demands_it_ends_sessions_and_lets_in_by_code_alone(shop: StaffShop) -> None:
    await demanded(shop)

    async def is_out(process: int) -> bool:
        return (await shop.ask("ada", "POST", "/categories", process, name="Tea")).status_code == 401

    await shop.soon(is_out)
    secret, entered = await enrolled(shop)
    assert len(set(entered["recovery_codes"])) == 10
    invitation = {"email": "ben@shop.example", "roles": ["auditor"]}
    await shop.send(bearer(entered), "POST", "/staff", 201, **invitation)
    challenge = await challenged(shop, enrolled=True)
    again = await shop.shop.post("/auth/login/second-factor", 200, challenge=challenge, code=code_of(secret, 1))
    assert again["recovery_codes"] == []


async def test_each_code_and_each_recovery_code_is_good_once(shop: StaffShop) -> None:
    await demanded(shop)
    secret, entered = await enrolled(shop)
    challenge = await challenged(shop, enrolled=True)
    assert await refused(shop, challenge, code_of(secret)) == "wrong-code"
    recovery = entered["recovery_codes"][3]
    await shop.shop.post("/auth/login/second-factor", 200, challenge=challenge, code=recovery)
    assert await refused(shop, challenge, recovery) == "wrong-code"


async def test_wrong_codes_are_limited(shop: StaffShop) -> None:
    await demanded(shop)
    secret, _ = await enrolled(shop)
    challenge = await challenged(shop, enrolled=True)
    for _ in range(5):
        assert await refused(shop, challenge, "wrong") == "wrong-code"
    body = {"challenge": challenge, "code": code_of(secret, 1)}
    answer = await shop.shop.client.post("/auth/login/second-factor", json=body)
    assert (answer.status_code, problem(answer)["type"]) == (429, "urn:counterfoil:problem:too-many-attempts")


async def test_a_challenge_is_no_more_than_that_and_cannot_be_made_up(shop: StaffShop) -> None:
    await demanded(shop)
    secret, _ = await enrolled(shop)
    challenge = await challenged(shop, enrolled=True)
    subject, issued, mark = challenge.split(".")
    for forged in (f"staff-x.{issued}.{mark}", f"{subject}.{int(issued) + 60}.{mark}", f"{subject}.{issued}", "x", "é"):
        assert await refused(shop, forged, code_of(secret, 1)) == "challenge-over"
    enrol = await shop.shop.client.post("/auth/second-factor/enrol", json={"challenge": challenge})
    assert (enrol.status_code, problem(enrol)["type"]) == (409, "urn:counterfoil:problem:already-enrolled")


async def test_an_administrator_removes_a_lost_second_factor(shop: StaffShop) -> None:
    await demanded(shop)
    _, entered = await enrolled(shop)
    subject = entered["subject"]
    answer = await shop.ask(bearer(entered), "DELETE", f"/staff/{subject}/second-factor")
    assert answer.status_code == 200
    await challenged(shop, enrolled=False)
