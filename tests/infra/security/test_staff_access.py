"""What staff and keys may do, as a process knows it."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commands.ports import ANY, NewEvent
from domain.api_key.events import ApiKeyIssued, ApiKeyRevoked
from domain.shared.messages import name_of
from domain.shared.personal import Sealed
from domain.shared.recorded import Metadata
from domain.staff.events import PermissionsSet, RoleWithdrawn, StaffInvited, StaffJoined
from infra.identity.staff_keeper import StaffKeeper
from infra.security.staff_access import StaffAccess, StaffUnknown, digest_of
from infra.security.tokens import InvalidToken, Tokens
from infra.serialization.codec import JsonCodec
from tests.support.fixtures.memory import MemoryStore

NOW = datetime.now(UTC)
SECRET = b"a secret of at least thirty-two bytes"
JOINED = (
    PermissionsSet(role="boss", permissions=("orders", "admin"), second_factor=False),
    StaffInvited(subject="ada", email=Sealed(subject="ada", ciphertext="x"), name=None, roles=("boss",)),
    StaffJoined(subject="ada"),
)
ISSUED = ApiKeyIssued(key_id="k1", name="Scales", permissions=("stock",), expires_at=NOW + timedelta(days=1))


class Digests:
    """One key, whose secret is `secret`; what was used is noted."""

    def __init__(self) -> None:
        self.used: list[set[str]] = []

    async def digests(self) -> dict[str, bytes]:
        return {"k1": digest_of("secret")}

    async def note_use(self, key_ids: set[str], _at: datetime) -> None:
        self.used.append(key_ids)


class Watched:
    """A keeper over a log in memory."""

    def __init__(self) -> None:
        self.store, self.digests, self.access = MemoryStore(), Digests(), StaffAccess()
        self.keeper = StaffKeeper(self.store, JsonCodec(), self.digests, lambda: NOW, self.access)  # type: ignore[arg-type]
        self.tokens = Tokens(SECRET, staff=self.access)

    async def tell(self, stream: str, *facts: object) -> None:
        """Append, and look."""
        for fact in facts:
            number = UUID(int=len(self.store.log) + 1)
            metadata = Metadata(command_id=number, correlation_id=number, causation_id=number, actor="ada")
            event = NewEvent(number, name_of(fact), JsonCodec().encode(fact), metadata)
            await self.store.append(stream, [event], expected=ANY)
        await self.keeper.look()


async def test_each_look_takes_in_what_is_new() -> None:
    it = Watched()
    await it.tell("staff-roster", *JOINED[:2])
    with pytest.raises(StaffUnknown):
        it.access.permissions_of("ada")
    await it.tell("staff-roster", JOINED[2])
    assert it.access.permissions_of("ada") == {"orders", "admin"}
    await it.tell("staff-roster", RoleWithdrawn(subject="ada", role="boss"))
    assert it.access.permissions_of("ada") == frozenset()


async def test_a_process_that_has_not_read_the_log_for_30_seconds_knows_nothing() -> None:
    it = Watched()
    await it.tell("staff-roster", *JOINED)
    await it.tell("apikey-registry", ISSUED)
    it.access.read_at = time.monotonic() - 29
    assert it.access.permissions_of("ada") == {"orders", "admin"}
    it.access.read_at = time.monotonic() - 31
    with pytest.raises(StaffUnknown):
        it.access.permissions_of("ada")
    with pytest.raises(StaffUnknown):
        it.tokens.verify("cfk_k1_secret")


async def test_a_key_speaks_for_itself_until_it_is_over_and_its_use_is_noted() -> None:
    it = Watched()
    await it.tell("apikey-registry", ISSUED)
    caller = it.tokens.verify("cfk_k1_secret")
    assert (caller.subject, caller.roles, caller.permissions) == (
        "apikey-k1",
        frozenset({"api_key"}),
        frozenset({"stock"}),
    )
    assert caller.expires - time.time() <= 300
    for wrong in ("cfk_k1_secreT", "cfk_k1_", "cfk_k1", "cfk_k2_secret", "cfk_", "cfk_k1_\x00", "cfk_k1_s\xe9cret"):
        with pytest.raises(InvalidToken):
            it.tokens.verify(wrong)
    await it.keeper.look()
    assert it.digests.used == [{"k1"}]
    await it.tell("apikey-registry", ApiKeyRevoked(key_id="k1", reason="Old"))
    with pytest.raises(InvalidToken):
        it.tokens.verify("cfk_k1_secret")


async def test_a_key_ends_at_its_time() -> None:
    it = Watched()
    over = ApiKeyIssued(key_id="k1", name="Scales", permissions=("stock",), expires_at=NOW - timedelta(seconds=1))
    await it.tell("apikey-registry", over)
    with pytest.raises(InvalidToken):
        it.tokens.verify("cfk_k1_secret")


async def test_a_token_of_the_shared_secret_gets_no_permissions_of_staff() -> None:
    it = Watched()
    await it.tell("staff-roster", *JOINED)
    assert it.tokens.verify(it.tokens.issue("ada", ["staff"], timedelta(hours=1))).permissions == frozenset()
