"""Forgetting somebody: by the back office, for a reason, and the proof stands."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from domain.shared.personal import Sealed
from infra.bootstrap.write_api import write_side
from infra.eventstore.factory import open_event_store
from infra.postgres.sessions import Sessions
from infra.security.vault import PostgresVault
from infra.security.wrapping import WrappingKeys, vault_key
from infra.serialization.codec import JsonCodec
from infra.settings import Settings
from projections.registry import PROJECTIONS
from tests.hostile.parts import TOKENS, bearer
from tests.support.builders.auditing import built, failed, verdict
from tests.support.harness.front_desk import Desk, problem, said
from tests.support.harness.vaults import wrapping_in
from tests.write_api.test_checkouts import HOME
from tests.write_api.test_on_postgres import put_on_sale
from write_api.http.fields import Body
from write_api.http.validation_errors import faults_of

ASKED = {"subject": "anna", "reason": "Asked by letter of 2 May"}
KEY = base64.b64encode(bytes(32)).decode()


async def test_the_back_office_forgets_a_person_and_the_log_says_why(shop: Desk, olga: httpx.AsyncClient) -> None:
    await shop.vault.seal("anna", b"Bergstrasse 1")
    await shop.vault.seal("ben", b"Talweg 2")
    answer = await said(await olga.post("/people/forget", json=ASKED), 200)
    assert shop.vault.kept == [("ben", b"Talweg 2")]
    assert shop.stored[-1] == ("person-anna", "person.forgotten.v1")
    recorded = shop.handler.codec.decode_event(shop.store.log[-1])
    assert (recorded.fact.reason, recorded.metadata.actor) == (ASKED["reason"], "staff:olga")
    assert answer["position"] == str(recorded.position)


async def test_a_subject_of_whom_there_is_nothing_is_forgotten_by_force_only(
    shop: Desk, olga: httpx.AsyncClient
) -> None:
    await shop.vault.seal("anna", b"Bergstrasse 1")
    before = shop.stored
    mistyped = {**ASKED, "subject": "ana"}
    told = problem(await olga.post("/people/forget", json=mistyped))
    assert (told["status"], told["type"]) == (404, "urn:counterfoil:problem:person-not-found")
    assert [fault["field"] for fault in told["errors"]] == ["subject"]
    assert (shop.vault.kept, shop.stored) == ([("anna", b"Bergstrasse 1")], before)
    await said(await olga.post("/people/forget", json={**mistyped, "force": True}), 200)
    assert shop.stored == [*before, ("person-ana", "person.forgotten.v1")]


async def test_who_was_forgotten_before_is_known(shop: Desk, olga: httpx.AsyncClient) -> None:
    await shop.vault.seal("anna", b"Bergstrasse 1")
    for _ in range(2):
        await said(await olga.post("/people/forget", json=ASKED), 200)
    assert shop.stored[-2:] == [("person-anna", "person.forgotten.v1")] * 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**ASKED, "subject": "anna@example.com"}, "subject"),
        ({"subject": "anna"}, "reason"),
        ({**ASKED, "reason": ""}, "reason"),
        ({**ASKED, "subject": "a\0"}, "subject"),
    ],
)
async def test_nobody_is_forgotten_without_a_reason(
    shop: Desk, olga: httpx.AsyncClient, body: dict[str, str], field: str
) -> None:
    await shop.vault.seal("anna", b"Bergstrasse 1")
    before = shop.stored
    told = problem(await olga.post("/people/forget", json=body))
    assert (told["status"], [fault["field"] for fault in told["errors"]]) == (422, [field])
    assert (shop.vault.kept, shop.stored) == ([("anna", b"Bergstrasse 1")], before)


async def test_nobody_else_makes_anybody_forgotten(
    shop: Desk, anna: httpx.AsyncClient, nobody: httpx.AsyncClient
) -> None:
    await shop.vault.seal("anna", b"Bergstrasse 1")
    answers = [await anna.post("/people/forget", json=ASKED), await nobody.post("/people/forget", json=ASKED)]
    assert [answer.status_code for answer in answers] == [403, 401]
    assert shop.vault.kept == [("anna", b"Bergstrasse 1")]


@pytest.fixture
def wrapping(tmp_path: Path) -> WrappingKeys:
    return wrapping_in(tmp_path / "keys", vault_key(KEY))


@pytest.fixture
async def real(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        data=tmp_path,
        database=database_url,
        token_secret=SecretStr(TOKENS.secret.decode()),
        vault_key=SecretStr(KEY),
        webhook_secret=SecretStr("secret"),
    )
    async with write_side(settings) as app:
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url="http://shop", headers=bearer())
        yield client
        await client.aclose()


async def test_the_proof_holds_when_somebody_was_forgotten(
    real: httpx.AsyncClient, database_url: str, wrapping: WrappingKeys
) -> None:
    await put_on_sale(real)
    cart = await said(await real.post("/carts", json={"items": [{"sku": "MUG", "quantity": 2}]}), 201)
    wish = {
        "cart_id": cart["cart_id"],
        "total_seen": {"amount": 2999, "currency": "USD"},
        "delivery_method": "standard",
        "address": HOME,
        "payment_method": "pm_card_ok",
    }
    await said(await real.post("/checkouts", json=wish), 202)
    store = (await open_event_store(database_url)).store
    (bought,) = (await store.read(f"cart-{cart['cart_id']}"))[-1:]
    address: Sealed = JsonCodec().decode_event(bought).fact.delivery.address
    sessions = Sessions(database_url, "test", 1)
    assert b"Bergstrasse" in (await PostgresVault(sessions, wrapping).open(address) or b"")

    await said(await real.post("/people/forget", json=ASKED), 200)

    assert await PostgresVault(sessions, wrapping).open(address) is None
    await built(database_url, store)
    assert failed(await verdict(database_url, store, PROJECTIONS)) == {}
    # Who comes back has a new key, and what was is not readable with it.
    again = PostgresVault(sessions, wrapping)
    sealed = await again.seal("anna", b"Talweg 2")
    assert (await again.open(sealed), await again.open(address)) == (b"Talweg 2", None)
    await sessions.close()
    await store.close()


async def test_every_answer_keeps_browsers_careful(anna: httpx.AsyncClient, nobody: httpx.AsyncClient) -> None:
    for answer in (
        await anna.post("/carts", json={}),
        await nobody.post("/carts", json={}),
        await nobody.get("/nothing"),
        await nobody.get("/openapi.json"),
    ):
        assert {name: answer.headers[name] for name in CAREFUL} == CAREFUL
    page = await nobody.get("/docs")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; ")
    assert ("unsafe" in policy, "http" in policy) == (False, False)
    assert page.headers["x-content-type-options"] == "nosniff"


CAREFUL = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}


def test_no_reason_that_the_api_takes_may_hold_an_address() -> None:
    bodies = [body for body in Body.__subclasses__() if "reason" in body.model_fields]
    assert {body.__name__ for body in bodies} >= {
        "Adjustment",
        "Agreement",
        "Because",
        "Forgetting",
        "Missing",
        "NewRefund",
    }
    for body in bodies:
        (example,) = body.model_json_schema()["examples"]
        with pytest.raises(ValidationError) as refused:
            body.model_validate_json(json.dumps({**example, "reason": "By Anna <anna@example.com>"}))
        (fault,) = faults_of(refused.value.errors())
        assert (body, fault.reason) == (body, "There is an e-mail address in it, and it is kept for ever.")
        assert fault.fix == "Name the person by the subject of their token, the letter or the ticket by its number."
