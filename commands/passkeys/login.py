"""Logging in with a passkey. The browser offers those that it has for the shop, so no address is asked for."""

from hashlib import sha256

from commands.accounts.ports import Attempt, Granted, Realm
from commands.accounts.services import Accounts
from commands.passkeys.errors import PasskeyRefused
from commands.passkeys.holding import opened, recorded
from commands.passkeys.ports import Document, Purpose


async def options(accounts: Accounts, network: str) -> Document:
    """Options for navigator.credentials.get(). Raises NoPasskeysHere, TooManyAttempts."""
    await accounts.attempts.challenge(network)
    return accounts.ceremonies.login(await accounts.passkeys.challenge(Purpose.LOG_IN, None, accounts.clock()))


async def log_in(accounts: Accounts, realm: Realm, network: str, response: Document, device: str | None) -> Granted:
    """Start a session. All refusals are the same. Raises PasskeyRefused, TooManyAttempts."""
    claimed = accounts.ceremonies.claimed(response)
    named = sha256(claimed.credential_id).hexdigest()
    attempt = Attempt(realm=realm, address=f"passkey {named}", network=network)
    await accounts.attempts.begin(attempt)
    subject = await _holder(accounts, realm, response)
    await accounts.attempts.succeeded(attempt)
    return await accounts.identity.start(realm, subject, device, accounts.clock())


async def _holder(accounts: Accounts, realm: Realm, response: Document) -> str:
    """Whose passkey it is. Raises PasskeyRefused."""
    now, claimed = accounts.clock(), accounts.ceremonies.claimed(response)
    challenge = accounts.ceremonies.challenge_in(response)
    if not await accounts.passkeys.take(challenge, Purpose.LOG_IN, None, now):
        raise PasskeyRefused
    passkey = await accounts.passkeys.find(realm, claimed.credential_id)
    if passkey is None or claimed.user_handle != passkey.subject.encode():
        raise PasskeyRefused
    if (secret := await opened(accounts, passkey)) is None:
        raise PasskeyRefused
    count = accounts.ceremonies.proven(response, challenge, secret.public_key)
    if str(passkey.passkey_id) not in await recorded(accounts, realm, passkey.subject):
        raise PasskeyRefused
    if not await accounts.passkeys.use(passkey.passkey_id, count, now):
        raise PasskeyRefused
    return passkey.subject
