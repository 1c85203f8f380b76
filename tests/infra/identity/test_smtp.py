"""Mails over SMTP: as text and HTML, refused for good or for now, and no password without TLS."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from infra.bootstrap.local_stack import free_port
from infra.clock.identity import uuid7
from infra.identity.letters import Stationery, Written
from infra.identity.mailer import NotNow, Refused
from infra.identity.smtp import Smtp

ANNA = "Anna@Shop.example"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
STATIONERY = Stationery("Counterfoil", "Counterfoil <shop@counterfoil.invalid>", "http://shop", lambda order, _: order)


class Heard:
    """A mail server that keeps what it hears."""

    def __init__(self) -> None:
        self.answer, self.letters = "250 OK", list[Any]()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.letters.append(envelope)
        return self.answer


@pytest.fixture
def server() -> Iterator[tuple[Heard, str]]:
    heard = Heard()
    port = free_port("127.0.0.1", 0)
    controller = Controller(heard, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True, ready_timeout=10)
    controller.start()
    yield heard, f"smtp://127.0.0.1:{port}"
    controller.stop()


async def test_a_mail_goes_over_smtp_as_text_and_html(server: tuple[Heard, str]) -> None:
    heard, url = server
    await Smtp(url).send(STATIONERY.letter(uuid7(), Written("reset", "zoë@shop.example", "x"), NOW))
    (envelope,) = heard.letters
    content = envelope.content.decode()
    assert envelope.rcpt_tos == ["zoë@shop.example"]
    assert ("text/plain" in content, "text/html" in content, "Auto-Submitted: auto-generated" in content) == (True,) * 3


async def test_what_a_server_refuses_for_good_is_told_from_what_it_takes_later(
    server: tuple[Heard, str],
) -> None:
    heard, url = server
    letter = STATIONERY.letter(uuid7(), Written("reset", ANNA, "x"), NOW)
    heard.answer = "554 no"
    with pytest.raises(Refused):
        await Smtp(url).send(letter)
    heard.answer = "451 later"
    with pytest.raises(NotNow):
        await Smtp(url).send(letter)
    with pytest.raises(NotNow):
        await Smtp("smtp://127.0.0.1:1").send(letter)
    with pytest.raises(NotNow):  # a password is never sent without TLS
        await Smtp(url.replace("//", "//user:secret@")).send(letter)
