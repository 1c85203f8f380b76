"""Second factors of staff, and the identity provider at which they log in, for the process that logs them in."""

from commands.accounts.services import Accounts
from commands.staff.ports import SecondFactors
from commands.staff.provider_login import ProviderLogins
from commands.staff.second_factor import StaffLogin
from infra.bootstrap.composition import shop_url
from infra.bootstrap.session_state import secrets_of
from infra.identity.provider_accounts import PostgresProviderAccounts
from infra.identity.second_factors import PostgresSecondFactors
from infra.postgres.sessions import Sessions
from infra.security.derived_keys import Box, KeyedHash
from infra.settings import Settings

PROVIDER_RETURN = "/desk/login/provider/back"
"""The page that the identity provider sends browsers back to."""


def second_factors_of(settings: Settings, sessions: Sessions) -> PostgresSecondFactors:
    """Raises BadVaultKey."""
    return PostgresSecondFactors(sessions, KeyedHash(secrets_of(settings).keys("challenges of second factors")))


def provider_of(
    settings: Settings, sessions: Sessions, accounts: Accounts, factors: SecondFactors
) -> ProviderLogins | None:
    """The identity provider that staff log in at, if one is set. Raises BadVaultKey."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
        return None
    from infra.identity.oidc import OidcProvider

    secrets = secrets_of(settings)
    provider = OidcProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        f"{shop_url(settings)}{PROVIDER_RETURN}",
    )
    bound = PostgresProviderAccounts(
        sessions,
        accounts.vault,
        KeyedHash(secrets.keys("accounts at the identity provider")),
        Box(secrets.keys("logins at the identity provider")),
    )
    return ProviderLogins(StaffLogin(accounts, factors), provider, bound, settings.oidc_only)
