"""`counterfoil forget`: make the personal data of a person unreadable; may be repeated."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment
from infra.cli.errors import Refused
from infra.cli.signing import in_the_clear

if TYPE_CHECKING:
    from infra.settings import Settings

DESTROYED = (
    "what the database's files hold of their keys is destroyed within a day, or at once by: counterfoil keys rotate"
)
FORGOTTEN = "person.forgotten.v1"
Person = tuple[str, str]
"""A subject, and why it is to be forgotten."""


def forget(
    subject: Annotated[str | None, typer.Argument(help="The subject of their token, such as a customer id.")] = None,
    reason: Annotated[str | None, typer.Option(help="Who asked for it, and on what grounds.")] = None,
    again: Annotated[
        Path | None,
        typer.Option("--again", help="A list that `counterfoil replay --types person.forgotten.v1` has written."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also if there is no personal data of the subject; --again implies it.")
    ] = False,
    data: environment.Data = None,
) -> None:
    """Destroy the key of a person. After an old backup was restored: of all who were forgotten since (--again)."""
    if (again is None) == (subject is None):
        raise Refused("Name a person, or give a list with --again.")
    if subject is not None and reason is None:
        raise Refused("Say why with --reason; it is kept beside the fact.")
    if subject is not None:
        in_the_clear("subject", subject)
        in_the_clear("--reason", str(reason))
    people = [(str(subject), str(reason))] if again is None else listed(again)
    environment.run(_forget(environment.settings(data=data), people, force or again is not None))
    typer.echo(f"{len(people):,} forgotten. No part opens their data after a second; {DESTROYED}")


def listed(file: Path) -> list[Person]:
    """The people in a list of events. Raises Refused."""
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"--again: {file} cannot be read: {error}.") from None
    return list(dict.fromkeys(_person(number, line) for number, line in enumerate(lines, start=1)))


def _person(number: int, line: str) -> Person:
    try:
        event = json.loads(line)
        if event["type"] == FORGOTTEN:
            return str(event["data"]["subject"]), str(event["data"]["reason"])
    except (ValueError, KeyError, TypeError):
        pass
    raise Refused(f"--again: line {number} is no event {FORGOTTEN}; counterfoil replay writes such a list.")


async def _forget(settings: "Settings", people: Sequence[Person], force: bool) -> None:
    from infra.bootstrap import vault
    from infra.bootstrap.data_folder import with_secrets

    async with (
        environment.database(settings) as reachable,
        vault.forgetting(with_secrets(reachable), environment.ACTOR) as forget_one,
    ):
        for subject, reason in people:
            await forget_one(subject, reason, force)
