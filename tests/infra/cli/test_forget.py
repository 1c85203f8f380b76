"""`counterfoil forget`: one person, or again all who were forgotten since a backup."""

import asyncio
import base64
import json
from pathlib import Path

import pytest

from infra.postgres.sessions import Sessions
from infra.security.vault import PostgresVault
from infra.security.wrapping import vault_key
from tests.infra.cli.conftest import Counterfoil
from tests.support.harness.vaults import names, wrapping_in

KEPT = (
    "there is an e-mail address in it, and it is kept for ever. "
    "Name the person by the subject of their token, the letter or the ticket by its number."
)
KEY = base64.b64encode(bytes(32)).decode()


async def test_people_are_forgotten_once_and_again(counterfoil: Counterfoil, database_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "vault_key").write_text(KEY)
    sessions = Sessions(database_url, "test", 1)
    wrapping = wrapping_in(data / "keys", vault_key(KEY))
    vault = PostgresVault(sessions, wrapping)
    await vault.prepare()
    sealed = {name: await vault.seal(name, b"secret") for name in ("anna", "ben", "carl")}

    async def known() -> set[str]:
        fresh = PostgresVault(sessions, wrapping)
        return {name for name, one in sealed.items() if await fresh.open(one) is not None}

    async def run(*words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(counterfoil, *words, database=database_url)
        return done.returncode, done.stdout or done.stderr

    assert (await run("forget", "anna", "--reason", "Letter"))[0] == 0
    assert await known() == {"ben", "carl"}
    unknown = await run("forget", "dora", "--reason", "Letter")
    assert (unknown[0], unknown[1].split(". ")[0]) == (2, "counterfoil: There is no personal data of 'dora'")
    assert (await run("forget", "dora", "--reason", "Letter", "--force"))[0] == 0
    code, listed = await run("replay", "--types", "person.forgotten.v1")
    assert code == 0
    listed = listed.splitlines(keepends=True)[0]
    assert json.loads(listed)["metadata"]["actor"] == "command-line"
    (tmp_path / "forgotten.jsonl").write_text(listed.replace('"anna"', '"ben"') + listed)
    assert await run("forget", "--again", str(tmp_path / "forgotten.jsonl")) == (
        0,
        "2 forgotten. No part opens their data after a second; what the database's files hold of their keys is"
        " destroyed within a day, or at once by: counterfoil keys rotate\n",
    )
    assert await known() == {"carl"}
    before = names(data / "keys")
    (listed_key,) = json.loads((await run("keys", "list", "--json"))[1])
    assert (listed_key["wrapping_id"], listed_key["living"], listed_key["condemned_at"] is None) == (*before, 1, False)
    assert ", wraps 1 keys of people, to be destroyed since 20" in (await run("keys", "list"))[1]
    assert await run("keys", "rotate") == (
        0,
        "A new wrapping key wraps the 1 keys of people; all wrapping keys before it are destroyed.\n",
    )
    (listed_key,) = json.loads((await run("keys", "list", "--json"))[1])
    assert [*names(data / "keys"), 1, None] == [listed_key[it] for it in ("wrapping_id", "living", "condemned_at")]
    assert (set(before).isdisjoint(names(data / "keys")), len(names(data / "keys"))) == (True, 1)
    assert await known() == {"carl"}
    await sessions.close()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "Name a person, or give a list with --again."),
        (["anna"], "Say why with --reason; it is kept beside the fact."),
        (["anna@example.com", "--reason", "Letter"], f"subject: {KEPT}"),
        (["anna", "--reason", "Asked by <anna@example.com>"], f"--reason: {KEPT}"),
        (
            ["--again", "pyproject.toml"],
            "--again: line 1 is no event person.forgotten.v1; counterfoil replay writes such a list.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(counterfoil: Counterfoil, words: list[str], line: str) -> None:
    done = counterfoil("forget", *words)
    assert (done.returncode, done.stderr) == (2, f"counterfoil: {line}\n")
