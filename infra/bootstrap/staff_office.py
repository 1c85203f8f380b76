"""Staff from the command line: the first administrator, and members who have lost a password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from commands.accounts.ports import Realm
from commands.accounts.services import Accounts
from commands.handler import CommandHandler
from commands.routes import ROUTES, STAFF, STAFF_ROSTER
from commands.staff import inviting
from commands.staff.ports import SecondFactors
from commands.staff.second_factor import StaffLogin
from domain.shared.recorded import Metadata
from domain.staff.commands import RemoveStaff, SetPermissions
from domain.staff.permissions import DEFAULT_ROLES, ordered
from domain.staff.state import Roster
from infra.bootstrap.accounts import accounts_of, mailer_of
from infra.bootstrap.composition import codec, opened, sessions_of
from infra.bootstrap.staff_logins import second_factors_of
from infra.bootstrap.vault import vault_of
from infra.clock.identity import uuid7
from infra.eventstore.factory import utc_now
from infra.identity.mailer import Mailer
from infra.identity.schema import prepare
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class StaffOffice:
    """What operators do with staff; the log says that `actor` did it."""

    accounts: Accounts
    mailer: Mailer
    factors: SecondFactors
    actor: str

    async def roster(self) -> Roster:
        roster: Roster = await self.accounts.handler.state_of(STAFF, STAFF_ROSTER)
        return roster

    async def invite(self, email: str, name: str | None, roles: tuple[str, ...]) -> tuple[str, str]:
        """The subject of the new member, and the link to join by. A shop without roles gets those to begin with."""
        if not (await self.roster()).roles:
            await self.accounts.handler.all_of(
                [
                    SetPermissions(role=role, permissions=tuple(ordered(permissions)), second_factor=False)
                    for role, permissions in DEFAULT_ROLES.items()
                ],
                self._metadata(),
            )
        subject, _ = await inviting.invite(self.accounts, email, name, roles, self._metadata())
        return subject, await self.link(subject)

    async def way_in(self, email: str, name: str, role: str) -> str:
        """A new link for the member with this address, who is invited if there is none."""
        claim = await self.accounts.identity.find(Realm.STAFF, email)
        if claim is not None and claim.subject in (await self.roster()).members:
            return await self.link(claim.subject)
        _, link = await self.invite(email, name, (role,))
        return link

    async def remove_second_factor(self, subject: str) -> None:
        """The member enrols another one at the next login, if a role demands one."""
        await StaffLogin(self.accounts, self.factors).remove(subject, self._metadata())

    async def link(self, subject: str) -> str:
        """A new link for a member to choose a password by. Raises StaffNotFound."""
        mail = await inviting.invitation(self.accounts, subject, uuid7())
        link = await self.mailer.link_of(mail)
        assert link is not None, "every member has an address"
        return link

    async def address(self, subject: str) -> str | None:
        """What the member logs in with; None when the person was forgotten."""
        sealed = await self.accounts.identity.claimed_address_of(subject)
        opened = None if sealed is None else await self.accounts.vault.open(sealed)
        return None if opened is None else opened.decode()

    async def remove(self, subject: str, reason: str) -> None:
        """Raises LastAdministrator."""
        await inviting.remove(self.accounts, RemoveStaff(subject=subject, reason=reason), self._metadata())

    def _metadata(self) -> Metadata:
        asked = uuid7()
        return Metadata(command_id=asked, correlation_id=asked, causation_id=asked, actor=self.actor)


@asynccontextmanager
async def staff_office(settings: Settings, actor: str) -> AsyncIterator[StaffOffice]:
    """Raises BadVaultKey, NoWrappingKey, StoreUnavailable."""
    async with opened(settings) as (store, snapshots), sessions_of(settings, "staff") as sessions:
        await prepare(sessions)
        keys = await vault_of(settings, sessions)
        handler = CommandHandler(store, codec(), snapshots, ROUTES)
        factors = second_factors_of(settings, sessions)
        async with accounts_of(settings, sessions, handler, keys, utc_now) as accounts:
            yield StaffOffice(accounts, mailer_of(settings, sessions, keys, utc_now), factors, actor)
