"""A shop with Redis and Kafka sells on when they are gone, and tells what happened meanwhile when they are back."""

import asyncio

import httpx

from infra.default_folders import default_cache
from infra.kafka.topics import Topics
from tests.e2e.shop import Client, counterfoil, data_folder
from tests.e2e.test_up import open_shop, order_mugs, stock_mugs, until
from tests.infra.kafka.reading import committed
from tests.support.fixtures.services import Own

MUG = '{ product(sku: "MUG") { title variants { sku price { amount } } } }'
TOPICS = Topics("counterfoil")


def test_a_shop_sells_on_without_redis_and_kafka_and_catches_up(own_service: Own) -> None:
    redis, kafka = own_service("redis"), own_service("kafka")
    settings = {"COUNTERFOIL_REDIS": redis.address, "COUNTERFOIL_KAFKA": kafka.address}
    assert counterfoil("kafka", "topics", "--partitions", "2", **settings).returncode == 0
    with data_folder() as data, open_shop(data, **settings) as (program, client):
        stock_mugs(client)
        first = order_mugs(client)
        page = product_page(client)
        assert [product_page(client) for _ in range(3)] == [page] * 3
        until(lambda: placed(kafka.address) == [first])

        redis.kill()
        kafka.kill()
        second = order_mugs(client)
        assert product_page(client) == page

        redis.start(default_cache(), [0])
        kafka.start(default_cache(), [0, 0])
        until(lambda: sorted(placed(kafka.address)) == sorted([first, second]))
        assert product_page(client) == page
        assert program.stop() == 0


def product_page(client: Client) -> object:
    """What a visitor sees."""
    answer = httpx.post(f"{client.read}/graphql", json={"query": MUG}, trust_env=False, timeout=30).json()
    assert "errors" not in answer, answer
    return answer["data"]["product"]


def placed(broker: str) -> list[str]:
    """Orders that others were told of."""
    messages = asyncio.run(committed(broker, TOPICS.of("orders"), 2))
    return [one.key for one in messages if one.attributes["ce_type"] == "counterfoil.order.placed.v1"]
