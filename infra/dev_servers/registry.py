"""All servers that a shop can use, and where the instances of this machine live."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from infra.dev_servers.instance import Instance
from infra.dev_servers.kafka import Kafka
from infra.dev_servers.opensearch import OpenSearch
from infra.dev_servers.ports import Server
from infra.dev_servers.redis import Redis
from infra.dev_servers.schema_registry import Registry

SERVERS: tuple[Server, ...] = (Redis(), Kafka(), Registry(), OpenSearch())
NAMES = tuple(server.name for server in SERVERS)


def instances(folder: Path, names: Sequence[str] = NAMES) -> list[Instance]:
    """The instances of a folder, whether they run or not."""
    return [Instance(server, folder / server.name) for server in SERVERS if server.name in names]


def ports(server: Server, first: int) -> Sequence[int]:
    """The ports of a server where all servers together have those from `first` on; 0: any free ones."""
    if first == 0:
        return [0] * server.ports
    before = dict(zip(NAMES, accumulate((other.ports for other in SERVERS), initial=0), strict=False))[server.name]
    return [first + before + number for number in range(server.ports)]
