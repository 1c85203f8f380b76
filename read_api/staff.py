"""Staff, roles and API keys, for administrators."""

from datetime import datetime

import strawberry

from domain.shared.personal import Sealed
from projections import staff
from projections.staff import IssuedKey, StaffRole
from projections.staff import StaffMember as FoundMember
from read_api.graphql.context import Info
from read_api.graphql.relay import (
    After,
    Before,
    Connection,
    Cursors,
    Edge,
    First,
    Last,
    connection,
    page_info,
    window,
)
from read_api.graphql.scalars import Whole
from read_api.graphql.text import checked_id
from read_api.graphql.values import described

MODEL = staff.PROJECTION.name
MEMBERS = Cursors("staff", str)
KEYS = Cursors("API keys", datetime, str)


@strawberry.type(description="A person who works in the shop, or is invited to.")
class StaffMember:
    subject: strawberry.ID
    roles: list[str]
    invited_at: datetime
    invited_by: str
    joined_at: datetime | None = strawberry.field(description="Null for those who have not followed the link yet.")
    sealed_email: strawberry.Private[Sealed]
    sealed_name: strawberry.Private[Sealed | None]

    @described("The address of the invitation. Null for a person who was forgotten.")
    async def email(self, info: Info) -> str | None:
        return await _opened(info, self.sealed_email)

    @described("Null where none was given, and for a person who was forgotten.")
    async def name(self, info: Info) -> str | None:
        return await _opened(info, self.sealed_name)


@strawberry.type(description="A set of permissions that members of staff can have.")
class Role:
    role: str
    permissions: list[str]
    second_factor: bool = strawberry.field(description="Whether its members log in with a second factor.")
    members: Whole


@strawberry.type(description="A bearer token of a program. The token itself is shown once, when it is issued.")
class ApiKey:
    key_id: strawberry.ID
    name: str
    permissions: list[str]
    issued_at: datetime
    issued_by: str
    expires_at: datetime
    revoked_at: datetime | None
    last_used: datetime | None = strawberry.field(description="The hour in which it was last used.")


async def list_staff(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    role: str | None = None,
) -> Connection[StaffMember]:
    asked = window(MEMBERS, first, after, last, before)
    return connection(await staff.members(await info.context.tables(MODEL), asked, role), MEMBERS, _member)


async def list_roles(info: Info) -> list[Role]:
    return [_role(found) for found in await staff.roles(await info.context.tables(MODEL))]


async def list_api_keys(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Connection[ApiKey]:
    page = await staff.api_keys(await info.context.tables(MODEL), window(KEYS, first, after, last, before))
    uses_of = info.context.ports.key_uses
    uses = {} if uses_of is None else await uses_of([key.key_id for _, key in page.items])
    found = [Edge(cursor=KEYS.write(place), node=_key(key, uses.get(key.key_id))) for place, key in page.items]
    return Connection(edges=found, page_info=page_info(page, found))


async def _opened(info: Info, sealed: Sealed | None) -> str | None:
    plain = None if sealed is None else await info.context.ports.vault.open(sealed)
    return None if plain is None else plain.decode()


def _member(found: FoundMember) -> StaffMember:
    return StaffMember(
        subject=strawberry.ID(found.subject),
        roles=list(found.roles),
        invited_at=found.invited_at,
        invited_by=found.invited_by,
        joined_at=found.joined_at,
        sealed_email=found.email,
        sealed_name=found.name,
    )


def _role(found: StaffRole) -> Role:
    return Role(
        role=found.role,
        permissions=list(found.permissions),
        second_factor=found.second_factor,
        members=Whole(found.members),
    )


def _key(found: IssuedKey, used_at: datetime | None) -> ApiKey:
    return ApiKey(
        key_id=strawberry.ID(found.key_id),
        name=found.name,
        permissions=list(found.permissions),
        issued_at=found.issued_at,
        issued_by=found.issued_by,
        expires_at=found.expires_at,
        revoked_at=found.revoked_at,
        last_used=used_at,
    )


async def find_actor_name(info: Info, actor: str) -> str | None:
    return await info.context.loaders.actor_names.load(checked_id(actor))
