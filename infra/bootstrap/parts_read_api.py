"""The read API as a part of the shop."""

from infra.bootstrap.parts import Ready
from infra.bootstrap.read_api import read_side
from infra.bootstrap.serving import serve
from infra.gc_tuning import collect_rarely
from infra.settings import Settings


async def serve_read_api(settings: Settings, ready: Ready, *, beside_others: bool = False) -> None:
    async with read_side(settings) as load_shedding:
        collect_rarely()
        await serve(load_shedding, settings, settings.read_port, ready, beside_others=beside_others)
