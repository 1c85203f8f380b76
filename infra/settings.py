"""What can be set from the environment, typed. An unset service means the embedded default."""

import json
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from domain.shared.currencies import MINOR_UNITS
from infra.addresses import checked
from infra.default_folders import default_cache, default_data
from infra.payment_settings import PaymentSettings
from infra.provider_settings import ProviderSettings


def _by_comma(text: object) -> object:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_by_comma)]
ORIGIN = re.compile(r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
PORTS_UNSAID = {"http": ":80", "https": ":443"}

ADDRESSES = {
    "database": (("postgresql", "postgres"), "postgresql://user:password@host:5432/counterfoil"),
    "event_store": (
        ("postgresql", "postgres", "esdb", "esdb+discover", "sqlite"),
        "postgresql://user:password@host:5432/counterfoil, esdb://host:2113?Tls=false or sqlite:///file",
    ),
    "opensearch": (("http", "https"), "http://host:9200 or https://user:password@host:9200"),
    "read_api": (("http", "https"), "http://host:8001"),
    "redis": (("redis", "rediss", "unix"), "redis://host:6379/0"),
    "schema_registry": (("http", "https"), "http://host:8081"),
    "stripe_api": (("http", "https"), "http://host:12111"),
    "write_api": (("http", "https"), "http://host:8000"),
}
"""Settings that are addresses: the kinds they take, and how to write them."""

WAREHOUSE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""As the write API knows them."""

Warehouse = Annotated[str, Field(pattern=WAREHOUSE)]


class Settings(PaymentSettings, ProviderSettings):
    """Settings of every part. Names in the environment: `COUNTERFOIL_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="COUNTERFOIL_", env_file=".env", env_ignore_empty=True, extra="ignore")

    data: Path = Field(default_factory=default_data, description="Folder of the embedded parts.")
    database: str | None = Field(default=None, description="PostgreSQL URL; unset: the embedded server.")
    event_store: str | None = Field(default=None, description="Event store URL; unset: the database.")
    opensearch: str | None = Field(default=None, description="OpenSearch URL; unset: PostgreSQL searches.")
    opensearch_prefix: str = Field(
        default="counterfoil", pattern="^[a-z0-9][a-z0-9_-]{0,63}$", description="What names of indices begin with."
    )
    host: str = Field(default="127.0.0.1", description="Address the APIs and the pages listen on.")
    write_port: int = Field(default=8000, ge=0, le=65535)
    read_port: int = Field(default=8001, ge=0, le=65535)
    web_port: int = Field(default=8080, ge=0, le=65535)
    write_api: str | None = Field(default=None, description="Where the pages reach it; unset: on this machine.")
    read_api: str | None = Field(default=None, description="Where the pages reach it; unset: on this machine.")
    shop_address: str | None = Field(
        default=None,
        description="Origin of the pages, in links and mails: https://shop.example; unset: their host and port.",
    )
    locale: str = Field(
        default="en_US",
        description="How the back office writes numbers, amounts and dates, and the storefront without markets.",
    )
    markets: str | None = Field(
        default=None,
        max_length=2000,
        description="Of the storefront, language-COUNTRY:CURRENCY each, the first without a path: en-US:USD en-GB:GBP; "
        "unset: one, in English.",
    )
    time_zone: str = Field(default="UTC", description="Of the times on the pages, an IANA name.")
    workers: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Processes that `up` starts for each part; unset: see infra/bootstrap/local_stack.py.",
    )
    token_secret: SecretStr | None = Field(default=None, description="At least 32 bytes; unset: made at first start.")
    vault_key: SecretStr | None = Field(default=None, description="32 bytes in base64; unset: made at first start.")
    vault_key_before: SecretStr | None = Field(
        default=None, description="The vault key until now, while it is being replaced: see docs/personal-data.md."
    )
    keys_folder: Path | None = Field(
        default=None, description="Folder of the wrapping keys, one for all machines; unset: `keys` in the data folder."
    )
    shared_secret_tokens: bool = Field(
        default=True, description="Accept HS256 tokens: those of guests and of `counterfoil token`."
    )
    smtp: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:587 or smtps://; unset: mails are kept for staff to read."
    )
    mail_from: str = Field(
        default="Counterfoil <shop@counterfoil.invalid>", max_length=200, description="Sender of mails."
    )
    shop_name: str = Field(
        default="Counterfoil", min_length=1, max_length=100, description="On the pages and in mails."
    )
    webhook_secret: SecretStr | None = Field(default=None, description="Unset: made at first start.")
    kafka: str | None = Field(default=None, description="host:port[,host:port] of Kafka; unset: nothing is published.")
    kafka_prefix: str = Field(default="counterfoil", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Of topics.")
    kafka_format: str = Field(default="json", pattern="^(json|avro)$", description="How messages are written.")
    kafka_security: str = Field(
        default="PLAINTEXT",
        pattern="^(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)$",
        description="Kafka's own names: SSL for TLS, SASL for a user with a password.",
    )
    kafka_ca: Path | None = Field(default=None, description="PEM of who signed the brokers; unset: the system's.")
    kafka_certificate: Path | None = Field(default=None, description="PEM of our own certificate, if they want one.")
    kafka_key: Path | None = Field(default=None, description="PEM of its key.")
    kafka_sasl: str = Field(default="SCRAM-SHA-512", pattern="^(SCRAM-SHA-512|SCRAM-SHA-256|PLAIN)$")
    kafka_user: str | None = Field(default=None, min_length=1)
    kafka_password: SecretStr | None = Field(default=None, min_length=1)
    schema_registry: str | None = Field(default=None, description="URL of a registry that speaks Confluent's API.")
    event_source: str = Field(default="/counterfoil", min_length=1, max_length=200, description="CloudEvents source.")
    redis: str | None = Field(default=None, description="Redis URL; unset: answers are not remembered.")
    remember: int | None = Field(
        default=None, ge=0, le=4096, description="MiB of answers in each read API; unset: 32 beside Redis, else none."
    )
    rate_limit: float | None = Field(default=None, gt=0, description="Requests a second of one caller; unset: any.")
    address_rate_limit: float | None = Field(
        default=None, gt=0, description="Of all guests and anonymous callers of one address; unset: as rate_limit."
    )
    trusted_proxies: Listed = Field(
        default=(), description="Addresses and networks, by comma, whose X-Forwarded-For is trusted; unset: none."
    )
    cors_origins: Listed = Field(
        default=(), description="Origins, by comma, whose pages may ask both APIs: https://shop.example; unset: none."
    )
    search_timeout: float = Field(
        default=2.0, gt=0, le=8, description="Seconds after which a search or a filtered list is stopped."
    )
    search_share: float = Field(
        default=0.2, gt=0, le=4, description="Seconds of long searches that a caller has for each second."
    )
    services_port: int = Field(default=26300, ge=0, le=65500, description="First port of `make services`; 0: any.")
    services_cache: Path = Field(default_factory=default_cache, description="Folder of the servers that are fetched.")
    currency: str = Field(default="USD", description="The shop's one currency, an ISO 4217 code.")
    warehouses: Annotated[tuple[Warehouse, ...], NoDecode] = Field(
        default=("MAIN",), min_length=1, description="Where goods leave from, best first."
    )
    unpaid_shopper: int = Field(
        default=50, ge=1, le=100, description="Percent of a SKU's units that one shopper may hold before they are paid."
    )
    unpaid_client: int = Field(
        default=75, ge=1, le=100, description="The same, for all shoppers from one network address together."
    )
    unpaid_always: int = Field(default=10, ge=1, description="Units of a SKU that may be held so in any case.")
    at_once: int = Field(default=128, ge=1, description="Requests that the read API works on at once.")
    waiting: int = Field(default=1_000, ge=0, description="How many more wait there; the others get 503.")
    write_at_once: int = Field(default=128, ge=1, description="Commands that the write API works on at once.")
    write_waiting: int = Field(default=256, ge=0, description="How many more wait there; the others get 503.")
    connections: int = Field(default=10_000, ge=1, description="That each API keeps; idle ones make room for new ones.")
    connections_each: int | None = Field(
        default=None, ge=1, description="Of one address that is no trusted proxy; unset: a quarter of all."
    )
    sockets: int = Field(default=1_000, ge=1, description="WebSockets that a read API keeps; idle ones make room.")
    sockets_each: int = Field(default=100, ge=1, description="Of one address.")
    take_clock: bool = Field(default=False, description="Parts that start take over the machine's clock.")
    log_format: str = Field(default="console", pattern="^(console|json)$")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("currency")
    @classmethod
    def _in_use(cls, code: str) -> str:
        if code not in MINOR_UNITS:
            raise ValueError("use the ISO 4217 code of a currency in use, such as EUR")
        return code

    @field_validator("data", "services_cache")
    @classmethod
    def _the_same_from_everywhere(cls, folder: Path) -> Path:
        return folder.absolute()

    @field_validator("warehouses", mode="before")
    @classmethod
    def _a_list(cls, given: object) -> object:
        """Read here and not by pydantic-settings, whose own failure names no setting."""
        try:
            return json.loads(given) if isinstance(given, str) else given
        except ValueError:
            raise ValueError('write a JSON list, best first, such as ["MAIN", "EAST"]') from None

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                network = ip_network(proxy)
            except ValueError as error:
                raise ValueError(f"{error}; use addresses and networks such as 10.0.0.0/8,2001:db8::1") from None
            if network.prefixlen == 0:
                raise ValueError(f"{proxy} would trust every address; name the addresses of your proxies")
        return proxies

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            unsaid = PORTS_UNSAID.get(origin.partition(":")[0], "")
            if not ORIGIN.fullmatch(origin) or origin.endswith(unsaid or " "):
                raise ValueError(
                    f"{origin!r} is no origin as browsers send it; use https://shop.example or http://localhost:3000, "
                    "in small letters, without a path, a wildcard or the usual port"
                )
        return origins

    @field_validator("shop_address")
    @classmethod
    def _one_origin(cls, address: str | None) -> str | None:
        return None if address is None else cls._exact_origins((address,))[0]

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, locale: str) -> str:
        from babel import Locale, UnknownLocaleError

        try:
            return str(Locale.parse(locale))
        except (UnknownLocaleError, ValueError):
            raise ValueError("use a language and a country, such as en_US or de_CH") from None

    @field_validator("markets")
    @classmethod
    def _known_markets(cls, markets: str | None) -> str | None:
        from web.texts.markets import declared_markets

        if markets is not None:
            declared_markets(markets)
        return markets

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("use a name of the IANA time zone database, such as Europe/Zurich") from None
        return name

    @field_validator("event_store")
    @classmethod
    def _seen_by_every_part(cls, url: str | None) -> str | None:
        if url is not None and url.startswith("memory:"):
            raise ValueError("memory:// is seen by one process only, and a shop has several; use sqlite:///file")
        return url

    @field_validator(*ADDRESSES)
    @classmethod
    def _an_address(cls, url: str | None, field: ValidationInfo) -> str | None:
        return None if url is None else checked(url, *ADDRESSES[str(field.field_name)])

    @model_validator(mode="after")
    def _what_secures_kafka_fits_together(self) -> "Settings":
        kind = f"COUNTERFOIL_KAFKA_SECURITY={self.kafka_security}"
        if (self.kafka_certificate is None) != (self.kafka_key is None):
            raise ValueError("COUNTERFOIL_KAFKA_CERTIFICATE and COUNTERFOIL_KAFKA_KEY go together")
        if (self.kafka_ca or self.kafka_certificate) and not self.kafka_security.endswith("SSL"):
            raise ValueError(f"{kind} uses no certificates; choose SSL or SASL_SSL")
        named = (self.kafka_user is not None, self.kafka_password is not None)
        if self.kafka_security.startswith("SASL") and named != (True, True):
            raise ValueError(f"{kind} needs COUNTERFOIL_KAFKA_USER and COUNTERFOIL_KAFKA_PASSWORD")
        if any(named) and not self.kafka_security.startswith("SASL"):
            raise ValueError(f"{kind} sends no user or password; choose SASL_SSL")
        if self.kafka_security == "SASL_PLAINTEXT" and self.kafka_sasl == "PLAIN":
            raise ValueError(f"{kind} with PLAIN shows the password to the network; choose SASL_SSL, or a SCRAM")
        return self

    @model_validator(mode="after")
    def _avro_has_a_registry(self) -> "Settings":
        if self.kafka_format == "avro" and self.schema_registry is None:
            raise ValueError("COUNTERFOIL_KAFKA_FORMAT=avro needs COUNTERFOIL_SCHEMA_REGISTRY")
        return self
