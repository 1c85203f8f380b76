"""What the documents show is pasted into a shell beside a running shop, as it stands there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.documented import BLOCKS, LONG, SPANS
from tests.e2e.shop import data_folder, environment
from tests.e2e.test_up import open_shop
from tests.support.fixtures.documented import blocks, spans

PATIENCE = 180


class Shell:
    """A bash in a folder where `.venv` is and a shop runs; the shop listens on other ports than the documents say."""

    def __init__(self, folder: Path, data: Path, ports: dict[str, str]) -> None:
        self.folder, self.data, self.ports = folder, data, ports
        self.order = ""

    def paste(self, text: str) -> str:
        """Run it, each command of it having to succeed; answers what it printed."""
        for usual, here in self.ports.items():
            text = text.replace(usual, here)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env={**environment(), "COUNTERFOIL_DATA": str(self.data), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    with data_folder() as data, open_shop(data) as (_, client):
        folder = data.parent / "here"
        folder.mkdir()
        (folder / ".venv").symlink_to(sys.prefix)
        yield Shell(folder, data, {"http://127.0.0.1:8000": client.write, "http://127.0.0.1:8001": client.read})


def test_whatever_is_left_out_is_still_in_the_documents() -> None:
    assert BLOCKS.keys() <= {block.first for block in blocks("sh")}
    assert SPANS.keys() <= {span.text for span in spans()}


def test_the_blocks_of_each_page_run(shell: Shell) -> None:
    pages: dict[str, list[str]] = {}
    for block in blocks("sh"):
        if block.first not in BLOCKS:
            pages.setdefault(block.page, []).append(block.text)
    said = {page: shell.paste("\n".join(texts)) for page, texts in pages.items()}
    assert said.keys() == {"README.md", "docs/accounts.md", "docs/hash-chain.md"}
    assert "23e28e96c1ac1b82718ad91dd33ca9b2356809a28649b904db44fb9ffb3af87a" in said["docs/hash-chain.md"]
    (shell.order,) = set(re.findall(r"\border-([0-9a-f-]{36})", said["README.md"]))
    assert '"status":"PLACED"' in said["README.md"].replace(" ", "")
    assert "order.placed.v3" in said["README.md"]
    assert "Everything holds." in said["README.md"]
    assert [file.suffix for file in shell.folder.glob("counterfoil-*")] == [".zip"]


def test_the_commands_within_sentences_run(shell: Shell) -> None:
    assert shell.order, "the blocks have to run first"
    found = [span.text for span in spans() if span.text not in SPANS and not span.text.startswith(LONG)]
    filled = {"<id>": shell.order, "<instance>": shell.order, "FILE_OR_FOLDER": "all.zip", "FOLDER": "restored"}
    filled["NAME"] = "carts"
    path = f"export PATH={shell.folder}/.venv/bin:$PATH\n"
    for command in found:
        for word, value in filled.items():
            command = command.replace(word, value)
        shell.paste(path + command)
    assert len(found) > 10, found
