"""`counterfoil mails`: a newcomer without a mail server finds the link of the registration."""

import asyncio
import base64
import json
from pathlib import Path

from pydantic import SecretStr

from commands.accounts.ports import Mail, MailKind, Realm
from infra.bootstrap.accounts import mailing
from infra.clock.identity import uuid7
from infra.settings import Settings
from tests.infra.cli.conftest import Counterfoil
from tests.support.harness.accounts import TOKEN

KEY = base64.b64encode(bytes(32)).decode()
ANNA = "anna@shop.example"


async def test_held_mails_are_printed_with_their_links(
    counterfoil: Counterfoil, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path / "data", database=database_url, vault_key=SecretStr(KEY))
    async with mailing(settings) as mailer:
        for address in (ANNA, "ben@shop.example"):
            mail = Mail(uuid7(), MailKind.REGISTER, Realm.SHOPPER, address, None, mailer.clock())
            await mailer.identity.post(mail)
        await mailer.send_due()

    async def run(*words: str) -> str:
        done = await asyncio.to_thread(counterfoil, "mails", *words, database=database_url, COUNTERFOIL_VAULT_KEY=KEY)
        assert done.returncode == 0, done.stderr
        return done.stdout or done.stderr

    all_of_them = await run()
    assert (all_of_them.count("To: "), len(TOKEN.findall(all_of_them))) == (2, 2)
    (mail,) = json.loads(await run("Anna@shop.example", "--json"))
    assert (mail["to"], mail["subject"]) == (ANNA, "Counterfoil: Complete your registration")
    assert await run("carl@shop.example") == "There are no mails.\n"
