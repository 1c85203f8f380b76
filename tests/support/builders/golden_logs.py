"""Golden logs: a small shop as each version wrote it, in the form of a backup.

`python -m tests.support.builders.golden_logs` writes the one of this version if it is missing. Every release adds its
own, and none is ever changed: what a shop has stored once has to replay in every later version.
"""

import asyncio
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.backup.taking import take
from infra.eventstore.factory import open_event_store
from infra.postgres.embedded import EmbeddedPostgres
from infra.security.key_files import KeyFiles
from tests.support.builders.auditing import SHOP, written
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.sale import Sale, sale

FOLDER = Path(__file__).parents[2] / "golden" / "logs"
ENDS = (Sale.delivered, Sale.cancelled, Sale.short, Sale.rejected)


def golden_logs() -> list[Path]:
    """Those there are, one for each version."""
    return sorted(FOLDER.glob("*.zip"))


async def _write(url: str, folder: Path, path: Path) -> None:
    store = (await open_event_store(url)).store
    sales = [append for number, end in enumerate(ENDS, start=1) for append in end(sale(SHOP, number))]
    await written(store, *SHOP.opening(), *sales)
    await take(path, store, url, {}, KeyFiles(folder), NOON)
    await store.close()


def main() -> None:
    path = FOLDER / f"{version('counterfoil')}.zip"
    if path.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="counterfoil-golden-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        try:
            asyncio.run(_write(server.start(), Path(folder) / "keys", path))
        finally:
            server.stop()
    path.chmod(0o644)
    sys.stdout.write(f"wrote {path.name}\n")


if __name__ == "__main__":
    main()
