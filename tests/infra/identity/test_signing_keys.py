"""Signing keys are rotated without a refusal: published before they sign, kept while they verify."""

import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from infra.identity.schema import prepare
from infra.identity.signing_keys import PUBLISHED_BEFORE, ROTATE_AFTER, VERIFIES_FOR, SigningKeys
from infra.identity.state_keeper import StateKeeper
from infra.postgres.sessions import Sessions
from infra.security.derived_keys import Box
from infra.security.session_state import SessionState, SigningKey, VerifyingKey
from infra.security.tokens import AUDIENCE, ISSUER, Caller, InvalidToken, SessionsUnknown, Tokens

SECRET = b"a secret that is long enough for every algorithm of its family.."
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OLD_KEY, NEW_KEY = bytes(32), bytes([1] * 32)


class Process:
    """What one process knows, and the tokens it issues."""

    def __init__(self, sessions: Sessions, *keys: bytes) -> None:
        self.now = NOW
        signing = SigningKeys(sessions, Box(keys or (OLD_KEY,)))
        self.keeper = StateKeeper(sessions, signing, lambda: self.now, SessionState(), maintains=True)
        self.tokens = Tokens(SECRET, self.keeper.state)

    async def at(self, now: datetime) -> "Process":
        self.now = now
        await self.keeper.maintain()
        await self.keeper.read_keys()
        return self

    def issue(self) -> str:
        return self.tokens.access("anna", ["shopper"], "session-1", NOW).token

    @property
    def signing(self) -> str:
        return self.keeper.state.signer().kid


async def test_a_new_key_is_known_to_all_before_it_signs_and_an_old_one_verifies_after_it(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 2)
    await prepare(sessions)
    one, other = Process(sessions), Process(sessions)
    first = (await one.at(NOW)).signing
    assert (await other.at(NOW)).signing == first

    made = NOW + ROTATE_AFTER
    await one.at(made)
    await other.at(made)
    assert (one.signing, len(other.keeper.state.keys)) == (first, 2)
    before = one.issue()
    turned = made + PUBLISHED_BEFORE
    second = (await one.at(turned)).signing
    assert second != first
    # The other process has not read the keys since: it verifies by the new key, and signs by the old one.
    assert other.tokens.verify(one.issue()).subject == one.tokens.verify(other.issue()).subject == "anna"

    await one.at(turned + VERIFIES_FOR - timedelta(seconds=1))
    assert one.tokens.verify(before).subject == "anna"
    await one.at(turned + VERIFIES_FOR)
    assert list(one.keeper.state.keys) == [second]
    await sessions.close()


async def test_a_key_under_a_vault_key_that_is_gone_verifies_still_and_another_one_signs(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 2)
    await prepare(sessions)
    before = await Process(sessions, OLD_KEY).at(NOW)
    after = await Process(sessions, NEW_KEY).at(NOW)
    assert after.signing != before.signing
    assert after.tokens.verify(before.issue()).subject == "anna"
    both = await Process(sessions, NEW_KEY, OLD_KEY).at(NOW)
    assert set(both.keeper.state.keys) == {before.signing, after.signing}
    await sessions.close()


def tokens_with(*kids: str) -> Tokens:
    made = {kid: ec.generate_private_key(ec.SECP256R1()) for kid in kids}
    keys = {kid: VerifyingKey(kid, private.public_key()) for kid, private in made.items()}
    signing = SigningKey(kids[-1], made[kids[-1]]) if kids else None
    return Tokens(SECRET, SessionState(keys, signing))


def test_an_access_token_says_whose_session_it_is_and_when_the_login_was() -> None:
    tokens = tokens_with("a", "b")
    token = tokens.access("anna", ["shopper"], "s1", NOW)
    assert tokens.verify(token.token) == Caller(
        "anna", frozenset({"shopper"}), session="s1", authenticated_at=NOW.timestamp()
    )
    claims = jwt.decode(token.token, options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "roles", "sid", "auth_time", "iat", "exp", "jti"}
    assert (claims["exp"] - claims["iat"], claims["iss"], claims["aud"]) == (300, ISSUER, AUDIENCE)
    keys = {key["kid"]: key for key in tokens.jwks()["keys"]}
    assert jwt.get_unverified_header(token.token) == {"alg": "ES256", "kid": "b", "typ": "JWT"}
    assert jwt.decode(token.token, jwt.PyJWK(keys["b"]).key, ["ES256"], issuer=ISSUER, audience=AUDIENCE) == claims
    assert not any("d" in key for key in keys.values())


def test_a_token_that_names_a_key_of_ours_is_signed_with_that_key_and_its_algorithm() -> None:
    tokens, others = tokens_with("a"), tokens_with("a")
    good = jwt.decode(tokens.access("anna", [], "s1", NOW).token, options={"verify_signature": False})
    public = tokens.jwks()["keys"][0]
    for token in (
        others.access("anna", [], "s1", NOW).token,
        jwt.encode(good, str(public), "HS256", headers={"kid": "a"}),
        jwt.encode(good, SECRET, "HS256", headers={"kid": "a"}),
        jwt.encode(good, "", "none", headers={"kid": "a"}),
        jwt.encode({**good, "aud": "others"}, tokens.state.signer().private, "ES256", headers={"kid": "a"}),
        jwt.encode({**good, "iss": "others"}, tokens.state.signer().private, "ES256", headers={"kid": "a"}),
        jwt.encode(good, tokens.state.signer().private, "ES256", headers={"kid": "b"}),
        jwt.encode(good, tokens.state.signer().private, "ES256"),
    ):
        with pytest.raises(InvalidToken, match="not one of ours"):
            tokens.verify(token)


def test_a_token_of_the_shared_secret_has_no_session_whatever_it_says() -> None:
    tokens = tokens_with("a")
    claims = {"sub": "olga", "roles": ["back_office"], "exp": time.time() + 60, "sid": "s", "auth_time": time.time()}
    assert tokens.verify(jwt.encode(claims, SECRET, "HS256")) == Caller("olga", frozenset({"back_office"}))


def test_a_setting_ends_tokens_of_the_shared_secret() -> None:
    tokens = Tokens(SECRET, shared_secret=False)
    with pytest.raises(InvalidToken, match="not one of ours"):
        tokens.verify(tokens.issue("anna", ["shopper"], timedelta(hours=1)))


def test_an_ended_session_is_refused_although_its_token_was_verified_before() -> None:
    tokens = tokens_with("a")
    token = tokens.access("anna", ["shopper"], "s1", NOW).token
    assert tokens.verify(token).session == "s1"
    tokens.state.ended = frozenset({"s1"})
    with pytest.raises(InvalidToken, match="session has ended"):
        tokens.verify(token)


def test_without_the_list_of_ended_sessions_staff_are_not_let_in_and_shoppers_are() -> None:
    tokens = tokens_with("a")
    tokens.state.heard_at = time.monotonic() - 31
    assert tokens.verify(tokens.access("anna", ["shopper"], "s1", NOW).token).subject == "anna"
    with pytest.raises(SessionsUnknown):
        tokens.verify(tokens.access("olga", ["staff"], "s2", NOW).token)
    assert tokens.verify(tokens.issue("olga", ["back_office"], timedelta(hours=1))).subject == "olga"
