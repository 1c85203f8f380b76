"""Tokens speak for those to whom they were issued, as long as they last."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.security.tokens import Caller, InvalidToken, Tokens, WeakSecret

SECRET = b"a secret that is long enough for every algorithm of its family.."
TOKENS = Tokens(SECRET)
HOUR = timedelta(hours=1)


def forged(claims: dict[str, Any], secret: bytes = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm)


def complete(**changed: Any) -> dict[str, Any]:
    return {"sub": "anna", "roles": ["shopper"], "exp": datetime.now(UTC) + HOUR, **changed}


def test_a_token_says_who_it_speaks_for_and_as_what() -> None:
    token = TOKENS.issue("olga", {"back_office", "till"}, HOUR)
    assert TOKENS.verify(token) == Caller("olga", frozenset({"back_office", "till"}))


def test_a_token_ends_with_its_lifetime_and_a_little_leeway_for_clocks() -> None:
    now = datetime.now(UTC)
    assert TOKENS.verify(TOKENS.issue("anna", [], HOUR, now - HOUR - timedelta(seconds=10))) == Caller(
        "anna", frozenset()
    )
    with pytest.raises(InvalidToken, match="has expired"):
        TOKENS.verify(TOKENS.issue("anna", [], HOUR, now - HOUR - timedelta(seconds=60)))


def test_a_token_that_was_known_is_forgotten_with_its_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(SECRET)
    token = tokens.issue("anna", [], timedelta(seconds=-29))
    assert tokens.verify(token) == tokens.verify(token) == Caller("anna", frozenset())
    monkeypatch.setattr("infra.security.tokens.LEEWAY", timedelta(0))
    with pytest.raises(InvalidToken, match="has expired"):
        tokens.verify(token)


def test_only_so_many_tokens_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.security.tokens.MOST_KNOWN", 2)
    tokens = Tokens(SECRET)
    for subject in ("anna", "ben", "cleo", "anna"):
        assert tokens.verify(tokens.issue(subject, [], HOUR)).subject == subject
    assert len(tokens._verified) == 2


@pytest.mark.parametrize("claim", ["sub", "roles", "exp"])
def test_a_token_states_every_claim(claim: str) -> None:
    claims = complete()
    del claims[claim]
    with pytest.raises(InvalidToken, match=f"does not state {claim}"):
        TOKENS.verify(forged(claims))


@pytest.mark.parametrize(
    "changed",
    [{"sub": ""}, {"sub": 7}, {"roles": "back_office"}, {"roles": [1]}, {"roles": {"back_office": True}}, {"exp": "x"}],
)
def test_claims_of_another_kind_prove_nothing(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        TOKENS.verify(forged(complete(**changed)))


def test_a_token_of_another_secret_proves_nothing() -> None:
    with pytest.raises(InvalidToken, match="not one of ours"):
        TOKENS.verify(forged(complete(), SECRET[::-1]))


def test_the_algorithm_that_a_token_names_is_not_believed() -> None:
    for token in (jwt.encode(complete(), "", "none"), forged(complete(), SECRET, "HS512")):
        with pytest.raises(InvalidToken, match="not one of ours"):
            TOKENS.verify(token)


def test_a_changed_token_proves_nothing() -> None:
    header, payload, signature = TOKENS.issue("anna", ["shopper"], HOUR).split(".")
    _, other, _ = TOKENS.issue("anna", ["back_office"], HOUR).split(".")
    assert payload != other
    with pytest.raises(InvalidToken):
        TOKENS.verify(f"{header}.{other}.{signature}")


@given(st.text(st.characters(max_codepoint=255)) | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*"))
def test_whatever_else_is_sent_proves_nothing(token: str) -> None:
    with pytest.raises(InvalidToken):
        TOKENS.verify(token)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(WeakSecret, match="at least 32 bytes; this one has 31"):
        Tokens(b"x" * 31)
