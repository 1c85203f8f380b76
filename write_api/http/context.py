"""What every command endpoint gets: who asks, under which ids, and the way to carry it out."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Header, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from commands.handler import CommandHandler
from commands.ports import Appended
from domain.shared.derived import derived_id
from domain.shared.frozen import replace
from domain.shared.recorded import Metadata
from domain.staff.permissions import SHOPPER, Permission, any_of
from write_api.http.errors import NotAllowed, ReauthenticationRequired
from write_api.http.etags import IF_MATCH, revisions_of
from write_api.http.responses import Accepted
from write_api.http.route import KEY, LONGEST_KEY, Ticket
from write_api.ports import Caller, Ports

API_KEY = "api_key"
RECENT = timedelta(minutes=10)
NAMESPACE = UUID("6f3c1b0e-8f55-5f0e-9b1c-2f6a4be0a7d4")
"""Of command ids that follow from an Idempotency-Key. Never changes, or old keys would mean new commands."""

TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, section 3.2."""

A = TypeVar("A", bound=Accepted)

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="A token from POST /sessions, or a staff token.")


@dataclass(frozen=True, slots=True)
class Context:
    """One request of a caller who may make it."""

    ports: Ports
    caller: Caller
    metadata: Metadata
    response: Response
    now: datetime
    has_key: bool
    address: str | None = None
    only_at: Set[int] | None = None

    @property
    def handler(self) -> CommandHandler:
        """Carries commands out, where the thing stands as the request's If-Match says."""
        return self.ports.handler.at(self.only_at)

    def may(self, permission: Permission) -> bool:
        return permission in self.caller.permissions

    def new_id(self, kind: str) -> str:
        """A new id. It follows from the Idempotency-Key if there is one, so that a repeat means the same thing."""
        return str(derived_id(self.metadata.command_id, kind) if self.has_key else self.ports.new_id())

    def following(self, what: str) -> Metadata:
        """For a command that follows from this request on another stream."""
        return self.metadata._replace(command_id=derived_id(self.metadata.command_id, what))

    async def carry_out(self, *commands: object) -> Accepted:
        """Hand commands on one stream over, and say where they were stored."""
        return self.accepted(await self.handler.all_of(commands, self.metadata))

    def require_recent_login(self) -> None:
        """Ask callers with a session to have logged in within ten minutes. Raises ReauthenticationRequired, NotAllowed.

        An API key cannot log in. A token of the shared secret comes from an operator, who holds that secret.
        """
        if API_KEY in self.caller.roles:
            raise NotAllowed("An API key cannot do this. Log in as a member of staff.")
        since = self.caller.authenticated_at
        if since is not None and self.now.timestamp() - since > RECENT.total_seconds():
            raise ReauthenticationRequired("Log in again first: this needs a login within the last 10 minutes.")

    @property
    def client(self) -> str | None:
        """A pseudonym of the network address that the request comes from, if there is one that tells callers apart."""
        return None if self.address is None else self.ports.pseudonym(self.address)

    def created(self, *path: str) -> None:
        """Say where the new thing is: the commands on it are below that path."""
        self.response.headers["Location"] = "/" + "/".join(path)

    def accepted(self, at: Appended) -> Accepted:
        return self.answer(Accepted, at)

    def answer(self, kind: type[A], at: Appended, **ids: str) -> A:
        """Where it was stored, and under which new ids."""
        position = str(at.position)
        self.response.headers["Counterfoil-Position"] = position
        self.response.headers["ETag"] = f'"{at.revision}"'
        return kind(position=position, revision=at.revision, **ids)


async def context(
    request: Request,
    response: Response,
    needed: SecurityScopes,
    _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
    _key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            json_schema_extra={"minLength": 1, "maxLength": LONGEST_KEY, "pattern": KEY},
            description="1 to 255 printable ASCII characters that name this request among the caller's. Repeat it to "
            "be sure, and the first answer is given again; with another request it is refused.",
        ),
    ] = None,
    correlation_id: Annotated[
        UUID | None, Header(alias="Correlation-Id", description="Kept with every event that follows.")
    ] = None,
    traceparent: Annotated[str | None, Header(description="W3C Trace Context, kept with the events.")] = None,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            json_schema_extra={"minLength": 1, "maxLength": 1000, "pattern": IF_MATCH},
            description="ETags of earlier answers (or *): carry the request out only if the thing is still as it was "
            "after one of them, else answer 412. No request has to send it.",
        ),
    ] = None,
) -> Context:
    """Admit callers who have one of the permissions. Raises NotAllowed, UnusableETag."""
    ticket: Ticket = request.state.ticket
    only_at = None if if_match is None else revisions_of(if_match)
    it = context_of(request.app.state.ports, ticket, needed.scopes, response, correlation_id, traceparent)
    return replace(it, only_at=only_at)


def context_of(
    ports: Ports,
    ticket: Ticket,
    needed: Sequence[str],
    response: Response,
    correlation_id: UUID | None,
    traceparent: str | None,
) -> Context:
    """What a ticket entitles to. Raises NotAllowed."""
    if ticket.caller.permissions.isdisjoint(needed):
        raise NotAllowed(f"This needs the permission {any_of(needed)}.")
    command_id = (
        ports.new_id() if ticket.key is None else derived_id(NAMESPACE, f"{ticket.caller.subject}\n{ticket.key}")
    )
    metadata = Metadata(
        command_id=command_id,
        correlation_id=correlation_id or command_id,
        causation_id=command_id,
        actor=_actor(ticket.caller),
        traceparent=traceparent if traceparent and TRACEPARENT.fullmatch(traceparent) else None,
        fingerprint=ticket.fingerprint,
    )
    return Context(ports, ticket.caller, metadata, response, ports.clock(), ticket.key is not None, ticket.address)


async def recent(it: Annotated[Context, Security(context)]) -> Context:
    """As `context`, for what is dangerous. Raises ReauthenticationRequired, NotAllowed."""
    it.require_recent_login()
    return it


def _actor(caller: Caller) -> str:
    return caller.subject if caller.roles <= {SHOPPER, API_KEY} else f"staff:{caller.subject}"


Shop = Annotated[Context, Security(context, scopes=[Permission.SHOP])]
ShopOrOrders = Annotated[Context, Security(context, scopes=[Permission.SHOP, Permission.ORDERS])]
Catalogue = Annotated[Context, Security(context, scopes=[Permission.CATALOGUE])]
Prices = Annotated[Context, Security(context, scopes=[Permission.PRICES])]
Stock = Annotated[Context, Security(context, scopes=[Permission.STOCK])]
Fulfilment = Annotated[Context, Security(context, scopes=[Permission.FULFILMENT])]
Till = Annotated[Context, Security(context, scopes=[Permission.TILL])]
Orders = Annotated[Context, Security(context, scopes=[Permission.ORDERS])]
Refunds = Annotated[Context, Security(context, scopes=[Permission.REFUNDS])]
Erasure = Annotated[Context, Security(recent, scopes=[Permission.CUSTOMERS])]
Operations = Annotated[Context, Security(context, scopes=[Permission.OPERATIONS])]
Rebuilds = Annotated[Context, Security(recent, scopes=[Permission.OPERATIONS])]
Admin = Annotated[Context, Security(recent, scopes=[Permission.ADMIN])]
