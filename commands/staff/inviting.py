"""Inviting a person to the staff, and joining behind the mailed link.

The address is claimed before the invitation is a fact, and confirmed when the person joins. A claim that no member of
the roster has is settled after ten minutes.
"""

from uuid import UUID

from commands.accounts.errors import AddressTaken, LinkNotValid
from commands.accounts.ports import Link, LinkKind, Mail, MailKind, Realm
from commands.accounts.registering import CLAIM_SETTLED_AFTER
from commands.accounts.services import Accounts
from commands.passkeys import adding
from commands.passkeys.adding import NewPasskey
from commands.passkeys.ports import Document
from commands.ports import Appended
from commands.routes import STAFF, STAFF_ROSTER
from domain.shared.derived import derived_id
from domain.shared.personal import Sealed
from domain.shared.recorded import Metadata
from domain.staff.commands import InviteStaff, JoinStaff, RemoveStaff, WayIn
from domain.staff.errors import StaffNotFound
from domain.staff.state import Roster

PREFIX = "staff-"


async def invite(
    accounts: Accounts, email: str, name: str | None, roles: tuple[str, ...], metadata: Metadata
) -> tuple[str, Appended]:
    """The subject of the new member, and where the fact stands. Raises AddressTaken, and as domain.staff does."""
    subject = f"{PREFIX}{derived_id(metadata.command_id, 'staff')}"
    sealed = await accounts.vault.seal(subject, email.encode())
    called = None if name is None else await accounts.vault.seal(subject, name.encode())
    command = InviteStaff(subject=subject, email=sealed, name=called, roles=roles)
    roster = await _roster(accounts)
    if subject not in roster.members:
        STAFF.decider.decide(roster, command)
    await _claim(accounts, email, subject, sealed)
    return subject, await accounts.handler(command, metadata)


async def mail_invitation(accounts: Accounts, subject: str, mail_id: UUID) -> None:
    """Mail the link to a member, who chooses a password behind it; an earlier link ends. Raises StaffNotFound."""
    await accounts.identity.post(await invitation(accounts, subject, mail_id))


async def invitation(accounts: Accounts, subject: str, mail_id: UUID) -> Mail:
    """The mail with the link of a member. Raises StaffNotFound."""
    if subject not in (await _roster(accounts)).members:
        raise StaffNotFound(f"There is no member of staff {subject}. Invite them first.", "subject")
    return Mail(
        mail_id=mail_id,
        kind=MailKind.INVITE,
        realm=Realm.STAFF,
        address=None,
        subject=subject,
        at=accounts.clock(),
    )


async def passkey_options(accounts: Accounts, token: str) -> Document:
    """Options for the passkey of the member behind the link. Raises LinkNotValid, NoPasskeysHere."""
    link, subject = await invited(accounts, token)
    return await adding.options(accounts, Realm.STAFF, subject, link.address)


async def join(accounts: Accounts, token: str, chosen: str | NewPasskey) -> str:
    """Set a password or add a passkey behind the link, and end all earlier sessions; answers whose link it was.

    Raises LinkNotValid, WeakPassword, PasskeyRefused, PasskeyKnown, Busy.
    """
    link, subject = await invited(accounts, token)
    hashed = passkey_id = None
    if isinstance(chosen, str):
        accounts.passwords.check(chosen, link.address)
        hashed = await accounts.vault.seal(subject, await accounts.passwords.hash(chosen))
    else:
        passkey_id = await adding.keep(accounts, Realm.STAFF, subject, chosen)
    await join_by(accounts, token, link, subject, WayIn.PASSWORD if passkey_id is None else WayIn.PASSKEY, hashed)
    if passkey_id is not None:
        await adding.record(accounts, Realm.STAFF, subject, passkey_id, _by_link(link, subject, "passkey"))
    return subject


async def invited(accounts: Accounts, token: str) -> tuple[Link, str]:
    """The link of an invitation, and whose it is. Raises LinkNotValid."""
    link = await accounts.identity.link(token, LinkKind.INVITE, accounts.clock())
    if link is None or link.subject is None:
        raise LinkNotValid
    return link, link.subject


async def join_by(
    accounts: Accounts, token: str, link: Link, subject: str, way: WayIn, hashed: Sealed | None = None
) -> None:
    """Use the link up: the member has joined, and earlier sessions end. Raises LinkNotValid."""
    try:
        await accounts.handler(JoinStaff(subject=subject, by=way), _by_link(link, subject, "join"))
    except StaffNotFound:
        raise LinkNotValid from None
    if not await accounts.identity.register(token, subject, hashed, accounts.clock()):
        raise LinkNotValid
    await accounts.identity.end_all(subject, accounts.clock())


def _by_link(link: Link, subject: str, what: str) -> Metadata:
    command_id = derived_id(link.mail_id, what)
    return Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor=f"staff:{subject}")


async def remove(accounts: Accounts, command: RemoveStaff, metadata: Metadata) -> Appended:
    """Remove a member; then their sessions end, and their address and password are deleted. Raises LastAdministrator.

    A crash between the two leaves a member without permissions whose address is taken: the repeat finishes it.
    """
    at = await accounts.handler(command, metadata)
    await accounts.identity.forget(command.subject, accounts.clock())
    return at


async def _claim(accounts: Accounts, address: str, subject: str, sealed: Sealed) -> None:
    for _ in range(2):
        now = accounts.clock()
        found = await accounts.identity.claim(Realm.STAFF, address, subject, sealed, now)
        if found.subject == subject:
            return
        if found.claimed_at + CLAIM_SETTLED_AFTER > now or found.subject in (await _roster(accounts)).members:
            break
        await accounts.identity.forget(found.subject, now)
    raise AddressTaken("This address belongs to a member of staff already, or was invited a moment ago.", "email")


async def _roster(accounts: Accounts) -> Roster:
    roster: Roster = await accounts.handler.state_of(STAFF, STAFF_ROSTER)
    return roster
