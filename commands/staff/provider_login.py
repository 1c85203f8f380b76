"""Staff who log in at an identity provider (OpenID Connect).

A member is found by issuer and subject, never by an e-mail address: an address can pass to another person. The first
login at the provider behind the link of an invitation binds the two. A second factor that a role demands, or that the
member has, is asked for afterwards as after a password.
"""

from dataclasses import dataclass
from datetime import timedelta

from commands.accounts.ports import Granted
from commands.routes import STAFF, STAFF_ROSTER
from commands.staff import inviting
from commands.staff.ports import IdentityProvider, ProviderAccounts, ProviderLogin
from commands.staff.second_factor import StaffLogin
from domain.shared.errors import Conflict, DomainError
from domain.staff.commands import WayIn
from domain.staff.state import Roster

NOT_RECENT = timedelta(hours=1)
"""How old a login counts whose time the provider does not state: too old for dangerous operations."""


class ProviderAway(DomainError):
    """The identity provider does not answer as it should."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The identity provider cannot be used now. {reason} Try again later, or use another way in.")


class ProviderRefused(DomainError):
    """The login at the identity provider was not accepted."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The login at the identity provider was not accepted. {reason} Begin again.")


class NoProvider(Conflict):
    """This shop has no identity provider."""


class ProviderOnly(Conflict):
    """Staff log in at the identity provider only."""


class NotInvited(DomainError):
    """No member of staff has this account at the identity provider."""

    def __init__(self) -> None:
        super().__init__(
            "No member of staff has this account at the identity provider. "
            "Follow the link of your invitation, or ask an administrator for one."
        )


class BoundToAnother(Conflict):
    """The account at the identity provider belongs to another member."""


def check_open(logins: "ProviderLogins | None") -> None:
    """Raises ProviderOnly where staff may log in at the provider only."""
    if logins is not None and logins.only:
        raise ProviderOnly("Staff of this shop log in at the identity provider.")


@dataclass(frozen=True, slots=True)
class ProviderLogins:
    """Logins of staff at the identity provider. `only`: there is no other way in for them."""

    staff: StaffLogin
    provider: IdentityProvider
    bound: ProviderAccounts
    only: bool = False

    async def begin(self, invitation: str | None, *, fresh: bool) -> tuple[str, str]:
        """Where to send the browser, and the state that comes back with it.

        `fresh`: the provider asks for the login again. Raises ProviderAway, LinkNotValid.
        """
        if invitation is not None:
            await inviting.invited(self.staff.accounts, invitation)
        handshake = await self.bound.begin(invitation, fresh, self.staff.accounts.clock())
        return await self.provider.address(handshake), handshake.state

    async def complete(self, state: str, code: str, issuer: str | None, device: str | None) -> Granted:
        """Log in, or join behind the invitation that it was begun with.

        Raises ProviderAway, ProviderRefused, NotInvited, LinkNotValid, BoundToAnother, SecondFactorRequired.
        """
        now = self.staff.accounts.clock()
        handshake = await self.bound.take(state, now)
        if handshake is None:
            raise ProviderRefused("It took longer than ten minutes, or was used before.")
        if issuer not in (None, self.provider.issuer):
            raise ProviderRefused("It is another provider.")
        login = await self.provider.login(code, handshake, now)
        if handshake.invitation is None:
            subject = await self.bound.subject_of(login)
        else:
            subject = await self._join(handshake.invitation, login)
        roster: Roster = await self.staff.accounts.handler.state_of(STAFF, STAFF_ROSTER)
        if subject is None or subject not in roster.members or not roster.members[subject].joined:
            raise NotInvited
        return await self.staff.start(subject, device, login.authenticated_at or now - NOT_RECENT)

    async def _join(self, invitation: str, login: ProviderLogin) -> str:
        """Bind first: an account that is bound opens nothing before its member has joined."""
        accounts = self.staff.accounts
        link, subject = await inviting.invited(accounts, invitation)
        if not await self.bound.bind(subject, login, accounts.clock()):
            raise BoundToAnother("This account at the identity provider belongs to another member. Use your own.")
        await inviting.join_by(accounts, invitation, link, subject, WayIn.PROVIDER)
        return subject
