"""API keys: bearer tokens of programs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from commands.staff.keys import issue
from domain.api_key.commands import IssueApiKey, RevokeApiKey
from write_api.http.context import Admin
from write_api.http.errors import NotReady
from write_api.http.fields import Because, Body, PathCode, PermissionName, Text, Time, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/api-keys", tags=["staff"], route_class=CommandRoute)


class NewKey(Body):
    """A key has an end, and permissions of its own; `admin` is for people alone."""

    model_config = example(name="Label printer", permissions=["fulfilment"], expires_at="2027-05-01T00:00:00Z")

    name: Annotated[Text, Field(max_length=100)]
    permissions: Annotated[list[PermissionName], Field(min_length=1, max_length=20)]
    expires_at: Time


class KeyIssued(Accepted):
    """`key` is shown once. Send it as `Authorization: Bearer cfk_...` to either API."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "position": "48221",
                    "revision": 3,
                    "key_id": "0197f0a83f4e7d30",
                    "key": "cfk_0197f0a83f4e7d30_...",
                    "expires_at": "2027-05-01T00:00:00Z",
                }
            ]
        }
    )

    key_id: str
    key: str
    expires_at: datetime


@router.post("", status_code=201)
async def issue_api_key(context: Admin, body: NewKey) -> KeyIssued:
    """Issue an API key. The answer shows it, and nothing else ever does."""
    if context.ports.keys is None:
        raise NotReady("This write API has no API keys.")
    key_id = context.new_id("api key").replace("-", "")
    command = IssueApiKey(
        key_id=key_id,
        name=body.name,
        permissions=tuple(body.permissions),
        at=context.now,
        expires_at=body.expires_at,
    )
    issued = await issue(context.handler, context.ports.keys, command, context.metadata)
    at = context.accepted(issued.at)
    context.created("api-keys", key_id)
    return KeyIssued(
        position=at.position, revision=at.revision, key_id=key_id, key=issued.key, expires_at=body.expires_at
    )


@router.post("/{key_id}/revoke")
async def revoke_api_key(context: Admin, key_id: PathCode, body: Because) -> Accepted:
    """Revoke an API key. It is refused within three seconds."""
    return await context.carry_out(RevokeApiKey(key_id=key_id, reason=body.reason))
