"""Who did it and why, for the log: commands that are given by hand on the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment
from infra.cli.errors import Refused

if TYPE_CHECKING:
    from domain.shared.recorded import Metadata

LONGEST_REASON = 200


def _sensible(reason: str) -> str:
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise Refused(f"--reason: give 1 to {LONGEST_REASON} printable characters.")
    return in_the_clear("--reason", reason)


def in_the_clear(option: str, text: str) -> str:
    """Check that a text that the log keeps holds no e-mail address. Raises Refused."""
    from domain.shared.personal import has_address

    if has_address(text):
        raise Refused(
            f"{option}: there is an e-mail address in it, and it is kept for ever. "
            "Name the person by the subject of their token, the letter or the ticket by its number."
        )
    return text


Reason = Annotated[
    str, typer.Option(help=f"Why, for the log: at most {LONGEST_REASON} characters.", callback=_sensible)
]


def signed(reason: str) -> "Metadata":
    """For one command."""
    from domain.shared.recorded import Metadata
    from infra.clock.identity import uuid7

    number = uuid7()
    return Metadata(
        command_id=number, correlation_id=number, causation_id=number, actor=environment.ACTOR, reason=reason
    )
