"""Staff: who is on it, with which roles."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from commands.staff import inviting
from commands.staff.provider_login import check_open
from domain.staff.commands import GiveRole, RemoveStaff, WithdrawRole
from write_api.http.context import Admin
from write_api.http.credentials import Device, Email, LoggedIn, Token, accounts_of, logged_in
from write_api.http.fields import Because, Body, Code, PathCode, PathId, Text, example
from write_api.http.passkeys import Choice
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute, OpenRoute
from write_api.ports import Ports
from write_api.second_factor import staff_login

router = APIRouter(prefix="/staff", tags=["staff"], route_class=CommandRoute)


class Invitation(Body):
    model_config = example(email="ada@shop.example", name="Ada Byron", roles=["back_office"])

    email: Email
    name: Annotated[Text, Field(max_length=100)] | None = None
    roles: Annotated[list[Code], Field(min_length=1, max_length=50)]


class Invited(Accepted):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": "48220", "revision": 9, "subject": "staff-0197f0a7-3f4e-5d30-8b22-8c9d0e1f2a3b"}]
        }
    )

    subject: str


class OneMember(BaseModel):
    """The member of staff whom it was about."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject": "staff-0197f0a7-3f4e-5d30-8b22-8c9d0e1f2a3b"}]}
    )

    subject: str


class Joining(Choice):
    """What is chosen behind the mailed link: a password or a passkey."""

    model_config = example(token="q3k...", password="correct horse battery staple")

    token: Token
    device: Device = None


@router.post("", status_code=201)
async def invite_staff(context: Admin, body: Invitation) -> Invited:
    """Invite a person to the staff. A link goes to the address, which is good for a week."""
    accounts = accounts_of(context.ports)
    subject, at = await inviting.invite(accounts, body.email, body.name, tuple(body.roles), context.metadata)
    await inviting.mail_invitation(accounts, subject, context.metadata.command_id)
    context.created("staff", subject)
    return context.answer(Invited, at, subject=subject)


@router.post("/{subject}/invitation", status_code=202)
async def invite_staff_again(context: Admin, subject: PathId) -> OneMember:
    """Mail a new link to a member of staff. They choose a password behind it; their sessions end then."""
    await inviting.mail_invitation(accounts_of(context.ports), subject, context.metadata.command_id)
    return OneMember(subject=subject)


@router.put("/{subject}/roles/{role}")
async def give_role(context: Admin, subject: PathId, role: PathCode) -> Accepted:
    """Give a member of staff a role. It acts within three seconds."""
    at = await context.carry_out(GiveRole(subject=subject, role=role))
    await staff_login(context.ports).end_sessions_without()
    return at


@router.delete("/{subject}/roles/{role}")
async def withdraw_role(context: Admin, subject: PathId, role: PathCode) -> Accepted:
    """Withdraw a role from a member of staff. The last administrator stays one."""
    return await context.carry_out(WithdrawRole(subject=subject, role=role))


@router.delete("/{subject}/second-factor")
async def remove_second_factor(context: Admin, subject: PathId) -> OneMember:
    """Remove the second factor of a member of staff who has lost it, and all their passkeys."""
    await staff_login(context.ports).remove(subject, context.metadata)
    return OneMember(subject=subject)


@router.post("/{subject}/remove")
async def remove_staff(context: Admin, subject: PathId, body: Because) -> Accepted:
    """Remove a member of staff. Their sessions end, and their address and password are deleted."""
    command = RemoveStaff(subject=subject, reason=body.reason)
    return context.accepted(await inviting.remove(accounts_of(context.ports), command, context.metadata))


async def join_staff(request: Request, body: Joining) -> LoggedIn:
    """Join behind the mailed link: choose a password or a passkey, and log in. Only a success uses the link up."""
    ports: Ports = request.app.state.ports
    check_open(ports.provider)
    return logged_in(ports, await staff_login(ports).join(body.token.get_secret_value(), body.chosen, body.device))


router.add_api_route("/join", join_staff, methods=["POST"], status_code=201, route_class_override=OpenRoute)
