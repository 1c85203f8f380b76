"""The ceremonies of WebAuthn, checked by the library of that name.

User verification (a fingerprint, a PIN) is demanded in both, and attestation is not asked for. The counter of
signatures is compared in the database, where two logins at once cannot both pass.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from commands.passkeys.errors import NoPasskeysHere, PasskeyRefused
from commands.passkeys.ports import Assertion, Credential, Document

TIMEOUT = 300_000
"""Milliseconds that a browser may take, as long as a challenge is good."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Implements commands.passkeys.ports.Ceremonies. `rp_id` is None where browsers allow no passkeys."""

    name: str
    rp_id: str | None
    origin: str

    @classmethod
    def at(cls, name: str, address: str) -> "RelyingParty":
        """The shop at an address. A passkey belongs to a name: on this machine to `localhost`, at other IPs to none."""
        url = urlsplit(address)
        host = url.hostname or ""
        try:
            is_loopback = ip_address(host).is_loopback
        except ValueError:
            return cls(name, host, address)
        port = f":{url.port}" if url.port else ""
        return cls(name, "localhost" if is_loopback else None, f"{url.scheme}://localhost{port}")

    def registration(self, challenge: bytes, subject: str, account: str, known: Sequence[Credential]) -> Document:
        options = webauthn.generate_registration_options(
            rp_id=self._id(),
            rp_name=self.name,
            user_id=subject.encode(),
            user_name=account,
            challenge=challenge,
            timeout=TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(
                    id=it.credential_id, transports=[AuthenticatorTransport(one) for one in it.transports]
                )
                for it in known
            ],
        )
        return options_to_json_dict(options)

    def login(self, challenge: bytes) -> Document:
        options = webauthn.generate_authentication_options(
            rp_id=self._id(),
            challenge=challenge,
            timeout=TIMEOUT,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def challenge_in(self, response: Document) -> bytes:
        with _refusing():
            text: str = response["response"]["clientDataJSON"]
            return parse_client_data_json(webauthn.base64url_to_bytes(text)).challenge

    def registered(self, response: Document, challenge: bytes) -> Credential:
        with _refusing():
            parsed = parse_registration_credential_json(dict(response))
            verified = webauthn.verify_registration_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self._id(),
                expected_origin=self.origin,
                require_user_verification=True,
            )
            transports = [it.value for it in parsed.response.transports or ()]
            return Credential(verified.credential_id, verified.credential_public_key, transports, verified.sign_count)

    def claimed(self, response: Document) -> Assertion:
        with _refusing():
            parsed = parse_authentication_credential_json(dict(response))
            return Assertion(parsed.raw_id, parsed.response.user_handle)

    def proven(self, response: Document, challenge: bytes, public_key: bytes) -> int:
        with _refusing():
            verified = webauthn.verify_authentication_response(
                credential=dict(response),
                expected_challenge=challenge,
                expected_rp_id=self._id(),
                expected_origin=self.origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
            return verified.new_sign_count

    def _id(self) -> str:
        if self.rp_id is None:
            raise NoPasskeysHere("Browsers take passkeys of shops whose address has a name, not of IP addresses.")
        return self.rp_id


@contextmanager
def _refusing() -> Iterator[None]:
    """Any error of a parser is a refusal, because the bytes may be forged. No network is used in here."""
    try:
        yield
    except NoPasskeysHere:
        raise
    except Exception:
        raise PasskeyRefused from None
