"""The shop with its log in EventStoreDB: one setting, and a server that is killed while the shop runs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.e2e.shop import PATIENCE, ROOT, Client, counterfoil, data_folder
from tests.e2e.test_up import CHECKOUT, open_shop, order_mugs, stock_mugs

SETTING = "COUNTERFOIL_EVENT_STORE"


@contextmanager
def server(folder: Path, port: int = 0) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A test server that keeps its log in a folder, and its connection string."""
    words = ["-m", "tests.eventstoredb_server", "--port", str(port), "--folder", str(folder)]
    with subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def when_it_answers(client: Client) -> str:
    """An order, once the write API is done with saying 503."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return order_mugs(client)
        except (AssertionError, httpx.HTTPError):
            assert time.monotonic() < deadline
            time.sleep(0.5)


def test_a_shop_on_eventstoredb_survives_the_death_of_its_server(tmp_path: Path) -> None:
    with data_folder() as data, server(tmp_path) as (first, uri):
        port = int(uri.split(":")[2].split("?")[0])
        with open_shop(data, **{SETTING: uri}) as (program, client):
            stock_mugs(client)
            before = order_mugs(client)
            checked = counterfoil("check", "--data", str(data), **{SETTING: uri})
            assert checked.stdout.splitlines()[-1] == "Everything holds.", checked.stdout + checked.stderr

            first.kill()
            first.wait()
            with server(tmp_path, port):
                after = when_it_answers(client)
                for order in (before, after):
                    assert client.ask(CHECKOUT, "back_office", id=order)["checkout"]["phase"] == "PLACED"
                checked = counterfoil("check", "--data", str(data), **{SETTING: uri})
                assert checked.stdout.splitlines()[-1] == "Everything holds.", checked.stdout + checked.stderr
                told = counterfoil("history", f"order-{after}", "--data", str(data), **{SETTING: uri})
                assert "order.placed.v3" in told.stdout
                lists = counterfoil("projections", "list", "--json", "--data", str(data), **{SETTING: uri})
                assert '"events_behind": 0' in lists.stdout
                assert program.stop() == 0


def test_a_shop_that_began_embedded_grows_into_eventstoredb(tmp_path: Path) -> None:
    with data_folder() as data, server(tmp_path) as (_, uri):
        with open_shop(data) as (program, client):
            stock_mugs(client)
            before = order_mugs(client)
            refused = counterfoil("events", "copy", "--from", "shop", "--to", uri, "--adopt", "--data", str(data))
            assert (refused.returncode, refused.stdout) == (2, "")
            assert "Stop the shop first" in refused.stderr
            assert program.stop() == 0

        moved = counterfoil("events", "copy", "--from", "shop", "--to", uri, "--adopt", "--data", str(data))
        assert (moved.returncode, moved.stderr) == (0, "")
        assert "Both logs are the same, hash by hash." in moved.stdout

        with open_shop(data, **{SETTING: uri}) as (program, client):
            after = when_it_answers(client)
            for order in (before, after):
                assert client.ask(CHECKOUT, "back_office", id=order)["checkout"]["phase"] == "PLACED"
            checked = counterfoil("check", "--data", str(data), **{SETTING: uri})
            assert checked.stdout.splitlines()[-1] == "Everything holds.", checked.stdout + checked.stderr
            assert program.stop() == 0
