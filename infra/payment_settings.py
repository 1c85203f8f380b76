"""Settings of the payment gateway, typed."""

import re

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

STRIPE_KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9]+")


class PaymentSettings(BaseSettings):
    """Who takes the payments: Stripe, the test gateway, or nobody."""

    test_gateway: bool | None = Field(
        default=None, description="Serve the test gateway; unset: `up` and `demo` do, on loopback."
    )
    stripe_key: SecretStr | None = Field(
        default=None, description="Secret or restricted key of Stripe; unset: the test gateway, or none."
    )
    stripe_publishable_key: str | None = Field(
        default=None, pattern="^pk_(test|live)_[A-Za-z0-9]+$", description="For the payment page; with the secret key."
    )
    stripe_webhook_secrets: SecretStr | None = Field(
        default=None, description="Signing secrets of the webhook endpoint, by comma; unset: no webhook is accepted."
    )
    stripe_shop: str = Field(
        default="counterfoil",
        pattern="^[A-Za-z0-9_.-]{1,64}$",
        description="Tells this shop's payments from those of others in the same Stripe account.",
    )
    stripe_rate: float = Field(
        default=100.0, gt=0, le=10_000, description="Requests a second to Stripe; a quarter of them to one endpoint."
    )
    stripe_api: str | None = Field(default=None, description="Where Stripe is reached; unset: api.stripe.com.")

    @field_validator("stripe_key")
    @classmethod
    def _a_secret_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not STRIPE_KEY.fullmatch(key.get_secret_value()):
            raise ValueError("use a secret key (sk_test_..., sk_live_...) or a restricted one (rk_...)")
        return key

    @model_validator(mode="after")
    def _stripe_fits_together(self) -> "PaymentSettings":
        if (self.stripe_key is None) != (self.stripe_publishable_key is None):
            raise ValueError("COUNTERFOIL_STRIPE_KEY and COUNTERFOIL_STRIPE_PUBLISHABLE_KEY go together")
        if self.stripe_key is None:
            return self
        if self.test_gateway:
            raise ValueError("choose COUNTERFOIL_TEST_GATEWAY=true or COUNTERFOIL_STRIPE_KEY, not both")
        if self.stripe_is_live != (self.stripe_publishable_key or "").startswith("pk_live_"):
            raise ValueError("one key of Stripe is for live payments and the other for tests; take both from one mode")
        return self

    @property
    def stripe_is_live(self) -> bool:
        """Whether payments at Stripe move real money."""
        return self.stripe_key is not None and "_live_" in self.stripe_key.get_secret_value()
