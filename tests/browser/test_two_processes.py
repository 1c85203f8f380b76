"""Two web processes on one store, without a browser: what one began the other goes on with, also when one is killed."""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.sessions import Sessions as Connections
from infra.web.sessions import PostgresSessions
from tests.browser.conftest import OpenShop
from tests.e2e.shop import ROOT, counterfoil, environment
from tests.e2e.test_up import until
from web.ports import Session

PHRASE = "four words in a row"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
WITHIN = 30.0
PURCHASE = {"delivery_method": "pickup", "payment_method": "pm_card_ok"}


class Relay(ThreadingHTTPServer):
    """Stands between a web process and the write API.

    `deadly`: the path of the command that is carried out, and before whose answer the process is killed.
    """

    daemon_threads = True

    def __init__(self, write_api: str) -> None:
        super().__init__(("127.0.0.1", 0), Relayed)
        self.write_api = write_api
        self.deadly = ""
        self.passed = Counter[str]()
        self.delays = dict[str, float]()
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Relayed(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Relay

    def do_POST(self) -> None:
        self.server.passed[self.path] += 1
        time.sleep(self.server.delays.get(self.path, 0.0))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        url = f"{self.server.write_api}{self.path}"
        answer = httpx.request(self.command, url, content=body, headers=headers, trust_env=False)
        if self.path == self.server.deadly:
            assert self.server.process is not None
            self.server.process.kill()
            return
        self.send_response(answer.status_code)
        for name in ("content-type", "retry-after"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_PATCH = do_DELETE = do_PUT = do_POST  # noqa: N815  # names of the standard library

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Two:
    """The shop's own web process, and one more."""

    shop: OpenShop
    other: str
    relay: Relay

    @property
    def addresses(self) -> tuple[str, str]:
        return self.shop.address, self.other


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def one_more(shop: OpenShop) -> Iterator[Two]:
    relay, port = Relay(shop.client.write), free_port()
    threading.Thread(target=relay.serve_forever, daemon=True).start()
    settings = {
        "COUNTERFOIL_DATABASE": EmbeddedPostgres(shop.data).url,
        "COUNTERFOIL_WRITE_API": relay.address,
        "COUNTERFOIL_READ_API": shop.client.read,
        "COUNTERFOIL_TEST_GATEWAY": "true",
    }
    command = [sys.executable, "-m", "infra.cli.main", "run", "web", "--data", str(shop.data), "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**environment(), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            relay.process = process
            yield Two(shop, f"http://127.0.0.1:{port}", relay)
        finally:
            process.kill()
            relay.shutdown()


@pytest.fixture(scope="module")
def two(shop: OpenShop) -> Iterator[Two]:
    with one_more(shop) as both:
        yield both


@pytest.fixture
def visitor() -> Iterator[httpx.Client]:
    """Cookies know no ports: this browser has one session at both processes."""
    with httpx.Client(headers=SAME_ORIGIN, trust_env=False, timeout=WITHIN) as client:
        yield client


def page(answer: httpx.Response) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def form_of(html: BeautifulSoup, selector: str) -> dict[str, str]:
    """What the form holds before anything is typed."""
    return {str(it["name"]): str(it["value"]) for it in html.select(f"{selector} input[type=hidden]")}


def fill_the_cart(visitor: httpx.Client, address: str) -> dict[str, str]:
    """A cart with apples; answers what the form of the checkout sends."""
    assert visitor.post(f"{address}/cart/items", data={"sku": "APPLES", "quantity": "1"}).status_code == 303
    return {**form_of(page(visitor.get(f"{address}/checkout")), "form.checkout"), **PURCHASE}


def order_of(visitor: httpx.Client, path: str, address: str) -> str:
    """The order's page, once the checkout has become one."""
    found = list[str]()

    def is_placed() -> bool:
        found[:] = [visitor.get(f"{address}{path}").headers.get("location", "")]
        return found[0].startswith("/orders/")

    until(is_placed)
    return found[0]


def buy(visitor: httpx.Client, address: str) -> str:
    bought = visitor.post(f"{address}/checkout", data=fill_the_cart(visitor, address))
    assert bought.status_code == 303, bought.text
    return order_of(visitor, bought.headers["location"], address)


def join(visitor: httpx.Client, two: Two, email: str) -> None:
    """Sign in as a member of staff, at the second process."""
    told = counterfoil("staff", "invite", email, "--role", "back_office", "--data", str(two.shop.data))
    token = told.stdout.rpartition("token=")[2].strip()
    joined = visitor.post(f"{two.other}/desk/join", data={"token": token, "password": PHRASE})
    assert (joined.status_code, joined.headers.get("location")) == (303, "/desk"), told.stderr


def test_a_session_that_began_at_one_goes_on_at_the_other(two: Two, visitor: httpx.Client) -> None:
    first, second = two.addresses
    fill_the_cart(visitor, first)
    assert "Honeycrisp apples" in visitor.get(f"{second}/cart").text
    order = buy(visitor, second)
    assert page(visitor.get(f"{first}{order}")).select("#order") != []


def test_what_changes_reaches_an_open_page_at_either(two: Two, visitor: httpx.Client) -> None:
    order = buy(visitor, two.other)
    (shown,) = page(visitor.get(f"{two.other}{order}")).select("[data-live]")
    listening = threading.Barrier(3, timeout=WITHIN)

    def hear(address: str) -> str:
        with httpx.stream("GET", f"{address}/_/live", params={"ids": shown["data-live"]}, timeout=WITHIN) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry:")
            listening.wait()
            return next(it for it in lines if it.startswith("data:"))

    with ThreadPoolExecutor(2) as pool:
        heard = [pool.submit(hear, address) for address in two.addresses]
        listening.wait()
        path = f"/orders/{order.rpartition('/')[2]}/cancel"
        two.shop.client.command("POST", path, "back_office", reason="Broken in the warehouse")
        assert [it.result() for it in heard] == [f"data: {shown['data-live']}"] * 2


def test_a_job_that_was_started_at_one_is_watched_at_the_other(two: Two, visitor: httpx.Client) -> None:
    client = two.shop.client
    rows = [client.command("POST", "/products", "back_office", title=f"A draft {it}")["product_id"] for it in range(12)]
    sold = client.ask('{ product(sku: "APPLES") { productId } }', "shopper")["product"]["productId"]
    join(visitor, two, "ada@shop.example")
    form = {"key": "k", "row": [*rows, sold]}
    jobs = {visitor.post(f"{it}/desk/products/chosen/publish", data=form).headers["location"] for it in two.addresses}
    (job,) = jobs
    for address in two.addresses:
        until(lambda at=address: not page(visitor.get(f"{at}{job}")).select("#job[hx-get]"))
        seen = page(visitor.get(f"{address}{job}"))
        assert {row.select("td")[0].get_text() for row in seen.select("tbody tr")} == set(rows)
    with httpx.Client(trust_env=False) as stranger:
        assert stranger.get(f"{two.other}{job}").headers["location"].startswith("/desk/login")


def test_a_token_that_two_tabs_refresh_at_once_leaves_both_signed_in(two: Two, visitor: httpx.Client) -> None:
    join(visitor, two, "ben@shop.example")
    (secret,) = (it.value for it in visitor.cookies.jar if it.name == "s")
    assert secret is not None
    before = _changed(two.shop, secret, expires=0.0)
    two.relay.delays["/auth/refresh"] = 0.5
    tabs = threading.Barrier(8, timeout=WITHIN)

    def look(address: str) -> int:
        with httpx.Client(cookies={"s": secret}, trust_env=False, timeout=WITHIN) as tab:
            tabs.wait()
            return tab.get(f"{address}/desk").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(look, two.addresses * 4)) == {200}
    assert two.relay.passed["/auth/refresh"] <= 1
    after = _changed(two.shop, secret)
    assert after.refresh != before.refresh
    assert {visitor.get(f"{address}/desk").status_code for address in two.addresses} == {200}


def test_a_form_whose_process_was_killed_before_the_answer_is_sent_again_to_the_other(
    shop: OpenShop, visitor: httpx.Client
) -> None:
    with one_more(shop) as two:
        form = fill_the_cart(visitor, two.other)
        two.relay.deadly = "/checkouts"
        with pytest.raises(httpx.TransportError):
            visitor.post(f"{two.other}/checkout", data=form)
    again = visitor.post(f"{shop.address}/checkout", data=form)
    assert again.status_code == 303
    order = order_of(visitor, again.headers["location"], shop.address)
    listed = page(visitor.get(f"{shop.address}/orders")).select(".orders a")
    assert [it["href"] for it in listed] == [order]


def _changed(shop: OpenShop, secret: str, **fields: Any) -> Session:
    """The session in the store, before its fields are changed."""

    async def change() -> Session:
        connections = Connections(EmbeddedPostgres(shop.data).url, "test", 1)
        sessions, found = PostgresSessions(connections), list[Session]()

        async def changed(present: Session) -> Session:
            found.append(present)
            return replace(present, **fields)

        await sessions.change(secret, changed)
        await connections.close()
        return found[-1]

    return asyncio.run(change())
