"""Roles of staff: what each permits."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from domain.staff.commands import RemoveRole, SetPermissions
from write_api.http.context import Admin
from write_api.http.fields import Body, PathCode, PermissionName, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute
from write_api.second_factor import staff_login

router = APIRouter(prefix="/roles", tags=["staff"], route_class=CommandRoute)


class NewPermissions(Body):
    model_config = example(permissions=["orders", "refunds"])

    permissions: Annotated[list[PermissionName], Field(max_length=20)]
    second_factor: Annotated[bool, Field(description="Whether members with the role log in with a second factor.")] = (
        False
    )


@router.put("/{role}")
async def set_permissions(context: Admin, role: PathCode, body: NewPermissions) -> Accepted:
    """Set what a role permits. A role that does not exist is created. It acts within three seconds."""
    command = SetPermissions(role=role, permissions=tuple(body.permissions), second_factor=body.second_factor)
    at = await context.carry_out(command)
    if body.second_factor:
        await staff_login(context.ports).end_sessions_without()
    return at


@router.delete("/{role}")
async def remove_role(context: Admin, role: PathCode) -> Accepted:
    """Remove a role. No member may have it; a missing one is no error."""
    return await context.carry_out(RemoveRole(role=role))
