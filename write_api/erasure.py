"""People: the right to be forgotten (GDPR, Article 17)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from commands.erasure import forget
from domain.person.commands import ForgetPerson
from domain.person.decider import LONGEST_SUBJECT
from write_api.http.context import Erasure
from write_api.http.fields import Body, Reason, Subject, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/people", tags=["people"], route_class=CommandRoute)


class Forgetting(Body):
    """The subject of their token, which is not in the path, for paths are logged; and why."""

    model_config = example(
        subject="guest-0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69", reason="Asked for by letter of 2 May", force=False
    )

    subject: Annotated[Subject, Field(max_length=LONGEST_SUBJECT)]
    reason: Reason
    force: Annotated[bool, Field(description="Also if there is no personal data of the subject.")] = False


@router.post("/forget")
async def forget_person(context: Erasure, body: Forgetting) -> Accepted:
    """Forget a person. Their personal data becomes unreadable for ever (GDPR, Article 17); their orders stay.

    A subject of whom there is no personal data is refused: it is most likely mistyped. `force` records it all the same.
    """
    asked = ForgetPerson(subject=body.subject, reason=body.reason, at=context.now)
    ports = context.ports
    identity = None if ports.accounts is None else ports.accounts.identity
    at = await forget(context.handler, ports.vault, asked, context.metadata, identity, force=body.force)
    return context.accepted(at)
