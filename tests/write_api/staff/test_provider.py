"""Logging in at an identity provider (OpenID Connect), against one that is real enough: oidc-provider-mock."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from oidc_provider_mock import run_server_in_thread
from oidc_provider_mock._storage import AuthorizationCode
from pydantic import SecretStr

from commands.staff.ports import Handshake
from commands.staff.provider_login import ProviderAway, ProviderRefused
from infra.bootstrap.staff_office import staff_office
from infra.identity.oidc import OidcProvider
from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, TOKEN, Shop, bearer, shop_with_accounts
from tests.support.harness.front_desk import problem, said
from tests.support.harness.staff import StaffShop
from tests.write_api.staff.test_second_factor import LOGIN

CODE = "urn:counterfoil:problem:"
SECRET = "the secret of the client"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@dataclass
class Visitor:
    """A browser at the provider. `token` is of an invitation."""

    shop: Shop
    token: str

    async def returned(self, sub: str, **begin: Any) -> tuple[str, str]:
        """What the browser comes back with after a login as `sub`."""
        begun = await self.shop.post("/auth/provider/begin", 200, **begin)
        asked = parse_qs(urlsplit(begun["address"]).query)
        assert (asked["code_challenge_method"], len(asked["code_challenge"][0])) == (["S256"], 43)
        assert (asked["scope"], asked["state"]) == (["openid"], [begun["state"]])
        async with httpx.AsyncClient() as client:
            answer = await client.post(begun["address"], data={"sub": sub})
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert back["state"] == [begun["state"]]
        return begun["state"], back["code"][0]

    async def logs_in(self, sub: str, **begin: Any) -> httpx.Response:
        state, code = await self.returned(sub, **begin)
        return await self.shop.client.post("/auth/provider/complete", json={"state": state, "code": code})


@pytest.fixture
async def ada(settings: Settings, issuer: str) -> AsyncIterator[Visitor]:
    known = {"oidc_issuer": issuer, "oidc_client_id": "shop", "oidc_client_secret": SecretStr(SECRET)}
    settings = settings.model_copy(update=known)
    async with staff_office(settings, "operator") as office:
        _, link = await office.invite("ada@shop.example", "Ada", ("administrator",))
    found = TOKEN.search(link)
    assert found is not None
    async with shop_with_accounts(settings) as shop:
        yield Visitor(shop, found[1])


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(problem(answer)["type"]).removeprefix(CODE)


async def test_an_invited_person_joins_and_logs_in_by_issuer_and_subject(ada: Visitor) -> None:
    assert told(await ada.logs_in("ada@shop.example")) == (403, "not-invited"), "an address is nobody"
    joined = await said(await ada.logs_in("sub-1", invitation=ada.token), 200)
    again = await said(await ada.logs_in("sub-1"), 200)
    assert joined["subject"] == again["subject"]
    assert told(await ada.logs_in("sub-2")) == (403, "not-invited")
    begun = await ada.shop.client.post("/auth/provider/begin", json={"invitation": ada.token})
    assert told(begun) == (422, "link-not-valid"), "used"
    assert (await ada.shop.client.post("/auth/login", json=LOGIN)).status_code == 401


async def test_a_login_under_way_is_good_once_and_for_its_own_code(ada: Visitor) -> None:
    await said(await ada.logs_in("sub-1", invitation=ada.token), 200)
    state, code = await ada.returned("sub-1")
    other, _ = await ada.returned("sub-1")
    complete = "/auth/provider/complete"
    body = {"state": state, "code": code, "iss": "http://localhost:1"}
    assert told(await ada.shop.client.post(complete, json=body)) == (401, "provider-refused")
    assert told(await ada.shop.client.post(complete, json={"state": state, "code": code})) == (401, "provider-refused")
    assert told(await ada.shop.client.post(complete, json={"state": other, "code": code})) == (401, "provider-refused")
    assert told(await ada.shop.client.post(complete, json={"state": "x", "code": code})) == (401, "provider-refused")


async def test_dangerous_operations_need_a_login_that_the_provider_dates(
    ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said(await ada.logs_in("sub-1", invitation=ada.token), 200)
    body = {"email": "ben@shop.example", "roles": ["auditor"]}
    for age, fresh, status in ((3600, False, 403), (5, False, 201), (5, True, 201)):
        at = int(time.time()) - age
        monkeypatch.setattr(AuthorizationCode, "get_auth_time", lambda _, at=at: at)
        tokens = await said(await ada.logs_in("sub-1", fresh=fresh), 200)
        answer = await StaffShop(ada.shop).ask(
            bearer(tokens), "POST", "/staff", email=body["email"], roles=body["roles"]
        )
        assert answer.status_code == status, (age, answer.text)
        body = {**body, "email": f"ben{age}{fresh}@shop.example"}
    monkeypatch.setattr(AuthorizationCode, "get_auth_time", lambda _: int(time.time()) - 3600)
    assert told(await ada.logs_in("sub-1", fresh=True)) == (401, "provider-refused")


async def test_a_provider_that_dates_no_login_is_believed_but_for_a_fresh_one() -> None:
    provider = Provider()
    assert (await provider.client.login("c", HANDSHAKE, NOW)).authenticated_at is None
    fresh = HANDSHAKE._replace(fresh=True)
    with pytest.raises(ProviderRefused):
        await provider.client.login("c", fresh, NOW)
    provider.claims["auth_time"] = int(NOW.timestamp())
    assert (await provider.client.login("c", fresh, NOW)).authenticated_at == NOW
    asked = parse_qs(urlsplit(await provider.client.address(fresh)).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])


async def test_an_account_at_the_provider_is_of_one_member(ada: Visitor) -> None:
    tokens = await ada.shop.post("/staff/join", 201, token=ada.token, password=PASSWORD)
    links = list[str]()
    for name in ("ben", "eve"):
        body = {"email": f"{name}@shop.example", "roles": ["auditor"]}
        await StaffShop(ada.shop).send(bearer(tokens), "POST", "/staff", 201, **body)
        links.append(await ada.shop.token())
    ben, eve = links
    await said(await ada.logs_in("sub-1", invitation=ben), 200)
    assert told(await ada.logs_in("sub-1", invitation=eve)) == (409, "bound-to-another")
    await said(await ada.logs_in("sub-2", invitation=eve), 200)


async def test_while_the_provider_is_away_passwords_work_unless_only_the_provider_counts(
    settings: Settings, ada: Visitor
) -> None:
    await ada.shop.post("/staff/join", 201, token=ada.token, password=PASSWORD)
    known = {"oidc_issuer": "http://localhost:9", "oidc_client_id": "shop", "oidc_client_secret": SecretStr(SECRET)}
    async with shop_with_accounts(settings.model_copy(update=known)) as shop:
        assert told(await shop.client.post("/auth/provider/begin", json={})) == (502, "provider-away")
        await shop.post("/auth/login", 200, **LOGIN)
    async with shop_with_accounts(settings.model_copy(update={**known, "oidc_only": True})) as shop:
        assert told(await shop.client.post("/auth/login", json=LOGIN)) == (409, "provider-only")
        for path, body in (("/staff/join", {"token": "x", "password": PASSWORD}),):
            assert told(await shop.client.post(path, json=body)) == (409, "provider-only")


# The checks of the ID token, with a provider whose keys are ours.

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ISSUER = "https://login.example"
HANDSHAKE = Handshake("state", "nonce", "verifier", None, False, NOW)


class Provider:
    """Answers as a provider does, with an ID token of the test's."""

    def __init__(self) -> None:
        self.key, self.other = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        at = int(NOW.timestamp())
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": "sub-1",
            "aud": "shop",
            "exp": at + 60,
            "iat": at,
            "nonce": "nonce",
        }
        self.signed: Any = lambda: jwt.encode(self.claims, self.key, "ES256", {"kid": "k"})
        self.issuer, self.asked = ISSUER, list[httpx.Request]()

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        match request.url.path:
            case "/.well-known/openid-configuration":
                ends = {"authorization_endpoint": "/a", "token_endpoint": "/t", "jwks_uri": "/k"}
                return httpx.Response(200, json={"issuer": self.issuer, **{it: ISSUER + at for it, at in ends.items()}})
            case "/k":
                public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
                return httpx.Response(200, json={"keys": [{**public, "kid": "k", "alg": "ES256", "use": "sig"}]})
            case _:
                return httpx.Response(200, json={"id_token": self.signed(), "access_token": "a"})

    @property
    def client(self) -> OidcProvider:
        return OidcProvider(ISSUER, "shop", SECRET, "https://shop.example/back", httpx.MockTransport(self.answer))


