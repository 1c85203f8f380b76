"""An identity provider that speaks OpenID Connect (code flow with PKCE). Only its signed ID token counts."""

import base64
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import jwt
import structlog

from commands.staff.ports import Handshake, ProviderLogin
from commands.staff.provider_login import ProviderAway, ProviderRefused

TIMEOUT = httpx.Timeout(5.0)
MOST_BYTES = 256 * 1024
KEPT_FOR = 3600.0
"""Seconds for which the provider's document and keys are kept."""

KEYS_AGAIN_AFTER = 60.0
"""Seconds after which an unknown key makes them be read again."""

LEEWAY = timedelta(seconds=60)
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
DEMANDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")

log = structlog.get_logger()


@dataclass(slots=True)
class OidcProvider:
    """Implements commands.staff.ports.IdentityProvider."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    transport: httpx.AsyncBaseTransport | None = None
    _document: dict[str, Any] = field(default_factory=dict)
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _document_until: float = 0.0
    _keys_read_at: float = -KEPT_FOR

    async def address(self, handshake: Handshake) -> str:
        document = await self._discovered()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": handshake.state,
            "nonce": handshake.nonce,
            "code_challenge": _challenge(handshake.verifier),
            "code_challenge_method": "S256",
        }
        if handshake.fresh:
            asked |= {"prompt": "login", "max_age": "0"}
        end = str(document["authorization_endpoint"])
        return f"{end}{'&' if urlsplit(end).query else '?'}{urlencode(asked)}"

    async def login(self, code: str, handshake: Handshake, now: datetime) -> ProviderLogin:
        document = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": handshake.verifier,
        }
        answer = await self._asked("POST", str(document["token_endpoint"]), self._proven(document, form))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused("It sent no ID token.")
        claims = await self._verified(token, now)
        if not hmac.compare_digest(str(claims["nonce"]).encode(), handshake.nonce.encode()):
            raise ProviderRefused("Its ID token is of another login.")
        return ProviderLogin(self.issuer, str(claims["sub"]), _authenticated_at(claims, handshake, now))

    def _proven(self, document: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        """The request with the client's secret, as the provider takes it."""
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods:
            return {"data": form, "auth": (quote_plus(self.client_id), quote_plus(self.client_secret))}
        return {"data": {**form, "client_id": self.client_id, "client_secret": self.client_secret}}

    async def _verified(self, token: str, now: datetime) -> dict[str, Any]:
        """The claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7). Raises ProviderRefused, ProviderAway."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[it for it in ALGORITHMS if it == key.algorithm_name],
                audience=self.client_id,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": DEMANDED, "verify_exp": False, "verify_iat": False},
            )
            ends, issued = int(claims["exp"]), int(claims["iat"])
        except (jwt.PyJWTError, ValueError) as error:
            log.warning("ID token refused", reason=str(error))
            raise ProviderRefused("Its ID token cannot be trusted.") from None
        if not (issued - LEEWAY.total_seconds() <= now.timestamp() < ends + LEEWAY.total_seconds()):
            raise ProviderRefused("Its ID token is over, or the clocks differ.")
        if "azp" in claims and claims["azp"] != self.client_id:
            raise ProviderRefused("Its ID token is for another program.")
        return claims

    async def _key(self, kid: str) -> jwt.PyJWK:
        """The key of an ID token, which need not name it if there is only one."""
        now = time.monotonic()
        age = now - self._keys_read_at
        if age >= KEPT_FOR or (kid not in self._keys and age >= KEYS_AGAIN_AFTER):
            document = await self._discovered()
            answer = await self._asked("GET", str(document["jwks_uri"]), {})
            try:
                found = jwt.PyJWKSet.from_dict(answer).keys
            except jwt.PyJWTError:
                raise ProviderAway("Its keys cannot be read.") from None
            self._keys = {key.key_id or "": key for key in found if key.public_key_use in (None, "sig")}
            self._keys_read_at = now
        if not kid and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if kid not in self._keys:
            raise ProviderRefused("Its ID token is signed with an unknown key.")
        return self._keys[kid]

    async def _discovered(self) -> dict[str, Any]:
        """The provider's document (OpenID Connect Discovery 1.0)."""
        if time.monotonic() < self._document_until:
            return self._document
        document = await self._asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration", {})
        if document.get("issuer") != self.issuer or not all(isinstance(document.get(it), str) for it in NEEDED):
            raise ProviderAway("Its document is not that of the issuer that is set.")
        self._document, self._document_until = document, time.monotonic() + KEPT_FOR
        return document

    async def _asked(self, method: str, address: str, what: dict[str, Any]) -> dict[str, Any]:
        """A JSON object. A refusal of the code is ProviderRefused; whatever else goes wrong is ProviderAway."""
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT, transport=self.transport, trust_env=False) as client,
                client.stream(method, address, **what) as answer,
            ):
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ProviderAway("It sent too much.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("identity provider cannot be reached", reason=type(error).__name__)
            raise ProviderAway("It cannot be reached.") from None
        if method == "POST" and answer.status_code in (400, 401):
            log.warning("identity provider refuses a code", status=answer.status_code)
            raise ProviderRefused("It does not accept this login.")
        try:
            document = answer.status_code == httpx.codes.OK and json.loads(bytes(body))
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ProviderAway(f"It answers with {answer.status_code}, or with no JSON.")
        return document


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _authenticated_at(claims: dict[str, Any], handshake: Handshake, now: datetime) -> datetime | None:
    """When the member proved who they are; None where the provider does not say. Raises ProviderRefused."""
    said = claims.get("auth_time")
    at = datetime.fromtimestamp(said, UTC) if isinstance(said, int) and 0 < said < 2**33 else None
    if at is not None and at > now + LEEWAY:
        raise ProviderRefused("Its clock is ahead of ours.")
    if handshake.fresh and (at is None or at < handshake.begun_at - LEEWAY):
        raise ProviderRefused("It did not ask for the login again.")
    return None if at is None else min(at, now)
