"""What the pages need from the outside."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec

from web.texts.markets import Market, only_market


class ApiUnreachable(Exception):
    """An API did not answer in time; whether a command was carried out is unknown."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An API's response; `document` is empty for a body that is no JSON object. Names of headers are in lower case."""

    status: int
    document: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Api(Protocol):
    """One of the two APIs over HTTP."""

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Raises ApiUnreachable."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop remembers of a browser."""

    subject: str
    roles: tuple[str, ...]
    token: str
    expires: float
    """When the token ends, in seconds since 1970."""
    refresh: str | None = None
    """Gets the next token; a guest has none."""
    name: str | None = None
    """What the shopper is called, for the header."""
    email: str | None = None
    """What a member of staff signed in with, so that the password alone is asked for again."""
    ends: float
    """When the session ends, in seconds since 1970."""
    carts: int = 0
    """How many carts the session has opened: the present one follows from it (`cart_key`)."""
    cart: str | None = None
    cart_revision: int = 0
    added: str = ""
    """What was put into the cart last, and from which to which revision of the cart: a double click is one wish."""
    added_at: float = 0.0
    added_revision: int = 0
    added_to: int = 0
    position: str | None = None
    """Of the last command, so that the next page shows its result."""
    position_at: float = 0.0

    @property
    def is_guest(self) -> bool:
        return self.refresh is None and "staff" not in self.roles

    @property
    def is_staff(self) -> bool:
        return "staff" in self.roles

    @property
    def is_member(self) -> bool:
        """Whether this is a shopper who has logged in."""
        return self.refresh is not None and not self.is_staff

    @property
    def first_name(self) -> str:
        return (self.name or "").split(" ")[0]


Change = Callable[[Session], Awaitable[Session]]


class SessionsUnavailable(Exception):
    """The store of sessions does not answer."""


class Sessions(Protocol):
    """Sessions in a store that all web processes share, found by the secret in the cookie.

    All methods raise SessionsUnavailable.
    """

    async def find(self, secret: str) -> Session | None:
        """None if there is none, or it has ended."""

    async def put(self, secret: str, session: Session) -> None:
        """Store a new session."""

    async def change(self, secret: str, change: Change) -> Session | None:
        """Replace a session by what `change` makes of it while no other process changes it; None if there is none.

        `change` may be called twice: the connection to the store can be lost after the first time.
        """

    async def remove(self, secret: str) -> None:
        """Forget a session. One that is not there is no error."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a job does with each of its rows: a POST to `path`, in which `{row}` stands for the row.

    `back`: the address of the list that the rows are of.
    """

    title: str
    path: str
    back: str
    body: Mapping[str, str] | None = None


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """As whom a job sends its commands. `address`: the visitor's, which limits count. `expires`: as in Session."""

    token: str
    expires: float
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a job. `fault`: why it failed; empty when it is done, None while it waits."""

    name: str
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One action on many rows. `position`: of its last command so far."""

    work: Work
    rows: Sequence[Row]
    position: int = 0


class TooManyJobs(Exception):
    """This person has too many jobs under way."""


class JobsUnavailable(Exception):
    """The store of jobs does not answer."""


class Jobs(Protocol):
    """Jobs in a store that all web processes share. Each is seen by who started it, and removed after a day.

    All methods raise JobsUnavailable.
    """

    async def start(self, job_id: str, owner: str, work: Work, rights: Rights, rows: Sequence[str]) -> None:
        """Store a job, unless it is there already. Raises TooManyJobs."""

    async def find(self, job_id: str, owner: str) -> Job | None:
        """None if there is none, or it is another's."""

    async def repeat(self, job_id: str, owner: str, rights: Rights) -> None:
        """Let the rows that failed wait again."""


class JobQueue(Protocol):
    """Jobs with rows that wait, for the one process that carries them out. All methods raise JobsUnavailable."""

    async def next(self) -> tuple[str, Job, Rights] | None:
        """The id of the oldest one, itself, and as whom it is carried out."""

    async def settle(self, job_id: str, row: str, fault: str, position: int = 0) -> None:
        """A row was done (`fault` is empty), or failed."""


class TooManyWatched(Exception):
    """This process shows more things already than can be followed."""


class News(Protocol):
    """What changes of what a page shows."""

    async def next(self, within: float) -> Collection[str]:
        """The ids of things that changed; none when nothing did for so many seconds."""


class Changes(Protocol):
    """Tells which of the things that are shown change, by their global ids."""

    def watching(self, ids: Collection[str]) -> AbstractAsyncContextManager[News]:
        """Watch these while the block runs. Raises TooManyWatched."""


class Health(Protocol):
    async def __call__(self) -> Mapping[str, str]:
        """What is wrong, by the name of what does not answer; empty when all is well."""


@dataclass(frozen=True, slots=True)
class Filling:
    """An import that goes on: so many products of all that are to come are there."""

    done: int
    total: int


async def not_filling() -> Filling | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeForm:
    """What the card form needs: the publishable key, and how many of Stripe's minor units are one of the shop's."""

    key: str
    scale: float = 1.0
    script: str = "https://js.stripe.com/dahlia/stripe.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What is the same on all pages. `address` is the shop's origin as browsers know it, without a path."""

    address: str
    name: str = "Counterfoil"
    locale: str = "en_US"
    """Of the back office, and of the storefront where no markets are declared."""
    currency: str = "USD"
    """The one that goods are sold in."""
    markets: Sequence[Market] = (only_market("en_US", "USD"),)
    time_zone: str = "UTC"
    staff_provider: str = ""
    """What the identity provider is called that staff log in at; empty: there is none."""
    staff_provider_only: bool = False
    test_gateway: bool = False
    """Whether the cards of the test gateway are offered."""
    stripe: StripeForm | None = None
    """Set where payments are taken at Stripe."""

    @property
    def is_secure(self) -> bool:
        return self.address.startswith("https://")

    @property
    def desk(self) -> Market:
        """For whom the back office is: in English, without a path of its own."""
        return only_market(self.locale, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything outside. `new_secret` is for cookies: 256 random bits as text; `new_key` for Idempotency-Keys."""

    read: Api
    write: Api
    sessions: Sessions
    jobs: Jobs
    changes: Changes
    health: Health
    filling: Callable[[], Awaitable[Filling | None]] = not_filling
    clock: Callable[[], datetime]
    new_secret: Callable[[], str]
    new_key: Callable[[], str]
    shop: Shop
