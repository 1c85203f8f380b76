"""`counterfoil token`: who may do what, signed, until accounts arrive."""

from typing import Annotated

import typer

from domain.staff.permissions import ROLES, WEB
from infra.cli import environment
from infra.cli.errors import Refused
from infra.cli.signing import in_the_clear

LONGEST_SUBJECT = 64
ISSUED = [role for role in ROLES if role != WEB]
"""The server of the pages makes its own token."""


def token(
    role: Annotated[list[str], typer.Option(help=f"One of {', '.join(ISSUED)}; may be given several times.")],
    subject: Annotated[str, typer.Option(help="Who it speaks for, for example a customer id.")],
    hours: Annotated[int, typer.Option(min=1, max=24 * 365, help="How long it is good for.")] = 12,
    data: environment.Data = None,
) -> None:
    """Print a bearer token for the APIs."""
    from datetime import timedelta

    from infra.bootstrap import composition
    from infra.bootstrap.data_folder import with_secrets

    for name in role:
        if name not in ISSUED:
            raise Refused(f"--role: {name!r} is no role. Choose from {', '.join(ISSUED)}.")
    if not subject.strip() or len(subject) > LONGEST_SUBJECT:
        raise Refused(f"--subject: give 1 to {LONGEST_SUBJECT} characters.")
    in_the_clear("--subject", subject)
    settings = environment.settings(data=data)
    with environment.told():
        tokens = composition.tokens(with_secrets(settings))
    typer.echo(tokens.issue(subject, role, timedelta(hours=hours)))
