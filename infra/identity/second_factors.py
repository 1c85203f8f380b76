"""Second factors of staff in the identity store: TOTP secrets sealed for their members, digests of recovery codes."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pyotp

from commands.staff.ports import Enrolment
from domain.shared.personal import Sealed
from infra.identity.schema import PATIENCE
from infra.postgres.sessions import Connection, Sessions
from infra.security.derived_keys import KeyedHash

CHALLENGE_LIFETIME = timedelta(minutes=5)
STEP = 30
ISSUER = "Counterfoil"

OF = "select kind, secret from identity.credentials where subject = $1 and kind in ('totp', 'totp_pending')"
ENROLLED = "select subject from identity.credentials where kind = 'totp'"
PREPARE = """
    insert into identity.credentials (subject, kind, id, secret, made_at) values ($1, 'totp_pending', '', $2, $3)
    on conflict (subject, kind, id) do update set secret = excluded.secret, made_at = excluded.made_at
"""
CONFIRM = """
    update identity.credentials set kind = 'totp', made_at = $3, used_at = $2
     where subject = $1 and kind = 'totp_pending'
       and not exists (select from identity.credentials where subject = $1 and kind = 'totp')
"""
ADD_RECOVERY = """
    insert into identity.credentials (subject, kind, id, secret, made_at)
    select $1, 'recovery', digest, '', $3 from unnest($2::text[]) as digest
"""
USE_STEP = """
    update identity.credentials set used_at = $2 where subject = $1 and kind = 'totp' and used_at < $2
"""
USE_RECOVERY = "delete from identity.credentials where subject = $1 and kind = 'recovery' and id = $2"
REMOVE = """
    delete from identity.credentials where subject = $1 and kind in ('totp', 'totp_pending', 'recovery')
"""


@dataclass(frozen=True, slots=True)
class PostgresSecondFactors:
    """Implements commands.staff.ports.SecondFactors."""

    sessions: Sessions
    challenges: KeyedHash

    def challenge(self, subject: str, at: datetime) -> str:
        said = f"{subject}.{int(at.timestamp())}"
        return f"{said}.{self.challenges.digest(said.encode()).hex()}"

    def subject_of(self, challenge: str, at: datetime) -> str | None:
        said, _, mark = challenge.rpartition(".")
        subject, _, issued = said.rpartition(".")
        known = [digest.hex().encode() for digest in self.challenges.digests(said.encode())]
        if not any(hmac.compare_digest(mark.encode(), it) for it in known):
            return None
        age = at - datetime.fromtimestamp(int(issued), UTC)
        return subject if age <= CHALLENGE_LIFETIME else None

    def new_secret(self) -> str:
        return pyotp.random_base32()

    def address_of(self, secret: str, account: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)

    def step_of(self, secret: str, code: str, at: datetime) -> int | None:
        """The present step, or one beside it: clocks differ."""
        totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP
        said, steps = code.encode(), (now - 1, now, now + 1)
        right = [step for step in steps if hmac.compare_digest(totp.at(step * STEP).encode(), said)]
        return right[-1] if right else None

    async def enrolment_of(self, subject: str) -> Enrolment:
        rows = await self.sessions.persistently(lambda it: it.fetch(OF, subject), PATIENCE)
        found = {row["kind"]: Sealed(subject=subject, ciphertext=row["secret"]) for row in rows}
        return Enrolment(found.get("totp"), found.get("totp_pending"))

    async def enrolled(self) -> Collection[str]:
        rows = await self.sessions.persistently(lambda it: it.fetch(ENROLLED), PATIENCE)
        return [row["subject"] for row in rows]

    async def prepare(self, subject: str, secret: Sealed, at: datetime) -> None:
        await self.sessions.persistently(lambda it: it.execute(PREPARE, subject, secret.ciphertext, at), PATIENCE)

    async def confirm(self, subject: str, step: int, recovery_codes: Sequence[str], at: datetime) -> bool:
        async def work(connection: Connection) -> bool:
            async with connection.transaction():
                if await connection.execute(CONFIRM, subject, _begin_of(step), at) != "UPDATE 1":
                    return False
                await connection.execute(ADD_RECOVERY, subject, [_digest(code) for code in recovery_codes], at)
                return True

        return await self.sessions.persistently(work, PATIENCE)

    async def use_step(self, subject: str, step: int) -> bool:
        done = await self.sessions.persistently(lambda it: it.execute(USE_STEP, subject, _begin_of(step)), PATIENCE)
        return done == "UPDATE 1"

    async def use_recovery_code(self, subject: str, code: str) -> bool:
        done = await self.sessions.persistently(lambda it: it.execute(USE_RECOVERY, subject, _digest(code)), PATIENCE)
        return done == "DELETE 1"

    async def remove(self, subject: str) -> None:
        await self.sessions.persistently(lambda it: it.execute(REMOVE, subject), PATIENCE)


def _begin_of(step: int) -> datetime:
    return datetime.fromtimestamp(step * STEP, UTC)


def _digest(code: str) -> str:
    """80 random bits need no slow hash."""
    return sha256(code.strip().lower().encode()).hexdigest()
