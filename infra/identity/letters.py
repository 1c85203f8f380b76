"""What mails say, as plain text and as HTML, in the language of who gets them. The texts are in `texts/`, a file for
each language."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import NamedTuple
from uuid import UUID

from domain.order.number import number_of
from domain.shared.ids import GUEST, OrderId

ENGLISH = "en"
PATHS: Mapping[str, str] = {
    "register": "/account/register/complete",
    "reset": "/account/password/reset",
    "email": "/account/email/confirm",
    "invite": "/desk/join",
}
"""Pages that links lead to, by the kind of the link."""

FORGOTTEN = "/account/password/forgotten"


class Words(NamedTuple):
    """A subject, paragraphs, what the link or button below them is called, and the language of all of it."""

    title: str
    paragraphs: tuple[str, ...]
    button: str | None
    language: str


class Subject(NamedTuple):
    """An order that a mail is about, and who placed it."""

    order_id: OrderId
    customer: str | None


class Written(NamedTuple):
    """What a mail is to say to whom. `token` is of the link that is made for it, `language` that of the person."""

    kind: str
    to: str
    token: str | None = None
    order: Subject | None = None
    language: str | None = None


@cache
def texts() -> Mapping[str, Mapping[str, Words]]:
    """By language, then by the kind of the mail."""
    found = dict[str, dict[str, Words]]()
    for file in files("infra.identity").joinpath("texts").iterdir():
        language = file.name.removesuffix(".toml")
        kinds = tomllib.loads(file.read_text(encoding="utf-8"))
        found[language] = {
            kind: Words(it["title"], tuple(it["paragraphs"]), it.get("button"), language) for kind, it in kinds.items()
        }
    return found


def words_of(kind: str, *languages: str | None) -> Words:
    """In the first of these languages (BCP 47) that has the text, else in English."""
    for wanted in languages:
        known = texts().get((wanted or "").replace("_", "-").partition("-")[0].lower(), {})
        if kind in known:
            return known[kind]
    return texts()[ENGLISH][kind]


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all mails of a shop have in common.

    `pages` is where shoppers reach the shop, `order_link` makes the token that shows an order to a guest, `language` is
    for people of whom none is known.
    """

    shop: str
    sender: str
    pages: str
    order_link: Callable[[OrderId, datetime], str]
    language: str = ENGLISH

    @property
    def host(self) -> str:
        return self.sender.rpartition("@")[2].rstrip(">") or "counterfoil.invalid"

    def link(self, written: Written, at: datetime) -> str | None:
        """Where the button of a mail leads."""
        if written.token is not None:
            return f"{self.pages}{PATHS[written.kind]}?token={written.token}"
        if written.order is not None:
            return f"{self.pages}{self._order_page(written.kind, written.order, at)}"
        return f"{self.pages}{FORGOTTEN}" if words_of(written.kind).button else None

    def _order_page(self, kind: str, order: Subject, at: datetime) -> str:
        if kind == "payment_action":
            return f"/checkout/{order.order_id}"
        is_guest = order.customer is None or order.customer.startswith(GUEST)
        return f"/o/{self.order_link(order.order_id, at)}" if is_guest else f"/orders/{order.order_id}"

    def letter(self, mail_id: UUID, written: Written, at: datetime) -> EmailMessage:
        """The same for the same mail, so that a mail that is sent twice is recognised by its Message-ID."""
        words, link = self._words(written), self.link(written, at)
        message = EmailMessage(policy=SMTPUTF8)
        message["From"] = self.sender
        message["To"] = written.to
        message["Subject"] = f"{self.shop}: {words.title}"
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{mail_id}@{self.host}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = words.language
        message.set_content("\n\n".join([*words.paragraphs, *([link] if link else []), self.shop]) + "\n")
        message.add_alternative(_html(self.shop, words, link), subtype="html")
        return message

    def _words(self, written: Written) -> Words:
        words = words_of(written.kind, written.language, self.language)
        number = "" if written.order is None else number_of(written.order.order_id)
        return words._replace(
            title=words.title.replace("{number}", number),
            paragraphs=tuple(it.replace("{number}", number) for it in words.paragraphs),
        )


def _html(shop: str, words: Words, link: str | None) -> str:
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in words.paragraphs)
    button = f'<p><a href="{escape(link)}">{escape(words.button or link)}</a></p>' if link else ""
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{escape(words.title)}</title></head>"
        f"<body><h1>{escape(words.title)}</h1>{paragraphs}{button}<p>{escape(shop)}</p></body></html>\n"
    )
