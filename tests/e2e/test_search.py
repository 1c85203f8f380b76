"""A shop with OpenSearch sells and finds on when that is killed, and finds everything in it when it is back."""

import json
from pathlib import Path
from typing import Any

import httpx

from infra.default_folders import default_cache
from infra.dev_servers.registry import ports
from infra.opensearch.lag import NAME
from tests.e2e.shop import Client, counterfoil, data_folder
from tests.e2e.test_up import open_shop, order_mugs, stock_mugs, until
from tests.support.fixtures.services import Own

FIND = "query ($term: String!) { search(term: $term) { engine fallback edges { node { title } } } }"


def test_a_shop_sells_and_finds_on_without_opensearch_and_catches_up(own_service: Own) -> None:
    node = own_service("opensearch")
    settings = {"COUNTERFOIL_OPENSEARCH": node.address}
    with data_folder() as data, open_shop(data, **settings) as (program, client):
        stock_mugs(client)
        until(lambda: found(client, "mug") == ("OPENSEARCH", ["Mug"]))
        assert listed(data, settings) == [("active", None)]

        node.kill()
        assert found(client, "mug") == ("POSTGRESQL", ["Mug"])
        assert listed(data, settings) == [("failed", "OpenSearch cannot be reached.")]
        order_mugs(client)
        offer_a_teapot(client)
        until(lambda: found(client, "teapot") == ("POSTGRESQL", ["Teapot"]))

        node.start(default_cache(), ports(node.server, 0))
        until(lambda: found(client, "teapot") == ("OPENSEARCH", ["Teapot"]))
        assert program.stop() == 0


def found(client: Client, term: str) -> tuple[str, list[str]]:
    """Who answered, and with what."""
    search = ask(client, FIND, term=term)["search"]
    assert (search["fallback"] is None) == (search["engine"] == "OPENSEARCH")
    return search["engine"], [edge["node"]["title"] for edge in search["edges"]]


def offer_a_teapot(client: Client) -> None:
    product = client.command("POST", "/products", "back_office", title="Teapot")["product_id"]
    client.command("POST", f"/products/{product}/variants", "back_office", sku="TEAPOT")
    price = {"amount": 3900, "currency": "USD"}
    client.command("POST", f"/products/{product}/variants/TEAPOT/prices", "back_office", price=price)
    client.command("POST", f"/products/{product}/publish", "back_office")


def ask(client: Client, query: str, **variables: object) -> Any:
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{client.read}/graphql", json=body, trust_env=False, timeout=30).json()
    assert "errors" not in answer, answer
    return answer["data"]


def listed(data: Path, settings: dict[str, str]) -> list[tuple[str, str | None]]:
    """State and error of each index."""
    ran = counterfoil("projections", "list", "--json", "--data", str(data), **settings)
    assert ran.returncode == 0, ran.stderr
    builds = [build for build in json.loads(ran.stdout) if build["name"] == NAME]
    return [("failed" if build["error"] else build["status"], build["error"]) for build in builds]