async def test_a_code_is_redeemed_with_the_secret_and_the_verifier() -> None:
    provider = Provider()
    client = provider.client
    for _ in range(2):
        assert (await client.login("c", HANDSHAKE, NOW))[:2] == (ISSUER, "sub-1")
    sent = parse_qs(provider.asked[1].content.decode())
    assert (sent["code"], sent["code_verifier"]) == (["c"], ["verifier"])
    assert provider.asked[1].headers["authorization"].startswith("Basic ")
    paths = [it.url.path for it in provider.asked]
    assert paths == ["/.well-known/openid-configuration", "/t", "/k", "/t"], "its document and keys are kept"


FORGED: dict[str, dict[str, Any]] = {
    "of another issuer": {"iss": "https://other.example"},
    "for another program": {"aud": "other"},
    "passed on by another program": {"aud": ["shop", "other"], "azp": "other"},
    "over": {"exp": int(NOW.timestamp()) - 61},
    "not made yet": {"iat": int(NOW.timestamp()) + 61},
    "of another login": {"nonce": "other"},
    "made tomorrow": {"auth_time": int(NOW.timestamp()) + 3600},
}


@pytest.mark.parametrize("claims", FORGED.values(), ids=FORGED.keys())
async def test_an_id_token_that_is_not_for_this_login_is_refused(claims: dict[str, Any]) -> None:
    provider = Provider()
    provider.claims |= claims
    with pytest.raises(ProviderRefused):
        await provider.client.login("c", HANDSHAKE, NOW)


