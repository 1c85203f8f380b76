"""Settings of the identity provider that staff log in at, typed."""

import re

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

SECURE_ISSUER = re.compile(r"(https://|http://(localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$))[^\s?#]*")


class ProviderSettings(BaseSettings):
    """An identity provider that speaks OpenID Connect, or none."""

    oidc_issuer: str | None = Field(
        default=None, description="Identity provider that staff log in at (OpenID Connect); unset: none."
    )
    oidc_client_id: str | None = Field(default=None, min_length=1, max_length=200)
    oidc_client_secret: SecretStr | None = Field(default=None, min_length=1)
    oidc_name: str = Field(
        default="the identity provider", min_length=1, max_length=60, description="What the button calls it."
    )
    oidc_only: bool = Field(default=False, description="Staff log in there, and in no other way.")

    @model_validator(mode="after")
    def _the_identity_provider_is_complete(self) -> "ProviderSettings":
        named = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(it is not None for it in named) and None in named:
            raise ValueError(
                "COUNTERFOIL_OIDC_ISSUER, COUNTERFOIL_OIDC_CLIENT_ID and COUNTERFOIL_OIDC_CLIENT_SECRET go together"
            )
        if self.oidc_only and self.oidc_issuer is None:
            raise ValueError("COUNTERFOIL_OIDC_ONLY needs COUNTERFOIL_OIDC_ISSUER")
        if self.oidc_issuer is not None and not SECURE_ISSUER.fullmatch(self.oidc_issuer):
            raise ValueError("COUNTERFOIL_OIDC_ISSUER is an https address, or http on this machine")
        return self
