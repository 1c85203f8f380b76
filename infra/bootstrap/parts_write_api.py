"""The write API as a part of the shop."""

from infra.bootstrap.parts import Ready
from infra.bootstrap.serving import serve
from infra.bootstrap.write_api import write_side
from infra.gc_tuning import collect_rarely
from infra.settings import Settings


async def serve_write_api(settings: Settings, ready: Ready, *, beside_others: bool = False) -> None:
    async with write_side(settings) as load_shedding:
        collect_rarely()
        await serve(load_shedding, settings, settings.write_port, ready, beside_others=beside_others)
