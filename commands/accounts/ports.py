"""What accounts need beside the log: credentials and sessions are secrets, and no facts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.shared.ids import CheckoutId, OrderId
from domain.shared.personal import Sealed


class Realm(StrEnum):
    """Shoppers and staff have accounts of their own, also under the same address."""

    SHOPPER = "shopper"
    STAFF = "staff"


class LinkKind(StrEnum):
    """What a mailed link is for."""

    REGISTER = "register"
    RESET = "reset"
    EMAIL = "email"
    INVITE = "invite"


class MailKind(StrEnum):
    """What a mail is about. The first four carry a link or, where that cannot be, say why not.

    The last two are about an order.
    """

    REGISTER = "register"
    RESET = "reset"
    EMAIL = "email"
    INVITE = "invite"
    PASSWORD_CHANGED = "password_changed"
    EMAIL_CHANGED = "email_changed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    ORDER_PLACED = "order_placed"
    PAYMENT_ACTION = "payment_action"


class Claim(NamedTuple):
    """An address that belongs to an account, or is about to. `address` is what mails go to."""

    subject: str
    confirmed: bool
    claimed_at: datetime
    address: Sealed


class Login(NamedTuple):
    """What a login is checked against: the account of an address, and its sealed password hash if it has one."""

    subject: str
    password: Sealed | None


class Link(NamedTuple):
    """A mailed link that is still good. `subject` is None for a person without an account."""

    kind: LinkKind
    realm: Realm
    mail_id: UUID
    subject: str | None
    address: str


class Session(NamedTuple):
    """A login on one device, which access tokens come from."""

    session_id: UUID
    realm: Realm
    subject: str
    device: str | None
    authenticated_at: datetime
    started_at: datetime
    seen_at: datetime
    expires_at: datetime


class Granted(NamedTuple):
    """A session and the refresh token that goes on with it."""

    session: Session
    refresh_token: str


class Mail(NamedTuple):
    """A mail to be written and sent. `address` is None where the account's own is to be used."""

    mail_id: UUID
    kind: MailKind
    realm: Realm
    address: str | None
    subject: str | None
    at: datetime


class Identity(Protocol):
    """The identity store. All methods raise StoreUnavailable."""

    def same(self, one: str, other: str) -> bool:
        """Whether two addresses are one, compared by NFKC and case folding."""

    async def find(self, realm: Realm, address: str) -> Claim | None:
        """Whose address it is, compared as `same` does."""

    async def login_of(self, realm: Realm, address: str) -> Login | None:
        """None for an address without a confirmed account."""

    async def password_of(self, subject: str) -> Sealed | None: ...

    async def address_of(self, subject: str) -> Sealed | None:
        """The confirmed address of an account."""

    async def claimed_address_of(self, subject: str) -> Sealed | None:
        """The address of an account, or the one that it is about to have."""

    async def claim(self, realm: Realm, address: str, subject: str, sealed: Sealed, at: datetime) -> Claim:
        """Claim an address for a subject; the answer says whose it is, which may be another's."""

    async def free(self, realm: Realm, address: str, subject: str) -> None:
        """Give up a claim that was never confirmed."""

    async def confirm(self, realm: Realm, address: str, subject: str) -> None:
        """The claim is the address of the account, and the only one."""

    async def link(self, token: str, kind: LinkKind, at: datetime) -> Link | None:
        """The link of a token, without using it up."""

    async def register(self, token: str, subject: str, password: Sealed | None, at: datetime) -> bool:
        """Use the link up, confirm the claim of its address and set the password, or do nothing: the link is used.

        Without a password an earlier one stays.
        """

    async def reset(self, token: str, subject: str, password: Sealed, at: datetime) -> bool:
        """Use the link up, set the password, and end all links and sessions of the account, or do nothing."""

    async def set_password(self, subject: str, password: Sealed, at: datetime, *, kept: UUID | None) -> None:
        """Set the password and end all links and all sessions but `kept`."""

    async def rehash(self, subject: str, before: Sealed, password: Sealed) -> None:
        """Replace the hash of the same password, unless another one was set meanwhile."""

    async def change_address(self, token: str, subject: str, at: datetime) -> bool:
        """Use the link up, confirm the claim of its address, give up the address before, and end all other links."""

    async def start(
        self, realm: Realm, subject: str, device: str | None, at: datetime, *, authenticated_at: datetime | None = None
    ) -> Granted:
        """`authenticated_at`: when the person proved who they are, if that was earlier."""

    async def refresh(self, token: str, at: datetime) -> Granted | None:
        """The successor of a refresh token. None when the session is over, as it is by a second use of the token."""

    async def sessions_of(self, subject: str, at: datetime) -> Sequence[Session]:
        """Sessions that go on, the latest first."""

    async def end(self, subject: str, session_id: UUID, at: datetime) -> bool:
        """End one session of the subject; False when there is none."""

    async def end_of(self, token: str, at: datetime) -> None:
        """End the session of a refresh token, if there is one."""

    async def end_all(self, subject: str, at: datetime, *, kept: UUID | None = None) -> None: ...

    async def speaks(self, subject: str, language: str) -> None:
        """The language (BCP 47) of mails to the person."""

    async def post(self, mail: Mail) -> None:
        """Queue a mail. One of the same kind to the same address that is not sent yet takes its place."""

    async def forget(self, subject: str, at: datetime) -> None:
        """End sessions, and delete the address, credentials, links and mails of an account."""


