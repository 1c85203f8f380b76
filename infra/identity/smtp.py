"""Sends mails to a mail server (SMTP, RFC 5321)."""

from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from infra.identity.mailer import NotNow, Refused

PATIENCE = 10.0
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Smtp:
    """Implements Post. `url` is smtp://user:password@host:587 (STARTTLS wherever there is a password) or smtps://."""

    url: str

    async def send(self, letter: EmailMessage) -> None:
        parts = urlsplit(self.url)
        password = None if parts.password is None else unquote(parts.password)
        tls = parts.scheme == "smtps"
        try:
            await aiosmtplib.send(
                letter,
                hostname=parts.hostname or "localhost",
                port=parts.port or (465 if tls else 587),
                username=None if parts.username is None else unquote(parts.username),
                password=password,
                use_tls=tls,
                start_tls=None if tls or password is None else True,
                timeout=PATIENCE,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(one.code >= PERMANENT for one in error.recipients):
                raise Refused(f"The address is refused ({error.recipients[0].code}).") from error
            raise NotNow(f"The address is not taken now ({error.recipients[0].code}).") from error
        except aiosmtplib.SMTPDataError as error:
            if error.code >= PERMANENT:
                raise Refused(f"The mail is refused ({error.code}).") from error
            raise NotNow(f"The mail is not taken now ({error.code}).") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotNow(type(error).__name__) from error
