"""`counterfoil staff`: the first administrator, and members who have lost a password."""

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from infra.cli import environment
from infra.cli.errors import OneLine, Refused
from infra.cli.signing import in_the_clear

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from infra.bootstrap.staff_office import StaffOffice
    from infra.settings import Settings

T = TypeVar("T")

app = typer.Typer(cls=OneLine, name="staff", no_args_is_help=True, help="Members of staff, and the links they join by.")

Subject = Annotated[str, typer.Argument(help="The subject of the member, as `counterfoil staff list` shows it.")]


@app.command("invite")
def invite(
    email: Annotated[str, typer.Argument(help="The address that the member will log in with.")],
    role: Annotated[list[str] | None, typer.Option(help="A role; may be given several times.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="As --role administrator.")] = False,
    name: Annotated[str | None, typer.Option(help="The name of the member.")] = None,
    data: environment.Data = None,
) -> None:
    """Invite a person, and print the link by which they choose a password. It is good for a week."""
    from domain.staff.permissions import ADMINISTRATOR

    roles = tuple(dict.fromkeys([*(role or ()), *([ADMINISTRATOR] if admin else ())]))
    if not roles:
        raise Refused("Say what the member may do: --admin, or --role with a name of a role.")
    _check_address(email)
    settings = environment.settings(data=data)
    subject, link = environment.run(_with_office(settings, lambda office: office.invite(email, name, roles)))
    typer.echo(f"{subject} joins by: {link}")


@app.command("link")
def link(subject: Subject, data: environment.Data = None) -> None:
    """Print a new link for a member to choose a password by. Links before it end."""
    settings = environment.settings(data=data)
    typer.echo(environment.run(_with_office(settings, lambda office: office.link(subject))))


@app.command("remove-second-factor")
def remove_second_factor(subject: Subject, data: environment.Data = None) -> None:
    """Remove the second factor and the recovery codes of a member who has lost them."""
    settings = environment.settings(data=data)
    environment.run(_with_office(settings, lambda office: office.remove_second_factor(subject)))
    typer.echo(f"{subject} has no second factor any more.")


@app.command("list")
def list_(data: environment.Data = None) -> None:
    """List the members of staff with their addresses and roles."""
    for line in environment.run(_with_office(environment.settings(data=data), _lines)):
        typer.echo(line)


@app.command("remove")
def remove(
    subject: Subject,
    reason: Annotated[str, typer.Option(help="Why; it is kept beside the fact.")],
    data: environment.Data = None,
) -> None:
    """Remove a member. The last administrator stays."""
    in_the_clear("--reason", reason)
    settings = environment.settings(data=data)
    environment.run(_with_office(settings, lambda office: office.remove(subject, reason)))
    typer.echo(f"{subject} is not on the staff any more.")


def _check_address(email: str) -> None:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(email, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise Refused(f"EMAIL: {email!r} is no e-mail address.") from None


async def _with_office(settings: "Settings", work: "Callable[[StaffOffice], Awaitable[T]]") -> "T":
    from infra.bootstrap.data_folder import with_secrets
    from infra.bootstrap.staff_office import staff_office

    async with (
        environment.database(settings) as reachable,
        staff_office(with_secrets(reachable), environment.ACTOR) as office,
    ):
        return await work(office)


async def _lines(office: "StaffOffice") -> list[str]:
    """A line for each member: subject, address, roles."""
    lines = list[str]()
    for subject, member in sorted((await office.roster()).members.items()):
        roles = ", ".join(sorted(member.roles)) or "no role"
        address = await office.address(subject) or "forgotten"
        lines.append(f"{subject}  {address}  {roles}{'' if member.joined else ' (invited)'}")
    return lines
