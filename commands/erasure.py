"""Forgetting a person: their key first, then the fact."""

from commands.accounts.ports import Identity
from commands.handler import CommandHandler
from commands.ports import Appended, Vault
from commands.routes import CUSTOMER, PERSON, STAFF, STAFF_ROSTER
from domain.customer.state import Customer
from domain.person.commands import ForgetPerson
from domain.person.decider import Person
from domain.shared.errors import Conflict, NotFound
from domain.shared.recorded import Metadata
from domain.staff.state import Roster


class StillOnStaff(Conflict):
    """The person is a member of staff."""


class PersonNotFound(NotFound):
    """Nothing is kept for such a subject."""


async def forget(
    handler: CommandHandler,
    vault: Vault,
    command: ForgetPerson,
    metadata: Metadata,
    identity: Identity | None,
    *,
    force: bool = False,
) -> Appended:
    """End the account of the subject, destroy their key, and write down that it was done.

    Raises PersonNotFound, and StillOnStaff for members of staff.

    So is it done with the guests whose orders the account has claimed. `identity` is None without accounts.

    A subject is known if it has a key or was forgotten before; another one is most likely mistyped, and is forgotten
    with `force` only.

    In this order: what the log says of a person is true at any time. A crash between the two leaves a key destroyed
    and no record of it, so the command is repeated, by force, and a repeat destroys the key there is by then.
    """
    PERSON.decider.decide(PERSON.decider.initial, command)
    roster: Roster = await handler.state_of(STAFF, STAFF_ROSTER)
    if command.subject in roster.members:
        raise StillOnStaff(f"Member {command.subject} is on the staff. Remove them from it first.", "subject")
    if not force and not await _is_known(handler, vault, command):
        raise PersonNotFound(
            f"There is no personal data of {command.subject!r}. Look for a typing error in the subject. To record the "
            "request all the same, send it with force.",
            "subject",
        )
    customer: Customer = await handler.state_of(CUSTOMER, f"customer-{command.subject}")
    for subject in (command.subject, *sorted(customer.guests)):
        if identity is not None:
            await identity.forget(subject, command.at)
        await vault.forget(subject)
    return await handler(command, metadata)


async def _is_known(handler: CommandHandler, vault: Vault, command: ForgetPerson) -> bool:
    if await vault.has_key(command.subject):
        return True
    person: Person = await handler.state_of(PERSON, PERSON.stream_of(command))
    return person.times > 0
