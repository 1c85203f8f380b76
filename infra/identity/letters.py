"""What mails say, as plain text and as HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime
from html import escape
from typing import NamedTuple
from uuid import UUID

PATHS: Mapping[str, str] = {
    "register": "/account/register/complete",
    "reset": "/account/password/reset",
    "email": "/account/email/confirm",
    "invite": "/desk/join",
}
"""Pages that links lead to, by the kind of the link."""

FORGOTTEN = "/account/password/forgotten"


class Words(NamedTuple):
    """A subject, paragraphs, and what the link or button below them is called."""

    title: str
    paragraphs: tuple[str, ...]
    button: str | None = None


TEXTS: Mapping[str, Words] = {
    "register": Words(
        "Complete your registration",
        (
            "A request was made, most likely by you, to open an account with this address.",
            "Follow the link within an hour to complete it. If it was not you, do nothing: there is no account.",
        ),
        "Complete the registration",
    ),
    "registered": Words(
        "You have an account already",
        (
            "A request was made, most likely by you, to open an account with this address. There is one already.",
            "If you forgot your password, ask for a new one. If it was not you, do nothing.",
        ),
        "Ask for a new password",
    ),
    "reset": Words(
        "Choose a new password",
        (
            "A new password for this account was requested, most likely by you.",
            "Follow the link within an hour to choose one. If it was not you, do nothing: your password stays.",
        ),
        "Choose a new password",
    ),
    "email": Words(
        "Confirm your new address",
        (
            "Your account is to use this address from now on.",
            "Follow the link within an hour to confirm that. If you have no account with us, do nothing.",
        ),
        "Use this address",
    ),
    "invite": Words(
        "Join the staff",
        (
            "You are invited to work in the back office.",
            "Follow the link within a week to choose how you log in.",
        ),
        "Join",
    ),
    "password_changed": Words(
        "Your password was changed",
        (
            "The password of your account was changed, and all other devices were logged out.",
            "If it was not you, ask for a new password at once.",
        ),
        "Ask for a new password",
    ),
    "passkey_added": Words(
        "A passkey was added to your account",
        (
            "From now on your account opens with a new passkey too.",
            "If it was not you, remove it in your account at once.",
        ),
    ),
    "passkey_removed": Words(
        "A passkey of your account was removed",
        (
            "A passkey does not open your account any more.",
            "If it was not you, look at your account at once, and remove what you do not know.",
        ),
    ),
    "email_changed": Words(
        "The address of your account was changed",
        (
            "Your account uses another e-mail address from now on. This mail goes to both addresses.",
            "If it was not you, answer this mail.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all mails of a shop have in common. `pages` is where shoppers reach the shop."""

    shop: str
    sender: str
    pages: str

    @property
    def host(self) -> str:
        return self.sender.rpartition("@")[2].rstrip(">") or "counterfoil.invalid"

    def link(self, kind: str, token: str | None) -> str | None:
        """Where the button of a mail leads."""
        if token is not None:
            return f"{self.pages}{PATHS[kind]}?token={token}"
        return f"{self.pages}{FORGOTTEN}" if TEXTS[kind].button else None

    def letter(self, mail_id: UUID, kind: str, to: str, token: str | None, at: datetime) -> EmailMessage:
        """The same for the same mail, so that a mail that is sent twice is recognised by its Message-ID."""
        words, link = TEXTS[kind], self.link(kind, token)
        message = EmailMessage(policy=SMTPUTF8)
        message["From"] = self.sender
        message["To"] = to
        message["Subject"] = f"{self.shop}: {words.title}"
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{mail_id}@{self.host}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n\n".join([*words.paragraphs, *([link] if link else []), self.shop]) + "\n")
        message.add_alternative(_html(self.shop, words, link), subtype="html")
        return message


def _html(shop: str, words: Words, link: str | None) -> str:
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in words.paragraphs)
    button = f'<p><a href="{escape(link)}">{escape(words.button or link)}</a></p>' if link else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(words.title)}</title></head>'
        f"<body><h1>{escape(words.title)}</h1>{paragraphs}{button}<p>{escape(shop)}</p></body></html>\n"
    )