class Passwords(Protocol):
    """Hashes passwords off the event loop. All methods raise Busy."""

    async def hash(self, password: str) -> bytes: ...

    async def verify(self, password: str, hashed: bytes | None) -> bool:
        """Whether it is the password. None takes as long, and is never right."""

    def is_outdated(self, hashed: bytes) -> bool:
        """Whether the hash was made with other parameters than those of today."""

    def check(self, password: str, *about: str) -> None:
        """Raises WeakPassword for common passwords, and for those made of what is known about the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Who tries to log in: the account by its address, the network, and the device where one is recognised."""

    realm: Realm
    address: str
    network: str
    device: str | None = None


class Attempts(Protocol):
    """Limits failed logins, mails and guests' tokens."""

    async def begin(self, attempt: Attempt) -> None:
        """Count an attempt as failed until it succeeds. Raises TooManyAttempts."""

    async def succeeded(self, attempt: Attempt) -> None: ...

    async def mail(self, realm: Realm, address: str, network: str) -> None:
        """Count a request for a mail. Raises TooManyAttempts."""

    async def challenge(self, network: str) -> None:
        """Count a challenge that is made for a stranger. Raises TooManyAttempts."""

    async def guest(self, network: str) -> None:
        """Count a token of a guest. Raises TooManyAttempts."""

    def device(self, address: str) -> str:
        """A token by which this device is recognised at the next login."""


class Contact(NamedTuple):
    """Whose checkout it is, and the address that mails about it go to."""

    order_id: OrderId
    subject: str
    at: datetime


class Contacts(Protocol):
    """Addresses of checkouts, found by a keyed hash. All methods raise StoreUnavailable."""

    async def keep(self, checkout: CheckoutId, address: str, sealed: Sealed, at: datetime) -> None:
        """Of a checkout that is about to begin."""

    async def drop(self, checkout: CheckoutId) -> None:
        """The checkout did not begin."""

    async def open_to(self, subject: str, address: str) -> Sequence[Contact]:
        """Placed orders of guests with this address that no other account has claimed, the latest first."""

    async def take(self, subject: str, orders: Collection[OrderId]) -> Collection[OrderId]:
        """Claim contacts for an account; answers those that are its own now."""

    async def settle(self, orders: Collection[OrderId]) -> None:
        """The claims are in the log."""
