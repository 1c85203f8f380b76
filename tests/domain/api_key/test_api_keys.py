"""API keys of programs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as of
from hypothesis import strategies as st

from domain.api_key import decider
from domain.api_key.commands import ApiKeyCommand, IssueApiKey, RevokeApiKey
from domain.api_key.decider import LONGEST, SHORTEST, ApiKeys, api_key_decider
from domain.api_key.errors import ApiKeyExists, ApiKeyNotFound, LifetimeOutOfBounds, NotForKeys, TooManyKeys
from domain.api_key.events import ApiKeyIssued, ApiKeyRevoked
from domain.shared.require import AddressInTheClear, NotACode, TextOutOfBounds
from infra.serialization.codec import JsonCodec
from tests.support.builders.strategies import views
from tests.support.harness.laws import law, play
from tests.support.harness.spec import Spec

given = Spec(api_key_decider).given
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def issue(
    key: str = "k1", *permissions: str, name: str = "Shop floor", lifetime: timedelta = DAY, at: datetime = NOON
) -> IssueApiKey:
    return IssueApiKey(key_id=key, name=name, permissions=permissions or ("stock",), at=at, expires_at=at + lifetime)


def issued(key: str = "k1", *permissions: str, at: datetime = NOON) -> ApiKeyIssued:
    return ApiKeyIssued(key_id=key, name="Shop floor", permissions=permissions or ("stock",), expires_at=at + DAY)


def test_a_key_is_issued_with_permissions_in_their_order() -> None:
    given().when(issue("k1", "orders", "stock", "orders")).then(issued("k1", "stock", "orders"))


@pytest.mark.parametrize("permission", ["admin", "shop", "everything", ""])
def test_a_key_neither_administers_nor_shops(permission: str) -> None:
    given().when(issue("k1", "stock", permission)).refused(NotForKeys)


def test_a_key_permits_something() -> None:
    given().when(IssueApiKey(key_id="k1", name="x", permissions=(), at=NOON, expires_at=NOON + DAY)).refused(NotForKeys)


def test_a_key_ends_in_time() -> None:
    for lifetime in (SHORTEST, LONGEST):
        given().when(issue(lifetime=lifetime)).then(
            ApiKeyIssued(key_id="k1", name="Shop floor", permissions=("stock",), expires_at=NOON + lifetime)
        )
    for lifetime in (SHORTEST - timedelta(seconds=1), LONGEST + timedelta(seconds=1), -DAY):
        assert given().when(issue(lifetime=lifetime)).refused(LifetimeOutOfBounds).field == "expires_at"


def test_a_key_has_a_name_that_names_no_person() -> None:
    given().when(issue(name="")).refused(TextOutOfBounds)
    given().when(issue(name="for ben@shop.example")).refused(AddressInTheClear)
    given().when(issue("k 1")).refused(NotACode)


def test_a_key_is_issued_once_and_revoked_once() -> None:
    given(issued()).when(issue()).refused(ApiKeyExists)
    revoked = ApiKeyRevoked(key_id="k1", reason="Leaked")
    given(issued()).when(RevokeApiKey(key_id="k1", reason="Leaked")).then(revoked)
    given(issued(), revoked).when(RevokeApiKey(key_id="k1", reason="Again")).then()
    given().when(RevokeApiKey(key_id="k1", reason="Leaked")).refused(ApiKeyNotFound)
    given(issued()).when(RevokeApiKey(key_id="k1", reason="")).refused(TextOutOfBounds)


def test_keys_that_are_over_make_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decider, "MOST_LIVE", 1)
    given(issued()).when(issue("k2")).refused(TooManyKeys)
    given(issued(), ApiKeyRevoked(key_id="k1", reason="Old")).when(issue("k2")).then(issued("k2"))
    given(issued()).when(issue("k2", at=NOON + DAY)).then(issued("k2", at=NOON + DAY))


def test_a_key_permits_nothing_once_it_is_over() -> None:
    state = given(issued("k1", "stock"), issued("k2"), ApiKeyRevoked(key_id="k2", reason="Old")).state
    assert state.permissions_of("k1", NOON) == frozenset({"stock"})
    assert state.permissions_of("k1", NOON + DAY - timedelta.resolution) == frozenset({"stock"})
    assert state.permissions_of("k1", NOON + DAY) is None
    assert state.permissions_of("k2", NOON) is None
    assert state.permissions_of("k3", NOON) is None


commands: st.SearchStrategy[list[ApiKeyCommand]] = views(
    [],
    st.builds(issue, st.sampled_from(["k1", "k2", "k3"])),
    st.builds(RevokeApiKey, key_id=st.sampled_from(["k1", "k2"]), reason=st.just("Old")),
)


@law
@of(commands)
def test_a_revoked_key_never_permits_anything_again(asked: list[ApiKeyCommand]) -> None:
    revoked = set[str]()
    for command, (keys, answer) in zip(asked, play(api_key_decider, asked), strict=True):
        if isinstance(command, RevokeApiKey) and not isinstance(answer, Exception):
            revoked.add(command.key_id)
        assert {it for it in revoked if keys.permissions_of(it, NOON) is not None} == set()


@law
@of(commands)
def test_a_snapshot_is_the_keys(asked: list[ApiKeyCommand]) -> None:
    codec = JsonCodec()
    *_, (keys, _) = play(api_key_decider, asked)
    assert codec.decode(codec.encode(keys), ApiKeys) == keys