async def test_an_id_token_that_is_not_signed_by_the_provider_is_refused() -> None:
    provider = Provider()
    for forged in (
        jwt.encode(provider.claims, provider.other, "ES256", {"kid": "k"}),
        jwt.encode(provider.claims, provider.key, "ES256", {"kid": "unknown"}),
        jwt.encode(provider.claims, SECRET * 2, "HS256", {"kid": "k"}),
        jwt.encode(provider.claims, "", "none", {"kid": "k"}),
        "no token",
    ):
        provider.signed = lambda forged=forged: forged
        with pytest.raises(ProviderRefused):
            await provider.client.login("c", HANDSHAKE, NOW)
    for claim in ("sub", "exp", "iat", "nonce", "aud", "iss"):
        provider = Provider()
        del provider.claims[claim]
        with pytest.raises(ProviderRefused):
            await provider.client.login("c", HANDSHAKE, NOW)


async def test_the_document_of_another_issuer_is_not_believed() -> None:
    provider = Provider()
    provider.issuer = "https://other.example"
    with pytest.raises(ProviderAway):
        await provider.client.address(HANDSHAKE)


def test_settings_of_the_provider_go_together_and_are_safe() -> None:
    for wrong in (
        {"oidc_issuer": ISSUER},
        {"oidc_only": True},
        {"oidc_issuer": "http://login.example", "oidc_client_id": "a", "oidc_client_secret": SecretStr("b")},
        {"oidc_issuer": "http://localhost.evil", "oidc_client_id": "a", "oidc_client_secret": SecretStr("b")},
    ):
        with pytest.raises(ValueError, match="COUNTERFOIL_OIDC"):
            Settings(**wrong)
