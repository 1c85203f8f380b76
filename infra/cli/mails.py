"""`counterfoil mails`: the mails of a shop that has no mail server."""

import json
from email.message import EmailMessage
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.settings import Settings

MOST = 50


def mails(
    address: Annotated[str | None, typer.Argument(help="Only mails to this address.")] = None,
    as_json: environment.AsJson = False,
    data: environment.Data = None,
) -> None:
    """Print mails that no server sent, because COUNTERFOIL_SMTP is not set: the latest last. Links in them are good."""
    letters = environment.run(_held(environment.settings(data=data)))
    wanted = [it for it in reversed(letters) if address is None or it["To"].casefold() == address.casefold()]
    if as_json:
        typer.echo(json.dumps([_said(it) for it in wanted], ensure_ascii=False, indent=2))
        return
    if not wanted:
        typer.echo("There are no mails.", err=True)
    for letter in wanted:
        said = _said(letter)
        typer.echo(f"{said['at']}\nTo: {said['to']}\nSubject: {said['subject']}\n\n{said['text']}")


def _said(letter: EmailMessage) -> dict[str, str]:
    text = letter.get_body(("plain",))
    return {
        "at": letter["Date"],
        "to": letter["To"],
        "subject": letter["Subject"],
        "text": "" if text is None else text.get_content(),
    }


async def _held(settings: "Settings") -> "Sequence[EmailMessage]":
    from infra.bootstrap.accounts import mailing
    from infra.bootstrap.data_folder import with_secrets

    async with environment.database(settings) as reachable, mailing(with_secrets(reachable)) as mailer:
        return await mailer.held(MOST)
