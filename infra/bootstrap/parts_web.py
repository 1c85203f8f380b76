"""The pages as a part of the shop."""

from infra.bootstrap.parts import Ready
from infra.bootstrap.serving import serve
from infra.bootstrap.web import web_side
from infra.gc_tuning import collect_rarely
from infra.settings import Settings


async def serve_web(settings: Settings, ready: Ready, *, beside_others: bool = False) -> None:
    async with web_side(settings) as load_shedding:
        collect_rarely()
        closed_to_others = settings.model_copy(update={"cors_origins": ()})
        await serve(load_shedding, closed_to_others, settings.web_port, ready, beside_others=beside_others)
