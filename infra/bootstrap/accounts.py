"""Accounts on everything they need: the identity store, the vault, passwords, limits and mails."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from commands.accounts.services import Accounts
from commands.handler import CommandHandler
from commands.ports import Vault
from domain.shared.ids import OrderId
from infra.bootstrap.composition import codec, event_store, secret_of, sessions_of, shop_url
from infra.bootstrap.session_state import contacts_of, identity_of, secrets_of
from infra.bootstrap.vault import vault_of
from infra.clock.identity import uuid7
from infra.clock.timekeeping import shop_clock
from infra.identity.addressing import Addressing
from infra.identity.attempts import LocalWindows, LoginAttempts, Windows
from infra.identity.letters import Stationery
from infra.identity.mailer import Mailer, Post
from infra.identity.order_mails import OrderMails
from infra.identity.passkeys import PostgresPasskeys
from infra.identity.passwords import OWASP, Argon2Passwords
from infra.identity.schema import prepare
from infra.identity.webauthn import RelyingParty
from infra.postgres.sessions import Sessions
from infra.security.derived_keys import KeyedHash
from infra.security.order_links import SignedOrderLinks
from infra.settings import Settings


@asynccontextmanager
async def accounts_of(
    settings: Settings, sessions: Sessions, handler: CommandHandler, vault: Vault, clock: Callable[[], datetime]
) -> AsyncIterator[Accounts]:
    """What the write API does with accounts."""
    secrets = secrets_of(settings)
    passwords = Argon2Passwords(OWASP)
    stack = AsyncExitStack()
    names, devices = KeyedHash(secrets.keys("names of attempts")), KeyedHash(secrets.keys("devices"))
    try:
        yield Accounts(
            handler=handler,
            vault=vault,
            identity=identity_of(settings, sessions),
            passwords=passwords,
            attempts=LoginAttempts(await _windows_of(settings, stack), names, devices),
            passkeys=PostgresPasskeys(sessions),
            ceremonies=RelyingParty.at(settings.shop_name, shop_url(settings)),
            contacts=contacts_of(settings, sessions),
            clock=clock,
            new_id=uuid7,
        )
    finally:
        passwords.close()
        await stack.aclose()


async def _windows_of(settings: Settings, stack: AsyncExitStack) -> Windows:
    """In Redis where there is one, so that all processes count together."""
    if settings.redis is None:
        return LocalWindows()
    from infra.bootstrap.caching import namespace_of, redis_of
    from infra.caching.shared_windows import RedisWindows

    return RedisWindows(await stack.enter_async_context(redis_of(settings.redis)), namespace_of(settings))


@asynccontextmanager
async def mailing(settings: Settings) -> AsyncIterator[Mailer]:
    """Sends mails, or holds them where there is no mail server. Raises BadVaultKey, NoWrappingKey, StoreUnavailable."""
    async with sessions_of(settings, "mails") as sessions:
        await prepare(sessions)
        async with shop_clock(sessions, at_its_word=settings.take_clock) as clock:
            yield mailer_of(settings, sessions, await vault_of(settings, sessions), clock)


def mailer_of(settings: Settings, sessions: Sessions, vault: Vault, clock: Callable[[], datetime]) -> Mailer:
    """Raises BadVaultKey."""

    def order_link(order: OrderId, at: datetime) -> str:
        return SignedOrderLinks(secret_of(settings.token_secret).encode()).issue(order, at)[0]

    stationery = Stationery(
        settings.shop_name, settings.mail_from, shop_url(settings), order_link, language=settings.locale
    )
    tokens, identity = KeyedHash(secrets_of(settings).keys("tokens of links")), identity_of(settings, sessions)
    addressing = Addressing(identity, contacts_of(settings, sessions), vault)
    return Mailer(identity, addressing, vault, tokens, stationery, clock, _post_of(settings))


@asynccontextmanager
async def order_mails(settings: Settings) -> AsyncIterator[OrderMails]:
    """Posts mails about orders. Raises BadVaultKey, StoreUnavailable."""
    async with sessions_of(settings, "order mails") as sessions, event_store(settings) as store:
        await prepare(sessions)
        async with shop_clock(sessions, at_its_word=settings.take_clock) as clock:
            identity, contacts = identity_of(settings, sessions), contacts_of(settings, sessions)
            yield OrderMails(store, codec(), identity, contacts, clock)


def _post_of(settings: Settings) -> Post | None:
    if settings.smtp is None:
        return None
    from infra.identity.smtp import Smtp

    return Smtp(secret_of(settings.smtp))
